"""Train: the settings, the run as it goes, and what there is to see in it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from textual import on
from textual.message import Message
from textual.widgets import Button

from engine.contract.commands import StepEpoch, StepMinibatch
from engine.contract.engine_events import Failed, Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import Diverged, Finished, Started
from engine.contract.wire import Event
from tui.drawing.run_list import RunList
from tui.pane.base import DisplayOptions, WatchWanted
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.headless import train_command
from tui.pane.hearing import heard
from tui.pane.lab import LabPane
from tui.pane.live_run import LiveRun
from tui.pane.one_job import in_its_place
from tui.pane.run_picker import Picked, RunPicker
from tui.train.board import TrainBoard
from tui.train.charts import OVERLAY_MARKS
from tui.train.control import RunControl
from tui.train.earlier_runs import EarlierRuns
from tui.train.pace import PaceSetting
from tui.widgets.lines import TextLines

_FOLLOW_SECONDS = 1.0


class TrainPane(LabPane[TrainBoard, RunControl]):
    """Turns keys into commands and changes of the view; the run itself is handed down by the app."""

    class RunForgotten(Message):
        """There is no run in front any more, until another starts."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text()
    BINDINGS = bindings_of("train")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("train", engine, options, live, RunControl(engine, live))
        self._earlier = EarlierRuns(engine)
        self.board = TrainBoard(
            engine, options, live, self.control, self._earlier, lambda: self._refusal, lambda: self.tour
        )

    def on_mount(self) -> None:
        self.set_interval(_FOLLOW_SECONDS, self._follow_earlier)

    def _follow_earlier(self) -> None:
        """A run over the charts that another process writes goes on there, too."""
        if self.display and self._earlier.goes_on:
            self._list_earlier()

    # What the app tells

    def on_engine_event(self, event: Event) -> bool:
        """Takes note; drawing comes later and less often."""
        self.control.told(event)
        self.redraw()
        board = self.board
        if isinstance(event, Started):
            self._refusal, board.autopsy_folded = "", False
            board.place_form()
            self._list_earlier()
        elif isinstance(event, Diverged):
            board.place_form()
            if self.has_focus:
                board.focus_autopsy()
        elif isinstance(event, Finished):
            self._list_earlier()
        elif isinstance(event, Failed) and event.request == 0:
            self.refuse(event.message)
        elif isinstance(event, WarmingUp):
            self._refusal = ""  # what the engine before this one said with its end
        elif isinstance(event, Ready):
            board.form.suggest_devices(event.devices)
            self._list_earlier()
            self.begin_what_waits()
        return False

    def headless_command(self) -> str:
        """What trains the run in front; where there is none, what the form says, unless that is wrong."""
        yours = self._engine.yours_name or "FILE.py"
        if self.control.run.status is not None:
            return train_command(self.control.typed or self.control.run.config, yours)
        return train_command(self.board.form.form_text.config(), yours)

    def refuse(self, line: str) -> None:
        """Says it under the chart, and at the field where it names one."""
        if self.board.furnished:
            self.blame(line)
        else:
            super().refuse(line)

    def _list_earlier(self) -> None:
        if self._engine.ready is not None:
            self.run_worker(self._answered(self._earlier.refresh(self.control.run)), group="earlier")

    # The run

    @on(Button.Pressed, "#start")
    @on(TextLines.Clicked, "#progress")
    def action_toggle_run(self) -> None:
        if self.control.phase == "queued":
            self.control.waiting = None
            self.board.frames.now()
        elif self.control.phase == "idle":
            self._look_at_steps(False)
            self._begin()
        else:
            self._look_at_steps(False)
            self.ask(self.control.toggle())

    def _begin(self, then: StepMinibatch | StepEpoch | None = None) -> None:
        """Starts with what the form says."""
        if not heard(self):
            return
        self._refusal = ""
        self.board.form.keep()
        try:
            config = self.board.form.form_text.config()
        except InputError as error:
            self.blame(str(error))
            return
        self.fold()
        self.begin(lambda: self.control.start(config, then), "train")
        self.board.frames.now()

    def action_step_minibatch(self) -> None:
        self._look_at_steps(True)
        self._step(StepMinibatch())

    def action_step_epoch(self) -> None:
        self._look_at_steps(False)
        self._step(StepEpoch())

    def _look_at_steps(self, stepping: bool) -> None:
        """While single minibatches are taken, the charts show the last of them."""
        self.board.charts_view = replace(self.board.charts_view, stepping=stepping)

    def _step(self, step: StepMinibatch | StepEpoch) -> None:
        if self.control.phase in ("idle", "queued"):
            self._begin(step)
        else:
            self.ask(self.control.step(step))

    def action_stop_run(self) -> None:
        self.ask(self.control.stop())

    @on(Button.Pressed, "#reset")
    def action_reset(self) -> None:
        self._refusal = ""
        self.ask(self._reset())
        self.board.place_form()

    async def _reset(self) -> None:
        try:
            await self.control.reset()
        finally:
            self.post_message(self.RunForgotten())
        self._list_earlier()

    def action_resume_run(self) -> None:
        self._refusal = ""
        self._look_at_steps(False)
        form = self.board.form.form_text
        epochs = 0 if "epochs" in form.faults() else int(form.texts["epochs"])
        in_its_place(self, lambda: self.ask(self.control.resume(epochs)), "resume")

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
        self.board.draw_lines()
        self.ask(self.control.set_pace(pace))

    # The form

    @on(TextLines.Clicked, "#summary")
    def action_toggle_form(self) -> None:
        super().action_toggle_form()

    # How it is looked at

    def action_toggle_log(self) -> None:
        self.board.view_charts(replace(self.board.charts_view, log=not self.board.charts_view.log))

    def action_toggle_recent(self) -> None:
        """From single minibatches to all that was seen; else between that and its last part."""
        view = self.board.charts_view
        self.board.view_charts(replace(view, recent=not (view.recent or view.stepping), stepping=False))

    def action_other_axis(self) -> None:
        self.board.view_charts(replace(self.board.charts_view, seconds=not self.board.charts_view.seconds))

    def action_smoother(self) -> None:
        self.board.view_charts(self.board.charts_view.smoother())

    def action_toggle_accuracy(self) -> None:
        layout = self.board.layout_chosen
        if self.board.pictures_cover:
            self.board.choose(replace(layout, accuracy_chosen=True, templates_chosen=False))
        else:
            self.board.choose(replace(layout, accuracy_chosen=not layout.accuracy))

    def action_toggle_templates(self) -> None:
        if self.board.has_focus_within and not self.board.form.has_focus_within:
            self.focus()
        layout = self.board.layout_chosen
        shown = layout.templates and not self.board.form_covers
        self.board.choose(replace(layout, templates_chosen=not shown))

    def action_toggle_autopsy(self) -> None:
        self.board.autopsy_folded = not self.board.autopsy_folded
        self.board.place_form()
        self.focus()

    @on(TextLines.Clicked, "#earlier")
    def action_overlay(self) -> None:
        in_front = self.control.run.run_id
        watches = self._engine.watch_command is not None
        runs = RunList(lambda run: (run.epochs_done > 0 or run.detached) and run.run_id != in_front)
        question = f"Which runs lie over the charts? At most {len(OVERLAY_MARKS)}."
        picker = RunPicker(self._engine, question, runs, self._earlier.marked, OVERLAY_MARKS, watches)
        self.app.push_screen(picker, self._overlaid)

    def _overlaid(self, picked: Picked | None) -> None:
        if picked is not None and picked.watch:
            self.post_message(WatchWanted(picked.watch))
        elif picked is not None:
            self._earlier.choose(picked.sources)
            self._list_earlier()

    def action_back(self) -> None:
        """Folds what lies over the charts, the uppermost first, and takes the focus."""
        self.focus()
        if self.board.form_covers:
            self.board.show_form(False)
        elif self.board.shows_autopsy:
            self.action_toggle_autopsy()
