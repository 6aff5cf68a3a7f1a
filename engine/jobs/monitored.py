"""What a monitor sees of judged models while their images change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch

from engine.analysis import intervals
from engine.analysis.changes import AT_ONCE, ImageChange
from engine.analysis.evidence import Evidence
from engine.analysis.mistakes import greys
from engine.analysis.monitoring import (
    Seen,
    alarm,
    confidence_change,
    order,
    reference_of,
    stream_of,
    stretch,
    windows,
    with_prevalence,
)
from engine.analysis.thresholds import Integers
from engine.analysis.trust import confidence
from engine.contract.decisions import Interval
from engine.contract.errors import InputError
from engine.contract.monitoring import (
    CHANGES,
    NO_WEIGHTS,
    OF_PICTURES,
    ChangedImage,
    ChangeName,
    MonitorQuestion,
    MonitorView,
)
from engine.jobs.judged_model import Judged
from engine.training.evaluation import logits_of
from engine.verdicts.naming import class_said

_Changed = tuple[ImageChange | None, Evidence, Seen]  # None where the images stay as they are


@dataclass
class Monitoring:
    """Of one model, or of several as an ensemble; `evidence` is theirs together.

    Remembers what the models say of the images as they were changed last, so that moving the moment judges nothing.
    """

    members: Sequence[Judged]
    evidence: Evidence
    _last: tuple[tuple[ChangeName, float, int], _Changed] | None = field(default=None, init=False)

    @property
    def possible(self) -> tuple[ChangeName, ...]:
        """What can change: without weights nothing that a model has to judge anew."""
        if any(member.parameters is None for member in self.members):
            return NO_WEIGHTS
        pictures = self.members[0].pictures is not None
        return tuple(name for name in CHANGES if pictures or name not in OF_PICTURES)

    def view(self, question: MonitorQuestion) -> MonitorView:
        """The stream with its figures and alarms.

        Raises:
            InputError: the change cannot be made of this source, the moment is not in the stream, or there is no image
                of a kind that is to become more frequent.
        """
        possible, size = self.possible, len(self.evidence.labels)
        name = self._checked(question.change or possible[0], question.positive)
        reference = reference_of(size)
        moment = size // 2 if question.moment is None else question.moment
        if not reference <= moment <= size:
            raise InputError(
                f"moment: found {moment:,}, expected {reference:,} to {size:,}: the first {reference:,} images are "
                "what the others are compared with"
            )
        change, evidence, after = self._changed(name, question.strength, question.seed)
        indices = self._indices(question, name, moment)
        seen = stream_of(self._unchanged, after, indices, moment)
        before_moment, after_moment = stretch(slice(0, moment), seen), stretch(slice(moment, size), seen)
        return MonitorView(
            num_examples=size,
            reference=reference,
            possible=possible,
            change=name,
            strength=question.strength,
            moment=moment,
            alpha=question.alpha,
            seed=question.seed,
            positive=question.positive,
            positive_label=self.evidence.label_names[question.positive],
            before=before_moment,
            after=after_moment,
            accuracy_change=_accuracy_change(seen, moment),
            confidence_change=confidence_change(seen, moment),
            windows=windows(seen),
            labelled=alarm(seen.labelled, reference, question.alpha, question.seed, "labelled"),
            unlabelled=alarm(seen.unlabelled, reference, question.alpha, question.seed, "unlabelled"),
            image=None if change is None or moment == size else self._image(int(indices[moment]), change, evidence),
        )

    def _checked(self, name: ChangeName, positive: int) -> ChangeName:
        classes = len(self.evidence.label_names)
        if not 0 <= positive < classes:
            raise InputError(f"positive: found class {positive}, expected 0 to {classes - 1}")
        if name not in self.possible:
            lacking = next((member for member in self.members if member.parameters is None), None)
            why = "its inputs are no pictures" if lacking is None else "a predictions file has no weights"
            raise InputError(f"change: found {name}, expected {', '.join(self.possible)}: {why}")
        return name

    @cached_property
    def _unchanged(self) -> Seen:
        return Seen.of(self.evidence)

    def _indices(self, question: MonitorQuestion, name: ChangeName, moment: int) -> Integers:
        indices = order(len(self.evidence.labels), question.seed)
        if name == "prevalence":
            truth = self.evidence.labels == question.positive
            label = class_said(self.evidence.label_names[question.positive], question.positive)
            indices = with_prevalence(indices, truth, moment, question.strength, question.seed, label)
        return indices

    def _changed(self, name: ChangeName, strength: float, seed: int) -> _Changed:
        if name == "prevalence":
            return None, self.evidence, self._unchanged
        if self._last is None or self._last[0] != (name, strength, seed):
            self._last = None  # not two sets of predictions in memory at once
            changed = [_judged_anew(member, name, strength, seed) for member in self.members]
            together = Evidence.of_ensemble([one for _, one in changed]) if len(changed) > 1 else changed[0][1]
            self._last = (name, strength, seed), (changed[0][0], together, Seen.of(together))
        return self._last[1]

    def _image(self, index: int, change: ImageChange, after: Evidence) -> ChangedImage | None:
        if change.shape is None:
            return None
        height, width, channels = change.shape
        both = [evidence.probabilities[index : index + 1] for evidence in (self.evidence, after)]
        first, then = (int(one.argmax()) for one in both)
        sure, surely = (float(confidence(one)[0]) for one in both)
        return ChangedImage(
            index=index,
            true=int(self.evidence.labels[index]),
            height=height,
            width=width,
            channels=channels,
            before=greys(change.images[index]),
            after=greys(change.one(index)),
            predicted=(first, then),
            confidence=(sure, surely),
        )


def _judged_anew(judged: Judged, name: ChangeName, strength: float, seed: int) -> tuple[ImageChange, Evidence]:
    """The change, and what a model says of the changed images.

    Raises:
        InputError: a logit is not finite.
    """
    assert judged.images is not None
    assert judged.parameters is not None
    info, weights = judged.info, judged.parameters
    shape = (info.image_height, info.image_width, info.image_channels) if info.image_height else None
    change = ImageChange(judged.images, shape, name, strength, seed)
    logits = [
        block_logits
        for start in range(0, len(judged.images), AT_ONCE)
        for block_logits in logits_of(
            weights.weight, weights.bias, change.block(start).to(weights.weight.device), weights.pixel_scale
        )
    ]
    labels = judged.predictions.labels.numpy()
    what = f"{judged.words}, images changed by {name}"
    return change, Evidence.of_logits(torch.cat(logits).cpu().numpy(), labels, info.label_names, what)


def _accuracy_change(seen: Seen, moment: int) -> Interval:
    later, earlier = seen.right[moment:], seen.right[:moment]
    return intervals.of_share_difference((int(later.sum()), len(later)), (int(earlier.sum()), len(earlier)))
