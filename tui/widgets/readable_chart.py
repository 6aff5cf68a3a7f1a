"""A chart that can be read off: a cross-hair goes from value to value, and a part can be looked at closely."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.plot import chart_lines, drawn
from tui.drawing.plot_layout import Layout, laid_out, whole_x_range
from tui.drawing.spans import Line
from tui.drawing.zoom import Zoom
from tui.widgets.chart import Chart
from tui.widgets.messages import FromWidget

if TYPE_CHECKING:  # else imported once somebody reads: the first frame does not wait for it
    from tui.drawing.crosshair import Reading

CHART_KEYS = (
    ("←, →", "Move the cross-hair to the next value; the mouse does, too"),
    ("page up, down", "Move it by ten values; home, end: to the first, to the last"),
    ("+, -", "Zoom in or out around the cross-hair"),
    ("0", "Show the whole chart; again: also what lies above it (▲)"),
    ("tab", "To the next chart"),
    ("esc", "Leave the chart"),
)
_FAR = 10  # values


class ReadableChart(Chart, can_focus=True):
    """While it has the focus it shows the cross-hair, which follows what is new as long as it stands at the end."""

    class Left(FromWidget["ReadableChart"]):
        """The keys are to go back to whoever has the chart."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "before", show=False),
        Binding("right", "move(1)", "after", show=False),
        Binding("pageup", f"move({-_FAR})", "far before", show=False),
        Binding("pagedown", f"move({_FAR})", "far after", show=False),
        Binding("home", "move_to_end(False)", "first", show=False),
        Binding("end", "move_to_end(True)", "last", show=False),
        Binding("plus,equals_sign", "closer", "closer", show=False),
        Binding("minus", "farther", "less close", show=False),
        Binding("0", "all", "all", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]
    keys_taken = frozenset(
        key for binding in BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")
    )

    def __init__(self, spec: ChartSpec | None = None, *, also: str = "", id: str | None = None) -> None:
        """`also` is a key of the pane that changes this chart, and what it does."""
        super().__init__(spec, id=id)
        self.keys_hint = f"←→ read  +- zoom  0 all  {also}{'  ' if also else ''}esc leave"
        self._at = math.inf  # where the cross-hair stands: the last value
        self._zoom = Zoom()
        self._plot: tuple[object, Layout | None, list[Line]] = (None, None, [])

    def show(self, spec: ChartSpec) -> None:
        if spec.x_label != self._spec.x_label:  # other places: neither a part nor a place of these is one there
            self._zoom, self._at = Zoom(), math.inf
        super().show(spec)

    @property
    def read(self) -> Reading | None:
        """What the cross-hair stands at; None where there is nothing to read off."""
        from tui.drawing.crosshair import reading

        layout, found = self._laid_out(), self._stops()
        if layout is None or not found:
            return None
        x = found[-1] if self._at == math.inf else min(found, key=lambda stop: abs(stop - self._at))
        return reading(self._whole, layout.square, x)

    # Keys and the mouse

    def action_move(self, by: int) -> None:
        """So many values on."""
        read, found = self.read, self._stops()
        if read is None:
            return
        place = found.index(read.x) + by
        self._go(found[max(0, place)] if place < len(found) - 1 else math.inf)

    def action_move_to_end(self, last: bool) -> None:
        self._go(math.inf if last else -math.inf)

    def action_closer(self) -> None:
        if (read := self.read) is not None:
            self._look(self._zoom.closer(whole_x_range(self._whole), read.x))

    def action_farther(self) -> None:
        if (read := self.read) is not None:
            self._look(self._zoom.farther(whole_x_range(self._whole), read.x))

    def action_all(self) -> None:
        self._look(self._zoom.all())

    def action_leave(self) -> None:
        self._zoom, self._at = Zoom(), math.inf
        self.post_message(self.Left(self))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._point(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.has_focus:
            self._point(event)

    def watch_has_focus(self, has_focus: bool) -> None:
        super().watch_has_focus(has_focus)
        self._redraw()

    def on_hide(self) -> None:
        if self.has_focus:
            self.action_leave()

    def _point(self, event: events.MouseEvent) -> None:
        layout, found = self._laid_out(), self._stops()
        if layout is not None and found:
            x = layout.x_at(event.x)
            self._go(min(found, key=lambda stop: abs(stop - x)))

    def _go(self, x: float) -> None:
        self._at = x
        if (read := self.read) is not None:
            self._zoom = self._zoom.around(whole_x_range(self._whole), read.x)
        self._redraw()

    def _look(self, zoom: Zoom) -> None:
        if zoom != self._zoom:
            self._zoom = zoom
            self._redraw()

    # Drawing

    @property
    def _whole(self) -> ChartSpec:
        return self._for_terminal(self._spec)

    def _stops(self) -> list[float]:
        from tui.drawing.crosshair import stops

        layout = self._laid_out()
        return stops(self._whole, layout.square) if layout is not None else []

    def _laid_out(self) -> Layout | None:
        self._drawn_plot()
        return self._plot[1]

    def _drawn_plot(self) -> list[Line]:
        """The chart without the cross-hair, which moves without it being drawn again."""
        spec, size = self._zoom.applied(self._whole), self.size
        key: tuple[ChartSpec, Size] = (spec, size)
        if self._plot[0] != key:
            layout = laid_out(spec, *size)
            self._plot = (key, layout, drawn(layout) if layout is not None else chart_lines(spec, *size))
        return self._plot[2]

    def _built(self) -> list[Line]:
        from tui.drawing.crosshair import with_crosshair

        lines, layout = self._drawn_plot(), self._plot[1]
        if not self.has_focus or layout is None or (read := self.read) is None:
            return lines
        return with_crosshair(lines, layout, read)
