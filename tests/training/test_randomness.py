"""What is drawn by a seed is drawn for one purpose alone."""

from itertools import product

import torch

from engine.training.randomness import epoch_order, generator


def test_no_epoch_of_any_run_has_the_order_of_another() -> None:
    """`seed + epoch` would give run 1 in its first epoch the order of run 0 in its second: runs that look alike."""
    orders = {tuple(epoch_order(seed, epoch, 50).tolist()) for seed, epoch in product(range(6), repeat=2)}
    assert len(orders) == 36
    assert all(sorted(order) == list(range(50)) for order in orders)


def test_the_purposes_of_a_seed_are_drawn_apart() -> None:
    drawn = [torch.rand(4, generator=generator(0, *purpose)) for purpose in (("order", 0), ("order", 1), ("weight",))]
    assert len({tuple(one.tolist()) for one in drawn}) == 3
    assert torch.equal(torch.rand(4, generator=generator(0, "weight")), drawn[2])


def test_purposes_whose_words_run_together_draw_other_numbers() -> None:
    one, other = generator(1, "order", 12), generator(1, "order1", 2)
    assert not torch.equal(torch.rand(4, generator=one), torch.rand(4, generator=other))
