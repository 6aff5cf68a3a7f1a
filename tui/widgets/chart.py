"""A chart that sends to the terminal only what changed since it was last drawn."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from tui.drawing.chart_spec import ChartSpec
from tui.drawing.palette import Palette
from tui.drawing.plot import chart_lines
from tui.drawing.spans import Line
from tui.widgets.strips import Painted, in_ascii_app, line_strip


class Chart(Painted):
    """Draws a `ChartSpec`. How often it is given one is for its owner to decide."""

    DEFAULT_CSS = "Chart { width: 1fr; height: 1fr; }"

    def __init__(self, spec: ChartSpec | None = None, *, palette: Palette | None = None, id: str | None = None) -> None:
        super().__init__(palette=palette, id=id)
        self._spec = spec or ChartSpec(())
        self._lines: list[Line] = []
        self._strips: list[Strip] = []
        self._drawn: tuple[Size, Style] | None = None

    def show(self, spec: ChartSpec) -> None:
        """Draw this from now on. Nothing happens where it looks the same."""
        if spec == self._spec:
            return
        self._spec = spec
        self._redraw()

    def _redraw(self) -> None:
        """Sends what looks different now."""
        # A hidden widget has no size: it is built when it is seen again.
        if self._drawn != (self.size, self.rich_style):
            self._forget()
            return
        lines = self._built()
        changed = [
            _changed_region(y, old, new)
            for y, (old, new) in enumerate(zip(self._lines, lines, strict=True))
            if old != new
        ]
        for region, strip in zip(changed, self._made([lines[region.y] for region in changed]), strict=True):
            self._strips[region.y] = strip
        self._lines = lines
        if changed:
            self.refresh(*changed)

    def render_lines(self, crop: Region) -> list[Strip]:
        # Here, not in `render_line`: finding out the style takes as long as a line.
        style = self.rich_style
        if self._drawn != (self.size, style):
            if self._drawn is None or self._drawn[0] != self.size:
                self._lines = self._built()
            self._drawn = (self.size, style)
            self._strips = self._made(self._lines)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _forget(self) -> None:
        self._drawn = None
        self.refresh()

    def _built(self) -> list[Line]:
        return chart_lines(self._for_terminal(self._spec), self.size.width, self.size.height)

    def _for_terminal(self, spec: ChartSpec) -> ChartSpec:
        return replace(spec, braille=spec.braille and not in_ascii_app(self))

    def _made(self, lines: list[Line]) -> list[Strip]:
        palette, style, width = self.palette, self.rich_style, self.size.width
        return [line_strip(line, palette, style, width) for line in lines]


def _changed_region(y: int, old: Line, new: Line) -> Region:
    """The shortest stretch of line `y` outside of which both are the same."""
    before, after = _cells(old), _cells(new)
    width = max(len(before), len(after))
    if len(before) != len(after):
        return Region(0, y, max(_width(old), _width(new)), 1)
    differing = [x for x in range(width) if before[x] != after[x]]
    start, end = differing[0], differing[-1] + 1
    # In cells, not characters: a label may hold wide ones.
    left = sum(cell_len(text) for text, _ in after[:start])
    return Region(left, y, sum(cell_len(text) for text, _ in after[start:end]), 1)


def _cells(line: Line) -> list[tuple[str, str]]:
    return [(character, run.role) for run in line for character in run.text]


def _width(line: Line) -> int:
    return sum(cell_len(run.text) for run in line)
