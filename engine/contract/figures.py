"""Figures as sentences and tables quote them: in full, never rounded to something else."""

from __future__ import annotations

import math

_MOST_IN_FULL = 1e8


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
