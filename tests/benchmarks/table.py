"""Medians and ratios, as a table for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each contender, one after the other in every round, so that a noisy moment meets them all."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            began = perf_counter()
            run()
            seconds[name].append(perf_counter() - began)
    return seconds


def table(seconds: Mapping[str, list[float]], unit: str, reference: str) -> str:
    """A line per contender: median, fastest, slowest, and how many times the reference's median."""
    width = max(map(len, seconds))
    base = median(seconds[reference])
    lines = [f"{'':{width}}  {'median':>9} {'fastest':>9} {'slowest':>9}   × {reference}   ({unit})"]
    for name, values in seconds.items():
        middle = median(values)
        lines.append(f"{name:{width}}  {middle:9.4f} {min(values):9.4f} {max(values):9.4f}   {middle / base:8.2f}")
    return "\n".join(lines)
