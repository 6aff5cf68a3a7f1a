"""A part of a chart, looked at more closely."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.square import Range

_FACTOR = 2.0
_FINEST = 1e-5  # of the whole


@dataclass(frozen=True)
class Zoom:
    """`window` is what is seen of the x axis, None for all; `everything` takes in what lies above a robust y axis."""

    window: Range | None = None
    everything: bool = False

    def applied(self, spec: ChartSpec) -> ChartSpec:
        """The chart as it is looked at. A part has a y axis of its own, unless the ticks of the whole have names."""
        if self.everything:
            spec = replace(spec, robust=False)
        if self.window is None:
            return spec
        if spec.y_range is not None and not spec.y_ticks:
            spec = replace(spec, y_range=None, y_within=spec.y_range)
        return replace(spec, x_range=self.window)

    def closer(self, whole: Range, x: float) -> Zoom:
        """Half of what is seen, around a place."""
        return self._sized(whole, x, 1 / _FACTOR)

    def farther(self, whole: Range, x: float) -> Zoom:
        """Twice of what is seen, all of it at most."""
        return self._sized(whole, x, _FACTOR)

    def all(self) -> Zoom:
        """The whole chart; once it is that, with what the y axis leaves out, and then without it again."""
        return Zoom() if self.window is not None else replace(self, everything=not self.everything)

    def around(self, whole: Range, x: float) -> Zoom:
        """Moved as far as it takes to have a place in sight."""
        if self.window is None or self.window[0] <= x <= self.window[1]:
            return self
        return self._sized(whole, x, 1.0)

    def _sized(self, whole: Range, x: float, factor: float) -> Zoom:
        left, right = self.window or whole
        most = whole[1] - whole[0]
        width = max(most * _FINEST, (right - left) * factor)
        if width >= most:
            return replace(self, window=None)
        start = min(max(x - width / 2, whole[0]), whole[1] - width)
        return replace(self, window=(start, start + width))
