"""The lines under the charts, what they say to try next, and how fast a run goes."""

from __future__ import annotations

import math

import msgspec
import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.config import TrainConfig
from engine.contract.events import Finished, InputRange, LabelsExamined
from engine.contract.progress import Progress
from engine.contract.run_state import RunState, apply
from tests.train.script import DATASET, a_divergence, a_whole_run, epoch, started, summary
from tests.train.test_charts import run_of
from tui.drawing.autopsy import autopsy_lines
from tui.drawing.edits import Edit
from tui.drawing.progress import amount_words, clock
from tui.drawing.run_list import Group
from tui.drawing.spans import text_of
from tui.pane.tour import SHOWS, Tour
from tui.train.board import _seconds_left
from tui.train.charts import OVERLAY_MARKS
from tui.train.form import TrainFormText
from tui.train.hints import next_to_try
from tui.train.lines import earlier_lines, figures_line, progress_line, sparkline, summary_line
from tui.train.pace import PaceSetting, Speed, guessed_minibatches

WIDTHS = (70, 78, 120, 160)


def finished(*losses: float, accuracy: float = 0.83, config: TrainConfig | None = None) -> RunState:
    run = run_of(started(config=config))
    for number, loss in enumerate(losses, start=1):
        run = apply(run, epoch(number, loss, accuracy))
    return apply(run, Finished(run_id="r0001", status="finished", seconds=1, images_per_second=1))


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_its_room(width: int) -> None:
    run = run_of(*a_whole_run())
    moving = run_of(*a_whole_run()[:5])
    download = Progress("downloading", "a/very/long/path/" * 9, 1_000_000, 31_000_000, "bytes")
    texts = TrainFormText().texts | {"dataset": "d" * 200, "learning_rate": "\x1b[31m[/b]"}
    lines = [
        figures_line(run, width),
        summary_line(texts, [], 2, False, width),
        progress_line(run, "idle", width, pace="pace 20 s"),
        progress_line(run, "queued", width, pace="pace 20 s", waiting_for="importing torch"),
        progress_line(moving, "running", width, pace="pace 20 s", images_per_second=3e4, seconds_left=4),
        progress_line(moving, "paused", width, pace="123,456 minibatches/s"),
        progress_line(run, "loading", width, pace="pace 20 s", progress=download),
        *earlier_lines([summary("r0001"), summary("x" * 99)], ["r0001"], width, 9),
    ]
    for line in lines:
        text = "".join(run.text for run in line)
        assert cell_len(text) <= width, text
        assert "\x1b" not in text


def test_progress_tells_the_epoch_the_time_left_and_the_speed() -> None:
    run = run_of(*a_whole_run()[:5])
    text = text_of(progress_line(run, "running", 80, pace="pace 20 s", images_per_second=30_000, seconds_left=4.2))
    assert text.startswith(" ▶ epoch 3/10 █")
    assert text.endswith("eta 0:04   30,000 img/s   pace 20 s")


def test_times_are_written_as_on_a_clock() -> None:
    assert [clock(seconds) for seconds in (4.4, 61, 3723)] == ["0:04", "1:01", "1:02:03"]


def test_a_sparkline_shows_least_and_greatest_and_gaps() -> None:
    assert sparkline([0.0, math.nan, 1.0], 8) == "▁ █"
    assert sparkline([math.nan], 8) == ""
    assert len(sparkline([0.1] * 20, 8)) == 8


def test_a_sparkline_spans_all_floats() -> None:
    assert sparkline([-1.7e308, 0.0, 1.7e308], 3) == "▁▅█"


def test_after_a_good_run_the_mistakes_are_next() -> None:
    run, tour = run_of(*a_whole_run()), Tour()
    assert next_to_try(run, tour=tour).words() == "82.9% are right. 4 shows the 1,710 that are wrong."
    tour.panes.add("mistakes")
    assert next_to_try(run, tour=tour).words().startswith("2, exercise 1: ")


def looked_at(run: RunState) -> str:
    """What follows once its mistakes were looked at and every exercise was answered."""
    answers = {answer for shown in SHOWS.values() for answer in shown}
    return next_to_try(run, tour=Tour(answers, {"mistakes"})).line()


def test_what_to_try_next_depends_on_what_happened() -> None:
    assert "space trains" in next_to_try(RunState()).line()
    assert "2, exercise 1" in next_to_try(run_of(started())).line()
    assert "takes one minibatch" in next_to_try(run_of(started()), held=True).line()
    swinging = finished(0.5, 0.6, 0.5, 0.6, 0.5, config=TrainConfig(learning_rate=0.5))
    assert "learning rate 0.1" in looked_at(swinging)
    assert "did worse than guessing" in next_to_try(finished(9.0, 12.0, config=TrainConfig(learning_rate=10))).line()
    assert "The loss hardly fell" in next_to_try(finished(2.29, 2.28, accuracy=0.2)).line()
    assert "h, epochs 20, u continues this run" in looked_at(finished(0.8, 0.6, 0.5))
    assert "epochs" not in looked_at(finished(0.5, 0.48, 0.48))
    stopped = apply(run_of(started()), Finished(run_id="r", status="stopped", seconds=1, images_per_second=1))
    assert "u continues r0001" in next_to_try(stopped).line()


def test_the_promise_before_a_run_is_made_for_the_usual_settings_alone() -> None:
    texts = TrainFormText().texts
    assert (
        "In 20 seconds the loss should fall from 2.3 to below 0.5"
        in next_to_try(RunState(), texts=texts | {"seed": "7", "threads": "2"}, pace="pace 20 s").line()
    )
    assert "In 5 seconds" in next_to_try(RunState(), texts=texts, pace="pace 5 s").line()
    assert "seconds" not in next_to_try(RunState(), texts=texts, pace="full speed").line()
    for name, text in (("learning_rate", "1e6"), ("epochs", "1"), ("label_noise", "1"), ("dataset", "mnist")):
        said = next_to_try(RunState(), texts=texts | {name: text}).line()
        assert "0.5" not in said
        assert "space trains" in said
    assert "a learning rate of 1e6" in next_to_try(RunState(), texts=texts | {"learning_rate": "1e6"}).line()


def test_what_to_try_next_follows_the_cause() -> None:
    large = InputRange(low=0, high=255, typical=100)
    data = replace(DATASET, train_inputs=large, validation_inputs=large)
    run = finished(9000.0, 12000.0)
    assert "learning rate 0.01" in next_to_try(run).line()
    assert "bring the inputs to about 0 to 1" in next_to_try(replace(run, dataset=data)).line()
    assert "label noise 0" in next_to_try(replace(run, config=TrainConfig(label_noise=1))).line()
    unrelated = LabelsExamined(
        images=1300, accuracy=0.1, low=0.08, high=0.12, chance=0.1, guessing_loss=2.3, verdict="unrelated"
    )
    assert "same order" in next_to_try(replace(run, examined=unrelated)).line()


def test_after_a_divergence_the_cure_depends_on_what_broke() -> None:
    for config, cure in (
        (TrainConfig(softmax="naive", loss="indexing"), "h, softmax row-max, space"),
        (TrainConfig(loss="definition"), "h, loss from-logits, space"),
        (TrainConfig(loss="from-logits", learning_rate=1e6), "h, learning rate 100000, space"),
    ):
        run = run_of(
            started(config=config),
            a_divergence(),
            Finished(run_id="r", status="diverged", seconds=1, images_per_second=1),
        )
        assert cure in next_to_try(run).line()


@pytest.mark.parametrize("width", [69, 78, 120])
def test_an_autopsy_names_every_number_and_marks_what_is_broken(width: int) -> None:
    config = TrainConfig(softmax="naive", loss="indexing")
    lines = [text_of(line) for line in autopsy_lines(a_divergence(), DATASET.label_names, config, width)]
    text = "\n".join(lines)
    assert max(map(cell_len, lines)) <= width
    assert "Training image 31,415, a class-3 (class 3)." in text
    assert " > class-3" in text
    assert "!inf" in text  # exponential and partition
    assert ">!nan" in text  # this run
    assert "98" in text  # from-logits with row-max
    assert len([line for line in lines if "class-" in line]) == 11


def test_speed_is_measured_over_the_last_seconds() -> None:
    speed = Speed()
    assert speed.images_per_second is None
    for tenth in range(100):
        speed.saw(tenth / 10, 256 * tenth, tenth)
    assert speed.images_per_second == pytest.approx(2560)
    speed.saw(11.0, 100_000, 5)  # another run
    assert speed.images_per_second is None


def test_a_pace_is_seconds_for_a_run_until_a_run_is_known() -> None:
    pace = PaceSetting()
    assert pace.minibatches_per_second(2350) == 117.5
    assert pace.times(2, 0).words == "pace 10 s"
    assert pace.times(2, 2350).minibatches_per_second(99) == 235
    assert pace.times(2, 2350).words == "235 minibatches/s"
    assert pace.toggled().minibatches_per_second(2350) == 0
    assert pace.toggled().toggled() == pace
    assert pace.times(1e-12, 2350).minibatches_per_second(2350) > 0


def test_the_summary_names_the_settings_that_matter_and_what_the_next_run_has_instead() -> None:
    texts = TrainFormText().texts
    text = text_of(summary_line(texts, [], 0, False, 80))
    assert text.startswith(" rate 0.1  batch 256  epochs 10  row-max  seed 0")
    assert text.endswith("h form")
    assert "2 wrong" in text_of(summary_line(texts, [], 2, False, 80))
    edits = [Edit("learning_rate", "learning rate", "0.1", "0.5"), Edit("momentum", "momentum", "0", "0.9")]
    text = text_of(summary_line(texts, edits, 0, False, 80))
    assert text.startswith(" rate 0.1  batch 256  epochs 10")
    assert "  next: rate 0.5, momentum 0.9  " in text
    for width in WIDTHS:
        assert sum(cell_len(run.text) for run in summary_line(texts, edits * 9, 1, True, width)) <= width


@pytest.mark.parametrize("width", [69, 74, 80, 84, 120])
@pytest.mark.parametrize("device", ["cpu", "cuda:0", "a device with quite a long name"])
def test_the_device_stands_whole_beside_the_figures_or_not_at_all(width: int, device: str) -> None:
    text = text_of(figures_line(msgspec.structs.replace(run_of(*a_whole_run()), device=device), width))
    assert "…" not in text
    assert text.endswith(f"  {device}") or device[:3] not in text
    assert text.endswith(device) or width < 72 + len(device)


def test_among_many_classes_an_autopsy_keeps_the_true_one_however_small_its_logit() -> None:
    diverged = a_divergence()
    many = tuple(float(100 - label) for label in range(40))
    autopsy = replace(diverged.autopsy, label=39, logits=many, exponentials=many, probabilities=many)
    lines = [text_of(line) for line in autopsy_lines(replace(diverged, autopsy=autopsy), (), TrainConfig(), 78)]
    assert any(line.startswith(" > 39 ") for line in lines)
    assert "   and 28 classes with smaller logits" in lines


def test_the_time_left_is_that_of_the_minibatches_still_to_come() -> None:
    run = run_of(*a_whole_run()[:5])
    speed = Speed()
    assert _seconds_left(run, speed) is None
    speed.saw(0.0, 0, 0)
    speed.saw(2.0, 1000, 10)
    assert _seconds_left(run, speed) == pytest.approx((run.minibatches - run.position) / 5)
    assert run.position > 0


def test_only_more_epochs_than_the_run_had_continue_it() -> None:
    run = finished(0.5, 0.4, config=TrainConfig(epochs=2))
    for epochs, words in (
        ("3", "u continues this run up to epoch 3"),
        ("2", "epochs 2 instead of 2"),
        ("x", "epochs x"),
    ):
        assert words in next_to_try(run, edits=(Edit("epochs", "epochs", "2", epochs),)).line(), epochs


def test_a_rise_of_less_than_a_hundredth_is_no_reason_for_smaller_steps() -> None:
    assert "smaller steps" not in looked_at(finished(0.5, 0.502, 0.5, 0.502, 0.5))
    assert "smaller steps" in looked_at(finished(0.5, 0.51, 0.5, 0.51, 0.5))


def test_what_is_not_finite_takes_nothing_from_the_levels_of_the_others() -> None:
    assert sparkline([0.0, math.inf, 1.0, -math.inf], 8) == "▁ █ "


def test_a_run_of_a_sweep_has_its_mark_beside_it_and_its_group_has_none() -> None:
    one, other = (
        replace(summary(run_id), name=f"s0001/{place} learning-rate {rate} seed 0")
        for run_id, place, rate in (("r0001", 1, 0.1), ("r0002", 2, 0.5))
    )
    group = Group("s0001", (other,), 2, False)
    lines = [text_of(line) for line in earlier_lines((one, group), ("r0001", "r0002"), 60, 9)]
    assert [line[0] for line in lines[1:]] == [OVERLAY_MARKS[0], " "]
    assert "s0001: 2 runs" in lines[2]


def test_after_the_last_minibatch_a_run_is_still_in_its_last_epoch() -> None:
    run = run_of(*a_whole_run()[:-2])
    assert run.position == run.minibatches
    assert "epoch 10/10" in text_of(progress_line(run, "running", 80, pace="pace 20 s"))


def test_the_pace_of_a_run_begun_elsewhere_is_what_the_engine_tells() -> None:
    assert PaceSetting().as_told(50.0).words == "50 minibatches/s"
    assert PaceSetting().as_told(0.0).words == "full speed"
    assert PaceSetting(full=True).as_told(50.0).minibatches_per_second(2350) == 50


def test_a_run_whose_data_are_not_known_yet_is_guessed_with_its_last_small_minibatch() -> None:
    assert guessed_minibatches(batch_size=256, epochs=10) == 2350
    assert guessed_minibatches(batch_size=100_000, epochs=3) == 3


def test_bytes_are_said_in_megabytes_and_other_amounts_as_they_are() -> None:
    assert amount_words(Progress("downloading", "x", 12_000_000, 31_000_000, "bytes")) == "12 of 31 MB"
    assert amount_words(Progress("downloading", "x", 12_400_000, None, "bytes")) == "12 MB"
    assert amount_words(Progress("drawing", "x", 1_200, 5_000, "images")) == "1,200 of 5,000 images"
