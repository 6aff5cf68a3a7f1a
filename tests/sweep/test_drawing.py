"""What the Sweep pane draws and says, without a screen."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Started
from engine.contract.sweeps import DEFAULT_VALUES, MemberSaid, SweepConfig, SweepFinished, SweepResult
from tests.sweep.scripted import (
    BASE,
    DATASET,
    GRID,
    RATES,
    a_whole_sweep,
    epoch,
    epochs,
    finished,
    progress,
    results,
    started,
)
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.plot import plain_chart
from tui.drawing.spans import text_of
from tui.drawing.zoom import Zoom
from tui.pane.headless import sweep_command
from tui.sweep.board import CURVES, FINAL, TABLE, SweepLayout
from tui.sweep.charts import curves_chart, final_chart, value_ticks
from tui.sweep.estimate import Learned, Remaining, guessed_seconds, work_done
from tui.sweep.form import PRESETS, SweepFormText, offered_values, parameters
from tui.sweep.hints import next_to_try
from tui.sweep.sketch import HIGHEST, LOWEST, Sketch, judgement, pointed_at
from tui.sweep.state import SweepState, apply
from tui.sweep.table import live_results, live_table, run_of, summary_table
from tui.sweep.value_grid import grid_of
from tui.sweep.words import sentence, sweep_line


def told(events: list[object]) -> SweepState:
    sweep = SweepState()
    for event in events:
        sweep = apply(sweep, event)  # type: ignore[arg-type]
    return sweep


def _final(sweep: SweepState) -> ChartSpec:
    spec = final_chart(RATES, live_results(sweep))
    assert spec is not None
    return spec


def _labelled(sweep: SweepState, label: str) -> Series:
    return next(one for one in _final(sweep).series if one.label == label)


def sketched(*losses: float) -> Sketch:
    sketch = Sketch.of(RATES)
    for index, loss in enumerate(losses):
        sketch = sketch.at(index, loss)
    return sketch


def test_a_sketch_in_the_right_order_agrees_and_one_in_the_wrong_order_does_not() -> None:
    right = judgement(sketched(0.9, 0.6, 0.5, 5.0), results())
    assert right.startswith("Your sketch has 6 of 6 pairs in the right order (rank agreement +1.00)")
    assert right.endswith("the largest error is at most 5 %; 1 diverged.")
    wrong = judgement(sketched(0.5, 0.6, 0.9, 0.4), results())
    assert wrong.startswith("Your sketch has 0 of 6 pairs in the right order (rank agreement -1.00)")
    assert "largest error is at learning rate 0.1: sketched 0.90, measured 0.48" in wrong
    flat = judgement(sketched(0.7, 0.7, 0.7, 0.7), results())
    assert flat.startswith("Your sketch has 0 of 6 pairs in the right order (rank agreement +0.00)")


def test_a_sketch_is_judged_by_what_has_ended_and_by_nothing_without_two_values() -> None:
    assert judgement(sketched(0.9), results()[:2]) == ""
    assert "1 of 1 pairs" in judgement(sketched(0.9, 0.6), results()[:4])


def test_marks_stay_within_what_can_be_sketched_and_the_cursor_within_the_values() -> None:
    sketch = Sketch.of(RATES).raised(1000)
    assert sketch.losses[0] == HIGHEST
    assert sketch.raised(-1000).losses[0] == LOWEST
    assert sketch.moved(99).cursor == 3
    assert sketch.moved(-99).cursor == 0
    assert sketch.raised(3).raised(-3).losses[1:] == sketch.losses[1:]


def test_a_click_puts_the_nearest_mark_at_the_height_of_the_click() -> None:
    width, height = 86, 22
    top = pointed_at(Sketch.of(RATES), 6, 1, width, height)
    assert (top.cursor, top.losses[0]) == (0, pytest.approx(HIGHEST))
    bottom = pointed_at(Sketch.of(RATES), 85, 19, width, height)
    assert (bottom.cursor, bottom.losses[3]) == (3, pytest.approx(LOWEST))
    outside = Sketch.of(RATES)
    assert pointed_at(outside, 2, 5, width, height) is outside
    assert pointed_at(outside, 20, 21, width, height) is outside


def test_labels_of_values_do_not_run_into_each_other() -> None:
    sizes = [2**power for power in range(12)]
    assert [label for _, label in value_ticks(sizes, 80)] == [str(size) for size in sizes]
    few = value_ticks(sizes, 30)
    assert 3 <= len(few) < 12
    ends = [(place / math.log10(2048) * 30, len(label)) for place, label in few]
    for (left, length), (right, next_length) in pairwise(ends):
        assert right - next_length / 2 >= left + length / 2 + 1
    assert value_ticks([0.1]) == ((-1.0, "0.1"),)


def test_the_final_losses_have_a_stroke_from_the_least_seed_to_the_greatest() -> None:
    spec = final_chart(RATES, results())
    assert spec is not None
    _, spread, *lines, train, validation, broken = spec.series
    assert [one.cells for one in lines] == [train.cells, validation.cells]
    assert [cell.low < cell.high for cell in spread.cells] == [True, True, True]
    assert [cell.low == cell.mean == cell.high for cell in validation.cells] == [True, True, True]  # no steps
    assert validation.cells[2].mean == pytest.approx(0.48)
    assert (broken.label, [cell.x for cell in broken.cells]) == ("diverged", [0.0])
    assert [cell.x for cell in train.cells] == [-3.0, -2.0, -1.0]
    assert final_chart(GRID, []) is None


def test_a_stopped_sweep_keeps_what_is_known_and_compares_what_has_ended() -> None:
    """Ended: both seeds of 0.001, one of 0.01; 0.1 was under way; the table says of what each figure is."""
    sweep = told([started(), *epochs(last=2), *results()[:3]])
    assert [cell.x for cell in _labelled(sweep, "validation").cells] == [-3.0, -2.0, -1.0]  # while it goes on
    sweep = apply(sweep, finished(status="stopped"))
    assert [cell.x for cell in _labelled(sweep, "validation").cells] == [-3.0]
    assert [cell.x for cell in _labelled(sweep, "train").cells] == [-3.0]
    seeds = [one for one in _final(sweep).series if one.called == "a single seed"]
    assert [[cell.x for cell in one.cells] for one in seeds] == [[-2.0, -1.0]] * 2  # a point a seed, and no mean
    assert [one.label for one in seeds] == ["single seeds", ""]
    _, rows = live_table(sweep)
    assert [row[2] for row in rows[:3]] == ["2/2", "1/2", "0/2"]
    assert [row[4] for row in rows[:3]] == ["0.9000", "0.5900", "0.5633"]
    assert [row[6] for row in rows[1:3]] == ["mean of 1 seed", "stopped, epoch 2"]
    assert [row[5] for row in rows[1:]] == ["-"] * 3  # nothing is compared with them
    assert sweep.verdict.endswith("Left out, because not all seeds have ended: learning rate 0.01.")


def test_a_stopped_grid_has_no_figure_where_not_all_seeds_have_ended() -> None:
    sweep = told([started(GRID), *epochs(GRID, last=2), *results(GRID)[:3], finished(GRID, status="stopped")])
    grid = grid_of(sweep)
    assert grid is not None
    assert [cell.text for cell in grid.cells[0]] == ["0.650", "..."]
    assert grid.cells[0][1].sentence.startswith("not all seeds have ended: learning rate 0.01")


def test_what_is_written_leaves_the_effect_open_where_not_all_seeds_have_ended() -> None:
    _, rows = summary_table(RATES, results()[:5])
    assert [row[-2] for row in rows] == ["higher, slower", "reference", "-"]


def test_values_of_zero_stand_on_a_linear_axis() -> None:
    config = replace(RATES, parameter="momentum", values=(0.0, 0.5, 0.9))
    spec = final_chart(config, [])
    assert spec is not None
    assert [place for place, _ in spec.x_ticks] == [0.0, 0.5, 0.9]
    assert "no epoch has ended yet" in plain_chart(spec, 60, 12)


def test_every_value_has_a_curve_with_the_letter_of_its_row() -> None:
    sweep = told(a_whole_sweep())
    spec = curves_chart(sweep, chosen=2)
    assert [(one.mark, one.label) for one in spec.series if one.label] == [
        ("a", "0.001"),
        ("b", "0.01"),
        ("c", "0.1"),
        ("d", "1"),
    ]
    _, rows = live_table(sweep)
    assert [row[0] for row in rows] == ["a", "b", "c", "d"]
    [spread] = [one for one in spec.series if not one.label]
    assert spread.cells[-1].high - spread.cells[-1].low == pytest.approx(0.02)
    assert plain_chart(spec, 60, 14)


def test_twelve_curves_have_twelve_signs_a_whole_legend_and_room_beside_batch_size_1() -> None:
    config = replace(SIZES, base=replace(BASE, epochs=20))
    sweep = told([started(config)])
    begun = Started(config=BASE, device="cpu", dataset=DATASET, minibatches_per_epoch=235, cell_width=1)
    for index, size in enumerate(RECORDED):
        for event in (begun, *(epoch(number, 0.45 + 0.01 * index + 0.3 / number) for number in range(1, 21))):
            if isinstance(event, EpochDone) and size == 1:
                event = replace(event, validation_loss=8.0 + event.epoch % 3)
            sweep = apply(sweep, MemberSaid(run_id=f"r{size}", values=(size,), seed=0, event=event))
    for width, height in ((80, 14), (100, 24)):
        spec = curves_chart(sweep)
        lines = plain_chart(spec, width, height).splitlines()
        legend = [line for line in lines if "┤" not in line and "│" not in line][:-2]
        assert all(f" {size}" in " ".join(legend) for size in RECORDED)
        drawn = "".join(line[6:] for line in lines[len(legend) :])
        assert set("abcdefghijkl") <= set(drawn)
        top = next(line for line in lines if "│" in line or "┤" in line)
        assert "▲" in top
        assert "a" in top[6:]
        ticks = [float(line.split("┤")[0]) for line in lines if "┤" in line]
        assert max(ticks) < 2  # not 10
        everything = plain_chart(Zoom(everything=True).applied(spec), width, height)
        assert "▲" not in everything
        assert max(float(line.split("┤")[0]) for line in everything.splitlines() if "┤" in line) >= 5


def test_over_seconds_a_curve_ends_where_its_runs_took_so_long() -> None:
    sweep = recorded(2, 1.0)
    spec = curves_chart(sweep, seconds=True)
    assert [one.cells[-1].x for one in spec.series[:2]] == pytest.approx([2 * 0.767, 2 * 0.475])
    assert spec.x_label == "seconds of computing"


def test_at_equal_steps_a_curve_runs_over_steps_and_ends_where_the_run_did() -> None:
    config = SweepConfig(
        parameter="batch_size", values=(128, 256), seeds=1, question="steps", base=TrainConfig(epochs=1)
    )
    sweep = told([started(config)])
    half = SweepResult(
        parameter="batch_size",
        value=128,
        seed=0,
        status="finished",
        train_loss=0.5,
        validation_loss=0.55,
        validation_accuracy=0.8,
        run_id="r0001",
    )
    [curve, _] = curves_chart(apply(sweep, half)).series
    assert [(cell.x, cell.mean) for cell in curve.cells] == [(235.0, 0.55)]


def test_the_table_says_what_waits_what_goes_on_and_what_diverged() -> None:
    _, rows = live_table(told([started()]))
    assert [row[-2] for row in rows] == ["waits"] * 4
    sweep = told([started(), *epochs(last=2)])
    _, rows = live_table(sweep)
    assert [row[-2] for row in rows[:3]] == ["epoch 2"] * 3
    assert rows[2][2:4] == ["0/2", "0.5433"]
    _, rows = live_table(told(a_whole_sweep()))
    assert [row[-2] for row in rows] == ["higher, slower", "higher, slower", "reference", "!2 diverged"]
    assert [row[2] for row in rows] == ["2/2"] * 4


def test_nothing_is_compared_while_the_default_has_not_ended() -> None:
    """Values in ascending order: 0.001 and 0.01 end first, and neither becomes the reference for a moment."""
    going = told([started(), progress(0.5), *epochs(last=2), *results()[:4]])
    assert [row[-2] for row in live_table(going)[1][:2]] == ["", ""]
    assert "reference" in {row[-2] for row in live_table(told([*[started(), progress(0.9)], *results()]))[1]}
    stopped = apply(going, finished(status="stopped"))
    assert [row[-2] for row in live_table(stopped)[1][:2]] == ["higher, slower", "reference"]


def test_a_row_stands_for_its_best_run() -> None:
    sweep = told(a_whole_sweep())
    assert run_of(sweep, (0.1,)) == "r0005"
    assert run_of(sweep, (1.0,)) == "r0007"
    assert run_of(told([started()]), (0.1,)) == ""


def test_a_cell_of_a_grid_is_shaded_from_the_worst_to_the_best() -> None:
    grid = grid_of(told(a_whole_sweep(GRID)))
    assert grid is not None
    assert (grid.rows, grid.columns) == (("0.01", "0.1", "1"), ("64", "256"))
    assert [[cell.text for cell in row] for row in grid.cells] == [["0.650", "0.600"], ["0.530", "0.480"], ["!div"] * 2]
    shares = [[cell.share for cell in row] for row in grid.cells]
    assert (shares[0][0], shares[1][1], shares[2][0]) == (0.0, 1.0, None)
    assert grid_of(told(a_whole_sweep())) is None


# The time


def test_a_sweep_of_twice_as_many_epochs_is_guessed_to_take_twice_as_long() -> None:
    once = guessed_seconds(RATES)
    twice = guessed_seconds(replace(RATES, base=replace(RATES.base, epochs=2 * RATES.base.epochs)))
    assert twice == pytest.approx(2 * once)
    assert guessed_seconds(replace(RATES, base=replace(RATES.base, momentum=0.9))) > once


def test_the_share_of_the_work_grows_to_one_whatever_diverged_on_the_way() -> None:
    shares, sweep = [], SweepState()
    total = 8 * 3 * 235
    for event in [started(), *(progress(done / 10) for done in range(8)), *epochs(), *results()]:
        sweep = apply(sweep, event)  # type: ignore[arg-type]
        shares.append(work_done(sweep))
    assert sweep.done < total
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, pytest.approx(1.0))


def test_small_batches_weigh_as_long_as_they_take_not_as_their_minibatches_count() -> None:
    config = SweepConfig(parameter="batch_size", values=(1, 2048), seeds=1, base=TrainConfig(epochs=1))
    sweep = told([started(config), progress(0.0, config)])
    almost = replace(sweep, done=59_999, total=60_030)
    assert 0.9 < work_done(almost) < 1.0
    result = replace(results()[0], parameter="batch_size", value=1)
    first = replace(apply(sweep, result), done=60_000, total=60_030)
    assert work_done(first) < work_done(replace(first, done=60_015)) < work_done(replace(first, done=60_030))
    assert work_done(replace(first, done=60_030)) == pytest.approx(1.0)


def test_the_time_left_is_measured_once_it_has_moved_for_a_while() -> None:
    remaining, begun = Remaining(), told([started()])
    guess = guessed_seconds(RATES, DATASET.train_size)

    def saw(at: float, share: float) -> None:
        remaining.saw(at, apply(begun, progress(share)))

    saw(0.0, 0.0)
    saw(0.5, 0.1)
    assert remaining.seconds() == pytest.approx(0.9 * guess, rel=1e-3)
    saw(2.0, 0.2)
    assert remaining.seconds() == pytest.approx(8.0, rel=1e-2)
    for second in range(3, 30):  # it slows down, and what was before is forgotten
        saw(float(second), 0.2 + 0.01 * (second - 2))
    assert remaining.seconds() == pytest.approx((1 - 0.47) / 0.01, rel=0.05)


# Seconds of an epoch of one of two seeds, trained together, on two cores; each batch size for two epochs.
RECORDED = {1: 0.767, 2: 0.475, 4: 0.296, 8: 0.204, 16: 0.157, 32: 0.127, 64: 0.128, 128: 0.130}
RECORDED |= {256: 0.103, 512: 0.101, 1024: 0.097, 2048: 0.146}
SIZES = SweepConfig(parameter="batch_size", values=tuple(RECORDED), seeds=2, base=replace(BASE, epochs=2))


def recorded(sizes: int, times: float, config: SweepConfig = SIZES) -> SweepState:
    """A sweep of which so many sizes have ended, on a machine that takes so many times as long as the recorded."""
    events: list[object] = [started(config)]
    for size in list(RECORDED)[:sizes]:
        for seed in range(config.seeds):
            ran = [replace(epoch(number, 0.5), seconds=times * RECORDED[size]) for number in (1, 2)]
            begun = Started(config=BASE, device="cpu", dataset=DATASET, minibatches_per_epoch=235, cell_width=1)
            events += [
                MemberSaid(run_id=f"r{size}{seed}", values=(size,), seed=seed, event=one) for one in (begun, *ran)
            ]
    return told(events)


@pytest.mark.parametrize("times", [0.5, 1.0, 4.0])
def test_the_time_of_a_sweep_is_foreseen_from_what_the_runs_before_it_took(times: float) -> None:
    measured = 2 * SIZES.seeds * times * sum(RECORDED.values())
    whole = Learned().after(recorded(12, times))
    assert guessed_seconds(SIZES, DATASET.train_size, whole) == pytest.approx(measured, rel=0.01)
    twice = replace(SIZES, base=replace(SIZES.base, epochs=4))
    assert guessed_seconds(twice, DATASET.train_size, whole) == pytest.approx(2 * measured, rel=0.01)
    # In the middle of it the sizes that are still to come are taken for as slow or fast as their neighbours.
    half = Learned().after(recorded(5, times))
    assert guessed_seconds(SIZES, DATASET.train_size, half) == pytest.approx(measured, rel=0.35)
    rest = replace(SIZES, values=(32, 64, 128, 256, 512, 1024, 2048))
    left = 2 * SIZES.seeds * times * sum(RECORDED[int(size)] for size in rest.values)
    assert left / 2 < guessed_seconds(rest, DATASET.train_size, half) < left * 2


def test_another_machine_is_learned_anew_and_runs_that_share_nothing_apart_from_those_that_do() -> None:
    first = Learned().after(recorded(12, 4.0))
    again = first.after(recorded(12, 1.0))
    assert guessed_seconds(SIZES, DATASET.train_size, again) == pytest.approx(4 * sum(RECORDED.values()), rel=0.01)
    alone = replace(SIZES, base=replace(SIZES.base, momentum=0.9))
    assert guessed_seconds(alone, DATASET.train_size, first) > guessed_seconds(alone, DATASET.train_size)


# The form


def test_every_setting_that_can_be_swept_has_values_to_begin_with_that_are_right() -> None:
    for name in parameters():
        form = SweepFormText()
        form.write("parameter", name)
        assert form.faults() == {}, name
        assert len(form.config().values) >= 2


def test_values_are_sorted_once_each_and_may_have_commas() -> None:
    form = SweepFormText()
    form.write("values", "1, 0.1;  0.01 0.1")
    assert form.config().values == (0.01, 0.1, 1.0)


def test_the_same_setting_twice_and_a_question_without_batch_sizes_are_named_where_they_are() -> None:
    form = SweepFormText()
    form.write("second", "learning-rate")
    assert "twice" in form.faults()["second"]
    form = SweepFormText()
    form.write("question", "steps")
    assert form.faults()["question"].startswith("at steps: found no batch size swept")
    with pytest.raises(InputError, match="at steps"):
        form.config()


def test_a_text_beyond_measure_is_refused_without_being_read() -> None:
    form = SweepFormText()
    form.write("values", "0.1 " * 100_000)
    assert "found 400,000 characters" in form.faults()["values"]


def test_another_setting_takes_its_values_and_the_question_back_with_it() -> None:
    form = SweepFormText()
    form.write("parameter", "batch-size")
    form.write("question", "steps")
    form.write("parameter", "momentum")
    assert (form.texts["values"], form.texts["question"]) == (offered_values("momentum"), "images")


@pytest.mark.parametrize(
    ("config", "command"),
    [
        (RATES, "learning-rate 0.001 0.01 0.1 1 --seeds 2 --dataset scripted --epochs 3 --device cpu"),
        (GRID, "learning-rate 0.01 0.1 1 batch-size 64 256 --seeds 2 --dataset scripted --epochs 3 --device cpu"),
        (SweepConfig(parameter="batch_size", values=(1, 256), question="steps"), "batch-size 1 256 --at steps"),
        (SweepConfig(parameter="epochs", values=(5, 10)), "epochs 5 10"),
    ],
)
def test_the_headless_command_gives_the_same_sweep(config: SweepConfig, command: str) -> None:
    assert sweep_command(config) == f"softmax-tui sweep {command}"


# What is shown


def test_the_layout_follows_the_room_until_somebody_chooses() -> None:
    small = SweepLayout().sized(80, 24)
    assert (small.narrow, small.view(ended=False), small.view(ended=True)) == (True, (CURVES,), (FINAL,))
    assert small.next_view(ended=True).view(ended=True) == (TABLE,)
    large = small.next_view(ended=False).sized(120, 40)
    assert (large.narrow, large.view(ended=True)) == (False, (CURVES, FINAL, TABLE))
    assert large.next_view(ended=True).view(ended=True) == (CURVES,)
    assert SweepLayout().sized(120, 24).view(ended=True) == (CURVES, FINAL)


def test_what_to_try_next_follows_from_what_was_found() -> None:
    def said(config: SweepConfig) -> str:
        sweep = told([started(config), *results(config)])
        return next_to_try(apply(sweep, finished(config)), "idle", None).line()

    assert "d in Decide" in said(RATES)
    assert "seeds 5" in said(replace(RATES, seeds=1))
    assert "values 0.1 0.2 0.5, space: the largest" in said(replace(RATES, values=(0.01, 0.1)))
    assert "values 0.1 0.05 0.02, space: the smallest" in said(replace(RATES, values=(0.1, 1.0)))
    assert len(max(map(said, (RATES, GRID)), key=len)) <= 78


def test_of_the_books_batch_sizes_it_is_said_which_epochs_are_left_out() -> None:
    texts = SweepFormText()
    for name, text in PRESETS[1].items():
        texts.write(name, text)
    brief = texts.config()
    assert (brief.values, brief.base.epochs) == (DEFAULT_VALUES["batch_size"], 5)

    def said(config: SweepConfig, dataset: str = "fashion-mnist") -> str:
        sweep = apply(SweepState(), replace(started(config), dataset=replace(DATASET, name=dataset)))
        end = SweepFinished(sweep_id="s0001", status="finished", seconds=1, verdict="So.")
        return sentence(apply(sweep, end), "idle", None, None)

    assert "Epochs 6 to 20 are left out" in said(brief)
    for other in (replace(brief, seeds=3), replace(brief, question="steps"), replace(brief, values=(1, 256))):
        assert said(other) == "So."
    assert said(brief, "silhouettes") == "So."


def test_ranks_are_told_where_there_are_several() -> None:
    sweep = apply(SweepState(), replace(started(), ranks=2))
    assert text_of(sweep_line(sweep, 120, looked_back=False)).endswith("cpu, 2 ranks")
    assert "rank" not in text_of(sweep_line(apply(sweep, started()), 120, looked_back=False))
