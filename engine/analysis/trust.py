"""Whether the probabilities mean what they say: on all images, and on a half before and after a temperature."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from msgspec import structs

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
from engine.analysis.ensemble import ensemble_gain
from engine.analysis.evidence import Evidence
from engine.analysis.precision import Precision
from engine.analysis.temperature import Temperature, fit_temperature
from engine.analysis.thresholds import Floats, Integers
from engine.contract.decisions import SPLIT_SEED, Calibration, TrustView


def trust_view(evidence: Evidence, referral: float, members: Sequence[Evidence] = ()) -> TrustView:
    """Calibration on all images, and on the half that a temperature is judged on; abstention on all.

    `members` are those of the ensemble that `evidence` is the mean of.
    """
    fitted, judged = halves(evidence.labels)
    logits, labels, before = evidence.logits[judged], evidence.labels[judged], evidence.losses[judged]
    zeros = evidence.zero_probability_labels
    found = Temperature(math.nan, False) if zeros else fit_temperature(evidence.logits[fitted], evidence.labels[fitted])
    after = None
    if not zeros:
        losses_after = losses(logits, labels, found.value)
        after = _calibration(softmax(logits, found.value), losses_after, labels, evidence.precision.after_computing)
    return TrustView(
        **structs.asdict(_calibration(evidence.probabilities[judged], before, labels, evidence.precision)),
        overall=_calibration(evidence.probabilities, evidence.losses, evidence.labels, evidence.precision),
        zero_probability_labels=zeros,
        split_seed=SPLIT_SEED,
        temperature=found.value,
        temperature_at_bound=found.at_bound,
        ece_after=after.ece if after else math.nan,
        ece_equal_mass_after=after.ece_equal_mass if after else math.nan,
        brier_after=after.brier if after else math.nan,
        loss_after=after.loss if after else math.nan,
        loss_gain_interval=intervals.of_mean(before - losses_after) if after else intervals.UNKNOWN,
        bins_after=after.bins if after else (),
        abstention=abstention(evidence, referral),
        ensemble=ensemble_gain(members, evidence) if members else None,
    )


def _calibration(probabilities: Floats, of_labels: Floats, labels: Integers, precision: Precision) -> Calibration:
    """Of probabilities (n, classes) for labels (n,), whose losses (n,) are `of_labels`."""
    sure, right = confidence(probabilities), probabilities.argmax(axis=1) == labels
    bins = reliability(sure, right, precision=precision)
    return Calibration(
        size=len(labels),
        accuracy=float(right.mean()),
        mean_confidence=float(sure.mean()),
        ece=expected_calibration_error(bins),
        ece_by_chance=error_by_chance(sure, precision=precision),
        ece_equal_mass=expected_calibration_error(reliability_equal_mass(sure, right, precision=precision)),
        brier=brier_score(probabilities, labels),
        loss=float(of_labels.mean()),
        bins=bins,
    )


def halves(labels: Integers) -> tuple[Integers, Integers]:
    """The numbers of the images to fit on and of those to judge on, of each class as many in both, or one more.

    Drawn by a seed, so that no order of the images matters. RandomState, since its draws are the same in every
    version of numpy.
    """
    drawn = np.random.RandomState(SPLIT_SEED).permutation(len(labels))
    by_class = drawn[np.argsort(labels[drawn], kind="stable")]
    return np.sort(by_class[0::2]), np.sort(by_class[1::2])
