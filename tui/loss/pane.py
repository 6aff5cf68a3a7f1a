"""Loss: the same batch through each cross-entropy, over classes, in training, and −log p on its way to log 0."""

from __future__ import annotations

from collections.abc import Callable, Coroutine

from engine.contract.engine_events import Failed, Ready
from engine.contract.errors import InputError
from engine.contract.loss_lab import LossQuestion
from engine.contract.wire import Event
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.loss.board import LossBoard
from tui.loss.control import LossControl
from tui.loss.page import LossPage
from tui.loss.slider import STOPS, epsilon_after, stop_at
from tui.loss.words import VIEWS, View, answers_of
from tui.pane.base import DisplayOptions
from tui.pane.commands import bindings_of
from tui.pane.engine_link import EngineLink
from tui.pane.headless import losses_command
from tui.pane.hearing import silence_of
from tui.pane.live_run import LiveRun
from tui.pane.measuring import MeasuringPane
from tui.pane.one_job import in_place_of_measuring, measures
from tui.widgets.lines import Lines

_TRACK = 1  # the line of the slider


class LossPane(MeasuringPane[LossBoard, LossControl, View]):
    """The same batch through each loss: measured, over numbers of classes, in training, and p on a slider."""

    BINDINGS = bindings_of("loss")

    def __init__(self, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__("loss", engine, options, live, LossControl(engine), VIEWS)
        self.stop = 0  # of the slider
        self._with_gradient = False
        self._accuracy = True
        self._answer = 0
        self._untouched = True  # nothing was measured yet, nor asked for
        self.board = LossBoard(options, self._page)

    # What the app tells

    def on_engine_event(self, event: Event) -> bool:
        """Takes note; drawing comes later and less often."""
        concerned = self.control.told(event)  # also what was on its way when the engine died
        if self._engine.gone is not None:
            self.control.gone(str(self._engine.gone))
        elif concerned and isinstance(event, Failed):
            self.refuse(event.message)
        self.redraw()
        if isinstance(event, Ready) and not self.begin_what_waits():
            self._first_look()
        return False

    def shown(self) -> None:
        self._first_look()
        super().shown()

    def _first_look(self) -> None:
        """Whoever looks in for the first time finds figures, unless that would hold up a run."""
        ready = self._engine.ready is not None and self._engine.gone is None and not silence_of(self)
        if self._untouched and ready and self.is_attached and self.display and not self._in_the_way:
            self._measure()

    @property
    def _in_the_way(self) -> str:
        """Why nothing is measured unasked, "" where it is; what stands still already can be held meanwhile."""
        if measuring := measures(self.app):
            return f"{measuring}, and this measurement would stop it"
        job = self.live.job
        return f"{job.said}, and measuring would pause it" if job is not None and not job.held else ""

    def answers_seen(self) -> frozenset[str]:
        return self.board.answers

    def headless_command(self) -> str:
        """What measures the same batch; with the numbers of classes, or the runs, where those are in front.

        Raises:
            InputError: with the first line that is wrong in the form.
        """
        text = self.board.form.form_text
        yours = self._engine.yours_name if self._engine.judged is not None and self._engine.judged.loss_works else ""
        if self.view == "training":
            question, dataset, epochs = text.training()
            return losses_command(question, yours=yours, dataset=dataset, epochs=epochs)
        question = text.question()
        return losses_command(question, yours=yours, scale=self.view == "classes" and not question.preset)

    def _page(self) -> LossPage:
        control, text = self.control, self.board.form.form_text
        try:
            question: LossQuestion | None = text.question()
        except InputError:
            question = None
        judged = self._engine.judged
        own = judged is not None and judged.has_cross_entropy
        return LossPage(
            view=self.view,
            question=question,
            measured=control.measured,
            scale=control.scale,
            runs=control.runs,
            epochs=text.epochs,
            doing=control.doing(),
            with_gradient=self._with_gradient,
            accuracy=self._accuracy,
            answer=self._answer % answers_of(control.measured),
            probability=STOPS[self.stop],
            epsilon=self._epsilon,
            yours="yours" if own else "",
            own_verdict=self._own_verdict,
            trouble=self.trouble,
            ready=self._engine.ready is not None,
            started_with=control.started_with(self.view),
            tour=self.tour,
            in_the_way=self._in_the_way if self._untouched else "",
        )

    @property
    def _own_verdict(self) -> str:
        """What is said of the loss of a file that was offered; "" where it is right, or there is no file."""
        judged, name = self._engine.judged, plain(self._engine.yours_name)
        if not name:
            return ""
        if judged is None:
            return f"not measured: {name} is not checked yet"
        if not judged.has_cross_entropy:
            return f"not measured: {name} has no cross_entropy"
        left_out = "" if judged.loss_works else "not measured: "
        return f"{left_out}{judged.loss_remark}" if judged.loss_remark else ""

    # Measuring and training

    def begin_or_end(self) -> None:
        self.board.form.keep()
        if self.control.measuring:
            self.ask(self.control.stop_measuring())
        elif self.view == "training":
            self._toggle_training()
        elif self.view == "classes":
            self._measure_scale()
        else:
            self._measure()

    def _measure(self) -> None:
        try:
            question = self.board.form.form_text.question()
        except InputError as error:
            self.blame(str(error))
            return
        self._untouched = False
        if self.view == "slider":
            self.show_view("table")
        self.fold()
        self._begin_measuring(lambda: self.control.measure(question))

    def _measure_scale(self) -> None:
        try:
            questions = self.board.form.form_text.scale()
        except InputError as error:
            self.blame(str(error))
            return
        self.fold()
        self._begin_measuring(lambda: self.control.measure_scale(questions))

    def _begin_measuring(self, question: Callable[[], Coroutine[object, object, None]]) -> None:
        in_place_of_measuring(self, lambda: self.when_ready(lambda: self.ask(question())), "measure the losses")

    def _toggle_training(self) -> None:
        if self.control.training:
            self.ask(self.control.stop_training())
            return
        try:
            question, dataset, epochs = self.board.form.form_text.training()
        except InputError as error:
            self.blame(str(error))
            return
        self.fold()
        self.begin(lambda: self.control.train(question, dataset, epochs), "train with each loss")

    # The form

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
            self.show_view("table")
        if self.view in ("table", "time") and not form.form_text.faults():
            self._refusal = ""
            self._measure()

    # How it is looked at

    def action_show_classes(self) -> None:
        self.show_view("classes")

    def action_show_slider(self) -> None:
        self.show_view("slider")

    def action_toggle_gradient(self) -> None:
        self._with_gradient = not self._with_gradient
        self.board.frames.now()

    def action_toggle_accuracy(self) -> None:
        if self.view != "training":
            self.show_view("training")
        self._accuracy = not self._accuracy
        self.board.frames.now()

    def action_next_answer(self) -> None:
        self._answer = (self._answer + 1) % answers_of(self.control.measured)
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
        if message.widget.id == "progress":
            self.action_go()
        elif message.widget.id == "said":
            self.action_next_answer()
        elif self.view == "slider" and message.widget.id == "above" and message.y == _TRACK:
            self._slide_to(stop_at(message.x, message.widget.size.width))
