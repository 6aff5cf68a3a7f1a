"""Models trained in one product: the same as alone but for the last bits, and the same bits every time."""

import math
import time
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged, EpochDone, Finished, RunEvent, Started
from engine.contract.run_state import RunState, apply
from engine.contract.sweeps import fits_in_group
from engine.data.dataset import Dataset, assemble
from engine.training.group import Group
from engine.training.loop import train, train_together
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.walk import Member

CPU = torch.device("cpu")
RATES = (0.003, 0.03, 0.1)
SHAPES = {
    "defaults": {},
    "batch of one": {"batch_size": 1, "epochs": 1},
    "batch of seven": {"batch_size": 7},
    "larger than the set": {"batch_size": 5000},
    "cosine": {"schedule": "cosine"},
    "float64": {"dtype": "float64"},
}
# A product of 30 rows rounds otherwise than one of 10, and the learning rate is multiplied into the gradient before the
# product instead of after it: a relative 2⁻²⁴ (2⁻⁵³ in float64) a step. At these rates training contracts, so that the
# differences of a few hundred steps add up and do not grow.
TOLERANCE = {"float32": 2e-5, "float64": 2e-13}


def config_of(rate: float, seed: int, **settings: object) -> TrainConfig:
    chosen = {
        "epochs": 3,
        "batch_size": 64,
        "loss": "from-logits",
        "gradient": "closed-form",
        "device": "cpu",
    } | settings
    return TrainConfig(learning_rate=rate, seed=seed, **chosen)  # type: ignore[arg-type]


def members(dataset: Dataset, seeds: int = 2, rates: Sequence[float] = RATES, **settings: object) -> list[Member]:
    data = ResidentData.of(dataset, CPU)
    made = []
    for seed in range(seeds):
        for rate in rates:
            config = config_of(rate, seed, **settings)
            state = TrainingState.initial(config, data.num_features, data.num_classes, dataset.train_size, CPU)
            made.append(Member(config, data, dataset.info, state))
    return made


def finish(group: Group, steps: int = 0) -> dict[int, list[RunEvent]]:
    told: dict[int, list[RunEvent]] = {}
    for said in train_together(group, steps):
        for place, event in said:
            told.setdefault(place, []).append(event)
    return told


def bits(made: Sequence[Member]) -> list[bytes]:
    return [m.state.weight.numpy().tobytes() + m.state.bias.numpy().tobytes() for m in made]


def epochs_of(events: Sequence[RunEvent]) -> list[tuple[float, ...]]:
    return [
        (e.train_loss, e.train_accuracy, e.validation_loss, e.validation_accuracy)
        for e in events
        if isinstance(e, EpochDone)
    ]


def folded(events: Sequence[RunEvent]) -> RunState:
    run = RunState()
    for event in events:
        run = apply(run, event)
    return run


@pytest.mark.parametrize("settings", SHAPES.values(), ids=SHAPES.keys())
def test_each_model_is_the_one_that_is_trained_alone_but_for_the_last_bits(
    small_dataset: Dataset, settings: dict[str, object]
) -> None:
    made = members(small_dataset, **settings)
    told = finish(Group(made, 2))
    for place, member in enumerate(made):
        state = TrainingState.initial(member.config, 36, 4, small_dataset.train_size, CPU)
        alone = list(train(member.config, member.data, state, small_dataset.info))
        near = TOLERANCE[member.config.dtype]
        torch.testing.assert_close(member.state.weight, state.weight, rtol=near, atol=near)
        torch.testing.assert_close(member.state.bias, state.bias, rtol=near, atol=near)
        for one, other in zip(epochs_of(told[place]), epochs_of(alone), strict=True):
            assert one[0] == pytest.approx(other[0], rel=10 * near)
            assert one[2] == pytest.approx(other[2], rel=10 * near)
            assert one[1] == pytest.approx(other[1], abs=2 / 1000)
            assert one[3] == pytest.approx(other[3], abs=2 / 300)
        run, single = folded(told[place]), folded(alone)
        assert (run.status, run.position, run.images) == (single.status, single.position, single.images)
        assert [cell.count for cell in run.losses] == [cell.count for cell in single.losses]


def test_the_models_share_the_time_that_all_took_together(small_dataset: Dataset) -> None:
    made, began = members(small_dataset), time.perf_counter()
    finish(Group(made, 2))
    took = time.perf_counter() - began
    assert 0.2 * took < sum(member.state.seconds for member in made) <= took
    assert len({member.state.seconds for member in made}) == 1


def test_runs_and_sweeps_in_turns_have_each_its_own_threads(small_dataset: Dataset) -> None:
    """A run with two threads beside a sweep with one, an event of the one after an event of the other."""
    before = torch.get_num_threads()
    alone, beside = (members(small_dataset, 1, (0.1,), threads=2)[0] for _ in range(2))
    assert list(train(alone.config, alone.data, alone.state, alone.info))
    swept, undisturbed = (members(small_dataset, threads=1) for _ in range(2))
    finish(Group(undisturbed, 2))
    turns = train(beside.config, beside.data, beside.state, beside.info), train_together(Group(swept, 2))
    for _ in zip_longest(*turns):
        assert torch.get_num_threads() == before
    assert bits([beside]) == bits([alone])
    assert bits(swept) == bits(undisturbed)


def test_a_model_with_another_rate_or_seed_is_found_to_be_another(small_dataset: Dataset) -> None:
    """The negative control of the comparison above."""
    made = members(small_dataset)
    finish(Group(made, 2))
    for one in range(len(made)):
        for other in range(one):
            assert not torch.allclose(made[one].state.weight, made[other].state.weight, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("settings", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("longest", [None, 1, 3])
def test_a_group_repeats_to_the_bit_however_its_stream_is_cut(
    small_dataset: Dataset, settings: dict[str, object], longest: int | None
) -> None:
    whole, cut = members(small_dataset, **settings), members(small_dataset, **settings)
    cut[1].state.longest_run = longest
    told, others = finish(Group(whole, 2)), finish(Group(cut, 2))
    assert bits(whole) == bits(cut)
    for place in told:
        assert epochs_of(told[place]) == epochs_of(others[place])
        assert [(c.index, c.last) for c in folded(told[place]).losses] == [
            (c.index, c.last) for c in folded(others[place]).losses
        ]


@pytest.mark.parametrize("minibatches", [1, 15, 16, 17])
def test_a_group_that_goes_on_from_the_checkpoints_of_its_models_comes_to_the_same_bits(
    small_dataset: Dataset, minibatches: int
) -> None:
    whole, stopped = members(small_dataset), members(small_dataset)
    finish(Group(whole, 2))
    stopped[0].state.longest_run = 1
    for _ in train_together(Group(stopped, 2)):
        if stopped[0].state.position >= minibatches:
            break
    assert len({member.state.position for member in stopped}) == 1
    restored = [Member(m.config, m.data, m.info, TrainingState.restored(m.state.checkpoint(), CPU)) for m in stopped]
    finish(Group(restored, 2))
    assert bits(whole) == bits(restored)


def test_a_place_that_is_blank_leaves_the_bits_of_the_others_alone(small_dataset: Dataset) -> None:
    whole, fewer = members(small_dataset, seeds=3), members(small_dataset, seeds=3)
    finish(Group(whole, 3))
    places = [None if place in (0, 1, 2, 7) else member for place, member in enumerate(fewer)]
    finish(Group(places, 3))
    expected = bits(whole)
    for place, member in enumerate(places):
        if member is not None:
            assert bits([member]) == [expected[place]]


def test_a_blank_place_among_seeds_of_one_rate_leaves_the_bits_of_the_others_alone(small_dataset: Dataset) -> None:
    whole, fewer = (members(small_dataset, seeds=3, rates=(0.1,), batch_size=7) for _ in range(2))
    finish(Group(whole, 3))
    finish(Group([fewer[0], None, fewer[2]], 3))
    assert bits([fewer[0], fewer[2]]) == [bits(whole)[0], bits(whole)[2]]


def test_models_of_sigma_0_share_the_hit_where_classes_tie(small_dataset: Dataset) -> None:
    told = finish(Group(members(small_dataset, sigma=0.0, batch_size=1000, epochs=1), 2))
    assert all(epochs_of(events)[0][1] == pytest.approx(0.25, abs=1e-6) for events in told.values())


def test_the_steps_end_a_group_within_an_epoch(small_dataset: Dataset) -> None:
    made = members(small_dataset)
    told = finish(Group(made, 2), steps=20)
    for place, member in enumerate(made):
        assert member.state.position == 20
        assert len(epochs_of(told[place])) == 1
        assert isinstance(told[place][-1], Finished)
        assert told[place][-1].status == "finished"


def test_steps_that_are_whole_epochs_end_with_an_evaluation(small_dataset: Dataset) -> None:
    told = finish(Group(members(small_dataset), 2), steps=32)
    assert all(len(epochs_of(events)) == 2 for events in told.values())


@pytest.fixture
def wide() -> Dataset:
    """Features so large that a large rate leaves float32 within two steps, while a small one stays in it."""
    random = np.random.default_rng(3)

    def split(size: int) -> tuple[np.ndarray, np.ndarray]:
        return (random.normal(0, 1e15, (size, 8))).astype(np.float32), random.integers(0, 3, size)

    return assemble("wide", split(200), split(60), ("a", "b", "c"))


def test_a_model_that_diverges_says_so_and_stays_as_it_was_while_the_others_go_on(wide: Dataset) -> None:
    rates = (1e-3, 1e9, 1e-2)
    made, without = members(wide, rates=rates, sigma=1e-20), members(wide, rates=rates, sigma=1e-20)
    told = finish(Group(made, 2))
    for place in (1, 4):
        *_, diverged, finished = told[place]
        assert isinstance(diverged, Diverged)
        assert isinstance(finished, Finished)
        assert finished.status == "diverged"
        assert not math.isfinite(diverged.autopsy.loss)
        state = made[place].state
        assert (state.epochs_done + 1, state.minibatch + 1) == (diverged.epoch, diverged.minibatch)
        assert state.weight.isfinite().all()
        assert state.weight.abs().max() > 0
    finish(Group([None if place in (1, 4) else member for place, member in enumerate(without)], 2))
    for place in (0, 2, 3, 5):
        assert folded(told[place]).status == "finished"
        assert bits([made[place]]) == bits([without[place]])


def test_where_a_model_breaks_does_not_depend_on_how_the_stream_is_cut(wide: Dataset) -> None:
    rates = (1e-3, 1e9, 3e8)
    whole, cut = members(wide, rates=rates, sigma=1e-20), members(wide, rates=rates, sigma=1e-20)
    cut[0].state.longest_run = 1
    told, others = finish(Group(whole, 2)), finish(Group(cut, 2))
    assert bits(whole) == bits(cut)
    for place in told:
        broken = [(e.epoch, e.minibatch) for e in told[place] if isinstance(e, Diverged)]
        assert broken == [(e.epoch, e.minibatch) for e in others[place] if isinstance(e, Diverged)]
        assert bool(broken) == (place % 3 > 0)


def test_every_model_begins_with_its_own_settings(small_dataset: Dataset) -> None:
    made = members(small_dataset)
    for place, events in finish(Group(made, 2)).items():
        assert isinstance(events[0], Started)
        assert events[0].config == made[place].config


@pytest.mark.parametrize(
    "other",
    [
        {"momentum": 0.5},
        {"weight_decay": 0.1},
        {"l1": 0.1},
        {"label_smoothing": 0.1},
        {"patience": 2},
        {"softmax": "log-sum-exp"},
        {"softmax": "naive", "loss": "indexing"},
        {"gradient": "autograd"},
        {"stop_on_nan": False},
    ],
)
def test_what_is_no_plain_step_fits_into_no_group(other: dict[str, object]) -> None:
    plain = config_of(0.1, 0)
    assert fits_in_group(plain)
    assert fits_in_group(replace(plain, schedule="cosine", dtype="float64", batch_size=1))
    assert not fits_in_group(replace(plain, **other))
