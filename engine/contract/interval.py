"""How far a figure could be off."""

from __future__ import annotations

from msgspec import Struct


class Interval(Struct, frozen=True):
    """The ends of an interval around an estimate, in its unit; nan where it is unknown."""

    low: float
    high: float
