"""What somebody expects of a sweep, sketched before it is seen."""

from __future__ import annotations

from dataclasses import replace

from textual.geometry import Offset

from engine.contract.sweeps import SweepConfig
from tui.sweep.sketch import Sketch, pointed_at
from tui.widgets.chart import Chart


class Prediction:
    """At most one sketch: open while it is drawn and hides everything, then laid over what was measured."""

    def __init__(self) -> None:
        self.sketch: Sketch | None = None

    @property
    def open(self) -> Sketch | None:
        """The sketch while it is drawn."""
        return self.sketch if self.sketch is not None and self.sketch.open else None

    def begin(self, config: SweepConfig) -> None:
        """Opens a sketch for this sweep, the last one where it is about the same."""
        self.sketch = Sketch.of(config)

    def drop(self) -> None:
        """Nothing is predicted any more."""
        self.sketch = None

    def reveal(self) -> None:
        """Nothing is hidden any more, and nothing moved."""
        if self.sketch is not None:
            self.sketch = replace(self.sketch, open=False)

    def drop_unless_about(self, config: SweepConfig) -> None:
        """A sketch of other values, or of another question, says nothing of this sweep."""
        if self.sketch is not None and _subject(self.sketch.config) != _subject(config):
            self.sketch = None

    def move(self, down: int, right: int) -> None:
        """The mark up or down, or the cursor to another value."""
        if self.open is not None:
            self.sketch = self.open.raised(-down) if down else self.open.moved(right)

    def point(self, chart: Chart, at: Offset) -> None:
        """A click into the chart that shows the sketch."""
        if self.open is not None:
            self.sketch = pointed_at(self.open, at.x, at.y, *chart.size)


def _subject(config: SweepConfig) -> tuple[object, ...]:
    return config.parameter, sorted(config.values), config.question
