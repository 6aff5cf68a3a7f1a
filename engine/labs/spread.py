"""Median and quartiles of what was measured several times."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from engine.contract.loss_lab import Spread


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles; all three are the value where there is only one."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(low, median, high)
