"""Whether a probability of 0.8 is right 8 times of 10: reliability, calibration errors and proper scores."""

from __future__ import annotations

import math

import numpy as np

from engine.analysis.precision import EXACT, Precision
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.contract.decisions import CALIBRATION_BINS, ReliabilityBin


def reliability(
    sure: Floats, right: Booleans, bins: int = CALIBRATION_BINS, precision: Precision = EXACT
) -> tuple[ReliabilityBin, ...]:
    """Confidences (n,) of the top label in bins of equal width, (0, 1/bins], (1/bins, 2/bins], …

    (Guo et al. 2017, section 2.) `right` (n,) says whether the label is the true one.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    return _binned(sure, right, _places(sure, bins, precision), edges[:-1], edges[1:])


def _places(sure: Floats, bins: int, precision: Precision) -> Integers:
    """The bins of equal width (n,) of confidences (n,): one on an edge belongs below, in whatever precision."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    return np.searchsorted(precision.most(edges[1:-1]), sure, side="left").astype(np.int64)


def reliability_equal_mass(
    sure: Floats, right: Booleans, bins: int = CALIBRATION_BINS, precision: Precision = EXACT
) -> tuple[ReliabilityBin, ...]:
    """Bins of about equally many images each (Nixon et al. 2019), from the least to the most confident.

    Images of equal confidence share a bin, that of their middle rank, so that their order plays no part. Bins that
    nothing falls into are nan throughout.
    """
    ranked = precision.ties(sure)
    ascending = np.sort(ranked)
    middle = (
        np.searchsorted(ascending, ranked, side="left") + np.searchsorted(ascending, ranked, side="right") - 1
    ) / 2
    which = (middle * bins / len(sure)).astype(np.int64)
    low, high = np.full(bins, math.inf), np.full(bins, -math.inf)
    np.minimum.at(low, which, sure)
    np.maximum.at(high, which, sure)
    empty = low > high
    low[empty] = high[empty] = math.nan
    return _binned(sure, right, which, low, high)


def _binned(sure: Floats, right: Booleans, which: Integers, low: Floats, high: Floats) -> tuple[ReliabilityBin, ...]:
    counts = np.bincount(which, minlength=len(low))
    least = np.maximum(counts, 1)
    means = np.bincount(which, weights=sure, minlength=len(low)) / least
    hits = np.bincount(which, weights=right, minlength=len(low)) / least
    return tuple(
        ReliabilityBin(
            low=float(low[index]),
            high=float(high[index]),
            count=int(count),
            confidence=float(means[index]) if count else math.nan,
            accuracy=float(hits[index]) if count else math.nan,
        )
        for index, count in enumerate(counts)
    )


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """The mean over all images of |accuracy − confidence| of their bin (Guo et al. 2017, equation 3)."""
    total = sum(one.count for one in bins)
    return math.fsum(one.count * abs(one.accuracy - one.confidence) for one in bins if one.count) / total


def error_by_chance(sure: Floats, bins: int = CALIBRATION_BINS, precision: Precision = EXACT) -> float:
    """What the calibration error in bins of equal width stays below where all is well, about 19 times of 20.

    Were every confidence true, a bin's gap would be normal around 0 with the variance Σ p(1 − p); the absolute value
    of such a gap has the mean σ√(2/π) and the variance σ²(1 − 2/π). The mean plus 1.645 deviations, over all bins.
    """
    which, certain = _places(sure, bins, precision), np.clip(sure, 0.0, 1.0)
    variances = np.bincount(which, weights=certain * (1 - certain), minlength=bins)
    mean = float(np.sqrt(variances).sum()) * math.sqrt(2 / math.pi)
    return (mean + 1.645 * math.sqrt(float(variances.sum()) * (1 - 2 / math.pi))) / len(sure)


def brier_score(probabilities: Floats, labels: Integers) -> float:
    """The mean over images of Σ (p − y)² over all classes, from 0 to 2 (Brier 1950)."""
    return float(brier_scores(probabilities, labels).mean())


def brier_scores(probabilities: Floats, labels: Integers) -> Floats:
    """Of each image (n,)."""
    squares = np.einsum("nk,nk->n", probabilities, probabilities)
    return np.asarray(squares - 2 * _of_label(probabilities, labels) + 1, dtype=np.float64)


def losses(logits: Floats, labels: Integers, temperature: float = 1.0) -> Floats:
    """The negative log-likelihoods (n,) of the labels under softmax(logits / temperature).

    A logit may be −inf, not all of a row: the loss of its label is inf.
    """
    scaled = logits / temperature
    return _log_partition(scaled)[:, 0] - _of_label(scaled, labels)


def log_softmax(logits: Floats) -> Floats:
    """The logarithms (n, classes) of the probabilities of logits (n, classes), also of those too small for a float."""
    return logits - _log_partition(logits)


def _log_partition(logits: Floats) -> Floats:
    largest = logits.max(axis=1, keepdims=True)
    exponentials = logits - largest
    np.exp(exponentials, out=exponentials)
    return np.asarray(np.log(exponentials.sum(axis=1, keepdims=True)) + largest, dtype=np.float64)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities (n, classes) of logits (n, classes) at a temperature; the row maximum is subtracted."""
    values: Floats = logits / temperature  # one array throughout: of a large file, taking memory costs more than exp
    values -= values.max(axis=1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=1, keepdims=True)
    return values


def _of_label(values: Floats, labels: Integers) -> Floats:
    return np.asarray(values[np.arange(len(labels)), labels], dtype=np.float64)
