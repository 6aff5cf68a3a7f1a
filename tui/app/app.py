"""The app: panes, keys, themes, and the life of the engine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import reactive
from textual.widget import MountError
from textual.worker import WorkerFailed

from engine.contract.engine_events import Failed, Heartbeat
from engine.contract.errors import InputError
from engine.contract.events import Started
from engine.contract.progress import Notice
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.app.ascii_filter import AsciiFilter
from tui.app.command_palette import Palette, TableOfCommands, settings_of_panes
from tui.app.exercises import ExercisesPage
from tui.app.follow import follow
from tui.app.harmless import Harmless
from tui.app.key_bar import KeyBar
from tui.app.notice_bar import NoticeBar
from tui.app.panes import Panes, keep
from tui.app.size_line import SizeLine
from tui.app.status import MEMORY_STEP
from tui.app.status_line import StatusLine
from tui.app.tab_bar import TabBar
from tui.drawing.plain import plain
from tui.pane.base import DisplayOptions, Pane, RunWanted
from tui.pane.commands import EVERYWHERE, PANES, bindings_of
from tui.pane.confirm import Confirm
from tui.pane.engine_link import EngineLink
from tui.pane.hearing import LOOK_SECONDS, Hearing
from tui.pane.live_run import LiveRun
from tui.pane.one_job import leave
from tui.pane.tour import Tour
from tui.widgets.strips import ASCII
from tui.widgets.themes import THEMES, after


class EngineSaid(Message):
    """An event of the worker, on its way to the panes."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class SoftmaxApp(App[None]):
    """Owns the live run and the link to the engine; hands both down to the panes."""

    TITLE = "softmax-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = bindings_of(EVERYWHERE)
    COMMANDS = {TableOfCommands, settings_of_panes}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]

    active_pane: reactive[str] = reactive("")

    def __init__(self, engine_command: Sequence[str], options: DisplayOptions | None = None) -> None:
        super().__init__()
        self.hearing = Hearing()
        self.engine = EngineLink(engine_command, self.hearing, lambda: self.message_queue_size)
        self.options = options or DisplayOptions()
        self._harmless = Harmless()
        self.set_class(self.options.ascii_only, ASCII, update=False)
        self.live = LiveRun()
        self.tour = Tour()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "softmax-mono" if self.no_color else "softmax-dark"
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
        # The first frame, the bars, waits for no pane, and the pane not for the engine's import of torch.
        self.call_after_refresh(self._open)

    async def _open(self) -> None:
        if not self.query_one(Panes).asked_for:  # somebody may have pressed a digit before the first frame
            await self.action_show_pane("mistakes" if self.options.opened else PANES[0].id)
        self.call_after_refresh(self.start_engine)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Nothing is done in a pane before there is one."""
        return bool(self.active_pane) or action not in ("help", "copy_command", "in_pane", "follow")

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
        gone = await self.engine.live(lambda event: self.post_message(EngineSaid(event)))
        self._engine_gone(gone)

    def on_engine_said(self, message: EngineSaid) -> None:
        event = message.event
        if self.query_one_optional(StatusLine) is None:
            return  # the app is leaving, and its widgets have gone before the engine
        self.hearing.heard()
        self.live.take(event)
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
            self._redraw()

    def _tell(self, event: Event) -> bool:
        """Whether a pane that is in sight shows the failure itself."""
        if not self._draw_bars(event) or isinstance(event, Heartbeat):
            return False
        return self.query_one(Panes).tell(event)

    def _redraw(self) -> None:
        if self._draw_bars():
            self.query_one(Panes).redraw()

    def _draw_bars(self, event: Event | None = None) -> bool:
        """False where the app is leaving, and its widgets have gone before the engine."""
        status = self.query_one_optional(StatusLine)
        if status is not None:
            silence = self.query_one(KeyBar).silence = self.hearing.words
            status.show(self.engine, self.live, silence, self._memory_bytes, event)
        return status is not None

    def on_train_pane_run_forgotten(self) -> None:
        """The live run is none any more."""
        self._redraw()

    def _engine_gone(self, gone: EngineGone) -> None:
        """Everything that was seen stays; what happened is said with the engine's last words."""
        self._stale = self.live.interrupt(str(gone)) or self._stale
        then = f"; then u goes on with {self._stale} from its last checkpoint" if self._stale else ""
        last_words = "\n".join(gone.stderr[-5:])
        self._obituary = f"{gone}. ctrl+r starts it again{then}.\n{last_words}".rstrip()
        self.query_one(NoticeBar).add(self._obituary)
        self._tell(Failed(0, str(gone)))

    def action_restart_engine(self) -> None:
        if silence := self.hearing.words:
            self.run_worker(self.engine.give_up(silence), group="giving up", exclusive=True)
            return
        if self.engine.gone is None:
            self.notify("The engine is running; nothing to restart.", markup=False)
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
        for line in self.query(SizeLine):
            line.room = event.size

    # The panes

    async def action_show_pane(self, pane_id: str) -> None:
        """Brings a pane to the front."""
        pane = await self.query_one(Panes).bring(pane_id)
        if pane is not None:
            self.active_pane = pane_id
            pane.focus()
            pane.shown()

    async def on_run_wanted(self, message: RunWanted) -> None:
        """A pane has found a run that another one can show."""
        await self.action_show_pane(message.pane_id)
        self.pane.look_at(message.run_id)

    def watch_active_pane(self, pane_id: str) -> None:
        if pane_id:
            self.query_one(TabBar).active = pane_id
            self.query_one(StatusLine).pane = pane_id
            self.query_one(KeyBar).active = pane_id

    @property
    def pane(self) -> Pane:
        """The one in front."""
        return self.query_one(f"#panes > #{self.active_pane}", Pane)

    async def action_in_pane(self, action: str) -> None:
        """Runs an action of the pane in front, for a click on its key."""
        await self.run_action(action, self.pane)

    async def action_follow(self) -> None:
        """Does what the hint in front says."""
        if (offer := self.pane.offer) is None:
            self.notify("No line begins with Next here. ? shows every key of this pane.", markup=False)
        else:
            await follow(offer, self.pane, self._act)

    async def _act(self, where: str, action: str) -> None:
        if where == EVERYWHERE:
            await self.run_action(action)
        else:
            await self.run_action(action, self.query_one(f"#panes > #{where}", Pane))

    def on_descendant_focus(self) -> None:
        self._show_who_types()

    def on_descendant_blur(self) -> None:
        self._show_who_types()

    def _show_who_types(self) -> None:
        """What is typed into owns the digits: the bars say so. A form that is merely open leaves them alone."""
        if not self.screen_stack:
            return  # the app is leaving
        focused = self.screen_stack[0].focused  # also while another screen lies over the panes
        typing = str(getattr(focused, "typing_hint", ""))
        self.query_one(TabBar).in_field = bool(typing)
        bar = self.query_one(KeyBar)
        bar.typing, bar.hint = typing, str(getattr(focused, "keys_hint", ""))
        bar.taken = getattr(focused, "keys_taken", frozenset())

    # Commands of every pane

    def action_help(self) -> None:
        from tui.app.keys import Keys

        self.push_screen(Keys(self.active_pane, self.focused))

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_exercises(self) -> None:
        if not isinstance(self.screen, ExercisesPage):
            self.push_screen(ExercisesPage(self.tour), self._go_to_answer)

    async def _go_to_answer(self, pane_id: str | None) -> None:
        if pane_id:
            await self.action_show_pane(pane_id)

    def on_answers_seen(self) -> None:
        if isinstance(self.screen, ExercisesPage):
            self.screen.draw()

    def action_next_theme(self) -> None:
        self.theme = after(self.theme)

    def action_show_notice(self) -> None:
        self.query_one(NoticeBar).show_whole()

    def action_dismiss_notice(self) -> None:
        self.query_one(NoticeBar).dismiss()

    def action_copy_command(self) -> None:
        try:
            command = self.pane.headless_command()
        except InputError as error:  # of a form that stands for no command
            self.notify(plain(str(error)), title="Not copied", severity="error", markup=False)
            return
        self.copy_to_clipboard(command)
        self.notify(command, title="Copied", markup=False, timeout=4)

    async def action_quit(self) -> None:
        """Asks once while something is going on."""
        if isinstance(self.screen, Confirm):
            self.exit()
        else:
            leave(self, self.live)
