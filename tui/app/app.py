"""The app: panes, keys, themes, and the life of the engine."""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.css.query import NoMatches
from textual.filter import LineFilter
from textual.message import Message
from textual.reactive import reactive
from textual.widget import MountError, Widget
from textual.worker import WorkerFailed

from engine.contract.engine_events import Failed, Heartbeat, PaceChanged, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import Diverged, EpochDone, Finished, LabelsExamined, MinibatchesDone, Started
from engine.contract.progress import Notice, Progress
from engine.contract.run_state import RunState, apply
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.app.ascii_filter import AsciiFilter
from tui.app.command_palette import Palette, TableOfCommands
from tui.app.harmless import Harmless
from tui.app.key_bar import KeyBar
from tui.app.notice_bar import NoticeBar
from tui.app.registry import make_pane
from tui.app.status import MEMORY_STEP, dataset_words, device_words, engine_words, run_words
from tui.app.status_line import StatusLine
from tui.app.tab_bar import TabBar
from tui.drawing.plain import plain
from tui.pane.base import Manner, RunWanted
from tui.pane.commands import EVERYWHERE, PANES, bindings_of
from tui.pane.confirm import Confirm
from tui.pane.engine_link import EngineLink
from tui.pane.hearing import LOOK_SECONDS, Hearing
from tui.pane.one_job import Job, job_after, leave
from tui.pane.themes import THEMES, after
from tui.widgets.strips import ASCII

_RUN_EVENTS = (Started, MinibatchesDone, EpochDone, Diverged, LabelsExamined, Finished)


def _keep() -> None:
    """What there is by now stays: to look all of it through for garbage would hold up the keys for 100 ms each time."""
    gc.freeze()


class EngineSaid(Message):
    """An event of the worker, on its way to the panes."""

    def __init__(self, event: Event) -> None:
        super().__init__()
        self.event = event


class SoftmaxApp(App[None]):
    """Owns the live run's state and the link to the engine; hands both down to the panes."""

    TITLE = "softmax-tui"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[Binding]] = bindings_of(EVERYWHERE)  # type: ignore[assignment]
    COMMANDS = {TableOfCommands}
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (140, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]

    active_pane: reactive[str] = reactive("")

    def __init__(self, engine_command: Sequence[str], manner: Manner | None = None) -> None:
        super().__init__()
        self.hearing = Hearing()
        self.engine = EngineLink(engine_command, self.hearing, lambda: self.message_queue_size)
        self.manner = manner or Manner()
        self._harmless = Harmless()
        self.set_class(self.manner.ascii_only, ASCII, update=False)
        self.run_state = RunState()
        self._job: Job | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "softmax-mono" if self.no_color else "softmax-dark"
        self._warming = "starting"
        self._stale = ""  # a run that a dead engine left behind
        self._wanted = ""  # the pane that was asked for last
        self._obituary = ""  # the notice of its death
        self._memory_bytes = 0  # of the device, as shown
        self._held = False  # whether the run waits for a key

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = [*super().get_line_filters(), self._harmless]
        return [*filters, AsciiFilter()] if self.manner.ascii_only else filters

    def compose(self) -> ComposeResult:
        yield TabBar()
        yield StatusLine()
        yield NoticeBar()
        yield Container(id="panes")
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
        if not self._wanted:  # somebody may have pressed a digit before the first frame
            await self.action_show_pane("mistakes" if self.manner.opened else PANES[0].id)
        self.call_after_refresh(self.start_engine)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Nothing is done in a pane before there is one."""
        return bool(self.active_pane) or action not in ("help", "copy_command", "in_pane")

    @property
    def job(self) -> Job | None:
        """What the engine is at, and whether it waits for a key. Its pace is told before a run has a name."""
        if self._job is None or self.engine.gone is not None:
            return None
        return replace(self._job, held=self._held)

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
        self.run_worker(self._live(), name="engine", exclusive=True, group="engine")

    async def _live(self) -> None:
        gone = await self.engine.live(lambda event: self.post_message(EngineSaid(event)))
        self._engine_gone(gone)

    def on_engine_said(self, message: EngineSaid) -> None:
        event = message.event
        if self.query_one_optional(StatusLine) is None:
            return  # the app is leaving, and its widgets have gone before the engine
        self.hearing.heard()
        self._job = job_after(self._job, event)
        if isinstance(event, _RUN_EVENTS):
            self.run_state = apply(self.run_state, event)
            if isinstance(event, Started):
                _keep()
        elif isinstance(event, Heartbeat):
            if abs(event.memory_bytes - self._memory_bytes) >= MEMORY_STEP:  # less is not worth a line to the terminal
                self._memory_bytes = event.memory_bytes
        elif isinstance(event, PaceChanged):
            self._held = event.paused
        elif isinstance(event, WarmingUp):
            self._warming = event.doing
        elif isinstance(event, Notice):
            self.query_one(NoticeBar).add(event.text)
        taken = self._tell(event)
        if isinstance(event, Failed) and not taken:
            self.query_one(NoticeBar).add(event.message)

    def listen(self) -> None:
        """A silence is told with its seconds; its end is seen by what is heard then."""
        if self.hearing.look() and self.screen_stack:
            self._tell(Notice(""))

    def _tell(self, event: Event) -> bool:
        """Whether a pane that is in sight shows the failure itself."""
        progress = event if isinstance(event, Progress) else None
        status = self.query_one_optional(StatusLine)
        if status is None:
            return False  # the app is leaving, and its widgets have gone before the engine
        silence = self.hearing.words
        self.query_one(KeyBar).silence = silence
        status.engine = silence or engine_words(self.engine.ready, self.engine.gone, self._warming, progress, event)
        status.run = run_words(self.run_state, self._held, silence)
        dataset = self.run_state.dataset
        status.dataset = dataset_words(dataset.name) if dataset is not None else ""
        if silence:
            status.device = ""  # room for the words; its memory is not known now
        elif self.engine.ready is not None:
            status.device = device_words(self.run_state.device or self.engine.ready.devices[0], self._memory_bytes)
        shown = [pane.told(event, self.run_state) for pane in self.query_one("#panes").children]  # type: ignore[attr-defined]
        return any(shown)

    def on_train_pane_run_forgotten(self) -> None:
        """After a reset; what is stored stays."""
        self.run_state = RunState()
        self._tell(Notice(""))

    def _engine_gone(self, gone: EngineGone) -> None:
        """Everything that was seen stays; what happened is said with the engine's last words."""
        if self.run_state.status == "running":
            self._stale = self.run_state.run_id
            self.run_state = apply(
                self.run_state,
                Finished(run_id=self._stale, status="interrupted", seconds=0, images_per_second=0, reason=str(gone)),
            )
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
        self._warming = "starting again"
        self.start_engine()

    async def on_event(self, event: events.Event) -> None:
        """Textual's, but for a key that is on its way while the app leaves and no screen is left to take it."""
        if self.screen_stack or not isinstance(event, events.InputEvent):
            await super().on_event(event)

    # The panes

    async def action_show_pane(self, pane_id: str) -> None:
        """Brings a pane to the front; it is made when it is first looked at."""
        self._wanted = pane_id
        container = self.query_one("#panes", Container)
        pane = next((child for child in container.children if child.id == pane_id), None)
        if pane is None:
            pane = make_pane(pane_id, self.engine, self.manner)
            await container.mount(pane)
            pane.told(Notice(""), self.run_state)  # type: ignore[attr-defined]
            self.call_after_refresh(self._made, pane)
        if self._wanted != pane_id:  # another was asked for while this one was being made
            pane.display = False
            return
        for other in container.children:
            other.display = other is pane
        self.active_pane = pane_id
        pane.focus()
        pane.shown()  # type: ignore[attr-defined]

    def _made(self, pane: Widget) -> None:
        """After its first layout. Textual loses the `Resize` of that where a size was asked for before it was sent."""
        for widget in pane.walk_children(Widget, with_self=True):
            widget.post_message(events.Resize(widget.outer_size, widget.virtual_size, widget.container_size))
        _keep()

    async def on_run_wanted(self, message: RunWanted) -> None:
        """A pane has found a run that another one can show."""
        await self.action_show_pane(message.pane_id)
        self.pane.look_at(message.run_id)  # type: ignore[attr-defined]

    def watch_active_pane(self, pane_id: str) -> None:
        if pane_id:
            self.query_one(TabBar).active = pane_id
            self.query_one(KeyBar).active = pane_id

    @property
    def pane(self) -> Widget:
        return self.query_one(f"#panes > #{self.active_pane}")

    async def action_in_pane(self, action: str) -> None:
        """Runs an action of the pane in front, for a click on its key."""
        await self.run_action(action, self.pane)

    def on_descendant_focus(self) -> None:
        self._show_who_types()

    def on_descendant_blur(self) -> None:
        self._show_who_types()

    def _show_who_types(self) -> None:
        """A focused field owns the digits: the bars say so."""
        if not self.screen_stack:
            return  # the app is leaving
        typing = str(getattr(self.focused, "typing_hint", ""))
        self.query_one(TabBar).in_field = bool(typing)
        self.query_one(KeyBar).typing = typing

    # Commands of every pane

    def action_help(self) -> None:
        from tui.app.keys import Keys

        self.push_screen(Keys(self.active_pane))

    def action_command_palette(self) -> None:
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_next_theme(self) -> None:
        self.theme = after(self.theme)

    def action_dismiss_notice(self) -> None:
        self.query_one(NoticeBar).dismiss()

    def action_copy_command(self) -> None:
        try:
            command = self.pane.headless_command()  # type: ignore[attr-defined]
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
            leave(self)
