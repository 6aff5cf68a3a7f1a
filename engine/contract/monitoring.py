"""What Decide's Monitor shows: a stream of images that changes at a moment, and when an alarm sounds."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

from engine.contract.decisions import Interval
from engine.contract.quantities import Channels, Count, OneOrMore, Seed, Share, Side, Text, expect

ChangeName = Literal["brightness", "noise", "rotation", "occlusion", "prevalence"]
CHANGES: tuple[ChangeName, ...] = get_args(ChangeName)
OF_PICTURES: tuple[ChangeName, ...] = ("rotation", "occlusion")  # which need to know what lies beside what
NO_WEIGHTS: tuple[ChangeName, ...] = ("prevalence",)  # what a model need not judge anew
STRENGTH = 0.3
ALPHA = 0.01  # the probability of ever an alarm, where nothing changes
LEAST_ALPHA, MOST_ALPHA = 1e-9, 0.5
DEGREES = 90  # that a rotation of strength 1 turns an image by
Alpha = Annotated[float, Meta(ge=LEAST_ALPHA, le=MOST_ALPHA)]


class MonitorQuestion(Struct, frozen=True, kw_only=True):
    """After `moment` images, all further ones are changed, by `strength` from 0 to 1.

    `strength` is the standard deviation of the noise and what the brightness rises by, as shares of the range of a
    pixel; the angle as a share of 90 degrees; the covered share of an image; or the new share of the class `positive`.
    `change` None is the first that can be made, `moment` None is the middle of the stream.
    """

    positive: Count
    change: ChangeName | None = None
    moment: Count | None = None
    strength: Share = STRENGTH
    alpha: Alpha = ALPHA
    seed: Seed = 0


class Stretch(Struct, frozen=True, kw_only=True):
    """A part of the stream: `confidence` is the mean probability of the most likely label. nan of no image."""

    size: Count
    accuracy: float
    accuracy_interval: Interval
    confidence: float

    @property
    def gap(self) -> float:
        """How much surer the model is than it is right."""
        return self.confidence - self.accuracy


class Windows(Struct, frozen=True, kw_only=True):
    """Means of the last `size` images, at each of the places `ends` (m,): after so many images."""

    size: OneOrMore
    ends: tuple[OneOrMore, ...]
    accuracy: tuple[float, ...]
    accuracy_intervals: tuple[Interval, ...]
    confidence: tuple[float, ...]

    def __post_init__(self) -> None:
        places = len(self.ends)
        expect(len(self.accuracy) == len(self.accuracy_intervals) == len(self.confidence) == places, "figures of each")
        expect(all(left < right for left, right in pairwise(self.ends)), "ascending ends")
        expect(self.ends != () and self.ends[0] >= self.size, "whole windows")


class Alarm(Struct, frozen=True, kw_only=True):
    """A martingale that starts at 1: its common logarithm `log10` (m,) after so many images, `ends` (m,).

    The alarm sounds with the image number `at`, counted from 1: the first at which the martingale is 1/alpha.
    """

    at: OneOrMore | None
    ends: tuple[Count, ...]
    log10: tuple[float, ...]

    def __post_init__(self) -> None:
        expect(len(self.ends) == len(self.log10), "a value for each place")
        expect(all(left < right for left, right in pairwise(self.ends)), "ascending ends")


class ChangedImage(Struct, frozen=True, kw_only=True):
    """The first image after the change, as it was and as the model sees it: greys or channels, row by row.

    `index` is its number in the judged part; `predicted` and `confidence` come before and after.
    """

    index: Count
    true: Count
    height: Side
    width: Side
    channels: Channels
    before: bytes
    after: bytes
    predicted: tuple[Count, Count]
    confidence: tuple[float, float]

    def __post_init__(self) -> None:
        values = self.height * self.width * self.channels
        expect(len(self.before) == len(self.after) == values > 0, "a pixel of each place, before and after")


class MonitorView(Struct, frozen=True, kw_only=True):
    """The answer to a `MonitorQuestion`.

    The stream has `num_examples` images in an order drawn by `seed`; the first `reference` are what the others are
    compared with. `possible` are the changes that can be made of this source. `accuracy_change` and
    `confidence_change` are intervals of after minus before. The alarm `labelled` knows each image's label at once,
    `unlabelled` knows no label. `image` is None where the inputs are no pictures, or nothing changes them.
    """

    num_examples: OneOrMore
    reference: Count
    possible: tuple[ChangeName, ...]
    change: ChangeName
    strength: Share
    moment: Count
    alpha: Alpha
    seed: Seed
    positive: Count
    positive_label: Text
    before: Stretch
    after: Stretch
    accuracy_change: Interval
    confidence_change: Interval
    windows: Windows
    labelled: Alarm
    unlabelled: Alarm
    image: ChangedImage | None = None

    def __post_init__(self) -> None:
        expect(self.change in self.possible, "a change that is possible")
        expect(self.reference <= self.moment <= self.num_examples, "a moment within the stream")
        expect(self.before.size + self.after.size == self.num_examples, "all images before or after the moment")

    def answers(self, question: MonitorQuestion) -> bool:
        """Whether it is about what was asked."""
        asked, seen = ((one.positive, one.strength, one.alpha, one.seed) for one in (question, self))
        return asked == seen and question.change in (None, self.change) and question.moment in (None, self.moment)

    def delay(self, alarm: Alarm) -> int | None:
        """How many changed images the alarm took; 0 or less where it is false, None where there is none."""
        return None if alarm.at is None else alarm.at - self.moment
