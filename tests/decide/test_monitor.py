"""The view Monitor: what its keys ask, what it draws, what it says, and the command that gives the same."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from engine.contract.answers import MonitorShown
from engine.contract.commands import ShowMonitor
from engine.contract.decisions import Interval
from engine.contract.errors import InputError
from engine.contract.monitoring import (
    CHANGES,
    Alarm,
    ChangedImage,
    MonitorQuestion,
    MonitorView,
    Stretch,
    Windows,
)
from engine.verdicts.monitor import limits_sentence, monitor_sentence
from tests.decide.test_pane import SIZES, FilesEngine, at_each_size, keys, opened, predictions
from tests.mistakes.test_pane import screen_text
from tui.cli.main import main
from tui.decide.monitor_charts import accuracy_chart, martingale_chart
from tui.decide.monitor_lines import image_titles, monitor_lines
from tui.decide.monitor_query import MonitorAnswer, monitor_words
from tui.drawing.plot import plain_chart
from tui.drawing.spans import text_of
from tui.widgets.field import Field

NOBODY = Alarm(at=None, ends=(500, 1000, 5000), log10=(0.0, -0.3, -0.5))


def stretch(size: int, accuracy: float, confidence: float) -> Stretch:
    interval = Interval(accuracy - 0.02, accuracy + 0.02)
    return Stretch(size=size, accuracy=accuracy, accuracy_interval=interval, confidence=confidence)


def view(**others: object) -> MonitorView:
    """5,000 images that become brighter after 2,000."""
    seen = Windows(
        size=250,
        ends=(250, 2000, 2500, 5000),
        accuracy=(0.8, 0.82, 0.6, 0.6),
        accuracy_intervals=(Interval(0.75, 0.85), Interval(0.77, 0.87), Interval(0.5, 0.7), Interval(0.5, 0.7)),
        confidence=(0.8, 0.8, 0.7, 0.72),
    )
    usual = {
        "num_examples": 5000, "reference": 500, "possible": CHANGES, "change": "brightness", "strength": 0.3,
        "moment": 2000, "alpha": 0.01, "seed": 0, "positive": 1, "positive_label": "plague",
        "before": stretch(2000, 0.82, 0.8), "after": stretch(3000, 0.6, 0.72),
        "accuracy_change": Interval(-0.25, -0.19), "confidence_change": Interval(-0.09, -0.07),
        "windows": seen,
        "labelled": Alarm(at=2042, ends=(500, 2000, 2042, 5000), log10=(0.0, -0.5, 2.1, 400.0)),
        "unlabelled": Alarm(at=2310, ends=(500, 2000, 2310, 5000), log10=(0.0, -0.4, 2.0, 1.0)),
    }  # fmt: skip
    return MonitorView(**{**usual, **others})  # type: ignore[arg-type]


# What it says


def test_the_sentence_tells_the_change_the_figures_and_both_alarms() -> None:
    assert monitor_sentence(view()) == (
        "After 2,000 images, each pixel becomes brighter by 0.3 of the pixel range. Accuracy falls from 82.0% to "
        "60.0%, confidence only from 80.0% to 72.0%. The alarm sounds after 42 changed images with labels, after 310 "
        "without."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("noise", "the images become noisy (standard deviation 0.3 of the pixel range)"),
        ("rotation", "each image is rotated by 27°"),
        ("occlusion", "a dark rectangle covers 30% of each image"),
        ("prevalence", "the share of plague becomes 30%"),
    ],
)
def test_each_change_has_its_words(change: str, words: str) -> None:
    assert monitor_sentence(view(change=change)).startswith(f"After 2,000 images, {words}. Accuracy falls")


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"after": stretch(3000, 0.6, 0.62)}, "confidence from 80.0% to 62.0%."),
        ({"after": stretch(3000, 0.6, 0.9), "confidence_change": Interval(0.09, 0.11)}, "confidence rises from 80.0%"),
        (
            {"after": stretch(3000, 0.815, 0.8), "accuracy_change": Interval(-0.02, 0.01)},
            "Accuracy goes from 82.0% to 81.5%, confidence from 80.0% to 80.0%: no clear change in accuracy.",
        ),
        ({"after": stretch(3000, 0.9, 0.85), "accuracy_change": Interval(0.06, 0.1)}, "Accuracy rises from 82.0%"),
        (
            {"moment": 4990, "before": stretch(4990, 0.8, 0.8), "after": stretch(10, 0.2, 0.8)},
            "Only 10 images come after",
        ),
        ({"unlabelled": NOBODY}, "With labels, the alarm sounds after 42 changed images. Without labels, no alarm so"),
        ({"labelled": NOBODY, "unlabelled": NOBODY}, "No alarm sounds until the end, with labels or without."),
        (
            {"labelled": NOBODY, "unlabelled": NOBODY, "change": "prevalence"},
            "or without. The alarms watch errors and confidence, not how often a class comes.",
        ),
        (
            {"labelled": replace(NOBODY, at=2000)},
            "With labels, a false alarm sounds at image 2,000, before the change. Without labels, the alarm sounds "
            "after 310 changed images. Each of the two has a false alarm in at most 1% of such streams.",
        ),
        ({"labelled": replace(NOBODY, at=2001), "unlabelled": NOBODY}, "sounds after 1 changed image. Without"),
    ],
)
def test_the_sentence_goes_with_the_figures(others: dict[str, object], said: str) -> None:
    assert said in monitor_sentence(view(**others))


@pytest.mark.parametrize(
    "still",
    [{"strength": 0.0}, {"moment": 5000, "before": stretch(5000, 0.8, 0.8), "after": stretch(0, np.nan, np.nan)}],
)
def test_where_nothing_changes_an_alarm_is_false(still: dict[str, object]) -> None:
    calm = view(**still, labelled=NOBODY, unlabelled=NOBODY)
    assert monitor_sentence(calm).startswith("Nothing changes in this stream of 5,000 images. No alarm sounds. Each of")
    assert "Without labels, a false alarm sounds at image 2,310." in monitor_sentence(view(**still, labelled=NOBODY))
    assert "|" not in plain_chart(martingale_chart(calm), 60, 12)


def test_it_says_which_changes_are_not_possible() -> None:
    assert limits_sentence(view()) == ""
    of_a_file = view(possible=("prevalence",), change="prevalence")
    assert limits_sentence(of_a_file) == "A predictions file has no weights, so only the prevalence can change."
    assert "no pictures" in limits_sentence(view(possible=("brightness", "noise", "prevalence")))


# What it draws


def test_the_figures_stand_before_and_after_and_fit_the_room() -> None:
    before, after = [text_of(line).split() for line in monitor_lines(view(), 80)[1:]]
    assert before == ["before", "2,000", "82.0%", "0.800–0.840", "80.0%", "-2.0%"]
    assert after == ["after", "3,000", "60.0%", "0.580–0.620", "72.0%", "+12.0%"]
    assert text_of(monitor_lines(view(), 50)[1]).split() == ["before", "2,000", "82.0%", "80.0%", "-2.0%"]
    nothing = view(moment=5000, before=stretch(5000, 0.8, 0.8), after=stretch(0, np.nan, np.nan))
    assert text_of(monitor_lines(nothing, 80)[2]).split() == ["after", "0", "-", "-", "-", "-"]


def test_the_martingale_leaves_the_chart_once_it_has_said_all() -> None:
    labelled, unlabelled = martingale_chart(view()).series[2:]
    assert [cell.mean for cell in labelled.cells] == pytest.approx([1, 10**-0.5, 10**2.1, 10**4])
    assert [cell.x for cell in labelled.cells] == [500, 2000, 2042, 5000]
    assert unlabelled.cells[-1].mean == pytest.approx(10)  # not beyond, so it goes on after the alarm
    drawn = plain_chart(martingale_chart(view()), 70, 16)
    assert "L─ with labels" in drawn
    assert "|" in drawn


def test_alarms_stand_on_the_curve_of_the_accuracy_at_their_images() -> None:
    spec = accuracy_chart(view())
    labelled, unlabelled = spec.series[-2:]
    assert (labelled.cells[0].x, labelled.cells[0].mean, labelled.mark) == (2042, 0.82, "L")
    assert (unlabelled.cells[0].x, unlabelled.cells[0].mean, unlabelled.mark) == (2310, 0.82, "U")
    assert not any(series.cells for series in accuracy_chart(view(labelled=NOBODY, unlabelled=NOBODY)).series[-2:])


def test_the_pictures_say_what_the_model_calls_them_whatever_the_names() -> None:
    image = ChangedImage(
        index=3, true=1, height=1, width=1, channels=1, before=b"a", after=b"b", predicted=(1, 9), confidence=(0.9, 0.6)
    )  # fmt: skip
    assert image_titles(image, ("x", "[/b]\x1b[2Jplague")) == (
        "before: [/b]\\x1b[2Jpl… 90%, right",
        "after: 9 60%, wrong",
    )


# What its keys ask


def answered(**others: object) -> MonitorAnswer:
    answer = MonitorAnswer(lambda: 1)
    question = answer.wanted()
    assert question is not None
    assert answer.take(question, MonitorShown(request=0, view=view(**others)))
    return answer


def test_the_moment_goes_by_hundredths_and_stays_in_the_stream() -> None:
    answer = answered()
    for step, coarse, moment in ((1, False, 2050), (-1, False, 2000), (1, True, 2500), (-1, True, 2000)):
        answer.question = answer.moved(step, coarse)
        assert answer.question.question.moment == moment
    for _ in range(9):
        answer.question = answer.moved(-1, True)
    assert answer.question.question.moment == 500
    for _ in range(12):
        answer.question = answer.moved(1, True)
    assert answer.question.question.moment == 5000


def test_the_strength_goes_by_twentieths_between_0_and_1() -> None:
    answer = answered()
    seen = []
    for step in (1, 1, -1, *[-1] * 8, *[1] * 3):
        answer.question = answer.strengthened(step)
        seen.append(answer.asked.strength)
    assert seen == pytest.approx([0.35, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0, 0, 0.05, 0.1, 0.15])


def test_the_changes_go_around_and_only_through_what_is_possible() -> None:
    answer = answered(possible=("brightness", "noise", "prevalence"))
    seen = []
    for _ in range(4):
        answer.question = answer.next_change()
        seen.append(answer.asked.change)
    assert seen == ["noise", "prevalence", "brightness", "noise"]


def test_a_moment_outside_of_the_stream_is_refused_while_it_is_typed() -> None:
    with pytest.raises(InputError, match="moment: found 499, expected 500 to 5000"):
        answered().typed("moment", 499)
    assert answered().typed("moment", 500.0).question.moment == 500
    assert answered().typed("alpha", 0.05).question.alpha == 0.05


def test_the_class_in_question_is_that_of_decide_and_another_source_begins_anew() -> None:
    positive = 1
    answer = MonitorAnswer(lambda: positive)
    assert answer.wanted() == ShowMonitor(question=MonitorQuestion(positive=1))
    answer.question = replace(
        answer.question, question=MonitorQuestion(positive=1, change="noise", moment=7, alpha=0.1)
    )
    positive = 2
    assert answer.wanted() == ShowMonitor(question=MonitorQuestion(positive=2, change="noise", moment=7, alpha=0.1))
    answer.forget()
    assert answer.question.question == MonitorQuestion(positive=2, alpha=0.1)


def test_the_flags_are_those_that_were_chosen() -> None:
    assert monitor_words(MonitorQuestion(positive=3)) == []
    asked = MonitorQuestion(positive=3, change="noise", moment=70, strength=0.2, alpha=0.05, seed=4)
    assert " ".join(monitor_words(asked)) == "--monitor noise --moment 70 --strength 0.2 --alpha 0.05 --stream 4"


# In the pane


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return predictions(tmp_path / "p.npz")


async def test_y_shows_a_file_as_a_stream_whose_prevalence_changes(tmp_path: Path, file: Path) -> None:
    engine = FilesEngine(tmp_path)
    async with opened(engine, file, SIZES[0]) as (pilot, pane):
        await keys(pilot, "y")
        async for size in at_each_size(pilot):
            text = " ".join(screen_text(pilot).split())
            assert "After 250 images, the share of plague becomes 30%." in text, size
            assert "A predictions file has no weights, so only the prevalence can change." in text, size
            assert "Curves: last 25 images. Reference: first 50. Alarm: martingale 100." in text, size
        await keys(pilot, "right", "up", "j")
        asked = pane.model_query.monitor.asked
        assert (asked.moment, asked.strength, asked.seed) == (255, 0.35, 1)
        assert pane.query_one("#field-moment", Field).text == "255"
        async for size in at_each_size(pilot):
            assert "After 255 images, the share of plague becomes 35%." in " ".join(screen_text(pilot).split()), size
        assert sum(isinstance(command, ShowMonitor) for command in engine.asked) == 4
        assert "--moment 255 --strength 0.35 --stream 1" in pane.headless_command()
        await keys(pilot, "p")
        async for size in at_each_size(pilot):
            assert "the share of healthy becomes 35%." in " ".join(screen_text(pilot).split()), size


async def test_numbers_are_typed_and_what_does_not_fit_is_said_at_its_field(tmp_path: Path, file: Path) -> None:
    async with opened(FilesEngine(tmp_path), file) as (pilot, pane):
        await keys(pilot, "y", "e", "ctrl+u", *"40")
        assert "found 40, expected 50 to 500" in pane.query_one("#field-moment", Field).message
        await keys(pilot, "0")
        assert pane.model_query.monitor.asked.moment == 400
        await keys(pilot, "tab", "ctrl+u", *"0.5", "tab", "ctrl+u", *"7")
        assert "found '7', expected a number" in pane.query_one("#field-alpha", Field).message
        await keys(pilot, "ctrl+u", *"0.2", "enter")
        asked = pane.model_query.monitor.asked
        assert (asked.moment, asked.strength, asked.alpha) == (400, 0.5, 0.2)
        assert pilot.app.focused is pane


async def test_a_class_without_images_is_said_in_this_view_alone(tmp_path: Path) -> None:
    labels = np.tile([0, 1], 100)
    path = tmp_path / "absent.npz"
    np.savez(path, logits=np.random.default_rng(0).normal(size=(200, 3)), labels=labels)
    async with opened(FilesEngine(tmp_path), path) as (pilot, _):
        await keys(pilot, "y")
        assert "! prevalence: found no image of" in screen_text(pilot)
        await keys(pilot, "u")
        assert "prevalence: found no image" not in screen_text(pilot)
        await keys(pilot, "y", "p")
        assert "After 100 images, the share of" in " ".join(screen_text(pilot).split())


async def test_b_and_m_and_arrows_leave_other_views_alone(tmp_path: Path, file: Path) -> None:
    engine = FilesEngine(tmp_path)
    async with opened(engine, file, (80, 24)) as (pilot, pane):
        await keys(pilot, "u", "up", "down")
        assert not any(isinstance(command, ShowMonitor) for command in engine.asked)
        await keys(pilot, "j")
        assert pane._view == "monitor"
        assert pane.model_query.monitor.asked.seed == 0
        await keys(pilot, "m")
        assert pane._view == "monitor"
        assert "martingale" in screen_text(pilot)  # there is no image that takes its place
        await keys(pilot, "m", "b")
        assert pane.model_query.monitor.asked.change == "prevalence"


# As a command


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["decide", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_command_prints_the_section_and_its_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = said(capsys, str(file), "--moment", "300", "--strength", "0.8", "--alpha", "0.05", "--stream", "2")
    assert code == 0
    text = " ".join(out.split())
    assert "Monitor: who notices when the images change?" in text
    assert "After 300 images, the share of plague becomes 80%." in text
    _, out, _ = said(capsys, str(file), "--moment", "300", "--strength", "0.8", "--json")
    found = json.loads(out)["views"]["monitor"]
    assert (found["moment"], found["change"], found["strength"], found["image"]) == (300, "prevalence", 0.8, None)
    assert found["before"]["size"] == 300
    assert len(found["labelled"]["ends"]) == len(found["labelled"]["log10"]) > 100


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--monitor", "snow"], "--monitor: found 'snow', expected one of brightness, noise,"),
        (["--monitor", "noise"], "change: found noise, expected prevalence: a predictions file has no weights"),
        (["--moment", "7"], "moment: found 7, expected 50 to 500"),
        (["--moment", "x"], "--moment: found 'x', expected an integer"),
        (["--strength", "1.5"], "--strength: found '1.5', expected a number at least 0, at most 1"),
        (["--alpha", "0"], "--alpha: found '0', expected a number at least 1e-09"),
        (["--stream", "-1"], "--stream: found '-1', expected an integer at least 0"),
    ],
)
def test_bad_input_is_one_line(file: Path, capsys: pytest.CaptureFixture[str], flags: list[str], line: str) -> None:
    code, out, err = said(capsys, str(file), *flags)
    assert (code, out) == (2, "")
    assert line in err
    assert err.count("\n") == 1


def test_without_a_class_to_find_the_other_sections_are_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "absent.npz"
    np.savez(path, logits=np.random.default_rng(0).normal(size=(200, 3)), labels=np.tile([0, 1], 100))
    code, out, _ = said(capsys, str(path))
    assert code == 0
    assert "prevalence: found no image of class 2, expected at least one" in out
    assert json.loads(said(capsys, str(path), "--json")[1])["views"]["monitor"] is None
    assert said(capsys, str(path), "--strength", "0.2")[0] == 2
