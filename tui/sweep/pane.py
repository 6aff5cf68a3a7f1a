"""Sweep: one setting or two over values and seeds, predicted first if one likes, and what of it is an effect."""

from __future__ import annotations

from textual import events, on
from textual.widgets import Button

from engine.contract.engine_events import Ready
from engine.contract.errors import InputError
from engine.contract.sweeps import QUESTIONS, SweepConfig, SweepFinished, SweepStarted
from engine.contract.wire import Event
from engine.processes.client import EngineGone
from tui.drawing.plain import plain
from tui.drawing.progress import progress_words
from tui.pane.base import DisplayOptions, RunWanted
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.headless import sweep_command
from tui.pane.hearing import heard
from tui.pane.lab import LabPane
from tui.pane.live_run import LiveRun
from tui.pane.one_job import in_its_place
from tui.sweep.board import SweepBoard, SweepPage
from tui.sweep.control import SweepControl
from tui.sweep.export import write_results
from tui.sweep.form import PRESETS, texts_of
from tui.sweep.prediction import Prediction
from tui.sweep.state import SweepState
from tui.sweep.table import run_of
from tui.sweep.value_grid import ValueGrid
from tui.widgets.file_field import FileField
from tui.widgets.lines import TextLines
from tui.widgets.row_list import RowList

# Sub-questions of exercise 5, by the setting whose sweep answers them.
_ANSWERED_BY = {"learning_rate": "5a", "batch_size": "5b"}


class SweepPane(LabPane[SweepBoard, SweepControl]):
    """Turns keys into commands and changes of the view; the sweep itself is told by the engine."""

    BINDINGS = bindings_of("sweep")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("sweep", engine, options, live, SweepControl(engine))
        self.prediction = Prediction()
        self.cursor = 0
        self._log_scale, self._seconds = True, False
        self.board = SweepBoard(options, self._page)

    # What the app tells

    def on_engine_event(self, event: Event) -> bool:
        """Takes note; drawing comes later and less often."""
        if self._engine.gone is not None:
            self.control.gone(self._engine.gone)
        elif self.control.told(event):
            self._heard(event)
        self.redraw()
        if isinstance(event, Ready):
            self.begin_what_waits()
        return False

    def _heard(self, event: Event) -> None:
        if isinstance(event, SweepStarted):
            self._refusal, self.cursor = "", 0
            self.prediction.drop_unless_about(event.config)
        elif isinstance(event, SweepFinished) and event.status == "failed":
            self.refuse(event.reason)

    def answers_seen(self) -> frozenset[str]:
        sweep, hidden = self.control.sweep, self.prediction.open is not None
        if hidden or sweep.status != "finished" or sweep.config is None:
            return frozenset()
        return frozenset(_ANSWERED_BY[name] for name in sweep.config.parameters if name in _ANSWERED_BY)

    def headless_command(self) -> str:
        """What comes to the sweep in front; where there is none, to what the form says.

        Raises:
            InputError: with the first line that is wrong in the form.
        """
        sweep = self.control.sweep
        if sweep.config is not None:
            return sweep_command(self.control.asked_for or sweep.config)
        return sweep_command(self.board.form.form_text.config())

    def _page(self) -> SweepPage:
        control = self.control
        idle = control.phase == "idle"
        config, asked = control.sweep.config, control.asked_for
        runs, seconds = control.planned(self.board.form.form_text) if idle else (None, control.seconds_left)
        return SweepPage(
            sweep=control.sweep,
            phase=control.phase,
            share=control.share,
            seconds_left=seconds,
            runs=runs,
            loading=progress_words(control.progress) if control.progress is not None else "",
            looked_back=control.earlier is not None,
            sketch=self.prediction.sketch,
            cursor=self.cursor,
            log=self._log_scale,
            seconds=self._seconds,
            started_with={} if config is None else texts_of(asked or config, resolved=asked is None),
            refusal=plain(self._refusal),
            tour=self.tour,
        )

    def refuse(self, line: str) -> None:
        super().refuse(line)
        if self.board.is_mounted:
            self.board.form.blame(line)

    # The sweep

    @on(Button.Pressed, "#start")
    @on(TextLines.Clicked, "#progress")
    def action_toggle_sweep(self) -> None:
        if self.control.phase == "idle":
            self._begin()
        else:
            self.ask(self.control.stop())

    def _begin(self) -> None:
        """Starts what the form says; a run that is going on is ended only if one says so."""
        self._refusal = ""
        self.board.form.keep()
        try:
            config = self.board.form.form_text.config()
        except InputError as error:
            self.blame(str(error))
            return
        in_its_place(self, lambda: self._start(config), "sweep")

    def _start(self, config: SweepConfig) -> None:
        if not heard(self):
            return
        self.fold()
        self.prediction.reveal()
        self.prediction.drop_unless_about(config)
        self.when_ready(lambda: self.ask(self.control.start(config)))

    def action_resume_sweep(self) -> None:
        self._refusal = ""
        if self.control.phase == "idle":
            in_its_place(self, lambda: self.ask(self.control.resume()), "sweep")

    def action_other_sweep(self, step: int) -> None:
        self.run_worker(self._turn(step), exclusive=True, group="earlier")

    async def _turn(self, step: int) -> None:
        try:
            if not await self.control.turn(step):
                self.app.notify("There is no other sweep in the store.", markup=False)
        except (InputError, EngineGone) as error:
            self._refusal = str(error)
        self.cursor = 0
        if self.control.earlier is not None:
            self.prediction.drop()
        self.board.frames.now()

    # The form

    @on(FileField.Left)
    def _leave_file(self) -> None:
        self.focus()

    @on(TextLines.Clicked, "#settings")
    def action_toggle_form(self) -> None:
        super().action_toggle_form()

    @on(Button.Pressed, "#exercise")
    def action_next_preset(self) -> None:
        """The two exercises in turn: learning rates, batch sizes."""
        texts = self.board.form.form_text.texts
        here = [preset["parameter"] for preset in PRESETS]
        index = here.index(texts["parameter"]) + 1 if texts["parameter"] in here else 0
        for name, text in PRESETS[index % len(PRESETS)].items():
            self.board.form.write(name, text)
        self.focus()

    def action_next_question(self) -> None:
        texts = self.board.form.form_text.texts
        if "batch-size" not in (texts["parameter"], texts["second"]):
            self.app.notify(
                "This question is about batch sizes. Press b for the batch sizes of the book.", markup=False
            )
            return
        names = list(QUESTIONS)
        place = names.index(texts["question"]) if texts["question"] in names else -1
        self.board.form.write("question", names[(place + 1) % len(names)])

    # Predicting

    def action_predict(self) -> None:
        """Opens a sketch for the sweep that is going on, else for what the form says."""
        control = self.control
        try:
            config = control.live.config if control.phase == "running" else self.board.form.form_text.config()
        except InputError as error:
            self.blame(str(error))
            return
        if config is None or control.phase in ("queued", "loading"):
            return
        if config.second_parameter or len(config.values) < 2:
            self.app.notify("A sketch needs one setting with at least two values.", markup=False)
            return
        control.earlier = None
        self.prediction.begin(config)
        self.fold()
        self.board.frames.now()

    # The cursor

    def action_move(self, down: int, right: int) -> None:
        config = self.control.sweep.config
        if self.prediction.open is not None:
            self.prediction.move(down, right)
        elif config is not None:
            across = len(config.second_values) if config.second_parameter else 1
            row, column = divmod(self.cursor, across)
            row = max(0, min(row + down, len(config.values) - 1))
            self.cursor = row * across + max(0, min(column + right, across - 1))
        self.board.frames.now()

    @on(RowList.Highlighted)
    def _row_pointed_at(self, message: RowList.Highlighted) -> None:
        self.cursor = message.index
        self.board.frames.soon()

    @on(ValueGrid.Pointed)
    def _cell_pointed_at(self, message: ValueGrid.Pointed) -> None:
        config = self.control.sweep.config
        if config is not None:
            self.cursor = message.row * len(config.second_values) + message.column
            self.board.frames.now()
            if message.twice:
                self.action_enter()

    def on_click(self, event: events.Click) -> None:
        """A click into the sketch puts the mark there."""
        chart = self.board.final
        offset = event.get_content_offset(chart) if event.widget is chart else None
        if self.prediction.open is not None and offset is not None:
            self.prediction.point(chart, offset)
            self.board.frames.now()

    @on(RowList.Opened)
    def action_enter(self) -> None:
        """Ends the sketch; else opens the row's run among the mistakes."""
        if self.prediction.open is None:
            self._open_run("mistakes")
        elif self.control.phase == "idle":
            self._begin()
        else:
            self.prediction.reveal()
            self.board.frames.now()

    def action_open_in_decide(self) -> None:
        self._open_run("decide")

    def _open_run(self, pane_id: str) -> None:
        sweep: SweepState = self.control.sweep
        point = sweep.config.points[self.cursor] if sweep.config is not None else ()
        run_id = run_of(sweep, point)
        if run_id:
            self.post_message(RunWanted(run_id, pane_id))
        else:
            self.app.notify("No run of this row has finished an epoch yet.", markup=False)

    # How it is looked at

    def action_next_view(self) -> None:
        self.board.next_view()

    def action_toggle_log(self) -> None:
        self._log_scale = not self._log_scale
        self.board.frames.now()

    def action_other_axis(self) -> None:
        self._seconds = not self._seconds
        self.board.frames.now()

    def action_back(self) -> None:
        """Out of the sketch, the form, the earlier sweep: the uppermost first."""
        if self.prediction.open is not None:
            self.prediction.drop()
        elif self.board.form_covers:
            self.board.show_form(False)
        elif self.control.earlier is not None:
            self.control.earlier, self.cursor = None, 0
        self.focus()
        self.board.frames.now()

    # A file

    def action_write(self) -> None:
        sweep = self.control.sweep
        if not sweep.results or self.prediction.open is not None:
            self.app.notify("Nothing to write yet: no run has ended.", markup=False)
            return
        self.board.file.ask(f"{sweep.sweep_id}.csv")

    @on(FileField.Named)
    def _write(self, message: FileField.Named) -> None:
        sweep, name = self.control.sweep, message.name.strip()
        assert sweep.config is not None
        try:
            write_results(name, sweep.config, sweep.results)
        except InputError as error:
            self.board.file.show_message(str(error))
            return
        self.focus()
        self.app.notify(f"Written to {plain(name)}", markup=False)
