"""What the Vocabulary pane says: what is predicted or was measured, what to try next, what is going on."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyProgress, VocabularyTrained
from engine.contract.vocabulary_memory import bytes_text, parameter_bytes, predicted_bytes, refusal
from engine.contract.vocabulary_verdict import measured_verdict, trained_verdict
from tui.drawing.plain import padded, plain
from tui.drawing.run_lines import bar
from tui.drawing.runs import Line, Run
from tui.drawing.vocabulary_figures import STOPS, size_words, sizes_up_to
from tui.drawing.vocabulary_results import Race

View = Literal["table", "memory", "time", "training"]
# Each with the key that shows it.
VIEWS: tuple[tuple[View, str, str], ...] = (
    ("table", "t", "Table"),
    ("memory", "m", "Memory"),
    ("time", "i", "Time"),
    ("training", "r", "Training"),
)
_ROUNDS, _STEPS = "measuring", "training"


@dataclass(frozen=True)
class Doing:
    """What is going on: "measure" or "train", "" for nothing; and whether it waits for the engine, or is to end."""

    what: Literal["", "measure", "train"] = ""
    progress: VocabularyProgress | None = None
    lines_done: int = 0
    lines_planned: int = 0
    queued: bool = False
    stopping: bool = False


def track_line(words: int, view: View, width: int) -> Line:
    """The slider from 1k to 1M, and what is measured, or trained, for it."""
    start, length = _track(width)
    here = round(STOPS.index(words) / (len(STOPS) - 1) * (length - 1))
    sizes = ", ".join(map(size_words, sizes_up_to(words)))
    return (
        Run(f"{'1k ':>{start}}", "muted"),
        Run("─" * here, "axis"),
        Run("●", "accent"),
        Run("─" * (length - here - 1) + " 1M", "axis"),
        Run(f"   V = {words:,}", "title"),
        Run("  trains this V" if view == "training" else f"  measures {sizes}", "muted"),
    )


def stop_at(x: int, width: int) -> int | None:
    """The stop that a press at cell `x` of the track means; None beside it."""
    start, length = _track(width)
    if not start - 1 <= x <= start + length:
        return None
    share = min(1.0, max(0.0, (x - start) / (length - 1)))
    return round(share * (len(STOPS) - 1))


def sentence(
    question: VocabularyQuestion | None, words: int, measured: Sequence[VocabularyMeasured], available: int | None
) -> str:
    """What was measured says, else what can be said before."""
    if measured:
        return measured_verdict(measured)
    return "A setting is wrong: h shows which." if question is None else _predicted(question, words, available)


def training_sentence(race: Race | None, going_on: bool) -> str:
    trained: Sequence[VocabularyTrained] = tuple(race.trained.values()) if race is not None else ()
    if race is not None and race.refused:
        return f"{race.refused}."
    if trained and not going_on:
        return trained_verdict(trained)
    if race is not None and race.told:
        last = [(told[-1].perplexity, method) for method, told in race.told.items()]
        best, method = min(last)
        return f"At {race.words:,} words {method} is ahead now, with a perplexity of {best:,.1f} on held-out words."
    return (
        "Softmax regression predicts the next word, a method at a time, each as many seconds as the slowest needs: "
        "what sampling leaves out may cost less than the time it saves."
    )


def next_to_try(
    view: View,
    words: int,
    chosen: Sequence[Method],
    measured: Sequence[VocabularyMeasured],
    race: Race | None,
    doing: Doing,
) -> str:
    """One line that names a key."""
    if doing.what:
        return "Next: space stops within a second; what is measured stays."
    if not chosen:
        return "Next: f switches full on, k chunked: there is nothing to measure."
    if view == "training":
        if race is None:
            return "Next: space trains the methods at this V; f k a b s n leave some out."
        return "Next: → takes more words and space trains again; h changes the steps."
    if not measured:
        return "Next: space measures; ← → move V, and the memory is known at once."
    sizes = {one.vocabulary_size for one in measured}
    if any(one.outcome != "measured" for one in measured):
        return "Next: f leaves full out; r trains what fits, against each other."
    if max(sizes) < STOPS[-1]:
        return "Next: → takes V further, space measures: where does full stop fitting?"
    return "Next: r trains the methods against each other; h doubles the positions."


def progress_line(view: View, words: int, doing: Doing, trouble: str, note: str, width: int) -> Line:
    """What is going on, and what space would do."""
    if trouble:
        return _filled(f"! {trouble}", "wrong", "", width)
    if doing.queued:
        return _filled("… begins when the engine is ready", "accent", "space takes it back", width)
    if doing.stopping:
        return _filled("… stopping", "accent", "", width)
    if doing.what:
        return _going_on(doing, width)
    what = f"trains at V = {words:,}" if view == "training" else "measures " + _listed(words)
    return _filled(f"space {what}", "accent", note, width)


def wrapped(text: str, width: int, role: str = "text") -> list[Line]:
    lines = textwrap.wrap(plain(text), max(20, width - 2), break_on_hyphens=False) or [""]
    return [(Run(f" {line}", role),) for line in lines]


def _predicted(question: VocabularyQuestion, words: int, available: int | None) -> str:
    full, chunked = (predicted_bytes(method, question, words) for method in ("full", "chunked"))
    kept = bytes_text(parameter_bytes("full", question, words))
    ratio = full / chunked
    said = (
        f"Predicted for {words:,} words: beside {kept} of parameters full will hold {bytes_text(full)}, "
        f"chunked {bytes_text(chunked)}{f', {ratio:.2g} times less' if ratio > 1 else ''}."
    )
    if available is None:
        return said
    line = refusal("full", question, words, available)
    fits = f"Full does not fit; {line.rpartition('; ')[2]}." if line else "Full fits."
    return f"{said} {bytes_text(available)} are free. {fits}"


def _going_on(doing: Doing, width: int) -> Line:
    progress = doing.progress
    share = 0.0
    if progress is None or not progress.vocabulary_size:
        said = "starting the process that measures"
    else:
        unit = {_ROUNDS: "round", _STEPS: "step"}.get(progress.stage, "")
        of = f": {unit} {progress.done:,} of {progress.total:,}" if unit and progress.total else ""
        method = f" {progress.method}" if progress.method else ""
        said = f"{plain(progress.stage)}{method} at {progress.vocabulary_size:,} words{of}"
        share = progress.done / progress.total if progress.total else 0.0
    if doing.what == "measure" and doing.lines_planned:
        within = share if progress is not None and progress.stage == _ROUNDS else 0.0
        share = min(1.0, (doing.lines_done + within) / doing.lines_planned)
        said = f"{min(doing.lines_done + 1, doing.lines_planned)} of {doing.lines_planned}, {said}"
    room = max(5, min(24, width - len(said) - 20))
    return _filled(f"▶ {said} {bar(share, room)}", "accent", "space stops", width)


def _listed(words: int) -> str:
    *first, last = [f"{size:,}" for size in sizes_up_to(words)]
    return f"{', '.join(first)} and {last} words" if first else f"{last} words"


def _filled(left: str, role: str, right: str, width: int) -> Line:
    room = max(0, width - 2)
    left = plain(left, room)
    right = plain(right, max(0, room - len(left) - 2))
    return Run(f" {left}", role), Run(padded(right, room - len(left), right=True), "muted")


def _track(width: int) -> tuple[int, int]:
    """The column where the track begins, and its cells."""
    return 4, max(10, min(37, width // 3 - 2))
