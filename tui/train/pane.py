"""Train: the settings, the run as it goes, and what there is to see in it."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Button

from engine.contract.commands import StepEpoch, StepMinibatch
from engine.contract.engine_events import Failed, Heartbeat, Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import Diverged, Finished, Started
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.pane.base import Manner
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink, how_to_restart
from tui.pane.headless import train_command
from tui.pane.heard import heard, outdated
from tui.pane.one_job import in_its_place
from tui.train.board import TrainView
from tui.train.control import RunControl, Wanted
from tui.train.earlier_runs import EarlierRuns
from tui.train.pace_setting import PaceSetting
from tui.widgets.text_lines import TextLines


class TrainPane(Vertical, can_focus=True):
    """Turns keys into commands and changes of the view; the run itself is handed down by the app."""

    class RunForgotten(Message):
        """There is no run in front any more, until another starts."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text()
    BINDINGS = bindings_of("train")  # type: ignore[assignment]

    def __init__(self, engine: EngineLink, manner: Manner) -> None:
        super().__init__(id="train")
        self._engine = engine
        self._been_in_form = False
        self.control = RunControl(engine)
        self._earlier = EarlierRuns(engine)
        self._view = TrainView(engine, manner, self.control, self._earlier)
        self.form = self._view.form

    def compose(self) -> ComposeResult:
        yield self._view

    # What the app tells

    def told(self, event: Event, run: RunState) -> None:
        """Takes note; drawing comes later and less often."""
        if isinstance(event, Heartbeat):
            return
        self.control.told(event, run)
        if self.control.wanted is not None and outdated(self):
            self.control.wanted = None
        if isinstance(event, Started):
            self._view.refusal, self._view.autopsy_folded = "", False
            self._view.choose(self._view.fit)
            self._list_earlier()
        elif isinstance(event, Diverged):
            self._view.choose(self._view.fit)
            if self.has_focus:
                self._view.focus_autopsy()
        elif isinstance(event, Finished):
            self._list_earlier()
        elif isinstance(event, Failed) and event.request == 0:
            self._view.refuse(event.message)
        elif isinstance(event, WarmingUp):
            self._view.refusal = ""  # what the engine before this one said with its end
        elif isinstance(event, Ready):
            self.form.suggest_devices(event.devices)
            self._list_earlier()
            if self.control.wanted is not None:
                self._ask(self.control.start(self.control.wanted))
        self._view.frames.soon()

    def shown(self) -> None:
        self._view.frames.now()

    def headless_command(self) -> str:
        """What trains the run in front; where there is none, what the form says, unless that is wrong."""
        yours = self._engine.yours_name or "FILE.py"
        if self.control.run.status is not None:
            return train_command(self.control.typed or self.control.run.config, yours)
        return train_command(self.form.form_text.config(), yours)

    # Asking

    def _ask(self, question: Coroutine[object, object, None]) -> None:
        """A question never keeps the keys waiting; its refusal is a line. An engine that is not heard gets none."""
        if heard(self):
            self.run_worker(self._answered(question), group="commands")
        else:
            question.close()

    async def _answered(self, question: Coroutine[object, object, None]) -> None:
        try:
            await question
            self._view.frames.soon()
        except (InputError, EngineGone) as error:
            self._view.refuse(str(error))
            self._view.frames.now()

    def _list_earlier(self) -> None:
        if self._engine.ready is not None:
            self.run_worker(self._answered(self._earlier.refresh(self.control.run)), group="earlier")

    # The run

    @on(Button.Pressed, "#start")
    @on(TextLines.Clicked, "#progress")
    def action_toggle_run(self) -> None:
        if self.control.phase == "queued":
            self.control.wanted = None
            self._view.frames.now()
        elif self.control.phase == "idle":
            self._begin()
        else:
            self._ask(self.control.toggle())

    def _begin(self, then: StepMinibatch | StepEpoch | None = None) -> None:
        """Starts with what the form says, now or as soon as there is an engine."""
        if not heard(self):
            return
        self._view.refusal = ""
        try:
            wanted = Wanted(self.form.config(), then)
        except InputError as error:
            self._view.refusal = str(error)
            self._view.show_form(True)
            return
        if self._view.fit.narrow and self._view.fit.form:
            self._view.show_form(False)
            self.focus()
        if self._engine.gone is not None:
            self._view.refuse(how_to_restart(self._engine.gone))
        elif self._engine.ready is None:
            self.control.wanted = wanted
        else:
            in_its_place(self, lambda: self._ask(self.control.start(wanted)), "train")
        self._view.frames.now()

    def action_step_minibatch(self) -> None:
        self._step(StepMinibatch())

    def action_step_epoch(self) -> None:
        self._step(StepEpoch())

    def _step(self, step: StepMinibatch | StepEpoch) -> None:
        if self.control.phase in ("idle", "queued"):
            self._begin(step)
        else:
            self._ask(self.control.step(step))

    def action_stop_run(self) -> None:
        self._ask(self.control.stop())

    @on(Button.Pressed, "#reset")
    def action_reset(self) -> None:
        self._view.refusal = ""
        self._ask(self._reset())
        self._view.choose(self._view.fit)

    async def _reset(self) -> None:
        try:
            await self.control.reset()
        finally:
            self.post_message(self.RunForgotten())
        self._list_earlier()

    def action_resume_run(self) -> None:
        self._view.refusal = ""
        form = self.form.form_text
        epochs = 0 if "epochs" in form.faults() else int(form.texts["epochs"])
        in_its_place(self, lambda: self._ask(self.control.resume(epochs)), "resume")

    # Its pace

    def action_full_speed(self) -> None:
        self._set_pace(self.control.pace.toggled())

    def action_slower(self) -> None:
        self._set_pace(self.control.pace.times(0.5, self.control.run.minibatches))

    def action_faster(self) -> None:
        self._set_pace(self.control.pace.times(2, self.control.run.minibatches))

    def _set_pace(self, pace: PaceSetting) -> None:
        """Seen at once: neither the engine's answer nor a chart is waited for."""
        if not heard(self):
            return
        self.control.pace = pace
        self._view.draw_lines()
        self._ask(self.control.set_pace(pace))

    # The form

    def on_form_changed(self) -> None:
        self._view.refusal = ""
        self._view.frames.soon()

    def on_form_left(self) -> None:
        self.focus()

    @on(TextLines.Clicked, "#summary")
    def action_toggle_form(self) -> None:
        """Into the form, which in a wide terminal is there already; once one has been in it, away with it."""
        into = not self._view.fit.form or not self._been_in_form
        self._view.show_form(into)
        self._been_in_form = into
        if into:
            self.call_after_refresh(self.form.focus_field)
        else:
            self.focus()

    # How it is looked at

    def action_toggle_log(self) -> None:
        self._view.look_at(replace(self._view.look, log=not self._view.look.log))

    def action_toggle_recent(self) -> None:
        self._view.look_at(replace(self._view.look, recent=not self._view.look.recent))

    def action_smoother(self) -> None:
        self._view.look_at(self._view.look.smoother())

    def action_toggle_accuracy(self) -> None:
        self._view.choose(replace(self._view.fit, accuracy_chosen=not self._view.fit.accuracy))

    def action_toggle_templates(self) -> None:
        self._view.choose(replace(self._view.fit, templates_chosen=not self._view.fit.templates))

    def action_toggle_autopsy(self) -> None:
        self._view.autopsy_folded = not self._view.autopsy_folded
        self._view.choose(self._view.fit)
        self.focus()

    @on(TextLines.Clicked, "#earlier")
    def action_overlay(self) -> None:
        self._earlier.next()
        self._list_earlier()

    def action_back(self) -> None:
        """Folds what lies over the charts, the uppermost first, and takes the focus."""
        self.focus()
        if self._view.fit.narrow and self._view.fit.form:
            self._view.show_form(False)
        elif self._view.shows_autopsy:
            self.action_toggle_autopsy()
