"""The figures of the loss lab in few characters, for the pane and the command line alike."""

from __future__ import annotations

import math

from engine.contract.loss_lab import LossMeasured, Spread
from engine.verdicts.figures import time_words

# One letter and one role for each loss, the same in every chart and table.
LETTERS = {
    "indexing": "i",
    "definition": "d",
    "clipped": "c",
    "integer-labels": "n",
    "from-logits": "l",
    "torch": "t",
    "yours": "y",
}
ROLES = {
    "indexing": "line-1",
    "definition": "line-2",
    "clipped": "line-3",
    "integer-labels": "line-4",
    "from-logits": "line-7",
    "torch": "line-8",
    "yours": "line-5",
}


def error_words(error: float) -> str:
    """How far a gradient is off."""
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else f"{error}"


def ratio_words(ratio: Spread) -> str:
    """Median and quartiles: "1.34 (1.20–1.61)", "20.4 (19.8–21.1)"."""
    return f"{ratio_figure(ratio.median)} ({ratio_figure(ratio.low)}–{ratio_figure(ratio.high)})"


def ratio_figure(ratio: float) -> str:
    """Three digits, or the whole number: "1.34", "20.4", "1,204"."""
    return f"{ratio:.2f}" if ratio < 9.995 else f"{ratio:.1f}" if ratio < 99.95 else f"{ratio:,.0f}"


def range_words(spread: Spread) -> str:
    """The quartiles of a time: "92.9 µs–115 µs"."""
    return f"{time_words(spread.low)}–{time_words(spread.high)}"


def parts_words(one: LossMeasured) -> str:
    """Why the parts of a loss do not add up to its time: one that is repeated finds its data and code in the caches."""
    together = sum(phase.seconds.median for phase in one.phases)
    return f"each part alone: {time_words(together)} together; all in a row, with the mean: {time_words(one.seconds)}"
