"""Losses in cells, and runs as a fold over events: however the stream is cut, the same."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo, EpochDone, MinibatchesDone, Started, merge
from engine.contract.history import MOST_CELLS, LossCell, cell_width, cells_of, in_cells_of, joined
from engine.contract.run_state import RunState, apply

DATASET = DatasetInfo(
    name="tiny",
    train_size=10,
    validation_size=5,
    num_features=4,
    num_classes=2,
    image_height=2,
    image_width=2,
    label_names=("a", "b"),
    checksum="0",
)
STARTED = Started(
    run_id="r0001",
    config=TrainConfig(epochs=3),
    device="cpu",
    dataset=DATASET,
    minibatches_per_epoch=100,
    cell_width=7,
)
losses = st.lists(
    st.one_of(st.floats(0, 1e3, width=32), st.sampled_from([math.inf, math.nan])), min_size=1, max_size=80
)


def events_of(values: list[float], cuts: list[int], width: int) -> list[MinibatchesDone]:
    bounds = sorted({0, len(values), *(cut % len(values) for cut in cuts)})
    return [
        MinibatchesDone(position=a, count=b - a, images=b - a, cells=cells_of(values[a:b], a, width))
        for a, b in pairwise(bounds)
    ]


def same(left: tuple[LossCell, ...], right: tuple[LossCell, ...]) -> bool:
    return len(left) == len(right) and all(
        (a.index, a.count, a.non_finite, a.low, a.high) == (b.index, b.count, b.non_finite, b.low, b.high)
        and math.isclose(a.total, b.total, rel_tol=1e-12, abs_tol=1e-12)
        and (a.last == b.last or (math.isnan(a.last) and math.isnan(b.last)))
        for a, b in zip(left, right, strict=True)
    )


@given(losses, st.lists(st.integers(0, 79), max_size=6), st.integers(1, 9))
def test_the_cells_do_not_depend_on_how_the_stream_was_cut(values: list[float], cuts: list[int], width: int) -> None:
    together: tuple[LossCell, ...] = ()
    for event in events_of(values, cuts, width):
        together = joined(together, event.cells)
    assert same(together, cells_of(values, 0, width))


@given(losses, st.integers(0, 79))
def test_applying_merged_events_equals_applying_both(values: list[float], cut: int) -> None:
    run = apply(RunState(), STARTED)
    events = events_of(values, [cut], STARTED.cell_width)
    one_by_one = run
    for event in events:
        one_by_one = apply(one_by_one, event)
    merged = events[0]
    for event in events[1:]:
        merged = merge(merged, event)
    at_once = apply(run, merged)
    assert same(at_once.losses, one_by_one.losses)
    assert (at_once.position, at_once.images) == (one_by_one.position, one_by_one.images)


def test_a_cell_keeps_the_spike_and_counts_what_is_not_finite() -> None:
    (cell,) = cells_of([1.0, 50.0, math.nan, 0.5], 0, 8)
    assert (cell.low, cell.high, cell.count, cell.non_finite) == (0.5, 50.0, 3, 1)
    assert cell.mean == 51.5 / 3


def test_losses_whose_sum_is_too_large_for_a_float_have_an_infinite_total() -> None:
    (cell,) = cells_of([1e308, 1e308, 1e308], 0, 4)
    assert (cell.count, cell.total, cell.low, cell.high) == (3, math.inf, 1e308, 1e308)


def test_ten_million_minibatches_fit_in_the_bounded_number_of_cells() -> None:
    for minibatches in (MOST_CELLS, MOST_CELLS + 1, 5 * MOST_CELLS, 10_000_000):
        least = cell_width(minibatches)
        assert least * MOST_CELLS >= minibatches > least // 2 * MOST_CELLS, "no coarser than it has to be"
    width = cell_width(10_000_000)
    assert 10_000_000 / width <= MOST_CELLS
    assert cell_width(2350) == 1


@given(losses, st.integers(1, 5))
def test_decimating_equals_having_had_wider_cells(values: list[float], factor: int) -> None:
    assert same(in_cells_of(cells_of(values, 0, 2), 1, factor), cells_of(values, 0, 2 * factor))


def test_a_resumed_run_keeps_what_it_told_before_its_checkpoint() -> None:
    run = apply(RunState(), STARTED)
    run = apply(run, events_of([1.0] * 100, [], 7)[0])
    epoch = EpochDone(
        epoch=1,
        train_loss=1.0,
        train_accuracy=0.5,
        validation_loss=1.0,
        validation_accuracy=0.5,
        seconds=1.0,
        learning_rate=0.1,
    )
    run = apply(run, epoch)
    resumed = apply(
        run, Started(**{name: getattr(STARTED, name) for name in STARTED.__struct_fields__} | {"epochs_done": 1})
    )
    assert resumed.epochs == (epoch,)
    assert resumed.losses == run.losses
    assert (resumed.position, resumed.images) == (100, run.images)
    later = apply(run, replace(epoch, epoch=2))
    assert apply(later, replace(STARTED, epochs_done=1)).epochs == (epoch,)
    anew = apply(run, STARTED)
    assert run.images > 0
    assert (anew.epochs, anew.losses, anew.images) == ((), (), 0)
