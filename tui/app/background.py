"""Work that outlives the app: left running by a key, found again after a line has dropped, watched from its picker."""

from __future__ import annotations

from textual import work

from engine.contract.answers import RunReplayed
from engine.contract.commands import Detach, ReplayRun, TakeControl
from engine.contract.engine_events import ControlChanged, Detached, Failed
from engine.contract.errors import InputError
from engine.contract.events import Started
from engine.contract.sweeps import SweepStarted
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.app.notice_bar import NoticeBar
from tui.app.panes_app import PanesApp
from tui.drawing.plain import plain
from tui.pane.base import WatchWanted
from tui.pane.commands import EVERYWHERE, key_of
from tui.pane.confirm import Confirm
from tui.pane.engine_link import EngineLink, refusal_of
from tui.pane.one_job import measures

_DROPPED = "The line to the engine dropped. What it is at continues there, and the app connects again by itself."


class BackgroundApp(PanesApp):
    """`engine` may be at a job that nobody here has started, and that others control."""

    engine: EngineLink

    def __init__(self) -> None:
        super().__init__()
        self._control: ControlChanged | None = None
        self._epochs_before: int | None = None  # that were seen before the line dropped; None while it holds
        self._leaves = False  # whether somebody here has left a job running
        self._job_told = False  # since the line holds again

    def take_event(self, event: Event) -> None:
        """As the engine's own word."""
        raise NotImplementedError

    def redraw_all(self) -> None:
        """The bars and the panes."""
        raise NotImplementedError

    # Leaving it running

    async def action_detach(self) -> None:
        """Leaves the job running when the app ends; where another viewer controls it, takes control."""
        if self._control is not None and not self._control.yours:
            self._ask_for_control(self._control.holder)
        elif self.engine.detached:
            self.notify(self._how_to_find_it(), markup=False, timeout=8)
        elif self.live.job is None:
            self.notify("Nothing is running, so there is nothing to leave running. Start a run first.", markup=False)
        else:
            await self._leave_running()

    async def _leave_running(self) -> None:
        self._leaves = True
        try:
            await self.engine.ask(Detach())
        except (InputError, EngineGone) as error:
            self.notify(plain(refusal_of(error)), title="Not detached", severity="error", markup=False)

    def _how_to_find_it(self) -> str:
        job = self.live.job
        name = plain(job.name).removeprefix("Sweep ") if job is not None else ""
        if not name:
            return "The engine continues in the background until its job is done."
        return (
            f"{name} continues when the app ends. In a terminal, softmax-tui watch {name} shows it, and "
            f"softmax-tui runs stop {name} ends it with a checkpoint."
        )

    async def action_quit(self) -> None:
        """Asks nothing where leaving ends nothing."""
        if self.engine.detached and not measures(self):
            self.exit()
        else:
            await super().action_quit()

    # Who controls it

    def _ask_for_control(self, holder: str) -> None:
        question = f"{plain(holder) or 'Nobody'} controls this engine. Take control? All viewers are told."

        def answered(agreed: bool | None) -> None:
            if agreed:
                self._take_control()

        self.push_screen(Confirm(question, "take control", "only watch"), answered)

    @work(group="control", exclusive=True)
    async def _take_control(self) -> None:
        try:
            await self.engine.ask(TakeControl())
        except (InputError, EngineGone) as error:
            self.notify(plain(refusal_of(error)), severity="error", markup=False)

    def _control_changed(self, event: ControlChanged) -> None:
        before, self._control = self._control, event
        key = key_of(EVERYWHERE, "detach")
        if before is not None and before.yours and not event.yours and event.holder:
            self.notify(
                f"{plain(event.holder)} controls the engine now. {key} takes control back.",
                title="Control was taken over",
                severity="warning",
                markup=False,
                timeout=10,
            )
        elif event.yours and before is not None and not before.yours:
            self.notify("This app controls the engine now.", markup=False)
        elif before is None and not event.yours:
            holder = plain(event.holder) or "nobody"
            self.notify(f"This app only watches; {holder} is in control. {key} takes control.", markup=False, timeout=8)

    # The line

    def line_changed(self) -> None:
        """It has dropped, another try has failed, or it holds again."""
        notices = self.query_one_optional(NoticeBar)
        if notices is None:
            return
        if self.engine.not_watched:
            self.notify(plain(self.engine.not_watched), title="Not watched", severity="error", markup=False)
            self.engine.not_watched = ""
        if self.engine.line.words and self._epochs_before is None:
            self._epochs_before, self._job_told = len(self.live.state.epochs), False
            self._control = None
            notices.add(_DROPPED)
        elif not self.engine.line.words:
            notices.withdraw(_DROPPED)
        self.redraw_all()

    def heard_of_background(self, event: Event) -> None:
        """To be called for every event, before the panes see it."""
        if isinstance(event, Started | SweepStarted):
            self._job_told = True
        elif isinstance(event, Detached):
            lines = [self._how_to_find_it() if self._leaves else "", plain(event.warning)]
            if said := "\n".join(filter(None, lines)):
                self.query_one(NoticeBar).add(said)
        elif isinstance(event, ControlChanged):
            self._control_changed(event)
            if self._epochs_before is not None and not self.engine.line.words:
                self._back(self._epochs_before)
                self._epochs_before = None

    def _back(self, epochs_before: int) -> None:
        """The engine has told what its job has come to meanwhile, where it is still at one."""
        run = self.live.state
        if not self._job_told and self.live.job is not None:
            self._look_up(run.run_id if run.status == "running" else "", epochs_before)
        else:
            self._tell_what_was_missed(epochs_before)

    @work(group="missed", exclusive=True)
    async def _look_up(self, run_id: str, epochs_before: int) -> None:
        """The engine that was at it has ended meanwhile: the store knows how."""
        try:
            if run_id:
                reply = await self.engine.ask(ReplayRun(run_id))
                assert isinstance(reply, RunReplayed)
                for event in reply.events:
                    self.take_event(event)
                self._tell_what_was_missed(epochs_before)
            else:
                self.live.interrupt("")
                self.take_event(Failed(0, "The job has ended while the line was down. Its runs are stored."))
        except (InputError, EngineGone) as error:
            self.notify(plain(refusal_of(error)), severity="error", markup=False)

    def _tell_what_was_missed(self, epochs_before: int) -> None:
        run = self.live.state
        more = len(run.epochs) - epochs_before
        what = f"{plain(run.run_id)} went on by {more} epoch{'s' if more != 1 else ''} meanwhile." if more > 0 else ""
        state = f" It is {run.status}." if run.status and run.status != "running" else ""
        self.notify(f"Connected again. {what}{state}".strip(), markup=False, timeout=8)

    # A run that goes on elsewhere

    async def on_watch_wanted(self, message: WatchWanted) -> None:
        """Watches it in the engine that trains it; one's own engine comes back when the run has ended."""
        if self.live.job is not None:
            key = key_of(EVERYWHERE, "detach")
            self.notify(
                f"{self.live.job.said}. Stop it, or press {key} and leave the app, before you watch another run.",
                severity="warning",
                markup=False,
            )
            return
        self._control = None
        await self.engine.watch(message.run_id)
