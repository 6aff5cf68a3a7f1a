"""The loss lab's pure parts: the form's texts, the tables and bars, the slider, what is said."""

from __future__ import annotations

import math

import pytest
from msgspec import structs
from rich.cells import cell_len

from engine.contract.errors import InputError
from engine.contract.loss_lab import CLASS_COUNTS, LOSS_PRESETS, LossQuestion, LossRoundDone
from engine.labs.loss.curve import loss_at
from tests.loss.scripted import TRAINED, measured, trained, training
from tui.drawing.plot import plain_chart
from tui.drawing.signs import in_ascii
from tui.drawing.spans import text_of
from tui.loss.figures import ratio_figure
from tui.loss.form import NO_PRESET, PRESETS, LossFormText
from tui.loss.hints import next_to_try
from tui.loss.page import LossPage, above, answers, chart_of, said
from tui.loss.runs import LossRuns, training_chart
from tui.loss.scale import classes_chart, classes_lines
from tui.loss.slider import STOPS, epsilon_after, slider_chart, slider_lines, stop_at, track_line
from tui.loss.table import phase_lines, relative_lines, table_lines
from tui.loss.words import VIEWS, Doing, answer_lines, progress_line
from tui.pane.tour import Tour

RUBBISH = ("", "letters", "-1", "1e999", "nan", str(10**9), "9" * 5000)


def look(**changes: object) -> LossPage:
    values: dict[str, object] = {
        "view": "table",
        "question": LossQuestion(),
        "measured": measured(LossQuestion()),
        "scale": (),
        "runs": LossRuns(),
        "epochs": 10,
        "doing": Doing(),
        "with_gradient": False,
        "accuracy": True,
        "answer": 0,
        "probability": 1.0,
        "epsilon": 1e-7,
        "yours": "",
        "own_verdict": "",
        "trouble": "",
        "ready": True,
        "started_with": {},
    }
    return LossPage(**{**values, **changes})  # type: ignore[arg-type]


# The form


def test_the_form_stands_for_the_question_of_the_command_line_by_default() -> None:
    assert LossFormText().question() == LossQuestion()
    assert LossFormText().training() == (LossQuestion(), "auto", 10)
    assert [question.num_classes for question in LossFormText().scale()] == list(CLASS_COUNTS)


@pytest.mark.parametrize("name", ["batch_size", "num_classes", "epsilon", "smoothing", "mixing", "epochs"])
def test_rubbish_is_named_at_its_own_field_and_no_other(name: str) -> None:
    for text in RUBBISH:
        form = LossFormText()
        form.write(name, text)
        if name == "epochs" and text == str(10**9):
            continue  # within its bounds
        faults = form.faults()
        assert list(faults) == [name], text[:20]
        assert "\n" not in faults[name]
        assert "expected" in faults[name]


def test_a_batch_beyond_memory_is_refused_and_so_is_one_for_10_000_classes() -> None:
    form = LossFormText()
    form.write("batch_size", "4096")
    form.question()
    with pytest.raises(InputError, match=r"batch size × classes: found 40,960,000, expected at most"):
        form.scale()
    form.write("num_classes", "100000")
    assert list(form.faults()) == ["batch_size"]


def test_float16_clips_where_float16_has_numbers_and_back_unless_somebody_has_said_otherwise() -> None:
    form = LossFormText()
    assert form.write("dtype", "float16") == {"dtype": "float16", "epsilon": "0.0001"}
    form.write("dtype", "float32")
    assert form.texts["epsilon"] == "1e-7"
    form.write("epsilon", "1e-3")
    form.write("dtype", "float16")
    assert form.question().epsilon == 1e-3


def test_a_preset_brings_its_own_batch_whatever_stands_in_the_hidden_fields() -> None:
    form = LossFormText()
    form.write("batch_size", "rubbish")
    form.write("preset", "log-0")
    assert (form.question().batch_size, form.question().num_classes) == (1, 2)
    names = [form.texts["preset"]]
    for _ in PRESETS[1:]:
        form.write("preset", form.next_of("preset"))
        names.append(form.texts["preset"])
    assert set(names) == {NO_PRESET, *(preset.name for preset in LOSS_PRESETS)}


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("preset", "log-0", "preset: found log-0, expected none"),
        ("mixing", "0.2", "mixed labels: found 0.2, expected 0"),
        ("dtype", "bfloat16", "dtype: found bfloat16, expected float32 or float64"),
    ],
)
def test_what_a_run_does_not_have_is_refused_at_the_field(name: str, text: str, line: str) -> None:
    form = LossFormText()
    form.write(name, text)
    with pytest.raises(InputError) as refused:
        form.training()
    assert str(refused.value).startswith(line)
    assert form.named_in(str(refused.value)) == name


# Tables and bars


def test_what_is_no_number_and_what_is_wrong_have_each_their_sign() -> None:
    lines = [text_of(line) for line in table_lines(measured(LossQuestion(preset="log-0")), 80, False)]
    rows = {line.split()[0]: line for line in lines[2:]}
    assert "!inf" in rows["indexing"]
    assert "!nan" in rows["integer-labels"]
    assert "≠16.118" in rows["clipped"]
    assert "!" not in rows["from-logits"]
    assert "≠" not in rows["from-logits"]
    one = measured(LossQuestion())
    for error, sign in ((math.nan, "!nan"), (0.25, "≠2.5e-01"), (1e-9, " 1.0e-09")):
        losses = tuple(structs.replace(loss, gradient_error=error) for loss in one.losses)
        assert sign in text_of(table_lines(structs.replace(one, losses=losses), 80, False)[2])
    assert "! nan or inf  ≠ wrong" in lines[0]
    assert max(map(len, lines)) <= 80


def test_with_the_gradient_the_times_and_the_memory_are_others() -> None:
    alone, whole = (
        [text_of(line) for line in table_lines(measured(LossQuestion()), 80, gradient)] for gradient in (False, True)
    )
    assert "154 µs" in alone[3]
    assert "461 µs" in whole[3]
    assert "1.50 (1.35–1.65)" in alone[3]


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("with_gradient", [False, True])
@pytest.mark.parametrize("slower", [0.01, 9.99, 12.34, 123.4, 1234.5, 123_456.0])
def test_the_table_fits_whatever_is_measured(width: int, with_gradient: bool, slower: float) -> None:
    question = LossQuestion(preset="log-0", dtype="float64", smoothing=0.1, mixing=0.2)
    for asked in (question, LossQuestion(batch_size=4096, num_classes=1000)):
        lines = [text_of(line) for line in table_lines(measured(asked, slower), width, with_gradient)]
        assert max(map(len, lines)) <= width, lines
        assert ratio_figure(slower) in next(line for line in lines if "definition" in line)


def test_ratios_have_three_digits() -> None:
    assert [ratio_figure(ratio) for ratio in (0.2, 9.994, 9.996, 99.94, 99.96, 1234.5)] == [
        "0.20", "9.99", "10.0", "99.9", "100", "1,234",
    ]  # fmt: skip


def test_a_bar_is_as_long_as_its_ratio_with_the_median_marked() -> None:
    lines = {text_of(line).split()[0]: text_of(line) for line in relative_lines(measured(LossQuestion()), 100, False)}
    indexing, definition = lines["indexing"], lines["definition"]
    assert definition.count("█") == pytest.approx(1.35 * indexing.count("█"), abs=2)
    assert "┃" in definition
    assert "▒" in definition
    assert "▒" not in indexing  # it is its own yardstick


def test_the_parts_of_the_definition_begin_where_the_one_before_ends() -> None:
    lines = [text_of(line) for line in phase_lines([measured(LossQuestion()).of("definition")], 90)]
    ends = 0
    for line in lines[1:-1]:
        start, end = line.index("█"), line.rindex("█") + 1
        assert start == ends or not ends
        ends = end
    logarithm = next(line for line in lines if "logarithm" in line)
    assert logarithm.split()[-2:] == ["2,560", "2,304"]
    assert all(len(line) <= 90 for line in lines)


def test_parts_that_do_not_add_up_to_the_whole_are_said_to_have_been_repeated_one_by_one() -> None:
    one = measured(LossQuestion()).of("definition")
    lines = phase_lines([structs.replace(one, seconds=200e-6)], 90)
    assert text_of(lines[-1]) == " each part alone: 154 µs together; all in a row, with the mean: 200 µs"


# Over classes


def test_a_line_of_numbers_of_classes_is_called_slower_only_where_the_spread_carries_it() -> None:
    several = [measured(LossQuestion(num_classes=count), slower) for count, slower in ((10, 1.02), (1000, 2.0))]
    lines = [text_of(line) for line in classes_lines(several, False, 80)]
    assert "no diff." in lines[1]
    assert "slower" in lines[2]
    assert all(len(line) <= 80 for line in lines)
    drawn = plain_chart(classes_chart(several, False), 80, 16)
    assert "definition" in drawn
    assert "d" in drawn.split("classes →")[1]


# Training


def test_runs_are_told_by_their_events() -> None:
    runs = LossRuns()
    for event in training(epochs=4, done=3):
        runs = runs.after(event)
    assert (runs.status, runs.done) == ("running", 15)
    live = {one.loss: one for one in runs.so_far}
    assert live["definition"].epochs == 3
    assert live["definition"].validation_accuracy == pytest.approx(0.79)
    assert live["definition"].spread.median == pytest.approx(0.514)
    runs = runs.after(trained())
    assert runs.status == "finished"
    assert tuple(one.loss for one in runs.so_far) == TRAINED


# The slider


def test_the_slider_goes_from_1_through_the_decades_to_0() -> None:
    assert STOPS[:4] == (1.0, 0.5, 0.2, 0.1)
    assert STOPS[-2:] == (1e-45, 0.0)
    assert list(STOPS) == sorted(STOPS, reverse=True)
    assert [stop_at(track_at, 80) for track_at in (0, 3, 79)] == [0, 0, len(STOPS) - 1]
    for stop, probability in enumerate(STOPS):
        line = text_of(track_line(probability, 1e-7, 80))
        assert len(line) <= 80
        shown = STOPS[stop_at(line.index("●"), 80)]
        assert abs(math.log10(shown or 1e-48) - math.log10(probability or 1e-48)) < 1, stop


def test_below_where_it_clips_the_table_says_that_nothing_is_learnt() -> None:
    above_it, below_it = (" ".join(text_of(line) for line in slider_lines(p, 1e-7, 80)) for p in (1e-6, 1e-8))
    assert "nothing is learned" not in above_it
    assert "nothing is learned" in below_it
    assert f"{loss_at(1e-8, 1e-7).value:.4g}" in below_it


def test_both_curves_are_marked_where_p_stands() -> None:
    drawn = plain_chart(slider_chart(1e-20, 1e-7, False), 100, 30)
    assert drawn.count("●") == 3  # the legend's, that of −log p, and that of what is clipped
    assert plain_chart(slider_chart(0.0, 1e-7, False), 100, 30).count("●") == 2  # −log 0 is not on the chart


def test_clipping_moves_by_powers_of_ten_within_its_bounds() -> None:
    assert epsilon_after(1e-7, 1) == 1e-6
    assert epsilon_after(1e-7, -1) == 1e-8
    assert epsilon_after(3e-7, -1) == 1e-7
    assert epsilon_after(0.5, 1) == 0.1
    assert epsilon_after(1e-45, -1) == 1e-45


# What is said


def test_whole_answers_are_shown_and_the_others_are_named() -> None:
    one = measured(LossQuestion())
    everything = [text_of(line) for line in answer_lines(one, 80, 40, 0)]
    heads = (" Why slower?", " Should you use it?", " When?", " Careful:")
    assert sum(line.startswith(heads) for line in everything) == 4
    for height in range(3, 12):
        for first in range(4):
            lines = [text_of(line) for line in answer_lines(one, 80, height, first)]
            assert len(lines) <= height
            assert lines[0].startswith(heads[first])
            assert lines[-1].startswith(" a: ") or lines[-1].endswith("."), (height, first)
            if 1 < sum(line.startswith(heads) for line in lines) < 4:
                assert lines[-1].startswith(" a: "), (height, first)


def test_advice_takes_one_line_of_a_small_terminal() -> None:
    runs = [LossRuns(), LossRuns().after(training()[0]), LossRuns().after(training()[0]).after(trained())]
    questions = [None, LossQuestion(), LossQuestion(preset="log-0"), LossQuestion(smoothing=0.1)]
    for view, _, _ in VIEWS:
        for question in questions:
            one = measured(question) if question is not None else None
            for scaled in (0, 4):
                for run in runs:
                    for p in (1.0, 0.0):
                        for doing in (Doing(), Doing(training="running"), Doing(measuring=LossQuestion())):
                            line = next_to_try(view, one, scaled, run, p, doing).line()
                            assert len(line) <= 78, line


def test_no_hint_in_loss_leads_in_a_circle() -> None:
    """What was just done is not offered again while the exercise has more to answer."""
    still, runs = Tour({"2d", "2a"}), LossRuns().after(training()[0]).after(trained())
    for soft, step in ((False, "h, label smoothing 0.1, space"), (True, "t shows the table")):
        said = next_to_try("training", None, 0, runs, 1.0, Doing(), still, soft=soft).line()
        assert step in said
    assert "t shows the table" in next_to_try("slider", None, 0, LossRuns(), 0.0, Doing(), still).line()
    only_training = Tour({"2b", "2c", "2d"})
    assert (
        "r shows whole training runs" in next_to_try("slider", None, 0, LossRuns(), 0.0, Doing(), only_training).line()
    )


def test_of_space_is_said_what_it_does_at_that_moment() -> None:
    measuring, queued = Doing(measuring=LossQuestion()), Doing(queued=True)
    for view in ("table", "time", "classes", "training"):
        assert "space stops measuring" in next_to_try(view, None, 0, LossRuns(), 1.0, measuring).line()
        assert "space cancels the start" in next_to_try(view, None, 0, LossRuns(), 1.0, queued).line()
        assert "stops" not in next_to_try(view, None, 0, LossRuns(), 1.0, Doing()).line()
    for view in ("classes", "training"):
        assert "space" not in plain_chart(chart_of(look(view=view, doing=measuring)), 80, 12)  # type: ignore[arg-type]
        assert "space" in plain_chart(chart_of(look(view=view)), 80, 12)  # type: ignore[arg-type]


def test_how_far_a_measurement_is_stands_in_its_line() -> None:
    doing = Doing(measuring=LossQuestion(), rounds=LossRoundDone(20, 41), scale_done=1)
    line = text_of(progress_line("classes", doing, "", False, True, 80))
    assert "2 of 4, measuring 256 × 10: round 20 of 41" in line
    assert line.endswith("space stops")
    assert "█" in line


@pytest.mark.parametrize(("width", "rows"), [(78, 24), (86, 40), (120, 50)])
@pytest.mark.parametrize("view", [view for view, _, _ in VIEWS])
def test_every_view_keeps_to_its_width_and_has_an_ascii_spelling(view: str, width: int, rows: int) -> None:
    scale = tuple(measured(LossQuestion(num_classes=count)) for count in CLASS_COUNTS)
    runs = LossRuns()
    for event in (*training(), trained()):
        runs = runs.after(event)
    for question in (LossQuestion(), LossQuestion(preset="log-0")):
        one = look(view=view, question=question, measured=measured(question), scale=scale, runs=runs)
        lines = [*above(one, width, rows), *said(one, width, 12)]
        for line in lines:
            assert len(text_of(line)) <= width
            spelled = in_ascii(text_of(line))
            assert spelled.isascii()
            assert "?" not in spelled.replace("slower?", "").replace("it?", "").replace("When?", "")
        spec = chart_of(one)
        assert (spec is None) == (view in ("table", "time"))
        if spec is not None:
            assert len(plain_chart(spec, width, 12).splitlines()) == 12


def test_nothing_measured_yet_is_drawn_too() -> None:
    for view, _, _ in VIEWS:
        one = look(view=view, measured=None, question=None)
        assert said(one, 80, 8)
        above(one, 80, 40)


def test_once_soft_labels_are_measured_training_is_next() -> None:
    everything_but_sweeps = Tour({"2a", "2b", "2c", "2d", "1a", "1b", "1c", "3", "4", "5a", "5b"})
    for question, step in (
        (LossQuestion(smoothing=0.1), "r shows whole training runs"),
        (LossQuestion(), "n goes to 10,000 classes"),
    ):
        said = next_to_try("table", measured(question), 0, LossRuns(), 1.0, Doing(), everything_but_sweeps).line()
        assert step in said


@pytest.mark.parametrize("name", ["smoothing", "mixing"])
def test_labels_are_soft_by_smoothing_or_by_mixing(name: str) -> None:
    assert look(started_with={name: "0.1"}).soft
    assert not look(started_with={name: "0"}).soft


def test_a_batch_without_a_probability_of_0_does_not_answer_what_to_be_careful_of() -> None:
    page = look()
    assert "2d" not in answers(page, ())
    assert "2d" in answers(look(measured=measured(LossQuestion(preset="log-0"))), ())
    assert "2c" in answers(look(measured=measured(LossQuestion(smoothing=0.1))), ())


def test_the_chart_of_training_is_as_long_as_the_runs_that_are_drawn() -> None:
    runs = LossRuns().after(training(epochs=4)[0])
    assert training_chart(runs, True, planned=10).x_range == (0.0, 4.0)
    assert training_chart(LossRuns(), True, planned=10).x_range == (0.0, 10.0)


def test_a_difference_on_a_busy_machine_is_not_called_none() -> None:
    one = measured(LossQuestion(), 1.02)
    lazy = tuple(structs.replace(loss, processor_share=0.1) for loss in one.losses)
    (_, quiet), (_, loaded) = (classes_lines([found], False, 80) for found in (one, structs.replace(one, losses=lazy)))
    assert "no diff." in text_of(quiet)
    assert "too busy" in text_of(loaded)


def test_clipping_below_the_last_stop_of_the_slider_begins_at_its_end() -> None:
    line = text_of(track_line(1.0, 1e-300, 80))
    assert line.rstrip(" 0").endswith("┊")
    assert cell_len(line) <= 80


def test_of_several_numbers_of_classes_the_bar_counts_the_rounds_of_the_one_under_way() -> None:
    def filled(rounds: int) -> int:
        doing = Doing(measuring=LossQuestion(), rounds=LossRoundDone(rounds, 40), scale_done=1)
        return text_of(progress_line("classes", doing, "", False, True, 100)).count("█")

    assert filled(0) < filled(20) < filled(40)
