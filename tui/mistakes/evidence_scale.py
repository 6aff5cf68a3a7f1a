"""Which colour, or which sign, of the evidence speaks for a class, and how far the scale reaches."""

from __future__ import annotations

from textual.strip import Strip

from tui.widgets.signed import signed_paint
from tui.widgets.signed_scale import scale_across
from tui.widgets.strips import Painted


class EvidenceScale(Painted):
    """One line, the same for all pictures of an example."""

    DEFAULT_CSS = "EvidenceScale { height: 1; width: 1fr; }"

    limit = 0.0
    ends = ("against", "for")

    def show(self, limit: float, ends: tuple[str, str] = ("against", "for")) -> None:
        """`limit` is drawn strongest; `ends` name both sides. A picture without any evidence has no scale."""
        self.display = limit > 0
        if (limit, ends) != (self.limit, self.ends):
            self.limit, self.ends = limit, ends
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.rich_style
        segments = scale_across(self.limit, signed_paint(self, self.palette), base, "", width, self.ends)
        return Strip(segments).adjust_cell_length(width, base)
