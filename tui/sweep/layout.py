"""Which charts and tables of a sweep are there: by the room there is, unless somebody has said otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

_NARROW, _LOW = 100, 34  # columns, rows, as in the app's own classes
CURVES, FINAL, TABLE = "curves", "final", "table"
Parts = tuple[str, ...]

_ROOMY: tuple[Parts, ...] = ((CURVES, FINAL, TABLE), (CURVES,), (FINAL,), (TABLE,))
_WIDE_AND_LOW: tuple[Parts, ...] = ((CURVES, FINAL), (TABLE,))
_SMALL: tuple[Parts, ...] = ((CURVES,), (FINAL,), (TABLE,))


@dataclass(frozen=True)
class SweepLayout:
    """`None` leaves the choice to the size of the terminal, and to whether there are results yet."""

    columns: int = 80
    rows: int = 24
    view_chosen: int | None = None

    @property
    def narrow(self) -> bool:
        """Whether form and figures take turns."""
        return self.columns < _NARROW

    @property
    def low(self) -> bool:
        """Whether there is room for one row of charts."""
        return self.rows < _LOW

    def view(self, ended: bool) -> Parts:
        """The parts that are shown; by itself the final losses once there are some, where only one has room."""
        views = self._views
        if self.view_chosen is None:
            return (FINAL,) if views is _SMALL and ended else views[0]
        return views[self.view_chosen % len(views)]

    def next_view(self, ended: bool) -> SweepLayout:
        """The view after the one in front is chosen."""
        return replace(self, view_chosen=(self._views.index(self.view(ended)) + 1) % len(self._views))

    def sized(self, columns: int, rows: int) -> SweepLayout:
        """In another size the view is the one that size has."""
        other = replace(self, columns=columns, rows=rows)
        return other if other._views is self._views else replace(other, view_chosen=None)

    @property
    def _views(self) -> tuple[Parts, ...]:
        if not self.low:
            return _ROOMY
        return _SMALL if self.narrow else _WIDE_AND_LOW
