"""Loss: the same batch through each cross-entropy, over classes, in training, and −log p on its way to log 0."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.app import ComposeResult
from textual.containers import Vertical

from engine.client import EngineGone
from engine.contract.engine_events import Failed, Heartbeat, Ready
from engine.contract.errors import InputError
from engine.contract.loss_lab import LossQuestion
from engine.contract.run_state import RunState
from engine.contract.wire import Event
from tui.commands import bindings_of
from tui.drawing.form_text import written
from tui.drawing.loss_page import Look
from tui.drawing.loss_slider import STOPS, epsilon_after, stop_at
from tui.drawing.loss_words import VIEWS, View, answers_of
from tui.drawing.plain import plain
from tui.engine_link import EngineLink
from tui.headless import losses_command
from tui.panes.loss_board import LossBoard
from tui.panes.loss_control import LossControl
from tui.panes.one_job import in_its_place, job_of, measures
from tui.panes.pane import Manner
from tui.widgets.lines import Lines
from tui.widgets.loss_form import LossForm

_TRACK = 1  # the line of the slider


class LossPane(Vertical, can_focus=True):
    """Turns keys into questions and changes of the view; what was measured is told by the engine."""

    BINDINGS = bindings_of("loss")  # type: ignore[assignment]

    def __init__(self, engine: EngineLink, manner: Manner) -> None:
        super().__init__(id="loss")
        self._engine = engine
        self.control = LossControl(engine)
        self.view: View = "table"
        self.stop = 0  # of the slider
        self._with_gradient = False
        self._accuracy = True
        self._answer = 0
        self._refusal = ""
        self._waiting: Callable[[], None] | None = None  # for the engine to be ready
        self._untouched = True  # nothing was measured yet, nor asked for
        self.board = LossBoard(manner, self._look)

    def compose(self) -> ComposeResult:
        yield self.board

    # What the app tells

    def told(self, event: Event, run: RunState) -> None:
        """Takes note; drawing comes later and less often."""
        if isinstance(event, Heartbeat):
            return
        concerned = self.control.told(event)  # also what was on its way when the engine died
        if self._engine.gone is not None:
            self._waiting = None
            self.control.gone(str(self._engine.gone))
        elif concerned and isinstance(event, Failed):
            self._refuse(event.message)
        elif isinstance(event, Ready):
            self._ready()
        self.board.frames.soon()

    def _ready(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting()
        else:
            self._first_look()

    def shown(self) -> None:
        self._first_look()
        self.board.frames.now()

    def _first_look(self) -> None:
        """Whoever looks in for the first time finds figures, unless that would hold up a run."""
        idle = self.is_attached and not job_of(self) and not measures(self)
        if self._untouched and idle and self.display and self._engine.ready is not None and self._engine.gone is None:
            self._measure()

    def headless_command(self) -> str:
        """What measures the same batch; with the numbers of classes, or the runs, where those are in front."""
        text = self.board.form.form_text
        mine = self._engine.mine_name if self._engine.judged is not None and self._engine.judged.loss_works else ""
        try:
            if self.view == "training":
                question, dataset, epochs = text.training()
                return losses_command(question, mine=mine, dataset=dataset, epochs=epochs)
            question = text.question()
            return losses_command(question, mine=mine, scale=self.view == "classes" and not question.preset)
        except InputError:
            return losses_command(LossQuestion(), mine=mine)

    def _look(self) -> Look:
        control, text = self.control, self.board.form.form_text
        try:
            question: LossQuestion | None = text.question()
        except InputError:
            question = None
        judged = self._engine.judged
        own = judged is not None and judged.has_cross_entropy
        return Look(
            view=self.view,
            question=question,
            measured=control.measured,
            scale=control.scale,
            runs=control.runs,
            epochs=text.epochs,
            doing=control.doing(self._waiting is not None),
            with_gradient=self._with_gradient,
            accuracy=self._accuracy,
            answer=self._answer % answers_of(control.measured),
            probability=STOPS[self.stop],
            epsilon=self._epsilon,
            yours="yours" if own else "",
            left_out=judged.loss_verdict if judged is not None and own and not judged.loss_works else "",
            trouble=plain(self._refusal) or (_restart(self._engine.gone) if self._engine.gone is not None else ""),
            ready=self._engine.ready is not None,
        )

    # Asking

    def _ask(self, question: Awaitable[object]) -> None:
        """A question never keeps the keys waiting; its refusal is a line."""
        self.run_worker(self._answered(question), group="loss")

    async def _answered(self, question: Awaitable[object]) -> None:
        try:
            await question
        except InputError as error:
            self._refuse(str(error))
        except EngineGone as gone:
            self._refuse(_restart(gone))
        self.board.frames.now()

    def _refuse(self, line: str) -> None:
        self._refusal = line

    def _blame(self, error: InputError) -> None:
        """A refusal of what was typed: shown at its field, which gets the focus."""
        self._refuse(str(error))
        name = self.board.form.blame(str(error))
        self.board.show_form(True)
        self.call_after_refresh(self.board.form.focus_field, name)

    def _when_ready(self, begin: Callable[[], None]) -> None:
        if self._engine.gone is not None:
            self._refuse(_restart(self._engine.gone))
        elif self._engine.ready is None:
            self._waiting = begin
        else:
            begin()
        self.board.frames.now()

    # Measuring and training

    def action_go(self) -> None:
        """Begins or ends what the view in front is about."""
        self._refusal = ""
        if self._waiting is not None:
            self._waiting = None
        elif self.control.measuring:
            self._ask(self.control.stop_measuring())
        elif self.view == "training":
            self._toggle_training()
        elif self.view == "classes":
            self._measure_scale()
        else:
            self._measure()
        self.board.frames.now()

    def _measure(self) -> None:
        try:
            question = self.board.form.form_text.question()
        except InputError as error:
            self._blame(error)
            return
        self._untouched = False
        if self.view == "slider":
            self._show_view("table")
        self._fold()
        self._when_ready(lambda: self._ask(self.control.measure(question)))

    def _measure_scale(self) -> None:
        try:
            questions = self.board.form.form_text.scale()
        except InputError as error:
            self._blame(error)
            return
        self._fold()
        self._when_ready(lambda: self._ask(self.control.measure_scale(questions)))

    def _toggle_training(self) -> None:
        if self.control.training:
            self._ask(self.control.stop_training())
            return
        try:
            question, dataset, epochs = self.board.form.form_text.training()
        except InputError as error:
            self._blame(error)
            return
        self._fold()

        def begin() -> None:
            self._when_ready(lambda: self._ask(self.control.train(question, dataset, epochs)))

        in_its_place(self, begin, "train with each loss")

    def _fold(self) -> None:
        """A form that covers everything makes room for the figures."""
        if self.board.form_covers:
            self.board.show_form(None)
        self.focus()

    # The form

    def on_loss_form_changed(self) -> None:
        self._refusal = ""
        self.board.frames.soon()

    def on_loss_form_left(self, message: LossForm.Left) -> None:
        self.focus()

    def action_toggle_form(self) -> None:
        opened = not self.board.form_open
        self.board.show_form(opened)
        if opened:
            self.call_after_refresh(self.board.form.focus_field)
        else:
            self.focus()

    def action_next_preset(self) -> None:
        self._choose("preset")

    def action_next_dtype(self) -> None:
        self._choose("dtype")

    def action_soften(self) -> None:
        """With label smoothing and without; what is in front is not measured anew where it trains."""
        self._choose("smoothing")

    def _choose(self, name: str) -> None:
        """The next one, measured at once where figures of a batch are in front."""
        form = self.board.form
        form.write(name, form.form_text.next_of(name))
        if name == "preset" and self.view != "time":
            self._show_view("table")
        if self.view in ("table", "time") and not form.form_text.faults():
            self._refusal = ""
            self._measure()

    # How it is looked at

    def action_show_table(self) -> None:
        self._show_view("table")

    def action_show_time(self) -> None:
        self._show_view("time")

    def action_show_classes(self) -> None:
        self._show_view("classes")

    def action_show_training(self) -> None:
        self._show_view("training")

    def action_show_slider(self) -> None:
        self._show_view("slider")

    def action_next_view(self) -> None:
        views = [view for view, _, _ in VIEWS]
        self._show_view(views[(views.index(self.view) + 1) % len(views)])

    def _show_view(self, view: View) -> None:
        self.view, self._refusal = view, ""
        self._fold()
        self.board.frames.now()

    def action_toggle_gradient(self) -> None:
        self._with_gradient = not self._with_gradient
        self.board.frames.now()

    def action_toggle_accuracy(self) -> None:
        if self.view != "training":
            self._show_view("training")
        self._accuracy = not self._accuracy
        self.board.frames.now()

    def action_next_answer(self) -> None:
        self._answer = (self._answer + 1) % answers_of(self.control.measured)
        self.board.frames.now()

    def action_back(self) -> None:
        """Out of the form, then to the table."""
        if self.board.form_covers:
            self._fold()
        elif self.view != "table":
            self._show_view("table")
        self.focus()
        self.board.frames.now()

    # The slider

    @property
    def _epsilon(self) -> float:
        """What the form says to clip at, or what it says by default while it says nothing right."""
        text = self.board.form.form_text
        try:
            epsilon = float(text.texts["epsilon"])
        except ValueError:
            epsilon = 0.0
        return epsilon if 0 < epsilon < 1 else float(text.default("epsilon"))

    def action_slide(self, by: int) -> None:
        """p towards 0, or back towards 1."""
        self._slide_to(self.stop + by)

    def action_slide_to_end(self, index: int) -> None:
        self._slide_to(index % len(STOPS))

    def action_clip(self, by: int) -> None:
        """Clips at ten times as much or as little."""
        if self.view == "slider":
            self.board.form.write("epsilon", written(epsilon_after(self._epsilon, by)))
            self.board.frames.now()

    def _slide_to(self, stop: int) -> None:
        if self.view == "slider":
            self.stop = max(0, min(stop, len(STOPS) - 1))
            self.board.frames.now()

    def on_lines_clicked(self, message: Lines.Clicked) -> None:
        message.stop()
        if message.lines.id == "progress":
            self.action_go()
        elif message.lines.id == "said":
            self.action_next_answer()
        elif self.view == "slider" and message.lines.id == "above" and message.y == _TRACK:
            self._slide_to(stop_at(message.x, message.lines.size.width))


def _restart(gone: EngineGone) -> str:
    return f"{gone}; ctrl+r starts it again"
