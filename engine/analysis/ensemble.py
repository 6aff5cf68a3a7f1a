"""Several models asked at once: the mean of their probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.analysis import intervals
from engine.analysis.calibration import brier_scores
from engine.analysis.evidence import Evidence
from engine.contract.decisions import EnsembleGain


def ensemble_gain(members: Sequence[Evidence], together: Evidence) -> EnsembleGain:
    """The ensemble against the mean of its members.

    Loss and Brier score are convex in the probabilities, so there the ensemble is never worse than that mean
    (Jensen); the accuracy may be. A label that one member gives no probability makes the members' loss infinite,
    and the ensemble's if all do; accuracy and Brier score stay finite.
    """
    labels = together.labels
    of_members = np.mean([member.losses for member in members], axis=0)
    briers = np.mean([brier_scores(member.probabilities, labels) for member in members], axis=0)
    brier = brier_scores(together.probabilities, labels)
    finite = bool(np.isfinite(of_members).all())
    return EnsembleGain(
        members=len(members),
        member_accuracy=float(np.mean([member.right.mean() for member in members])),
        accuracy=float(together.right.mean()),
        member_loss=float(of_members.mean()),
        loss=float(together.losses.mean()),
        loss_gain_interval=intervals.of_mean(of_members - together.losses) if finite else intervals.UNKNOWN,
        member_brier=float(briers.mean()),
        brier=float(brier.mean()),
        brier_gain_interval=intervals.of_mean(briers - brier),
        zero_probability_labels=int(np.count_nonzero(np.isinf(of_members))),
    )
