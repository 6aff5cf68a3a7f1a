"""A stream of images that changes at a moment: how right and how sure the model is over time, and who notices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.martingale import Monitored, monitored
from engine.analysis.thresholds import Booleans, Floats, Integers
from engine.analysis.trust import confidence
from engine.contract.decisions import Interval
from engine.contract.errors import InputError
from engine.contract.monitoring import Alarm, Stretch, Windows
from engine.data.streams import stream
from engine.verdicts.one_line import one_line

_POINTS = 200  # of a curve
_MOST_REFERENCE = 1000  # images, or a tenth of them where that is fewer
_LARGEST_WINDOW = 500  # images, or a twentieth


def reference_of(size: int) -> int:
    """How many of so many images are only compared with."""
    return min(_MOST_REFERENCE, size // 10)


@dataclass(frozen=True)
class Seen:
    """What a model says of images, each an array (n,): by their numbers, or in the order in which they come.

    `right` is whether the model calls each what it is; `likeliest` and `true` are the probabilities of the most likely
    label and of the true one.
    """

    right: Booleans
    likeliest: Floats
    true: Floats

    @classmethod
    def of(cls, evidence: Evidence) -> Seen:
        """Of all images, by their numbers."""
        images = np.arange(len(evidence.labels))
        return cls(evidence.right, confidence(evidence.probabilities), evidence.probabilities[images, evidence.labels])

    @property
    def labelled(self) -> Floats:
        """How strange each image is (n,) to somebody who knows its label."""
        return 1 - self.true

    @property
    def unlabelled(self) -> Floats:
        """How strange each image is (n,) to somebody who knows no label."""
        return 1 - self.likeliest


def stream_of(before: Seen, after: Seen, indices: Integers, moment: int) -> Seen:
    """The images `indices` (n,) one after the other, judged as `before` up to the moment and as `after` from there."""
    earlier, later = indices[:moment], indices[moment:]
    return Seen(
        np.concatenate([before.right[earlier], after.right[later]]),
        np.concatenate([before.likeliest[earlier], after.likeliest[later]]),
        np.concatenate([before.true[earlier], after.true[later]]),
    )


def order(size: int, seed: int) -> Integers:
    """All images once, shuffled: without a change, any order is as likely as any other."""
    return stream("monitor", "order", seed).permutation(size)


def with_prevalence(indices: Integers, truth: Booleans, moment: int, share: float, seed: int, label: str) -> Integers:
    """The images `indices`, drawn anew from the moment on, with replacement: a `share` of them is positive.

    `truth` (n,) says which images are positive; `label` is what they are called. Another moment draws the same images
    at the places that both change.

    Raises:
        InputError: of one of the two kinds there is no image.
    """
    kinds = np.flatnonzero(truth), np.flatnonzero(~truth)
    names = one_line(label), f"a class other than {one_line(label)}"
    for images, name, needed in zip(kinds, names, (share, 1 - share), strict=True):
        if needed > 0 and not len(images):
            raise InputError(f"prevalence: found no image of {name}, expected at least one")
    random = stream("monitor", "prevalence", seed)
    positive, place = random.random(len(indices)) < share, random.random(len(indices))
    drawn = indices.copy()
    for images, there in zip(kinds, (positive, ~positive), strict=True):
        there = there & (np.arange(len(indices)) >= moment)
        drawn[there] = images[(place[there] * len(images)).astype(np.int64)]
    return drawn


def stretch(part: slice, stream: Seen) -> Stretch:
    """How right and how sure the model is on a part of the stream."""
    right, sure = stream.right[part], stream.likeliest[part]
    size = len(right)
    return Stretch(
        size=size,
        accuracy=float(right.mean()) if size else np.nan,
        accuracy_interval=intervals.of_share(int(right.sum()), size),
        confidence=float(sure.mean()) if size else np.nan,
    )


def confidence_change(stream: Seen, moment: int) -> Interval:
    """The mean confidence after the moment minus that before."""
    return intervals.of_mean_difference(stream.likeliest[moment:], stream.likeliest[:moment])


def windows(stream: Seen) -> Windows:
    """Accuracy and confidence of the last images at up to 200 places of the stream: a window never sees ahead."""
    size = max(1, min(_LARGEST_WINDOW, len(stream.right) // 20))
    ends = np.unique(np.linspace(size, len(stream.right), _POINTS).round().astype(np.int64))
    hits = _in_window(stream.right.astype(np.float64), ends, size)  # whole numbers, so exact
    sure = _in_window(stream.likeliest, ends, size) / size
    return Windows(
        size=size,
        ends=tuple(ends.tolist()),
        accuracy=tuple((hits / size).tolist()),
        accuracy_intervals=tuple(intervals.of_share(int(hit), size) for hit in hits.tolist()),
        confidence=tuple(np.minimum(sure, 1.0).tolist()),
    )


def _in_window(values: Floats, ends: Integers, size: int) -> Floats:
    """The sum of the `size` values before each of the ends."""
    sums = np.concatenate([np.zeros(1), np.cumsum(values)])
    return np.asarray(sums[ends] - sums[ends - size])


def alarm(scores: Floats, reference: int, alpha: float, seed: int, name: str) -> Alarm:
    """The martingale of scores (n,) that come one by one, `name` for a random stream of its own."""
    found = monitored(scores, reference, alpha, stream("monitor", "ties", name, seed))
    ends = _shown(found, reference)
    # Before the first bet the capital is 1.
    logs = np.concatenate([np.zeros(1), found.log_capital[ends[1:] - 1] / np.log(10)])
    at = None if found.alarm is None else found.alarm + 1
    return Alarm(at=at, ends=tuple(ends.tolist()), log10=tuple(logs.tolist()))


def _shown(found: Monitored, reference: int) -> Integers:
    """After how many images the martingale is drawn: at even distances, and where the alarm sounds."""
    ends = np.linspace(reference, len(found.log_capital), _POINTS).round().astype(np.int64)
    return np.unique(ends if found.alarm is None else np.append(ends, found.alarm + 1))
