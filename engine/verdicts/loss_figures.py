"""What the figures of the loss lab allow to claim, and how a sentence writes them.

Of two times one is called longer only where 1 lies outside the quartiles of their ratio. That is taken round by round,
so that what slowed down a whole round does not count: the quartiles of the times themselves may overlap all the same.
"""

from __future__ import annotations

from engine.contract.loss_lab import YARDSTICK, LossesMeasured, LossMeasured, Spread
from engine.verdicts.figures import time_words

# Below this share of a processor, or with quartiles of one and the same time so far apart, the machine was busy.
_LEAST_SHARE, MOST_SPREAD = 0.9, 1.5
# A loss is a sum of rounded terms: so many epsilon of it are every implementation's right.
_EPSILONS = 16
_EPSILON = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}


def longer(ratio: Spread) -> int:
    """1 where a time with this ratio to another is longer than that, −1 where shorter, 0 where the spread hides it.

    By two decimals, as the ratio is shown: nothing is claimed that the figures beside it seem to deny.
    """
    if round(ratio.low, 2) > 1:
        return 1
    return -1 if round(ratio.high, 2) < 1 else 0


def busy(measured: LossesMeasured) -> str:
    """How one sees that the machine did something else meanwhile; "" where one does not."""
    yardstick = measured.of(YARDSTICK)
    if yardstick.processor_share < _LEAST_SHARE:
        return f"a processor worked only {yardstick.processor_share:.0%} of the time"
    if yardstick.spread.high > MOST_SPREAD * yardstick.spread.low:
        times = yardstick.spread.high / yardstick.spread.low
        return f"the same computation took up to {times:.1f} times as long in one round as in another"
    return ""


def right(one: LossMeasured, measured: LossesMeasured) -> bool:
    """Whether a loss is float64's, as far as its dtype can tell."""
    allowed = _EPSILONS * _EPSILON[measured.question.dtype] * max(1.0, abs(measured.value))
    return abs(one.value - measured.value) <= allowed  # False for nan and for inf against a number


def gradient_right(one: LossMeasured, measured: LossesMeasured) -> bool:
    """Whether a gradient is float64's: an element is a difference of two probabilities over the batch size."""
    return one.gradient_error <= _EPSILONS * _EPSILON[measured.question.dtype] / measured.question.batch_size


def as_long(ratio: Spread, than: str = "") -> str:
    """How many times as long, with the quartiles; `than` names what it is compared with."""
    compared = f" as {than}" if than else ""
    return f"{ratio.median:.2f} times as long{compared} ({ratio.low:.2f} to {ratio.high:.2f} in half of the rounds)"


def ratio_words(ratio: Spread) -> str:
    """The median of a ratio and its quartiles."""
    return f"{ratio.median:.2f} times ({ratio.low:.2f} to {ratio.high:.2f})"


def range_words(spread: Spread) -> str:
    """The quartiles of a time."""
    return f"{time_words(spread.low)} and {time_words(spread.high)}"


def loss_words(value: float) -> str:
    """A loss in nats by five digits."""
    return f"{value:z.5g}".replace("-", "−")
