"""What stands on the Vocabulary pane for what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured
from tui.drawing.plot import ChartSpec
from tui.drawing.runs import Line
from tui.drawing.vocabulary_charts import memory_chart, perplexity_chart, time_chart
from tui.drawing.vocabulary_results import Race, Results
from tui.drawing.vocabulary_table import explained_lines, legend_line, measured_lines, training_lines
from tui.drawing.vocabulary_words import Doing, View, sentence, track_line, training_sentence

TALL, BESIDE = 34, 120  # rows and columns of the terminal that a table, and two charts, have room in


@dataclass(frozen=True)
class Look:
    """What there is to draw. `question` is the form's, None where something is wrong with it; `available` the bytes
    that the engine's machine has free, None while it has not said.
    """

    view: View
    question: VocabularyQuestion | None
    words: int
    chosen: Sequence[Method]
    results: Results
    available: int | None
    doing: Doing
    trouble: str
    note: str

    @property
    def measured(self) -> tuple[VocabularyMeasured, ...]:
        """What was measured with the settings as they are, of the methods that are switched on."""
        if self.question is None:
            return ()
        return tuple(one for one in self.results.of(self.question) if one.method in self.chosen)

    @property
    def race(self) -> Race | None:
        return self.results.race


def charts_of(look: Look, columns: int, rows: int) -> list[ChartSpec]:
    """One chart or two beside each other; none where the table takes the room."""
    if look.view == "training":
        return [perplexity_chart(look.race, look.doing.what == "train")]
    if look.question is None:
        return []
    memory = memory_chart(look.question, look.chosen, look.measured, look.available)
    time = time_chart(look.chosen, look.measured)
    if look.view == "table":
        return ([memory, time] if columns >= BESIDE else [memory]) if rows >= TALL else []
    return [memory] if look.view == "memory" else [time]


def above(look: Look, width: int) -> list[Line]:
    return [track_line(look.words, look.view, width)]


def table_of(look: Look, width: int, rows: int) -> list[Line]:
    """The table under the charts; in a low terminal it has a view of its own, and charts have a line of names."""
    if look.view == "training":
        live = look.doing.what == "train" and rows < TALL
        return [legend_line(look.chosen, width)] if live or look.race is None else training_lines(look.race, width)
    if look.question is None:
        return []
    if rows < TALL and look.view != "table":
        return [legend_line(look.chosen, width)]
    here = {one.method: one for one in look.results.of(look.question) if one.vocabulary_size == look.words}
    lines = measured_lines(look.question, look.words, look.chosen, here, look.available, width)
    explained = rows < TALL and not here
    return [*lines, *explained_lines(width)] if explained else lines


def said(look: Look) -> str:
    """The sentence."""
    if look.view == "training":
        return training_sentence(look.race, look.doing.what == "train")
    return sentence(look.question, look.words, look.measured, look.available)
