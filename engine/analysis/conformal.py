"""Sets of labels that hold the true class as often as is asked for: split conformal prediction.

One part of the images, drawn by a seed, calibrates: how likely was the true class? The other part is judged. Nothing
is fitted on either. The parts are drawn from all images alike, not class by class as Trust's halves are: only then is
each judged image exchangeable with those that calibrate, which is all that the guarantee rests on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from engine.analysis import intervals
from engine.analysis.beta_binomial import coverage_by_luck, tails
from engine.analysis.evidence import Evidence
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.contract.conformal import (
    MOST_LISTED,
    MOST_OF_A_SIZE,
    ClassSets,
    Luck,
    SetImage,
    SetMethod,
    SetSize,
    SetsView,
    size_bins,
)
from engine.contract.decisions import SPLIT_SEED

_SURE = 0.05  # the chance that any class is said to be off by luck alone


def parts(images: int) -> tuple[Integers, Integers]:
    """The numbers of the images that calibrate, and of those that are judged: half of them each, or one fewer."""
    drawn = np.random.RandomState(SPLIT_SEED).permutation(images)
    return np.sort(drawn[0::2]), np.sort(drawn[1::2])


def rank_of(level: float, calibrated: int) -> int:
    """⌈(n + 1) · level⌉: which of n calibrating scores, from the smallest, bounds the scores of a set.

    (Vovk et al. 2005; Angelopoulos and Bates 2023, section 1.) More than n where n is too small for the level: then
    no score is large enough. The level is meant as it is written: 0.55 of 100 is 55, whatever floats make of it.
    """
    share = _written(level)
    return -(-(calibrated + 1) * share.numerator // share.denominator)


@lru_cache(maxsize=16)
def _written(level: float) -> Fraction:
    return Fraction(repr(level))


@dataclass(frozen=True)
class Conformity:
    """How well each class fits each judged image; what depends on the method, and not on the level.

    `judged` (m,) are the numbers of the judged images, `labels` (m,) their classes, `known` (n,) those of the images
    that calibrate. `calibrating` are the values of these images' true classes, the best fitting first: one row for
    all classes, or one for each. `of_true` (m,) are those of the judged images. `of_all` (m, classes) are those of all
    classes; where one row calibrates all classes, perhaps in another order than that of the classes. `slack` is how
    far two values may differ by rounding alone, relative to them.
    """

    method: SetMethod
    judged: Integers
    labels: Integers
    known: Integers
    calibrating: tuple[Floats, ...]
    of_true: Floats
    of_all: Floats
    slack: float

    @classmethod
    def of(cls, evidence: Evidence, method: SetMethod) -> Conformity:
        """Of what a classifier, or the mean of an ensemble, said."""
        some, judged = parts(len(evidence.labels))
        known, labels, half_unit = evidence.labels[some], evidence.labels[judged], evidence.precision.half_unit
        of_all, classes = evidence.probabilities[judged], len(evidence.label_names)
        if method == "aps":
            by_sum = _best_first(-_likelier(evidence.probabilities[some], known))
            of_true, slack = -_likelier(of_all, labels), 2 * half_unit  # two sums, each off by half a unit
            return cls(method, judged, labels, known, (by_sum,), of_true, -_cumulated(of_all), slack)
        of_known, of_true = evidence.probabilities[some, known], evidence.probabilities[judged, labels]
        slack = 0.0 if evidence.precision.stored else half_unit  # as stored, numbers are compared as they are
        groups = [of_known] if method == "lac" else [of_known[known == label] for label in range(classes)]
        calibrating = tuple(_best_first(values) for values in groups)
        return cls(method, judged, labels, known, calibrating, of_true, of_all, slack)

    def least(self, level: float) -> Floats:
        """What a class needs to be in a set: (1,), or (classes,) where each class has its own."""
        return np.array([_least(values, level) for values in self.calibrating])

    def quantile(self, least: float) -> float:
        """The bound as the method's own score has it: 1 − p, or the sum of what is likelier."""
        return (-least if self.method == "aps" or math.isinf(least) else 1 - least) + 0.0

    def reach(self, values: Floats, least: Floats) -> Booleans:
        """Whether each of these is at least what is needed, but for rounding."""
        return np.asarray(
            values >= least - self.slack * np.abs(least, out=np.zeros_like(least), where=np.isfinite(least))
        )


def _best_first(values: Floats) -> Floats:
    return -np.sort(-values)


def _least(best_first: Floats, level: float) -> float:
    rank = rank_of(level, len(best_first))
    if rank > len(best_first):
        return -math.inf
    return float(best_first[rank - 1]) if rank else math.inf


def _likelier(probabilities: Floats, labels: Integers) -> Floats:
    """The score of APS without randomisation (Romano et al. 2020, section 2): the sum (n,) of all probabilities
    (n, classes) above that of the label (n,).

    So a set takes the likeliest classes until their sum exceeds the quantile, and is never empty. Equally likely
    classes have equal scores: the order of the classes plays no part.
    """
    of_label = probabilities[np.arange(len(labels)), labels]
    return np.asarray(np.where(probabilities > of_label[:, None], probabilities, 0.0).sum(axis=1), dtype=np.float64)


def _cumulated(probabilities: Floats) -> Floats:
    """That sum for every class, (n, classes), the most likely class first."""
    falling = -np.sort(-probabilities, axis=1)
    sums = np.zeros_like(falling)
    np.cumsum(falling[:, :-1], axis=1, out=sums[:, 1:])
    equal = falling[:, 1:] == falling[:, :-1]
    if equal.any():
        sums[:, 1:][equal] = 0.0
        np.maximum.accumulate(sums, axis=1, out=sums)
    return sums


def sets_view(evidence: Evidence, conformity: Conformity, level: float) -> SetsView:
    """The sets of the judged images at a level, 0 to 1, and whether they hold what was promised."""
    judged, known, labels = conformity.judged, conformity.known, conformity.labels
    least = conformity.least(level)
    inside = conformity.reach(conformity.of_all, least)
    sizes = np.count_nonzero(inside, axis=1)
    of_label = least[labels] if len(least) > 1 else np.broadcast_to(least, labels.shape)
    covered = conformity.reach(conformity.of_true, of_label)
    rank, hits = rank_of(level, len(known)), int(np.count_nonzero(covered))
    return SetsView(
        level=level,
        method=conformity.method,
        split_seed=SPLIT_SEED,
        calibrated=len(known),
        judged=len(judged),
        quantile=conformity.quantile(float(least[0])) if conformity.method != "class-conditional" else math.nan,
        covered=hits,
        coverage=hits / len(judged),
        interval=intervals.of_share(hits, len(judged)),
        promised=min(1.0, rank / (len(known) + 1)),
        by_luck=coverage_by_luck(rank, len(known), len(judged)),
        mean_size=float(sizes.mean()),
        median_size=float(np.median(sizes)),
        sizes=_by_size(sizes, covered),
        classes=_by_class(conformity, level, least, sizes, covered),
        images=_to_look_at(evidence, conformity, least, sizes, covered),
    )


def _by_size(sizes: Integers, covered: Booleans) -> tuple[SetSize, ...]:
    images, hits = np.bincount(sizes), np.bincount(sizes, weights=covered)
    return tuple(SetSize(int(size), int(images[size]), int(hits[size])) for size in np.flatnonzero(images))


def _by_class(
    conformity: Conformity,
    level: float,
    least: Floats,
    sizes: Integers,
    covered: Booleans,
) -> tuple[ClassSets, ...]:
    known, labels = conformity.known, conformity.labels
    own = len(conformity.calibrating) > 1
    classes = len(conformity.calibrating) if own else conformity.of_all.shape[1]
    images = np.bincount(labels, minlength=classes).tolist()
    hits = np.bincount(labels, weights=covered, minlength=classes).astype(np.int64).tolist()
    total = np.bincount(labels, weights=sizes, minlength=classes).tolist()
    calibrated = np.bincount(known, minlength=classes).tolist() if own else [len(known)] * classes
    bounds = least.tolist() if own else least.tolist() * classes
    present = sum(count > 0 for count in images)
    return tuple(
        ClassSets(
            images=count,
            covered=hit,
            coverage=hit / count if count else math.nan,
            interval=intervals.of_share(hit, count),
            luck=_luck(level, some, count, hit, present),
            mean_size=size / count if count else math.nan,
            calibrated=some,
            quantile=conformity.quantile(bound),
        )
        for count, hit, size, some, bound in zip(images, hits, total, calibrated, bounds, strict=True)
    )


def _luck(level: float, calibrated: int, judged: int, covered: int, classes: int) -> Luck:
    """Whether luck alone would be seen so far from the level; by Bonferroni, for all classes and both directions."""
    few, many = tails(rank_of(level, calibrated), calibrated, judged, covered)
    bound = _SURE / (2 * max(1, classes))
    return "below" if few < bound else "above" if many < bound else ""


def _to_look_at(
    evidence: Evidence, conformity: Conformity, least: Floats, sizes: Integers, covered: Booleans
) -> tuple[SetImage, ...]:
    judged = conformity.judged
    bins = np.array([first for first, _ in size_bins(int(sizes.max()))])
    kinds = np.searchsorted(bins, sizes, side="right") - 1
    order = np.lexsort((-sizes, covered, kinds))  # stable: of equal ones the first images
    starts = np.searchsorted(kinds[order], np.arange(len(bins)))
    ends = np.append(starts[1:], len(order))
    chosen = np.concatenate(
        [order[start : min(end, start + MOST_OF_A_SIZE)] for start, end in zip(starts, ends, strict=True)]
    )
    probabilities = evidence.probabilities[judged[chosen]]
    likeliest = np.argsort(-probabilities, axis=1, kind="stable")
    if conformity.method == "class-conditional":
        inside = conformity.reach(probabilities, least)
        # Those of the set first, in the order of their probabilities.
        likeliest = np.take_along_axis(
            likeliest, np.argsort(~np.take_along_axis(inside, likeliest, axis=1), axis=1, kind="stable"), axis=1
        )
    return tuple(
        SetImage(index=index, size=size, labels=tuple(labels[: min(size, MOST_LISTED)]), covered=hit)
        for index, size, labels, hit in zip(
            judged[chosen].tolist(),
            sizes[chosen].tolist(),
            likeliest[:, :MOST_LISTED].tolist(),
            covered[chosen].tolist(),
            strict=True,
        )
    )


def sets_of(evidence: Evidence, method: SetMethod, level: float) -> SetsView:
    """Of a question that is asked once."""
    return sets_view(evidence, Conformity.of(evidence, method), level)
