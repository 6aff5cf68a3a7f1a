"""What stands on the Vocabulary pane for what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.contract.vocabulary import METHODS, Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyText
from engine.verdicts.vocabulary import remedies
from engine.verdicts.vocabulary_problems import asked, what_goes_wrong
from engine.verdicts.vocabulary_text import text_sentence, unknown_sentence
from tui.drawing.chart_spec import ChartSpec
from tui.drawing.spans import Line
from tui.drawing.wrapping import wrapped
from tui.pane.tour import Tour
from tui.vocabulary.charts import memory_chart, perplexity_chart, time_chart
from tui.vocabulary.figures import BRACKETS, CAPITALS, comparable
from tui.vocabulary.results import Race, Results
from tui.vocabulary.table import (
    continuation_lines,
    explained_lines,
    legend_line,
    measured_lines,
    training_lines,
)
from tui.vocabulary.words import Doing, View, sentence, track_line, training_sentence

TALL, BESIDE = 34, 104  # rows of the terminal that a table, columns of the figures that two charts have room in
LEAST_CHART = 9  # rows of a chart that is above the table
TABLE_LINES = 1 + len(METHODS)


@dataclass(frozen=True)
class VocabularyPage:
    """What there is to draw. `question` is what is being measured, else the form's, None where something is wrong with
    it; `started_with` what is in front was asked for with, as texts of the form. `sizes` is what space would
    measure; `available` the bytes that the engine's machine has free, None while it has not said. `curves` rather than
    the table, after training in a low terminal.
    """

    view: View
    question: VocabularyQuestion | None
    stops: Sequence[int]
    stop: int
    sizes: Sequence[int]
    chosen: Sequence[Method]
    results: Results
    available: int | None
    ranks: int
    curves: bool
    doing: Doing
    trouble: str
    note: str
    started_with: dict[str, str]
    tour: Tour

    @property
    def words(self) -> int:
        """V, where the slider is."""
        return self.stops[self.stop]

    @property
    def in_front(self) -> VocabularyQuestion | None:
        """What the figures are of."""
        return self.race.question if self.view == "training" and self.race is not None else self.question

    @property
    def measured(self) -> tuple[VocabularyMeasured, ...]:
        """What was measured with the settings as they are, of the methods that are switched on."""
        if self.question is None:
            return ()
        return tuple(one for one in self.results.of(self.question) if one.method in self.chosen)

    @property
    def race(self) -> Race | None:
        """What came of training, None before it."""
        return self.results.race


def charts_of(page: VocabularyPage, columns: int, rows: int) -> list[ChartSpec]:
    """One chart or two beside each other; none where the table takes the room."""
    if page.view == "training":
        return [] if table_instead(page, rows) else [perplexity_chart(page.race, page.doing.what == "train")]
    if page.question is None:
        return []
    memory = memory_chart(page.question, page.stops, page.chosen, page.measured, page.available, page.ranks)
    time = time_chart(page.stops, page.chosen, page.measured)
    if page.view == "table":
        return ([memory, time] if columns >= BESIDE else [memory]) if rows >= TALL else []
    return [memory] if page.view == "memory" else [time]


def table_instead(page: VocabularyPage, rows: int) -> bool:
    """Whether what came of training has the room that its curves would need."""
    ended = page.race is not None and page.doing.what != "train"
    return ended and rows < TALL and not page.curves


def above(page: VocabularyPage, width: int) -> list[Line]:
    """What stands above the chart: the slider of V."""
    return [track_line(page.stop, page.stops, page.view, width, page.sizes)]


def table_of(page: VocabularyPage, width: int, rows: int, room: int) -> list[Line]:
    """The table under the charts; in a low terminal it has a view of its own, and charts have a line of names.

    What the methods do stands under it where `room` lines have it, and before training, which has no curves yet.
    """
    if page.view == "training":
        if page.race is None and page.doing.what != "train":
            return [legend_line(page.chosen, width), *explained_lines(width)]
        if page.race is None or (rows < TALL and not table_instead(page, rows)):
            return [legend_line(page.chosen, width)]
        return [*training_lines(page.race, width), *continuation_lines(page.race, width, rows < TALL)]
    if page.question is None:
        return []
    if rows < TALL and page.view != "table":
        return [legend_line(page.chosen, width)]
    here = {one.method: one for one in page.results.of(page.question) if one.vocabulary_size == page.words}
    lines = measured_lines(page.question, page.words, page.chosen, here, page.available, width, page.ranks)
    explained = [*lines, *explained_lines(width)]
    charts = LEAST_CHART if rows >= TALL else 0
    return explained if len(explained) + charts <= room else lines


def said(page: VocabularyPage, width: int, rows: int, room: int) -> list[Line]:
    """The sentences, in `room` lines where that is possible; what is wrong, where one line has no room for it.

    A low terminal has no room to say more of a text beside what came of training.
    """
    return _lines(_said(page, width, rows, room), width)


def _said(page: VocabularyPage, width: int, rows: int, room: int) -> list[str]:
    """Each sentence, or several, that has a line of its own."""
    if len(page.trouble) + 4 > width:
        return [f"! {page.trouble}"]
    if page.view == "training":
        shown = training_sentence(page.race, page.doing.what == "train")
        more = "" if table_instead(page, rows) else _of_the_text_trained_on(page)
        return [f"{shown} {more}".rstrip()]
    question = page.question
    found = _found(page, question.text if page.measured and question is not None else "")
    if page.view == "table" and question is not None and page.chosen:
        answers = what_goes_wrong(question, page.words, page.measured, page.available, _text(page, question.text))
        told = [*([asked(page.words)] if rows >= TALL else ()), *answers]
        marks = CAPITALS if rows >= TALL and page.measured else ""
        return [*told, *_measured(page, found, marks, width, room - len(_lines(told, width)))]
    shown = sentence(question, page.words, page.chosen, page.measured, page.available)
    marks = CAPITALS if page.view == "memory" and page.measured else ""
    return [" ".join(filter(None, (shown, found, marks)))]


def _measured(page: VocabularyPage, found: str, marks: str, width: int, room: int) -> list[str]:
    """What is known of the other methods and of the text, and what the `marks` are; what `room` lines have.

    The other methods are told of in the other views, too.
    """
    most = max((one.vocabulary_size for one in page.measured), default=0)
    here = [one for one in page.measured if one.vocabulary_size == page.words and one.loss is not None]
    others = list(remedies(page.measured)) if page.words <= most else []
    always = [*([] if all(comparable(one) for one in here) else [BRACKETS]), *filter(None, (found, marks))]
    while others and len(_lines([" ".join(others + always)], width)) > room:
        others.pop()
    return [" ".join(others + always)] if others or always else []


def _lines(parts: Sequence[str], width: int) -> list[Line]:
    return [line for part in parts for line in wrapped(part, width)]


def _of_the_text_trained_on(page: VocabularyPage) -> str:
    """How many held-out words are unknown, where that matters, and how words were found."""
    if page.race is None:
        return ""
    trained = next(iter(page.race.trained.values()), None)
    unknown = unknown_sentence(trained.unknown_share, only_if_it_matters=True) if trained is not None else ""
    return " ".join(filter(None, (unknown, _found(page, page.race.question.text))))


def _found(page: VocabularyPage, text: str) -> str:
    """How the words of a text were found, where its figures are shown."""
    known = _text(page, text)
    return text_sentence(known) if known is not None else ""


def _text(page: VocabularyPage, text: str) -> VocabularyText | None:
    """What the engine found in that text, where it was the last to be read."""
    results = page.results
    return results.text if text and results.question is not None and results.question.text == text else None
