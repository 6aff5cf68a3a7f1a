"""Figures as sentences and tables quote them: in full, never rounded to something else."""

from __future__ import annotations

import math

_MOST_IN_FULL = 1e8
_FACTOR = 10.0  # a relative error of 1,000 %: from here on it is a factor


def loss_figure(loss: float) -> str:
    """A loss in at most ten characters: 0.447, 12,345.678, 1,234,568, 1.235e+12; −0 is 0."""
    if not math.isfinite(loss):
        return str(loss)
    if abs(loss) < 1e5:
        return f"{loss:z,.3f}"
    return f"{loss:,.0f}" if abs(loss) < _MOST_IN_FULL else f"{loss:.4g}"


def change_figure(change: float) -> str:
    """By how much a loss (above 0) changed: 0.050, and 0.0003 rather than 0.000."""
    return loss_figure(change) if change >= 0.0005 or change == 0 else f"{change:.1g}"


def time_words(seconds: float) -> str:
    """A time in three digits: 1.2 s, 34 ms, 5.6 µs, 780 ns; - where there is none."""
    if not math.isfinite(seconds):
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def bytes_words(count: int) -> str:
    """8.2 GB, 34 MB, 512 kB, 40 B."""
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}" if 1e9 <= count < 1e10 else f"{count / scale:.3g} {unit}"
    return f"{count} B"


def is_factor(error: float) -> bool:
    """Whether a relative error is told as a factor, not in per cent."""
    return math.isfinite(error) and error >= _FACTOR


def factor_figure(error: float) -> str:
    """How many times too large a number with a relative error is: 13, 1.2e4, 8e39; six characters at most."""
    mantissa, _, exponent = f"{error + 1:.{2 if error < 1e99 else 1}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def off_words(error: float) -> str:
    """ "36 % off", "8e39 times too large"."""
    if is_factor(error):
        return f"{factor_figure(error)} times too large"
    return f"{100 * error:.2g} % off" if error < 1 else f"{100 * error:.0f} % off"
