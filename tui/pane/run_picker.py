"""Which of the stored runs: chosen from a list that typing narrows, by Mistakes and Decide one, by Train a few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from engine.contract.answers import RunsListed, RunSummary
from engine.contract.commands import ListRuns
from engine.contract.errors import InputError
from engine.processes.client import EngineGone
from tui.drawing.plain import plain
from tui.drawing.run_list import Group, Offer, Row, RunList
from tui.drawing.run_table import RunTable
from tui.pane.confirm import ClosesOnce
from tui.pane.engine_link import EngineLink, refusal_of
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.plain_input import PlainInput
from tui.widgets.row_list import RowList


class Picked(NamedTuple):
    """What was chosen, and the stored runs as they were then; None where that was not known yet.

    `watch` is a run in the background that is to be watched instead, "" for none.
    """

    sources: tuple[str, ...]
    runs: tuple[RunSummary, ...] | None
    watch: str = ""


class _Lines(MadeWhenDrawn[str]):
    """A line a row; where several may be chosen, behind the mark of those that are."""

    def __init__(self, runs: RunList, width: int, marks: dict[str, str] | None) -> None:
        self._rows, self._marks = list(runs.rows), marks
        self._table = RunTable(runs, width if marks is None else width - 2)
        self.heading = self._behind("", self._table.heading)

    def __len__(self) -> int:
        return len(self._rows)

    def made(self, rank: int) -> str:
        row = self._rows[rank]
        return self._behind(row.run_id if isinstance(row, RunSummary) else "", self._table.line(row))

    def _behind(self, run_id: str, line: str) -> str:
        return line if self._marks is None else f"{self._marks.get(run_id, ' ')} {line}"


class _Filter(PlainInput):
    """Where nothing is typed yet, a space is no part of a filter."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return (key != "space" or bool(self.value)) and super().check_consume_key(key, character)


class _Rows(RowList, can_focus=False):
    """The keys come from the filter, which has the focus; a click chooses."""

    CLICKS_TO_OPEN = 1

    @property
    def shows_cursor(self) -> bool:
        return True


class RunPicker(ModalScreen[Picked | None], ClosesOnce[Picked | None]):
    """`enter` takes the run under the cursor; `marks`, a sign for each, are how many may be chosen together.

    With `watches`, `enter` on a run in the background asks to watch it.
    """

    DEFAULT_CSS = """
    RunPicker { align: center middle; background: $background 60%; }
    RunPicker > Vertical { width: 100%; max-width: 150; height: 90%; background: $panel; padding: 0 1; }
    RunPicker Static { height: auto; }
    RunPicker #question { text-style: bold; }
    RunPicker PlainInput { border: none; height: 1; padding: 0; background: $surface; }
    RunPicker #nothing { height: 1fr; padding: 1 2; display: none; }
    RunPicker #about { max-height: 2; }
    RunPicker #keys { color: $foreground 70%; }
    RunPicker.-nothing #nothing { display: block; }
    RunPicker.-nothing _Rows { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("up", "move(-1)", "row above", show=False),
        Binding("down", "move(1)", "row below", show=False),
        Binding("pageup", "page(-1)", "page before", show=False),
        Binding("pagedown", "page(1)", "page after", show=False),
        Binding("ctrl+home", "move(-1000000000)", "first", show=False),
        Binding("ctrl+end", "move(1000000000)", "last", show=False),
        Binding("tab", "mark", "mark", show=False, priority=True),
        Binding("space", "mark", "mark", show=False, priority=True),
    ]

    def __init__(
        self,
        engine: EngineLink,
        question: str,
        runs: RunList,
        chosen: Sequence[str],
        marks: Sequence[str] = (),
        watches: bool = False,
    ) -> None:
        super().__init__()
        self._engine, self._question, self._runs = engine, question, runs
        self._chosen, self._marks, self._watches = list(chosen), tuple(marks), watches
        self._marked = False  # whether a mark has been set or taken away
        self._refusal = ""

    def compose(self) -> ComposeResult:
        several = "  space or tab marks several" if self._marks else ""
        with Vertical():
            yield Static(self._question, id="question", markup=False)
            yield _Filter(placeholder="type to filter: rate 0.5, diverged, s0001, a name …", compact=True)
            yield _Rows(id="rows")
            yield Static("", id="nothing", markup=False)
            yield Static("", id="about", markup=False)
            yield Static(f"↑↓ move  enter chooses{several}  esc leaves", id="keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(PlainInput).focus()
        self._draw()
        self.run_worker(self._ask(), group="runs")

    async def _ask(self) -> None:
        try:
            reply = await self._engine.ask(ListRuns())
        except (InputError, EngineGone) as error:
            self._refusal = refusal_of(error)
        else:
            assert isinstance(reply, RunsListed)
            self._runs.know(reply.runs)
        self._draw()

    # What is seen

    def _draw(self, cursor: int | None = None) -> None:
        rows = self.query_one(_Rows)
        self.set_class(not self._runs.rows, "-nothing")
        self.query_one("#nothing", Static).update(plain(self._why_nothing()))
        if cursor is None:
            cursor = self._runs.reveal(self._chosen[0]) if self._chosen else 0
        marks = dict(zip(self._chosen, self._marks, strict=False)) if self._marks else None
        lines = _Lines(self._runs, rows.size.width - 2, marks)
        rows.show(lines.heading, lines, cursor)
        self._draw_about()

    @on(RowList.Highlighted)
    def _draw_about(self) -> None:
        row = self._row
        about = self._runs.about(row)
        if isinstance(row, RunSummary) and row.where:
            about += f"\nrunning {plain(row.where)}{'; enter watches it live' if self._can_watch(row) else ''}"
        self.query_one("#about", Static).update(about)

    def _can_watch(self, row: Row | None) -> bool:
        return self._watches and isinstance(row, RunSummary) and row.detached

    def _why_nothing(self) -> str:
        if self._refusal:
            return self._refusal
        if self._runs.runs is None:
            asked = "Loading the stored runs…"
            return (
                asked
                if self._engine.ready
                else "The engine is loading. The stored runs appear when the engine is ready."
            )
        if self.query_one(PlainInput).value.strip():
            return "No run has these words. Backspace deletes the last letter."
        return "There is no run to choose yet. Press esc, then 1, then space to train a run."

    @property
    def _row(self) -> Row | None:
        rows, cursor = self._runs.rows, self.query_one(_Rows).cursor
        return rows[cursor] if cursor < len(rows) else None

    def on_resize(self) -> None:
        self.call_after_refresh(lambda: self._draw(self.query_one(_Rows).cursor))

    # Keys and clicks

    @on(Input.Changed)
    def _seek(self, message: Input.Changed) -> None:
        message.stop()
        self._runs.seek(message.value)
        self._draw(0 if message.value else None)

    def action_move(self, step: int) -> None:
        self.query_one(_Rows).action_move(step)

    def action_page(self, step: int) -> None:
        self.query_one(_Rows).action_page(step)

    def action_mark(self) -> None:
        """The run under the cursor is one of those chosen, or no longer; then on to the next."""
        row = self._row
        if self._marks and isinstance(row, RunSummary):
            self._toggle(row.run_id)
            self._marked = True
            self._draw(self.query_one(_Rows).cursor)
            self.action_move(1)

    @on(Input.Submitted)
    @on(RowList.Opened)
    def _take(self, message: Input.Submitted | RowList.Opened) -> None:
        message.stop()
        row = self._row
        if isinstance(row, Group):
            self._runs.turn(row.name)
            self._draw(self.query_one(_Rows).cursor)
        elif not self._marked and isinstance(row, RunSummary) and self._can_watch(row):
            self.dismiss(Picked((), self._runs.runs, row.run_id))
        elif self._marks:
            if not self._marked and isinstance(row, RunSummary):
                self._toggle(row.run_id)
            self._leave_with(tuple(self._chosen))
        elif row is not None:
            self._leave_with((row.source if isinstance(row, Offer) else row.run_id,))

    def _toggle(self, run_id: str) -> None:
        if run_id in self._chosen:
            self._chosen.remove(run_id)
        else:
            self._chosen = [*self._chosen, run_id][-len(self._marks) :]

    def _leave_with(self, sources: tuple[str, ...]) -> None:
        self.dismiss(Picked(sources, self._runs.runs))

    def action_leave(self) -> None:
        self.dismiss(None)

    def on_click(self, event: events.Click) -> None:
        if event.widget is self:  # beside it
            self.dismiss(None)
