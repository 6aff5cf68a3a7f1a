"""One class against all others: what a threshold on its probability finds, misses and raises for nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.analysis import intervals
from engine.contract.decisions import Interval, PrevalenceShift

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """How the decisions at one threshold turned out. Ratios without a denominator are nan."""

    true_positive: int
    false_positive: int
    true_negative: int
    false_negative: int

    @property
    def positives(self) -> int:
        """Images that are positive in truth."""
        return self.true_positive + self.false_negative

    @property
    def negatives(self) -> int:
        """Images that are negative in truth."""
        return self.true_negative + self.false_positive

    @property
    def sensitivity(self) -> float:
        """Of the positive ones, the share that is found; also called recall."""
        return _ratio(self.true_positive, self.positives)

    @property
    def specificity(self) -> float:
        """Of the negative ones, the share that is left in peace."""
        return _ratio(self.true_negative, self.negatives)

    @property
    def precision(self) -> float:
        """Of the alarms, the share that is right; also called positive predictive value."""
        return _ratio(self.true_positive, self.true_positive + self.false_positive)

    @property
    def prevalence(self) -> float:
        """The share of positive images."""
        return _ratio(self.positives, self.positives + self.negatives)


def counts_at(scores: Floats, positive: Booleans, threshold: float) -> Counts:
    """Counts for scores (n,) where `score >= threshold` is taken for positive, `positive` (n,) being the truth."""
    alarm = scores >= threshold
    found, alarms = int(np.count_nonzero(alarm & positive)), int(np.count_nonzero(alarm))
    positives = int(np.count_nonzero(positive))
    return Counts(found, alarms - found, len(scores) - positives - (alarms - found), positives - found)


@dataclass(frozen=True)
class Ranking:
    """The counts at every threshold that makes a difference, the strictest first.

    All are (m + 1,) for m different scores: at first, above every score, nothing is positive. Equal scores move
    together, so that the order of the images plays no part.
    """

    thresholds: Floats
    true_positive: Integers
    false_positive: Integers

    @classmethod
    def of(cls, scores: Floats, positive: Booleans) -> Ranking:
        """Ranks scores (n,), `positive` (n,) being the truth."""
        order = np.argsort(-scores, kind="stable")
        falling, hits = scores[order], positive[order]
        last = np.flatnonzero(np.diff(falling, append=-math.inf))  # where a run of equal scores ends
        found = np.cumsum(hits, dtype=np.int64)[last]
        return cls(
            thresholds=np.concatenate(([math.inf], falling[last])),
            true_positive=np.concatenate(([0], found)),
            false_positive=np.concatenate(([0], last + 1 - found)),
        )

    @property
    def positives(self) -> int:
        """Images that are positive in truth."""
        return int(self.true_positive[-1])

    @property
    def negatives(self) -> int:
        """Images that are negative in truth."""
        return int(self.false_positive[-1])

    @property
    def recall(self) -> Floats:
        """Also the true positive rate, or sensitivity, at each threshold; nan where nothing is positive."""
        return _ratios(self.true_positive, self.positives)

    @property
    def false_positive_rate(self) -> Floats:
        """1 − specificity at each threshold; nan where nothing is negative."""
        return _ratios(self.false_positive, self.negatives)

    @property
    def precision(self) -> Floats:
        """At each threshold; at the first, where there is no alarm, that of the second one."""
        alarms = self.true_positive + self.false_positive
        precision: Floats = self.true_positive[1:] / alarms[1:]
        return np.concatenate((precision[:1], precision))

    def auc(self) -> float:
        """The area under the ROC curve by trapezoids, nan where a class is absent.

        It is the probability that a positive image has a higher score than a negative one, ties counting half
        (Hanley and McNeil 1982).
        """
        return float(np.trapezoid(self.recall, self.false_positive_rate))

    def average_precision(self) -> float:
        """The precision at each threshold, weighted by the recall that it adds; nan where nothing is positive.

        Not interpolated: trapezoids between points of a precision–recall curve are too optimistic (Davis and
        Goadrich 2006).
        """
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))


def at_prevalence(counts: Counts, prevalence: float) -> PrevalenceShift:
    """The same sensitivity and specificity where another share is positive, by Bayes' theorem.

    The interval of the positive predictive value is that of its two ingredients, both at their worst and both at
    their best.
    """
    sensitive = intervals.of_share(counts.true_positive, counts.positives)
    specific = intervals.of_share(counts.true_negative, counts.negatives)
    ill, well = 1000 * prevalence, 1000 * (1 - prevalence)
    true_positive, true_negative = ill * counts.sensitivity, well * counts.specificity
    return PrevalenceShift(
        prevalence=prevalence,
        positive_predictive_value=predictive_value(counts.sensitivity, counts.specificity, prevalence),
        positive_predictive_interval=Interval(
            predictive_value(sensitive.low, specific.low, prevalence),
            predictive_value(sensitive.high, specific.high, prevalence),
        ),
        negative_predictive_value=predictive_value(counts.specificity, counts.sensitivity, 1 - prevalence),
        true_positive=true_positive,
        false_negative=ill - true_positive,
        false_positive=well - true_negative,
        true_negative=true_negative,
    )


def predictive_value(sensitivity: float, specificity: float, prevalence: float) -> float:
    """P(positive | alarm); with sensitivity and specificity exchanged and 1 − prevalence, P(negative | no alarm)."""
    true_alarms = sensitivity * prevalence
    return _ratio(true_alarms, true_alarms + (1 - specificity) * (1 - prevalence))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def _ratios(counts: Integers, total: int) -> Floats:
    return counts / total if total else np.full(len(counts), math.nan)
