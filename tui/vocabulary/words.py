"""What the Vocabulary pane says: what is predicted or was measured, what to try next, what is going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyProgress, VocabularyTrained
from engine.verdicts.figures import bytes_words
from engine.verdicts.vocabulary import guessing_verdict, measured_verdict, trained_verdict
from engine.verdicts.vocabulary_memory import parameter_bytes, predicted_bytes
from engine.verdicts.vocabulary_room import fits_sentence
from tui.drawing.plain import plain
from tui.drawing.progress import bar
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import at_both_ends
from tui.vocabulary.figures import size_words
from tui.vocabulary.results import Race

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
    seconds: int = 0  # since it began


def track_line(stop: int, stops: Sequence[int], view: View, width: int, to_measure: Sequence[int]) -> Line:
    """The slider, from 1k to 1M where no text has fewer words, and what is measured, or trained, for it."""
    start, length = _track(width)
    words = stops[stop]
    here = round(stop / max(1, len(stops) - 1) * (length - 1))
    sizes = ", ".join(map(size_words, to_measure))
    return (
        Run(f"{size_words(stops[0]) + ' ':>{start}}"[:start], "muted"),
        Run("─" * here, "axis"),
        Run("●", "accent"),
        Run("─" * (length - here - 1) + f" {size_words(stops[-1])}", "axis"),
        Run(f"   V = {words:,}", "title"),
        Run("  trains this V" if view == "training" else f"  measures {sizes}", "muted"),
    )


def stop_at(x: int, width: int, stops: Sequence[int]) -> int | None:
    """The stop that a press at cell `x` of the track means; None beside it."""
    start, length = _track(width)
    if not start - 1 <= x <= start + length:
        return None
    share = min(1.0, max(0.0, (x - start) / (length - 1)))
    return round(share * (len(stops) - 1))


def sentence(
    question: VocabularyQuestion | None,
    words: int,
    chosen: Sequence[Method],
    measured: Sequence[VocabularyMeasured],
    available: int | None,
) -> str:
    """What was measured says, up to where it was; beyond it, and before, what can be predicted."""
    if question is None:
        return measured_verdict(measured) if measured else "A setting is wrong: h shows which."
    if not chosen:
        return "Every method is switched off."
    most = max((one.vocabulary_size for one in measured), default=0)
    if words <= most:
        return measured_verdict(measured)
    before = f"Measured up to {most:,} words. " if most else ""
    return f"{before}{_predicted(question, words, chosen, available)}"


def training_sentence(race: Race | None, going_on: bool) -> str:
    """What the trained methods have come to, or why they are not trained."""
    trained: Sequence[VocabularyTrained] = tuple(race.trained.values()) if race is not None else ()
    if race is not None and race.refused:
        return f"{race.refused}."
    if trained and not going_on:
        told = [one for several in race.told.values() for one in several] if race is not None else []
        return f"{trained_verdict(trained)} {guessing_verdict(trained, told)}".rstrip()
    if race is not None and race.told:
        last = [(told[-1].perplexity, method) for method, told in race.told.items()]
        best, method = min(last)
        has = "the lowest perplexity," if len(last) > 1 else "a perplexity of"
        now = "so far" if going_on else "when stopped"
        return f"At {race.words:,} words {method} has {has} {best:,.1f} on held-out words {now}."
    return (
        "Softmax regression predicts the next word, with one method after the other. Every method trains as many "
        "seconds as the slowest needs. Sampling may save more than it loses."
    )


def progress_line(
    view: View, sizes: Sequence[int], doing: Doing, trouble: str, note: str, width: int, *, able: bool = True
) -> Line:
    """What is going on, and what space would do with those sizes, where it is able to."""
    if trouble:
        return at_both_ends(f"! {trouble}", "wrong", "", width)
    if doing.queued:
        return at_both_ends("… starts when the engine is ready", "accent", "space cancels", width)
    if doing.stopping:
        return at_both_ends("… stopping", "accent", "", width)
    if doing.what:
        return _going_on(doing, width)
    if not able:
        return at_both_ends("", "accent", note, width)
    what = f"trains at V = {sizes[-1]:,}" if view == "training" else "measures " + _listed(sizes)
    return at_both_ends(f"space {what}", "accent", note, width)


def _predicted(question: VocabularyQuestion, words: int, chosen: Sequence[Method], available: int | None) -> str:
    """Of the first method that is switched on, and of chunked beside full."""
    first = chosen[0]
    holds = predicted_bytes(first, question, words)
    kept = bytes_words(parameter_bytes(first, question, words))
    said = f"Predicted for {words:,} words: beside {kept} of parameters {first} needs {bytes_words(holds)}"
    if first == "full" and "chunked" in chosen:
        chunked = predicted_bytes("chunked", question, words)
        ratio = holds / chunked
        said += f", chunked {bytes_words(chunked)}{f', {ratio:.2g} times less' if ratio > 1 else ''}"
    said += "."
    if available is None:
        return said
    return f"{said} {fits_sentence(first, question, words, available)}"


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
    room = max(5, min(24, width - len(said) - 25))
    return at_both_ends(f"▶ {said} {bar(share, room)} {doing.seconds} s", "accent", "space stops", width)


def _listed(sizes: Sequence[int]) -> str:
    *first, last = [f"{size:,}" for size in sizes]
    return f"{', '.join(first)} and {last} words" if first else f"{last} words"


def _track(width: int) -> tuple[int, int]:
    """The column where the track begins, and its cells."""
    return 4, max(10, min(37, width // 3 - 2))
