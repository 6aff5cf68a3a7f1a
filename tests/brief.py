"""Measurements that take hundredths of a second: for tests of how figures are written, not of how good they are."""

from __future__ import annotations

from types import ModuleType

from engine.labs import stopwatch
from engine.labs.loss import measuring

# Of a module, the name of a setting, and its brief value.
BRIEF: tuple[tuple[ModuleType, str, float], ...] = (
    (measuring, "_SECONDS", 0.01),
    (measuring, "_FEWEST_ROUNDS", 2),
    (stopwatch, "_LEAST_SECONDS", 1e-5),
    (stopwatch, "_WARM_UP", 1),
)
