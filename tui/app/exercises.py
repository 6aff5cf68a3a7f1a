"""The five exercises of the book on one page: which pane answers what, and what was seen of it."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui.drawing.plain import plain
from tui.pane.commands import PANES
from tui.pane.confirm import ClosesOnce
from tui.pane.exercises import EXERCISES, SUB_QUESTIONS, Exercise, SubQuestion, pane_of
from tui.pane.tour import Tour
from tui.widgets.paged_options import PagedOptions

_WIDTH = 75  # cells of a line, beside a scrollbar
_BESIDE = 6  # lines of the page that hold no question
_LINES = len(EXERCISES) + len(SUB_QUESTIONS)
_KEYS = "↑ ↓ move   enter or a click goes to the pane   1–7 panes   esc closes"


class Questions(PagedOptions):
    """A line for each sub-question, under its exercise, which cannot be chosen."""


class ExercisesPage(ModalScreen[str], ClosesOnce[str]):
    """Ends with the id of the pane to go to, "" for none. The cursor begins on the first answer not seen yet."""

    DEFAULT_CSS = f"""
    ExercisesPage {{ align: center middle; background: $background 60%; }}
    ExercisesPage > Vertical {{ width: {_WIDTH + 5}; max-width: 100%; height: auto; max-height: 100%; }}
    ExercisesPage > Vertical {{ padding: 1 2; background: $panel; }}
    ExercisesPage Questions, ExercisesPage Questions:focus {{ border: none; background-tint: $foreground 0%; }}
    ExercisesPage Questions {{ padding: 0; margin: 1 0; background: $panel; scrollbar-size-vertical: 1; }}
    ExercisesPage Questions {{ height: {_LINES}; }}
    ExercisesPage Questions > .option-list--option {{ padding: 0; }}
    ExercisesPage Questions > .option-list--option-disabled {{ color: $primary; }}
    ExercisesPage #keys {{ color: $foreground 70%; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,E,q", "go('')", "close", show=False),
        *(Binding(str(pane.number), f"go('{pane.id}')", pane.title, show=False) for pane in PANES),
    ]

    def __init__(self, tour: Tour) -> None:
        super().__init__()
        self._tour = tour

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="heading", markup=False)
            yield Questions(*self._options(), markup=False)
            yield Static(_KEYS, id="keys", markup=False)

    def on_mount(self) -> None:
        questions = self.query_one(Questions)
        of_questions = [question.id for exercise in EXERCISES for question in exercise.questions]
        first = next((one for one in of_questions if one not in self._tour.answers), of_questions[0])
        questions.highlighted = questions.get_option_index(first)
        questions.focus()

    def on_resize(self) -> None:
        self.query_one(Questions).styles.max_height = max(1, self.app.size.height - _BESIDE)
        self.draw()

    def draw(self) -> None:
        """What was seen by now."""
        heading = _at_both_ends("The five exercises of the book, 4.4", self._tour.words, self._room)
        self.query_one("#heading", Static).update(Text(heading, "bold"))
        questions = self.query_one(Questions)
        for option in self._options():
            questions.replace_option_prompt(str(option.id), option.prompt)

    @property
    def _room(self) -> int:
        """Cells of a line."""
        return max(1, min(_WIDTH, self.app.size.width - 5))

    def _options(self) -> list[Option]:
        lines = []
        for exercise in EXERCISES:
            lines.append(Option(_heading(exercise, self._room), id=f"exercise {exercise.number}", disabled=True))
            lines += [Option(self._line(question), id=question.id) for question in exercise.questions]
        return lines

    def _line(self, question: SubQuestion) -> Text:
        mark = "seen" if question.id in self._tour.answers else ""
        text = Text(f"  {mark:<4}  ", "bold")
        text.append(plain(f"{question.id:<3} {question.text}", max(1, self._room - text.cell_len)), Style(bold=False))
        return text

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(pane_of(str(message.option_id)))

    def action_go(self, pane_id: str) -> None:
        self.dismiss(pane_id)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside it
            self.dismiss("")


def _heading(exercise: Exercise, room: int) -> Text:
    """The exercise, and the key and the name of its pane."""
    pane = next(entry for entry in PANES if entry.id == exercise.pane)
    return Text(_at_both_ends(f"{exercise.number}  {exercise.title}", f"{pane.number} {pane.title}", room))


def _at_both_ends(left: str, right: str, room: int) -> str:
    left = plain(left, max(1, room - cell_len(right) - 2))
    return left + " " * max(0, room - cell_len(left) - cell_len(right)) + right
