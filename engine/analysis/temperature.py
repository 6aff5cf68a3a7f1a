"""The one number that logits are divided by so that their probabilities fit how often they are right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.analysis.calibration import softmax
from engine.analysis.thresholds import Floats, Integers

LOWEST, HIGHEST = 1e-3, 1e4
_MOST_STEPS = 100
_PRECISION = 1e-10  # relative, of the temperature
_FLAT = 1e-12  # of the spread of the logits: a slope below it is rounding


@dataclass(frozen=True)
class Temperature:
    """`at_bound` where the likelihood still grows at the end of what is looked at: no temperature is the best one.

    Towards 0 that happens where every label is right, towards infinity where guessing would do better.
    """

    value: float
    at_bound: bool


def fit_temperature(logits: Floats, labels: Integers) -> Temperature:
    """The temperature of least mean negative log-likelihood for logits (n, classes) and labels (n,).

    (Guo et al. 2017, section 4.2.) In β = 1/T the loss is convex: its slope is the mean of E_p[z] − z_label, its
    curvature the mean variance of z under p = softmax(βz). So the slope has one zero, which Newton's steps find,
    each kept within the bracket that the slopes' signs have left; where one would leave it, it is halved instead.
    Logits that say nothing, all equal, fit at any temperature: 1. A logit of −inf is a probability of 0 at every
    temperature and adds nothing to the means.

    Raises:
        ValueError: the logit of a label is −inf, so that the loss is infinite at every temperature.
    """
    if np.isinf(logits[np.arange(len(labels)), labels]).any():
        raise ValueError("a label has probability 0: no temperature makes its loss finite")
    centred = logits - logits.max(axis=1, keepdims=True)
    finite = np.where(np.isfinite(centred), centred, 0.0)  # where not, the probability is 0: 0 · −inf would be nan
    spread = -centred.min(axis=1, where=np.isfinite(centred), initial=0.0)
    flat = _FLAT * max(float(spread.mean()), np.finfo(np.float64).tiny)
    low, high = 1 / HIGHEST, 1 / LOWEST
    beta = 1.0
    slope, curvature = _slope(centred, finite, labels, beta)
    if abs(slope) <= flat:
        return Temperature(1.0, False)
    end = high if slope < 0 else low
    # Not > 0: where every label is right the slope rounds to 0 on its way there.
    if _slope(centred, finite, labels, end)[0] * slope >= 0:
        return Temperature(1 / end, True)
    for _ in range(_MOST_STEPS):
        low, high = (beta, high) if slope < 0 else (low, beta)
        step = beta - slope / curvature if curvature > 0 else math.inf
        # The middle of the logarithms: the bracket spans decades.
        following = step if low < step < high else math.sqrt(low * high)
        if abs(following - beta) <= _PRECISION * beta:
            beta = following
            break
        beta = following
        slope, curvature = _slope(centred, finite, labels, beta)
        if abs(slope) <= flat:
            break
    return Temperature(1 / beta, False)


def _slope(centred: Floats, finite: Floats, labels: Integers, beta: float) -> tuple[float, float]:
    """First and second derivative of the mean negative log-likelihood by β. `finite` is `centred` with 0 for −inf."""
    probabilities = softmax(centred, 1 / beta)
    means = np.einsum("nk,nk->n", probabilities, finite)
    squares = np.einsum("nk,nk,nk->n", probabilities, finite, finite)
    of_label = centred[np.arange(len(labels)), labels]
    return float((means - of_label).mean()), float((squares - means**2).mean())
