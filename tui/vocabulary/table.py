"""The table of the vocabulary lab: every method at the size of the slider, what was predicted and what measured."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.vocabulary import METHODS, Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyEvaluated, VocabularyMeasured, VocabularyTrained
from engine.verdicts.figures import bytes_words
from engine.verdicts.vocabulary import perplexity_words
from engine.verdicts.vocabulary_memory import predicted_bytes
from engine.verdicts.vocabulary_room import fitting, refusal
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.vocabulary.figures import LETTERS, ROLES, TRAINED_HEADER, measured_row, shards, time_text, trained_row
from tui.vocabulary.results import Race

_WIDE = 106  # columns that the exact loss has room in
_NOTHING = "–"
_LEAST_NOTICE = 24  # columns that a part of a notice says something in
_Row = tuple[str, ...]
_EXPLAINED: Mapping[Method, str] = {
    "full": "softmax over all words at once",
    "chunked": "all words, one chunk at a time",
    "adaptive": "fewer features for rare words",
    "class-based": "a class first, then a word of it",
    "sampled": "the right word and random words",
    "negative": "yes or no, for each of a few words",
}
_THREE_WIDE = 124  # columns in which three methods stand on a line


def measured_lines(
    question: VocabularyQuestion,
    words: int,
    chosen: Sequence[Method],
    measured: Mapping[Method, VocabularyMeasured],
    available: int | None,
    width: int,
    ranks: int = 1,
) -> list[Line]:
    """A header and a line for each method, of one rank where several share it.

    `available` None is not known: then nothing is said to be refused.
    """
    wide = width >= _WIDE
    header: _Row = ("method", "forward", "backward", "memory", "predicted", "loss", "error", "rows")
    rows, notes, roles = [], [], []
    for method in METHODS:
        one = measured.get(method)
        note = _refused(method, question, words, one, available, ranks)
        rows.append(_cells(method, question, words, one, bool(note), shards(method, ranks)))
        notes.append(note)
        roles.append("muted" if method not in chosen else "wrong" if note else "text")
    if wide:
        header = (*header[:6], "exact loss", "gradient error", "rows touched")
    else:
        rows = [(*row[:6], *row[7:]) for row in rows]
    head, *body = table(header, rows)
    if len(head) + 3 > width:
        head, *body = table(header, rows, gap=" ")
    lines: list[Line] = [(Run(f"   {head}", "muted"),)]
    for method, text, note, role in zip(METHODS, body, notes, roles, strict=True):
        cut = text[: 2 + len(method)]
        rest = text[len(cut) :].rstrip(f" {_NOTHING}") + f"  {note}" if note else text[len(cut) :]
        off = role == "muted"
        name = f" {'-' if off else '+'} {cut}"
        lines.append((Run(name, "muted" if off else ROLES[method]), Run(plain(rest, width - len(name)), role)))
    return lines


def training_lines(race: Race | None, width: int) -> list[Line]:
    """A line for each method: what came of it, or how far it is."""
    if race is None or not race.told:
        return []
    rows = []
    for method, told in race.told.items():
        done = race.trained.get(method)
        row = trained_row(done) if done is not None else _on_the_way(method, told, race.question.steps)
        rows.append((f"{LETTERS[method]} {method}", *row[1:]))
    head, *body = table([name if race.whole or name != "equal time" else "so far" for name in TRAINED_HEADER], rows)
    return [
        (Run(f" {head}", "muted"),),
        *(
            (Run(f" {text[: len(method) + 2]}", ROLES[method]), Run(text[len(method) + 2 :], "text"))
            for method, text in zip(race.told, body, strict=True)
        ),
    ]


def continuation_lines(race: Race | None, width: int, low: bool) -> list[Line]:
    """How each method goes on with the phrase, the likeliest word first; nothing without a phrase.

    Two methods share a line in a low terminal.
    """
    done = tuple(race.trained.values()) if race is not None else ()
    if race is None or not done or not done[0].phrase:
        return []
    phrase = f" {plain(done[0].phrase, width - 30)} …  after {done[0].equal_steps:,} steps each"
    room = width - cell_len(phrase) - 2
    notice = plain("; ".join(race.notices), room) if race.notices and room >= _LEAST_NOTICE else ""
    lines: list[Line] = [(Run(phrase, "title"), Run(f"  {notice}".rstrip(), "muted"))]
    if not low:
        return [*lines, *((*_continued(one, f" {LETTERS[one.method]} {one.method:<11} ", width),) for one in done)]
    half = width // 2
    for left, right in itertools.zip_longest(done[::2], done[1::2]):
        name, words = _continued(left, f" {LETTERS[left.method]} ", half)
        rest = _continued(right, f" {LETTERS[right.method]} ", half) if right is not None else ()
        lines.append((name, Run(padded(words.text, half - len(name.text)), words.role), *rest))
    return lines


def _continued(one: VocabularyTrained, name: str, width: int) -> tuple[Run, Run]:
    """As many words as there is room for."""
    if not one.continuations:
        return Run(name, ROLES[one.method]), Run("diverged", "wrong")
    words = plain(f"{one.continuations[0].word} {one.continuations[0].probability:.1%}", width - len(name))
    for found in one.continuations[1:]:
        longer = f"{words}  {plain(found.word)} {found.probability:.1%}"
        if len(name) + cell_len(longer) >= width:
            break
        words = longer
    return Run(name, ROLES[one.method]), Run(words, "text")


def legend_line(chosen: Sequence[Method], width: int) -> Line:
    """Which letter and colour is which method, for charts without a table beside them."""
    gap = "   " if width >= 90 else "  "
    return (
        Run(" ", "text"),
        *(Run(f"{LETTERS[method]} {method}{gap}", ROLES[method]) for method in METHODS if method in chosen),
    )


def explained_lines(width: int) -> list[Line]:
    """What each method does, two or three on a line."""
    across = 3 if width >= _THREE_WIDE else 2
    room = width // across
    told = []
    for method, words in _EXPLAINED.items():
        sign = f"   {LETTERS[method]} "
        cells = room - len(sign)
        told.append((Run(sign, ROLES[method]), Run(padded(plain(words, cells - 1), cells), "muted")))
    return [tuple(itertools.chain(*told[start : start + across])) for start in range(0, len(told), across)]


def _cells(
    method: Method, question: VocabularyQuestion, words: int, one: VocabularyMeasured | None, refused: bool, ranks: int
) -> _Row:
    predicted = bytes_words(predicted_bytes(method, question, words, ranks))
    name = f"{LETTERS[method]} {method}"
    if one is None or one.peak_bytes is None:
        return (name, _NOTHING, _NOTHING, _NOTHING, f"!{predicted}" if refused else predicted, *[_NOTHING] * 4)
    *figures, off, rows = (_NOTHING if cell == "-" else cell for cell in measured_row(one))
    return (name, *figures, _NOTHING if one.exact_loss is None else f"{one.exact_loss:.4f}", off, rows)


def _refused(
    method: Method,
    question: VocabularyQuestion,
    words: int,
    one: VocabularyMeasured | None,
    available: int | None,
    ranks: int,
) -> str:
    """Why there is no figure, in few words; "" where there is one, or may be."""
    if one is not None and one.outcome == "failed":
        return "failed"
    if one is not None and one.outcome == "measured":
        return ""
    free = one.available_bytes if one is not None else available
    line = "" if free is None else refusal(method, question, words, free, ranks)
    if not line and one is None:
        return ""
    others = fitting(question, words, free, ranks) if free is not None else ()
    return f"no room: {f'{others[-1]} fits' if others else 'fewer words'}"


def _on_the_way(method: Method, told: Sequence[VocabularyEvaluated], equal_steps: int) -> _Row:
    """A method that has taken its steps already has its figures for them."""
    equal = next((one for one in told if one.steps == equal_steps), None)
    at_equal_steps = (perplexity_words(equal.perplexity), time_text(equal.seconds)) if equal else (_NOTHING, _NOTHING)
    now = (perplexity_words(told[-1].perplexity), f"{told[-1].steps:,}")
    return (method, *at_equal_steps, _NOTHING, _NOTHING, _NOTHING, *now)
