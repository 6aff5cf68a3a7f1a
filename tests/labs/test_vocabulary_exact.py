"""Full and chunked are softmax over all words: held against torch, in one process and over shards."""

import threading
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from engine.contract.vocabulary import VocabularyQuestion
from engine.labs.vocabulary.chunked import chunked_cross_entropy, full_cross_entropy
from engine.labs.vocabulary.minibatch import ContextFeatures, pooled
from engine.labs.vocabulary.shards import Shard, split

Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
Found = tuple[Tensor, Tensor, Tensor, Tensor]  # loss, and gradients of features, weight and bias

# Each logit is a sum of 16 products, and each gradient one of 32: rounding adds up to a few dozen float32 epsilons
# (1.2e-7) of the largest terms, which are below 10. A float64 epsilon is 2.2e-16.
TOLERANCE = {torch.float32: 3e-5, torch.float64: 1e-10}


def problem(words: int, dtype: torch.dtype, scale: float = 1.0, batch: int = 32) -> list[Tensor]:
    generator = torch.Generator().manual_seed(words)
    shapes = ((batch, 16), (words, 16), (words,))
    tensors = [(torch.randn(shape, generator=generator, dtype=torch.float64) * scale).to(dtype) for shape in shapes]
    targets = torch.randint(words, (batch,), generator=generator)
    targets[:2] = torch.tensor([0, words - 1])  # the edges
    return [*tensors, targets]


def found(loss: Loss, given: list[Tensor]) -> Found:
    leaves = [tensor.clone().requires_grad_() for tensor in given[:3]]
    value = loss(*leaves, given[3])
    (3 * value).backward()  # the gradient that comes from above is not always 1
    return value.detach(), *(leaf.grad for leaf in leaves)  # type: ignore[return-value]


def by_torch(features: Tensor, weight: Tensor, bias: Tensor, targets: Tensor) -> Tensor:
    return functional.cross_entropy(features @ weight.T + bias, targets)


def chunked(chunk: int) -> Loss:
    return lambda *given: chunked_cross_entropy(*given, chunk)


def assert_alike(one: Found, other: Found, tolerance: float) -> None:
    for mine, theirs in zip(one, other, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("words", [2, 3, 97])
@pytest.mark.parametrize("loss", [full_cross_entropy, chunked(1), chunked(10), chunked(96), chunked(1000)])
def test_value_and_gradient_are_those_of_torch(loss: Loss, words: int, dtype: torch.dtype) -> None:
    given = problem(words, dtype)
    assert_alike(found(loss, given), found(by_torch, given), TOLERANCE[dtype])


@given(words=st.integers(2, 40), chunk=st.integers(1, 50), scale=st.sampled_from([0.0, 1.0, 30.0]))
def test_whatever_the_chunk_it_is_the_same(words: int, chunk: int, scale: float) -> None:
    given = problem(words, torch.float64, scale)
    assert_alike(found(chunked(chunk), given), found(by_torch, given), 1e-10)


@pytest.mark.parametrize("loss", [full_cross_entropy, chunked(7)])
def test_logits_of_ten_thousand_neither_overflow_nor_lose_the_gradient(loss: Loss) -> None:
    given = problem(50, torch.float64)
    given[2] = torch.linspace(-1e4, 1e4, 50, dtype=torch.float64)
    assert_alike(found(loss, given), found(by_torch, given), 1e-10)
    narrow = [tensor.float() if tensor.is_floating_point() else tensor for tensor in given]
    value, *gradients = found(loss, narrow)
    # A float32 near 1e4 is 1e-3 wide, and so is the loss off.
    torch.testing.assert_close(value, found(by_torch, given)[0].float(), rtol=1e-6, atol=1e-3)
    assert all(gradient.isfinite().all() for gradient in gradients)


def test_chunked_never_holds_more_logits_than_a_chunk_has(monkeypatch: pytest.MonkeyPatch) -> None:
    widest = []
    product = torch.addmm

    def watched(*arguments: Tensor, **options: Tensor) -> Tensor:
        made = product(*arguments, **options)
        widest.append(made.shape[1])
        return made

    monkeypatch.setattr(torch, "addmm", watched)
    found(chunked(10), problem(97, torch.float32))
    assert max(widest) == 10
    assert len(widest) == 20  # ten chunks forward, and again backward


class Threads:
    """What all_reduce does, between threads of one process."""

    def __init__(self, size: int) -> None:
        self._barrier, self._values = threading.Barrier(size, timeout=30), dict[int, Tensor]()

    def maximum(self, values: Tensor) -> Tensor:
        return self._all(values).amax(0)

    def sum(self, values: Tensor) -> Tensor:
        return self._all(values).sum(0)

    def _all(self, values: Tensor) -> Tensor:
        self._values[threading.get_ident()] = values
        self._barrier.wait()
        every = torch.stack(list(self._values.values()))
        self._barrier.wait()
        return every


def sharded(ranks: int, given: list[Tensor], loss: Callable[..., Tensor]) -> Found:
    """Each thread has its rows alone; their gradients are put together."""
    exchange, results = Threads(ranks), dict[int, Found]()
    words = len(given[1])

    def run(rank: int) -> None:
        rows = split(words, ranks, rank)
        own = [given[0], given[1][rows.start : rows.stop], given[2][rows.start : rows.stop], given[3]]
        results[rank] = found(lambda *tensors: loss(*tensors, Shard(rows.start, exchange)), own)

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(ranks)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    parts = [results[rank] for rank in range(ranks)]
    for part in parts[1:]:
        torch.testing.assert_close(part[:2], parts[0][:2])  # every rank knows the loss and the features' gradient
    return parts[0][0], parts[0][1], torch.cat([part[2] for part in parts]), torch.cat([part[3] for part in parts])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("ranks", "words"), [(2, 2), (2, 97), (3, 97), (3, 98), (3, 99)])
@pytest.mark.parametrize("loss", [full_cross_entropy, lambda *given: chunked_cross_entropy(*given[:4], 10, given[4])])
def test_shards_together_are_one_softmax(
    loss: Callable[..., Tensor], ranks: int, words: int, dtype: torch.dtype
) -> None:
    given = problem(words, dtype)
    assert_alike(sharded(ranks, given, loss), found(by_torch, given), TOLERANCE[dtype])


def test_the_rows_are_dealt_out_evenly_and_completely() -> None:
    for size, ranks in ((10, 3), (2, 2), (7, 7), (1000, 3)):
        dealt = [split(size, ranks, rank) for rank in range(ranks)]
        assert [row for rows in dealt for row in rows] == list(range(size))
        assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_bfloat16_sums_a_vocabulary_in_float32() -> None:
    given = problem(2000, torch.float64)
    narrow = [tensor.bfloat16() if tensor.is_floating_point() else tensor for tensor in given]
    exact = found(by_torch, [tensor.double() if tensor.is_floating_point() else tensor for tensor in narrow])[0]
    for loss in (full_cross_entropy, chunked(128)):
        value = found(loss, narrow)[0]
        assert value.dtype == torch.float32
        assert value.item() == pytest.approx(exact.item(), rel=5e-3)  # a bfloat16 logit has 8 bits


@pytest.mark.parametrize("features", ["mean", "concatenated"])
def test_a_step_of_the_embedding_goes_where_autograd_goes(features: str) -> None:
    question = VocabularyQuestion(dimension=6, context=3, features=features, dtype="float64")  # type: ignore[arg-type]
    made = ContextFeatures.initial(question, 10, torch.device("cpu"))
    contexts = torch.tensor([[1, 2, 2], [7, 1, 0]])
    gradient = torch.randn(2, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    leaf = made.vectors_ve.clone().requires_grad_()
    (pooled(leaf, contexts, question) * gradient).sum().backward()
    assert leaf.grad is not None
    expected = leaf.detach() - 0.5 * leaf.grad
    made.descend(contexts, gradient, 0.5)
    assert torch.allclose(made.vectors_ve, expected, rtol=1e-12)
