"""Is the most likely label always the answer? The three views of Decide, from what a classifier said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.analysis import intervals
from engine.analysis.abstention import abstention, confidence
from engine.analysis.calibration import (
    brier_score,
    error_by_chance,
    expected_calibration_error,
    losses,
    reliability,
    reliability_equal_mass,
    softmax,
)
from engine.analysis.costs import costs_view
from engine.analysis.ensemble import ensemble_gain, mean_probabilities
from engine.analysis.temperature import fit_temperature
from engine.analysis.thresholds import Floats, Integers, Ranking, at_prevalence, counts_at
from engine.contract.decisions import Curve, DecideQuestion, Decision, EnsembleGain, ThresholdView, TrustView
from engine.contract.errors import InputError

_CURVE_POINTS = 200
_LARGEST = 1e38  # of a logit: beyond, differences and quotients would leave the floats


@dataclass(frozen=True)
class Evidence:
    """`logits` and `probabilities` (n, classes) in float64, all finite, `labels` (n,), at least two images."""

    logits: Floats
    probabilities: Floats
    labels: Integers
    label_names: tuple[str, ...]

    @classmethod
    def of_logits(
        cls, logits: npt.NDArray[np.floating], labels: Integers, label_names: tuple[str, ...], what: str = "logits"
    ) -> Evidence:
        """Probabilities in float64, so that no implementation of softmax stands between the model and its judge.

        Raises:
            InputError: a logit is not finite, or there are fewer than two images; `what` names the model.
        """
        wide = _checked(logits, labels, what)
        return cls(wide, softmax(wide), labels, label_names)

    @classmethod
    def of_probabilities(
        cls,
        probabilities: npt.NDArray[np.floating],
        labels: Integers,
        label_names: tuple[str, ...],
        what: str = "probabilities",
    ) -> Evidence:
        """Probabilities as they are, their logarithms for logits.

        A 0 is whatever the dtype could not hold: its logarithm is that of the smallest normal number.

        Raises:
            InputError: as `of_logits`.
        """
        wide = _checked(probabilities, labels, what)
        least = max(float(np.finfo(probabilities.dtype).tiny), float(np.finfo(np.float64).tiny))
        return cls(np.log(np.maximum(wide, least)), wide, labels, label_names)

    @classmethod
    def of_ensemble(cls, members: Sequence[Evidence]) -> Evidence:
        """The mean of the members' probabilities.

        Raises:
            InputError: they did not judge the same images.
        """
        first = members[0]
        for number, member in enumerate(members[1:], 2):
            if member.probabilities.shape != first.probabilities.shape or (member.labels != first.labels).any():
                raise InputError(
                    f"ensemble: found member {number} on {_size(member)} with labels of its own, "
                    f"expected the images of member 1, {_size(first)}"
                )
        mean = mean_probabilities([member.probabilities for member in members])
        return cls.of_probabilities(mean, first.labels, first.label_names)


def _checked(values: npt.NDArray[np.floating], labels: Integers, what: str) -> Floats:
    if len(labels) < 2:
        raise InputError(f"{what}: found {len(labels)} image, expected at least 2")
    wide = values.astype(np.float64)
    usable = np.abs(wide) <= _LARGEST  # False for nan
    if not usable.all():
        image, column = np.argwhere(~usable)[0]
        raise InputError(
            f"{what}: found {wide[image, column]} for image {image}, class {column}, expected finite numbers "
            f"of at most {_LARGEST:g}"
        )
    return wide


def _size(evidence: Evidence) -> str:
    images, classes = evidence.probabilities.shape
    return f"{images:,} images of {classes} classes"


def decide(evidence: Evidence, question: DecideQuestion, members: Sequence[Evidence] = ()) -> Decision:
    """All three views. `members` are those of the ensemble that `evidence` is the mean of.

    Raises:
        InputError: the question is about a class that there is not, or its costs are of another size.
    """
    return Decision(
        label_names=evidence.label_names,
        num_examples=len(evidence.labels),
        threshold=threshold_view(evidence, question.positive, question.threshold, question.prevalence),
        costs=costs_view(evidence.probabilities, evidence.labels, question.costs),
        trust=trust_view(evidence, question.referral, members),
    )


def threshold_view(evidence: Evidence, positive: int, threshold: float, prevalence: float) -> ThresholdView:
    """The class `positive` against all others at a threshold, and where `prevalence` of them would be positive.

    Raises:
        InputError: there is no such class.
    """
    classes = len(evidence.label_names)
    if not 0 <= positive < classes:
        raise InputError(f"positive: found class {positive}, expected 0 to {classes - 1}")
    scores, truth = evidence.probabilities[:, positive], evidence.labels == positive
    counts, ranking = counts_at(scores, truth, threshold), Ranking.of(scores, truth)
    auc = ranking.auc()
    return ThresholdView(
        positive=positive,
        positive_label=evidence.label_names[positive],
        threshold=threshold,
        true_positive=counts.true_positive,
        false_positive=counts.false_positive,
        true_negative=counts.true_negative,
        false_negative=counts.false_negative,
        sensitivity=counts.sensitivity,
        sensitivity_interval=intervals.of_share(counts.true_positive, counts.positives),
        specificity=counts.specificity,
        specificity_interval=intervals.of_share(counts.true_negative, counts.negatives),
        precision=counts.precision,
        precision_interval=intervals.of_share(counts.true_positive, counts.true_positive + counts.false_positive),
        prevalence=counts.prevalence,
        auc=auc,
        auc_interval=intervals.of_auc(auc, ranking.positives, ranking.negatives),
        average_precision=ranking.average_precision(),
        roc=_curve(ranking.false_positive_rate, ranking.recall),
        precision_recall=_curve(ranking.recall, ranking.precision),
        shift=at_prevalence(counts, prevalence),
    )


def _curve(x: Floats, y: Floats) -> Curve:
    """At most 200 points, equally far apart along the way; none where an axis has no meaning."""
    if math.isnan(x[-1]) or math.isnan(y[-1]):
        return Curve((), ())
    way = np.concatenate(([0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))))
    stops = np.searchsorted(way, np.linspace(0.0, way[-1], _CURVE_POINTS))
    shown = np.unique(np.concatenate(([0], stops, [len(x) - 1])))
    return Curve(tuple(x[shown].tolist()), tuple(y[shown].tolist()))


def trust_view(evidence: Evidence, referral: float, members: Sequence[Evidence] = ()) -> TrustView:
    """Calibration before and after a temperature that never saw the images it is judged on; abstention on all."""
    labels, judged = evidence.labels[1::2], evidence.probabilities[1::2]
    temperature = fit_temperature(evidence.logits[0::2], evidence.labels[0::2])
    before, after = (losses(evidence.logits[1::2], labels, t) for t in (1.0, temperature.value))
    cooled = softmax(evidence.logits[1::2], temperature.value)
    sure, right = confidence(judged), judged.argmax(axis=1) == labels
    bins, bins_after = reliability(sure, right), reliability(confidence(cooled), right)
    return TrustView(
        num_judged=len(labels),
        accuracy=float(right.mean()),
        mean_confidence=float(sure.mean()),
        ece=expected_calibration_error(bins),
        ece_by_chance=error_by_chance(sure, bins),
        ece_equal_mass=expected_calibration_error(reliability_equal_mass(sure, right)),
        brier=brier_score(judged, labels),
        loss=float(before.mean()),
        temperature=temperature.value,
        temperature_at_bound=temperature.at_bound,
        ece_after=expected_calibration_error(bins_after),
        ece_equal_mass_after=expected_calibration_error(reliability_equal_mass(confidence(cooled), right)),
        brier_after=brier_score(cooled, labels),
        loss_after=float(after.mean()),
        loss_gain_interval=intervals.of_mean(before - after),
        bins=bins,
        bins_after=bins_after,
        abstention=abstention(
            evidence.probabilities, evidence.probabilities.argmax(axis=1) == evidence.labels, referral
        ),
        ensemble=_gain(members, evidence.labels),
    )


def _gain(members: Sequence[Evidence], labels: Integers) -> EnsembleGain | None:
    return ensemble_gain([member.probabilities for member in members], labels) if members else None
