"""What the Loss pane says: answers that were measured, what to try next, how far it is, what is going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len

from engine.contract.loss_lab import CLASS_COUNTS, LossesMeasured, LossQuestion, LossRoundDone
from engine.contract.progress import Progress
from engine.labs.loss.curve import curve_sentence, loss_at
from engine.verdicts.loss import verdicts
from engine.verdicts.loss_compared import training_sentence, where_it_begins_to_hurt
from tui.drawing.numbers import with_minus
from tui.drawing.plain import plain
from tui.drawing.progress import amount_words, bar
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import at_both_ends, wrap
from tui.loss.runs import LossRuns
from tui.loss.slider import beyond

View = Literal["table", "time", "classes", "training", "slider"]
# Each with the key that shows it.
VIEWS: tuple[tuple[View, str, str], ...] = (
    ("table", "t", "Table"),
    ("time", "b", "Time"),
    ("classes", "n", "Classes"),
    ("training", "r", "Training"),
    ("slider", "l", "−log p"),
)

# Sub-questions of exercise 2, as the answers that a measurement gives begin with them.
_ASKED_BY = {"Why slower?": "2b", "When?": "2c", "Careful:": "2d"}


@dataclass(frozen=True)
class Doing:
    """What is going on: a measurement, one of several numbers of classes, training with each loss."""

    measuring: LossQuestion | None = None
    rounds: LossRoundDone | None = None
    scale_done: int | None = None  # of the numbers of classes; None for a single batch
    training: Literal["", "loading", "running"] = ""
    progress: Progress | None = None
    queued: bool = False


def answer_lines(measured: LossesMeasured, width: int, height: int, first: int) -> list[Line]:
    """The questions of the exercise with their answers, whole ones, as many as find room.

    Where not all do, they begin with number `first`, and the last line names the others.
    """
    answers = [_answer(asked, said, width, height) for asked, said in verdicts(measured)]
    if sum(map(len, answers)) <= height:
        return [line for lines in answers for line in lines]
    order = [(first + index) % len(answers) for index in range(len(answers))]
    shown: list[Line] = []
    left_out: list[int] = []
    for index in order:
        if left_out or (shown and len(shown) + len(answers[index]) > height - 1):
            left_out.append(index)
        else:
            shown += answers[index]
    if len(shown) >= height:
        return shown
    asked = [one for one, _ in verdicts(measured)]
    return [*shown, (Run(plain(f" a: {'  '.join(asked[index] for index in left_out)}", width), "muted"),)]


def answered(lines: Sequence[Line]) -> frozenset[str]:
    """The sub-questions of exercise 2 that have their answers among lines of `answer_lines`."""
    asked = {line[0].text.strip() for line in lines if line}
    return frozenset(_ASKED_BY[one] for one in asked & _ASKED_BY.keys())


def answers_of(measured: LossesMeasured | None) -> int:
    """How many answers there are to go through; 1 before anything was measured."""
    return len(verdicts(measured)) if measured is not None else 1


def before_measuring(question: LossQuestion | None) -> str:
    """The sentence where nothing was measured yet."""
    if question is None:
        return "A setting is wrong: h shows which."
    logarithms = question.batch_size * question.num_classes
    return (
        f"The same batch goes through each cross-entropy. The definition computes {logarithms:,} logarithms and "
        f"multiplies {logarithms - question.batch_size:,} of them by the zeros of one-hot labels. Indexing computes "
        f"{question.batch_size:,}. Is the definition slower?"
    )


def classes_sentence(several: Sequence[LossesMeasured]) -> str:
    """From how many classes on the definition is slower, or the question while fewer than two are measured."""
    if len(several) < 2:
        return (
            "The definition computes a logarithm for every class and multiplies all but one of them by zero. "
            "At how many classes can the extra time be measured?"
        )
    return where_it_begins_to_hurt(several)


def runs_sentence(runs: LossRuns) -> str:
    """What the runs say by now, and how they ended where that was not by themselves."""
    if not runs.status:
        return "One run with each loss, everything else the same. Does the loss change the time, or what is learned?"
    said = training_sentence(runs.so_far)
    if runs.status == "failed":
        return f"Failed: {plain(runs.reason)}. {said}"
    return f"Stopped: {plain(runs.reason)}. {said}" if runs.status == "stopped" else said


def slider_sentence(probability: float, epsilon: float) -> str:
    """What the curve says at this probability, with clipping at `epsilon`."""
    said = with_minus(curve_sentence(loss_at(probability, epsilon), epsilon))
    return " ".join(filter(None, (said, beyond(probability))))


def progress_line(view: View, doing: Doing, trouble: str, stale: bool, ready: bool, width: int) -> Line:
    """What is going on and what space would do."""
    if trouble:
        return at_both_ends(f"! {trouble}", "wrong", "", width)
    if doing.queued:
        return at_both_ends("… starts when the engine is ready", "accent", "space cancels", width)
    if doing.measuring is not None:
        return _measuring(doing, width)
    if doing.training == "loading":
        said = _words(doing.progress) if doing.progress is not None else "loading the data"
        return at_both_ends(f"… {said}", "accent", "space stops" if view == "training" else "r, space stops", width)
    if doing.training:
        progress = doing.progress
        said = _words(progress) if progress is not None else "training"
        share = progress.done / progress.total if progress is not None and progress.total else 0.0
        return _with_bar(said, share, "space stops" if view == "training" else "r, space stops", width)
    what = {"classes": "measures 10 to 10,000 classes", "training": "trains with each loss"}.get(view, "measures")
    waiting = "" if ready else "the engine is starting"
    changed = "the settings have changed since" if stale and view in ("table", "time") else waiting
    return at_both_ends(f"space {what}", "accent", changed, width)


def _answer(asked: str, said: str, width: int, height: int) -> list[Line]:
    """In as many whole sentences as `height` lines hold, one at least."""
    asked = asked if asked.endswith("?") else f"{asked}:"
    sentences = with_minus(plain(said)).split(". ")
    while len(lines := _lines(f"{asked} {'. '.join(sentences)}", width)) > height and len(sentences) > 1:
        sentences[-2:] = [sentences[-2] + "."]
    first, *others = lines
    return [
        (Run(f" {first[: len(asked)]}", "accent"), Run(first[len(asked) :], "text")),
        *((Run(f" {line}", "text"),) for line in others),
    ]


def _lines(text: str, width: int) -> list[str]:
    return wrap(text, max(20, width - 2))


def _measuring(doing: Doing, width: int) -> Line:
    question, rounds = doing.measuring, doing.rounds
    assert question is not None
    said = f"measuring {question.batch_size:,} × {question.num_classes:,}"
    share = rounds.done / rounds.rounds if rounds is not None else 0.0
    said += f": round {rounds.done} of {rounds.rounds}" if rounds is not None else ": getting ready"
    if doing.scale_done is not None:
        said = f"{doing.scale_done + 1} of {len(CLASS_COUNTS)}, {said}"
        share = (doing.scale_done + share) / len(CLASS_COUNTS)
    return _with_bar(said, share, "space stops", width)


def _words(progress: Progress) -> str:
    return f"{plain(progress.stage)} {plain(progress.subject, 24)}: {amount_words(progress)}"


def _with_bar(said: str, share: float, right: str, width: int) -> Line:
    room = max(5, min(30, width - cell_len(said) - len(right) - 9))
    return at_both_ends(f"▶ {said} {bar(share, room)}", "accent", right, width)
