"""The scale of signed pictures: which colour, or which sign, is positive, and how far it reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style

from tui.drawing.plain import padded
from tui.widgets.signed import SignedPaint, Values, draw_signed
from tui.widgets.strips import role_style, row_segments

SCALE_COLUMNS = 22  # of a scale that stands beside pictures, with its words
_RAMP = 7  # rows of it
_ACROSS = 15  # columns of one that lies under pictures


def signed(value: float) -> str:
    """Three digits and always a sign."""
    return f"{value:+#.3g}".replace("-", "−")


def range_lines(values: Values) -> list[str]:
    """From the least to the greatest of a picture; what is not finite is counted."""
    finite = [value for value in values if math.isfinite(value)]
    lines = [f"from {signed(min(finite))}", f"to {signed(max(finite))}"] if finite else []
    return lines + ([f"{len(values) - len(finite):,} not finite"] if len(finite) < len(values) else [])


def scale_across(
    limit: float,
    paint: SignedPaint,
    base: Style,
    words: str,
    width: int,
    ends: tuple[str, str] = ("negative", "positive"),
) -> list[Segment]:
    """A line: the scale from left to right between the names of its ends, and after it the words."""
    values = [limit * (2 * step / (_ACROSS - 1) - 1) for step in range(_ACROSS)]
    (ramp,) = draw_signed(values, (1, _ACROSS), limit, (1, _ACROSS), paint)
    text, muted = base + role_style("text", paint.palette), base + role_style("muted", paint.palette)
    left, right = f" {ends[0]} {signed(-limit)} ", f" {signed(limit)} {ends[1]}   "
    rest = max(0, width - len(left) - _ACROSS - len(right))
    return [Segment(left, text), *row_segments(ramp, base), Segment(right, text), Segment(padded(words, rest), muted)]


def scale_lines(limit: float, paint: SignedPaint, base: Style, words: Sequence[str], rows: int) -> list[list[Segment]]:
    """`rows` lines: the scale from above to below, and under it the words, a line each."""
    pixels = 2 * _RAMP
    values = [limit * (1 - 2 * step / (pixels - 1)) for step in range(pixels)]
    ramp = draw_signed(values, (pixels, 1), limit, (_RAMP, 3), paint)
    text, muted = base + role_style("text", paint.palette), base + role_style("muted", paint.palette)
    marks = {0: f"{signed(limit)} positive", _RAMP // 2: "0", _RAMP - 1: f"{signed(-limit)} negative"}
    lines = [
        [
            Segment("  ", base),
            *row_segments(row, base),
            Segment(padded(f" {marks.get(y, '')}", SCALE_COLUMNS - 5), text),
        ]
        for y, row in enumerate(ramp)
    ]
    said = [[Segment(padded(f"  {word}", SCALE_COLUMNS), muted)] for word in ("", *words)]
    lines += said
    return (lines + [[] for _ in range(rows)])[:rows]
