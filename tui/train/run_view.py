"""The charts of a run, and in their place, where a run has diverged, what is known of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged
from engine.contract.run_state import RunState
from tui.drawing.autopsy import autopsy_lines
from tui.drawing.spans import Run
from tui.pane.frames import Draw
from tui.train.charts import ChartsView, accuracy_chart, loss_chart
from tui.widgets.lines import TextLines
from tui.widgets.readable_chart import ReadableChart


class AutopsyView(VerticalScroll, can_focus=True):
    """Arrow keys and the wheel scroll it."""

    DEFAULT_CSS = """
    AutopsyView { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    AutopsyView:focus { background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = TextLines()

    def compose(self) -> ComposeResult:
        yield self._lines

    def show(self, diverged: Diverged, label_names: Sequence[str], config: TrainConfig) -> None:
        """What is known of this divergence, for a run of these settings."""
        heading = (Run(" Autopsy", "wrong"), Run("   up, down scroll · n or esc closes", "muted"))
        width = max(40, self.container_size.width - 1)
        self._lines.show([heading, *autopsy_lines(diverged, label_names, config, width)])


NOTHING_YET = "space trains: the loss of every minibatch appears here"


class Charts(Vertical):
    """Loss above accuracy where there is room for both, else one of them."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._loss = ReadableChart(also="X axis", id="loss")
        self._accuracy = ReadableChart(also="X axis", id="accuracy")
        self.autopsy = AutopsyView(id="autopsy")
        self._accuracy.display = self.autopsy.display = False

    def compose(self) -> ComposeResult:
        yield self._loss
        yield self._accuracy
        yield self.autopsy

    def choose(self, low: bool, accuracy: bool, autopsy: bool) -> None:
        """Which of the three are there. With few rows only one is."""
        if autopsy and not self.autopsy.display:
            self.autopsy.scroll_home(animate=False)
        self.autopsy.display = autopsy
        self._accuracy.display = accuracy and not autopsy
        self._loss.display = not (low and (autopsy or accuracy))

    def parts(self, run: RunState, view: ChartsView, overlays: Mapping[str, RunState]) -> list[Draw]:
        """What draws each part that is there; what looks the same as before costs the terminal nothing."""

        def loss() -> None:
            empty = NOTHING_YET if run.status is None else "no finite loss yet"
            self._loss.show(loss_chart(run, view, overlays, empty))

        def accuracy() -> None:
            self._accuracy.show(accuracy_chart(run, view, overlays))

        def autopsy() -> None:
            assert run.diverged is not None
            names = run.dataset.label_names if run.dataset is not None else ()
            self.autopsy.show(run.diverged, names, run.config)

        there = (
            (autopsy, self.autopsy.display and run.diverged is not None),
            (loss, self._loss.display),
            (accuracy, self._accuracy.display),
        )
        return [draw for draw, shown in there if shown]
