"""The overflow playground: logits that are edited in place, and what each softmax makes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Self

from textual.app import ComposeResult
from textual.binding import BindingType

from engine.contract.engine_events import Ready, WarmingUp
from engine.contract.trace import DTYPES
from engine.contract.wire import Event
from engine.contract.yours import YoursJudged
from tui.drawing.numbers import typed
from tui.drawing.plain import plain
from tui.pane.base import DisplayOptions, Pane
from tui.pane.commands import EVERYWHERE, bindings_of, key_of
from tui.pane.engine_link import EngineLink
from tui.pane.fetcher import Fetcher
from tui.pane.headless import softmax_command
from tui.pane.hints import Offer
from tui.pane.live_run import LiveRun
from tui.softmax.board import SoftmaxBoard, SoftmaxPage
from tui.softmax.logit_field import LogitField
from tui.softmax.logit_table import LogitTable
from tui.softmax.query import TraceQuery
from tui.softmax.sheet import Sheet
from tui.softmax.table import NAMES, choice_at
from tui.softmax.words import answered, first_wrong
from tui.widgets.lines import Lines

_MOST_UNDONE = 200
_GONE = "The engine has stopped, so nothing is computed. Press {key} to restart the engine."


class SoftmaxPane(Pane):
    """Owns the logits. Each change is a question to the engine; only the answer to the latest is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of("softmax")]

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("softmax", engine, options, live)
        self.sheet = Sheet()
        self.latest = TraceQuery(lambda: self.sheet)
        self.fetcher = Fetcher(engine, self.latest)
        self._history: list[Sheet] = []
        self._before_edit: Sheet | None = None
        self._chosen = ""  # the implementation asked for; "" for the first that is wrong
        self._seek = False  # the cursor goes to the first bad number when it is known
        self._judged: YoursJudged | None = engine.judged  # it may have been said before anybody looked in here
        self.board = SoftmaxBoard(self._page(), options)

    def compose(self) -> ComposeResult:
        yield self.board

    def focus(self, scroll_visible: bool = True) -> Self:
        # The table, not the whole pane: what gets or loses the focus is sent to the terminal anew.
        self.board.table.focus(scroll_visible)
        return self

    def on_mount(self) -> None:
        self._ask()

    # What the app hands down

    def on_engine_event(self, event: Event) -> bool:
        if isinstance(event, YoursJudged):
            self._judged = event
        if isinstance(event, Ready):
            self._ask()
        if isinstance(event, Ready | WarmingUp | YoursJudged) or self._engine.gone is not None:
            self.redraw()
        return False

    def redraw(self) -> None:
        if self.is_mounted and self.display:
            self.board.draw(self._page())

    @property
    def offer(self) -> Offer | None:
        return self.board.offer

    def answers_seen(self) -> frozenset[str]:
        latest, row = self.latest, self.sheet.row
        if not latest.settled or latest.refusal or latest.reply is None:
            return frozenset()
        return answered(latest.reply.trace, row)

    def headless_command(self) -> str:
        yours = self._engine.yours_name if self._judged is not None and self._judged.has_softmax else ""
        return softmax_command(self.sheet.rows, self.sheet.dtype, yours)

    # Questions and answers

    def _ask(self) -> None:
        if self._can_ask() and not self.fetcher.under_way:
            self.run_worker(self.fetcher.go_on(self._can_ask, self._answered), group="trace")

    def _can_ask(self) -> bool:
        return self._engine.ready is not None and self._engine.gone is None

    def _answered(self) -> None:
        """The answer to the logits as they are is shown; while one is outdated, the next is waited for."""
        latest = self.latest
        if self._can_ask() and not latest.settled:
            return
        if self._seek and latest.settled and not latest.refusal and latest.reply is not None:
            self._seek = False
            bad = latest.reply.trace.implementations[self.selected].first_bad
            if bad is not None:
                self.sheet = self.sheet.at(bad.row, max(0, bad.column))
        self.redraw()

    @property
    def names(self) -> tuple[str, ...]:
        """The implementations, in their order."""
        return NAMES if self.latest.reply is None else tuple(self.latest.reply.trace.implementations)

    @property
    def selected(self) -> str:
        """The implementation that is explained."""
        if self._chosen in self.names:
            return self._chosen
        return NAMES[0] if self.latest.reply is None else first_wrong(self.latest.reply.trace)

    def _page(self) -> SoftmaxPage:
        gone = self._engine.gone is not None
        waiting = (
            ""
            if gone
            else f"The engine is not ready ({plain(self.live.warming) or 'starting'}). The results appear in a moment."
        )
        trouble = _GONE.format(key=key_of(EVERYWHERE, "restart_engine")) if gone else plain(self.latest.refusal)
        judged = "" if self._judged is None else plain(self._judged.softmax_verdict)
        return SoftmaxPage(self.sheet, self.selected, self.latest.reply, waiting, trouble, judged, self.tour)

    # Changes

    def _change(self, sheet: Sheet, undoable: bool = True) -> None:
        if sheet is self.sheet:
            return
        if undoable:
            self._remember(self.sheet)
        self.sheet = sheet
        self.redraw()
        self._ask()

    def _remember(self, sheet: Sheet) -> None:
        self._history = [*self._history[1 - _MOST_UNDONE :], sheet]

    def action_undo(self) -> None:
        if not self._history:
            self.notify("Nothing to undo.", markup=False)
            return
        self._change(self._history.pop(), undoable=False)

    def action_next_preset(self) -> None:
        self._take(self.sheet.with_next_preset())

    def _take(self, sheet: Sheet) -> None:
        self._chosen, self._seek = "", True
        self._change(sheet)

    def action_next_dtype(self) -> None:
        self._change(self.sheet.with_next_dtype())

    def action_step(self, by: int) -> None:
        self._change(self.sheet.stepped(by))

    def action_move(self, rows: int, columns: int) -> None:
        self._move(self.sheet.row + rows, self.sheet.column + columns)

    def _move(self, row: int, column: int) -> None:
        self._seek = False
        self.sheet = self.sheet.at(row, column)
        self.redraw()

    def action_add_row(self) -> None:
        self._reshape(self.sheet.with_row(), "The maximum is four rows.")

    def action_delete_row(self) -> None:
        self._reshape(self.sheet.without_row(), "The minimum is one row.")

    def action_add_class(self) -> None:
        self._reshape(self.sheet.with_class(), "The maximum is ten classes.")

    def action_delete_class(self) -> None:
        self._reshape(self.sheet.without_class(), "The minimum is two classes.")

    def _reshape(self, sheet: Sheet, refusal: str) -> None:
        if sheet is self.sheet:
            self.notify(refusal, markup=False)
        self._change(sheet)

    def action_next_implementation(self) -> None:
        self._chosen = self.names[(self.names.index(self.selected) + 1) % len(self.names)]
        self.redraw()

    # Editing

    def action_edit(self) -> None:
        self._edit()

    def action_edit_negative(self) -> None:
        self._edit("-")

    def _edit(self, text: str | None = None) -> None:
        self._seek = False
        self._before_edit = self.sheet
        self.board.table.edit(text)

    def on_logit_table_typed(self) -> None:
        self._take_number()

    def _take_number(self) -> bool:
        """Puts what stands in the field under the cursor; False where that is no number.

        Read from the field, not from a message: keys may come faster than messages, and one about the cell before
        must not change the next.
        """
        number = self.board.table.number
        if self._before_edit is None or number is None:
            return False
        if typed(number) != typed(self.sheet.logit):
            self._change(self.sheet.with_logit(number), undoable=False)
        return True

    def on_logit_field_stepped(self, message: LogitField.Stepped) -> None:
        if self._take_number():
            self._change(self.sheet.stepped(message.by), undoable=False)
            self.board.table.set_text(typed(self.sheet.logit))

    def on_logit_field_taken(self, message: LogitField.Taken) -> None:
        """To the next cell, from the last one back to the pane. Rubbish has to become a number first."""
        if not self._take_number():
            return
        self._end_edit()
        place = self.sheet.row * self.sheet.classes + self.sheet.column + message.direction
        if 0 <= place < len(self.sheet.rows) * self.sheet.classes:
            self._move(*divmod(place, self.sheet.classes))
            self._edit()
        else:
            self.board.table.close()
            self.focus()

    def on_cell_field_left(self, message: LogitField.Left) -> None:
        """esc restores the logits as they were; left aside, a number that was typed stays, rubbish does not."""
        if self._before_edit is None or (message.aside and self.board.table.field.has_focus):
            return  # over already, or the focus has come back for the next cell
        if message.aside:
            self._take_number()
        else:
            self._change(self._before_edit, undoable=False)
            self.focus()
        self._end_edit()
        self.board.table.close()

    def _end_edit(self) -> None:
        before, self._before_edit = self._before_edit, None
        if before is not None and before.rows is not self.sheet.rows:
            self._remember(before)

    # The mouse

    def on_logit_table_picked(self, message: LogitTable.Picked) -> None:
        self._take_number()
        self._end_edit()
        self._move(message.row, message.column)
        self._edit()

    def on_logit_table_rolled(self, message: LogitTable.Rolled) -> None:
        if self._before_edit is None:
            self._move(message.row, message.column)
            self._change(self.sheet.stepped(message.by))

    def on_lines_clicked(self, message: Lines.Clicked) -> None:
        if message.widget.id == "implementations":
            self._chosen = self.names[message.y]
            column = self.board.table.columns.at(message.x)
            self._move(self.sheet.row, self.sheet.column if column is None else column)
        elif message.widget.id == "side" and (choice := choice_at(message.y)) is not None:
            kind, index = choice
            if kind == "preset":
                self._take(self.sheet.with_preset(index))
            else:
                self._change(replace(self.sheet, dtype=DTYPES[index]))
