"""What a classifier said about images, and what they truly are: all that Decide computes from.

Of one classifier, or of the average of several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from engine.analysis import intervals
from engine.analysis.calibration import brier_scores, log_softmax, losses, softmax
from engine.analysis.precision import EXACT, Precision
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.contract.decisions import EnsembleGain
from engine.contract.errors import InputError

_LARGEST = 1e38  # of a logit: beyond, differences and quotients would leave the floats


@dataclass(frozen=True)
class Evidence:
    """`logits` and `probabilities` (n, classes) in float64, `labels` (n,), at least two images.

    Finite, except that the logit of a probability of 0 in a file is −inf. `precision` is that of the file.
    """

    logits: Floats
    probabilities: Floats
    labels: Integers
    label_names: tuple[str, ...]
    precision: Precision = EXACT

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
        """Probabilities as they are, their logarithms for logits: that of 0 is −inf, whatever the dtype.

        Raises:
            InputError: as `of_logits`.
        """
        wide = _checked(probabilities, labels, what)
        with np.errstate(divide="ignore"):
            logits = np.log(wide)
        return cls(logits, wide, labels, label_names, Precision.of(probabilities.dtype))

    @classmethod
    def of_ensemble(cls, members: Sequence[Evidence]) -> Evidence:
        """The mean of the members' probabilities (Lakshminarayanan et al. 2017, section 2.4).

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
        # In logarithms, so that a probability too small for a float is not taken for 0.
        logits = np.logaddexp.reduce([log_softmax(member.logits) for member in members]) - np.log(len(members))
        mean = np.mean([member.probabilities for member in members], axis=0)
        precision = Precision.of_mean([member.precision for member in members])
        return cls(logits, mean, first.labels, first.label_names, precision)

    @cached_property
    def losses(self) -> Floats:
        """The negative log-likelihoods (n,) of the labels: inf where a label has probability 0."""
        return losses(self.logits, self.labels)

    @cached_property
    def right(self) -> Booleans:
        """Whether the most likely label is the true one, (n,); the first of equally likely ones counts."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.labels)

    @property
    def zero_probability_labels(self) -> int:
        """How many images have a label that the classifier holds impossible."""
        return int(np.count_nonzero(np.isinf(self.losses)))


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
