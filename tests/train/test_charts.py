"""A run as charts, without a terminal."""

from __future__ import annotations

import math

import pytest

from engine.contract.history import cell_width, cells_of
from engine.contract.run_state import RunState, apply
from engine.contract.wire import Event
from tests.train.script import PER_EPOCH, a_whole_run, epoch, minibatches, started
from tui.drawing.plot import plain_chart
from tui.train.charts import SMOOTHINGS, ChartsView, accuracy_chart, loss_cells, loss_chart


def run_of(*events: Event) -> RunState:
    run = RunState()
    for event in events:
        run = apply(run, event)  # type: ignore[arg-type]
    return run


def test_losses_stand_where_their_minibatch_ends_in_epochs() -> None:
    run = run_of(started(), minibatches(0, [2.0] * PER_EPOCH))
    cells = loss_cells(run)
    assert cells[0].x == 1 / PER_EPOCH
    assert cells[-1].x == 1.0


def test_a_loss_that_is_not_finite_is_a_gap_and_its_neighbours_stay() -> None:
    run = run_of(started(), minibatches(0, [2.0, math.nan, math.inf, 1.5]))
    means = [cell.mean for cell in loss_cells(run)]
    assert means[0] == 2.0
    assert math.isnan(means[1])
    assert math.isnan(means[2])
    assert means[3] == 1.5
    assert "smoothed" in plain_chart(loss_chart(run, ChartsView(), {}, ""), 80, 15)


def test_a_stretch_with_one_bad_loss_keeps_its_range_but_breaks_the_line() -> None:
    run = run_of(started())
    run = RunState(
        config=run.config,
        minibatches_per_epoch=100,
        position=3,
        cell_width=3,
        losses=cells_of([1.0, math.nan, 3.0], 0, 3),
    )
    (cell,) = loss_cells(run)
    assert (cell.low, cell.high) == (1.0, 3.0)
    assert math.isnan(cell.mean)


def test_a_run_of_any_length_has_a_bounded_number_of_cells_to_draw() -> None:
    many = 600_000
    width = cell_width(many)
    cells = cells_of([1.0] * 60_000, 0, width)
    run = RunState(
        config=started().config, minibatches_per_epoch=60_000, position=60_000, cell_width=width, losses=cells
    )
    assert len(loss_cells(run)) <= 512
    assert loss_cells(run)[-1].x == 1.0


def test_the_axis_spans_the_whole_run_from_the_start_or_its_last_part() -> None:
    run = run_of(*a_whole_run()[:9])  # four epochs
    assert loss_chart(run, ChartsView(), {}, "").x_range == (0.0, 10.0)
    assert loss_chart(run, ChartsView(recent=True), {}, "").x_range == (3.0, 4.0)


def test_smoothing_goes_round_and_raw_has_no_line() -> None:
    run = run_of(*a_whole_run())
    view, labels = ChartsView(), []
    for _ in SMOOTHINGS:
        labels.append([series.label for series in loss_chart(run, view, {}, "").series])
        view = view.smoother()
    assert view == ChartsView()
    assert labels[0] == ["minibatch", "smoothed", "validation"]
    assert labels[1] == ["minibatch", "validation"]
    assert labels[2] == ["minibatch", "very smooth", "validation"]


def test_overlays_are_told_apart_by_a_mark_and_lengthen_the_axis() -> None:
    earlier = run_of(*a_whole_run())
    run = run_of(started(), epoch(1, 0.7))
    chart = loss_chart(run, ChartsView(), {"r1": earlier, "r2": earlier}, "")
    marks = [series.mark for series in chart.series if series.label in ("r1", "r2")]
    assert marks == ["◆", "■"]
    assert accuracy_chart(run, ChartsView(), {"r1": earlier}).x_range == (0.0, 10.0)


def test_while_single_minibatches_are_taken_the_last_40_are_shown_one_by_one() -> None:
    run = run_of(*a_whole_run()[:5], minibatches(2 * PER_EPOCH, [0.6, 0.5, 0.4, 0.55, 0.45]))
    chart = loss_chart(run, ChartsView(stepping=True), {}, "")
    here = (2 * PER_EPOCH + 5) / PER_EPOCH
    assert chart.x_range is not None
    assert chart.x_range[1] == here
    assert round((here - chart.x_range[0]) * PER_EPOCH) == 40
    (single,) = [one for one in chart.series if one.label == "minibatch"]
    assert [cell.mean for cell in single.cells[-5:]] == [0.6, 0.5, 0.4, 0.55, 0.45]  # not five in one cell
    assert chart.x_words is not None
    assert chart.x_words(single.cells[-1].x) == "epoch 3, minibatch 5 of 235"
    assert chart.x_words(2.0) == "after epoch 2"
    assert [label for _, label in chart.x_ticks] == ["200", "210", "220", "230"]
    first = loss_chart(run_of(started(), minibatches(0, [2.3])), ChartsView(stepping=True), {}, "")
    assert first.x_range == (0.0, 40 / PER_EPOCH)
    plain_chart(loss_chart(RunState(), ChartsView(stepping=True, seconds=True), {}, ""), 80, 15)  # nothing yet


def test_over_seconds_an_epoch_stands_where_its_computing_ended() -> None:
    run = run_of(*a_whole_run()[:9], minibatches(4 * PER_EPOCH, [0.5] * 47))  # four epochs of 0.1 s, a fifth of another
    view = ChartsView(seconds=True)
    chart = loss_chart(run, view, {}, "")
    (validation,) = [one for one in chart.series if one.label == "validation"]
    assert [cell.x for cell in validation.cells] == pytest.approx([0.1, 0.2, 0.3, 0.4])
    (raw,) = [one for one in chart.series if one.label == "minibatch"]
    assert raw.cells[-1].x == pytest.approx(0.42)
    assert chart.x_range == pytest.approx((0.0, 1.0))  # ten epochs
    assert (chart.x_label, accuracy_chart(run, view, {}).x_label) == ("seconds of computing",) * 2
    early = loss_chart(run_of(started(), minibatches(0, [2.3, 2.2])), view, {}, "")
    assert "known after the first epoch" in plain_chart(early, 80, 15)
