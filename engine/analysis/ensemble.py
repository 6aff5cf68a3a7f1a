"""Several models asked at once: the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.analysis import intervals
from engine.analysis.calibration import brier_score
from engine.analysis.thresholds import Floats, Integers
from engine.contract.decisions import EnsembleGain


def mean_probabilities(members: Sequence[Floats]) -> Floats:
    """The mean (n, classes) of probabilities (n, classes) (Lakshminarayanan et al. 2017, section 2.4)."""
    return np.asarray(np.mean(np.stack(members), axis=0), dtype=np.float64)


def ensemble_gain(members: Sequence[Floats], labels: Integers) -> EnsembleGain:
    """The ensemble against the mean of its members.

    Loss and Brier score are convex in the probabilities, so there the ensemble is never worse than that mean
    (Jensen); the accuracy may be. A label that a model gives no probability at all costs it an infinite loss.
    """
    together = mean_probabilities(members)
    rows = np.arange(len(labels))
    with np.errstate(divide="ignore", invalid="ignore"):
        of_members = -np.log(np.stack([member[rows, labels] for member in members])).mean(axis=0)
        of_ensemble = -np.log(together[rows, labels])
        gain = intervals.of_mean(of_members - of_ensemble)
    return EnsembleGain(
        members=len(members),
        member_accuracy=float(np.mean([(member.argmax(axis=1) == labels).mean() for member in members])),
        accuracy=float((together.argmax(axis=1) == labels).mean()),
        member_loss=float(of_members.mean()),
        loss=float(of_ensemble.mean()),
        loss_gain_interval=gain,
        member_brier=float(np.mean([brier_score(member, labels) for member in members])),
        brier=brier_score(together, labels),
    )
