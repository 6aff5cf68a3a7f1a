"""The app: panes, keys, themes, and the life of the engine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.message import Message
from textual.widget import MountError
from textual.worker import WorkerFailed

from engine.contract.engine_events import Failed, Heartbeat
from engine.contract.events import Started
from engine.contract.progress import Notice
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.app.ascii_filter import AsciiFilter
from tui.app.asking_driver import asking
from tui.app.background import BackgroundApp
from tui.app.command_palette import TableOfCommands, settings_of_panes
from tui.app.harmless import Harmless
from tui.app.key_bar import KeyBar
from tui.app.notice_bar import NoticeBar
from tui.app.panes import Panes, keep
from tui.app.size_line import SizeLine
from tui.app.status import MEMORY_STEP
from tui.app.status_line import StatusLine
from tui.app.tab_bar import TabBar
from tui.pane.base import DisplayOptions
from tui.pane.commands import EVERYWHERE, PANES, bindings_of, key_of, use_other_keys
from tui.pane.engine_link import EngineLink
from tui.pane.hearing import LOOK_SECONDS, Hearing
from tui.widgets.strips import ASCII
from tui.widgets.themes import THEMES, after, short_name, theme_name


class EngineSaid(Message):
    """An event of the worker, on its way to the panes."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class SoftmaxApp(BackgroundApp):
    """Owns the live run and the link to the engine; hands both down to the panes."""

    TITLE = "softmax-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    COMMANDS = {TableOfCommands, settings_of_panes}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]

    def __init__(self, engine_command: Sequence[str], options: DisplayOptions | None = None) -> None:
        super().__init__()
        self.hearing = Hearing()
        self.engine = EngineLink(engine_command, self.hearing, lambda: self.message_queue_size)
        self.options = options or DisplayOptions()
        self.driver_class = asking(self.driver_class, self.options.line)
        self._harmless = Harmless()
        self.set_class(self.options.ascii_only, ASCII, update=False)
        for theme in THEMES:
            self.register_theme(theme)
        wished = self.options.remembered.values
        self.theme = theme_name("mono" if self.no_color else wished.theme)
        self.set_keymap(use_other_keys(wished.keys))
        self._stale = ""  # a run that a dead engine left behind
        self._obituary = ""  # the notice of its death
        self._memory_bytes = 0  # of the device, as shown

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = [*super().get_line_filters(), self._harmless]
        return [*filters, AsciiFilter()] if self.options.ascii_only else filters

    def compose(self) -> ComposeResult:
        yield TabBar()
        yield StatusLine()
        yield NoticeBar()
        yield SizeLine()
        yield Panes(self.engine, self.options, self.live, self.tour)
        yield KeyBar()

    async def on_load(self) -> None:
        """Before the terminal is changed: from here on a signal changes it back. ctrl+C is a key; SIGINT is none."""
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name)
            asyncio.get_running_loop().add_signal_handler(number, self._terminated, number)

    async def on_mount(self) -> None:
        self.set_interval(LOOK_SECONDS, self.listen)
        if troubles := self.options.remembered.troubles:
            self.query_one(NoticeBar).add("\n".join(troubles))
        # The first frame, the bars, waits for no pane, and the pane not for the engine's import of torch.
        self.call_after_refresh(self._open)

    async def _open(self) -> None:
        if not self.query_one(Panes).asked_for:  # somebody may have pressed a digit before the first frame
            await self.action_show_pane("mistakes" if self.options.opened else PANES[0].id)
        self.call_after_refresh(self.start_engine)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Nothing is done in a pane before there is one."""
        return bool(self.active_pane) or action not in ("help", "words", "copy_command", "in_pane", "follow")

    def _terminated(self, number: int) -> None:
        self.exit(return_code=128 + number)

    async def on_unmount(self) -> None:
        await self.engine.close()

    def _handle_exception(self, error: Exception) -> None:
        """Textual takes the widgets apart while their handlers still run: one that is being mounted finds no place any
        more, or misses its own parts. Whoever leaves has ended the app, and not that.
        """
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not (self._exit and isinstance(cause, MountError | NoMatches)):
            super()._handle_exception(error)

    # The engine

    def start_engine(self) -> None:
        """In place of one that has ended."""
        self.run_worker(self._live(), name="engine", exclusive=True, group="engine")

    async def _live(self) -> None:
        self.engine.line_changed = self.line_changed
        gone = await self.engine.live(lambda event: self.post_message(EngineSaid(event)))
        self._engine_gone(gone)

    def on_engine_said(self, message: EngineSaid) -> None:
        event = message.event
        if self.query_one_optional(StatusLine) is None:
            return  # the app is leaving, and its widgets have gone before the engine
        self.hearing.heard()
        self.take_event(event)

    def take_event(self, event: Event) -> None:
        self.live.take(event)
        self.heard_of_background(event)
        if isinstance(event, Started):
            keep()
        elif isinstance(event, Heartbeat):
            if abs(event.memory_bytes - self._memory_bytes) >= MEMORY_STEP:  # less is not worth a line to the terminal
                self._memory_bytes = event.memory_bytes
        elif isinstance(event, Notice):
            self.query_one(NoticeBar).add(event.text)
        taken = self._tell(event)
        if isinstance(event, Failed) and not taken:
            self.query_one(NoticeBar).add(event.message)

    def listen(self) -> None:
        """A silence is told with its seconds; its end is seen by what is heard then."""
        if self.hearing.look() and self.screen_stack:
            self.redraw_all()

    def _tell(self, event: Event) -> bool:
        """Whether a pane that is in sight shows the failure itself."""
        if not self._draw_bars(event) or isinstance(event, Heartbeat):
            return False
        return self.query_one(Panes).tell(event)

    def redraw_all(self) -> None:
        if self._draw_bars():
            self.query_one(Panes).redraw()

    def _draw_bars(self, event: Event | None = None) -> bool:
        """False where the app is leaving, and its widgets have gone before the engine."""
        status = self.query_one_optional(StatusLine)
        if status is not None:
            silence = self.query_one(KeyBar).silence = self.engine.line.words or self.hearing.words
            status.show(self.engine, self.live, silence, self._memory_bytes, event)
        return status is not None

    def on_train_pane_run_forgotten(self) -> None:
        """The live run is none any more."""
        self.redraw_all()

    def _engine_gone(self, gone: EngineGone) -> None:
        """Everything that was seen stays; what happened is said with the engine's last words."""
        self._stale = self.live.interrupt(str(gone)) or self._stale
        then = f"; then u resumes {self._stale} from its last checkpoint" if self._stale else ""
        last_words = "\n".join(gone.stderr[-5:])
        restart = key_of(EVERYWHERE, "restart_engine")
        self._obituary = f"{gone}. {restart} restarts it{then}.\n{last_words}".rstrip()
        self.query_one(NoticeBar).add(self._obituary)
        self._tell(Failed(0, str(gone)))

    def action_next_theme(self) -> None:
        """Another look, from now on and at the next start."""
        self.theme = after(self.theme)
        if trouble := self.options.remembered.keep("theme", short_name(self.theme)):
            self.query_one(NoticeBar).add(trouble)

    def action_restart_engine(self) -> None:
        if self.engine.line.words:
            self.engine.line.try_now()
            return
        if silence := self.hearing.words:
            self.run_worker(self.engine.give_up(silence), group="giving up", exclusive=True)
            return
        if self.engine.gone is None:
            self.notify("The engine is running, so there is nothing to restart.", markup=False)
            return
        self.query_one(NoticeBar).withdraw(self._obituary)
        self.live.warming = "starting again"
        self.start_engine()

    async def on_event(self, event: events.Event) -> None:
        """Textual's, but for a key that is on its way while the app leaves and no screen is left to take it."""
        if self.screen_stack or not isinstance(event, events.InputEvent):
            if isinstance(event, events.Key) and (bar := self.query_one_optional(NoticeBar)) is not None:
                bar.heard_a_key()
            await super().on_event(event)

    def on_resize(self, event: events.Resize) -> None:
        self.options.line.resized(*event.size)
        for line in self.query(SizeLine):
            line.room = event.size
