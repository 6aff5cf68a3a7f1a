"""Sets of labels instead of one label: the question of the view Sets, and its answer.

Everything that is nan stands for a ratio without a denominator: the coverage of a class that no judged image has.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.decisions import Interval
from engine.contract.quantities import Count, Seed, Share, expect

SetMethod = Literal["lac", "class-conditional", "aps"]
Luck = Literal["", "below", "above"]

LEVEL = 0.9  # the share of images whose set shall hold the true class
METHOD: SetMethod = "lac"
MOST_LISTED = 8  # classes of a set that are sent with its image
MOST_OF_A_SIZE = 200  # images to look at, of each bin of sizes of their sets

_BIN_STARTS = (0, 1, 2, 3, *(factor * 10**power + 1 for power in range(7) for factor in (5, 10, 20)))


def size_bins(largest: int) -> tuple[tuple[int, int], ...]:
    """The sizes that are counted together, first and last: 0, 1, 2, 3 to 5, 6 to 10, … as far as the largest set."""
    starts = [start for start in sorted(set(_BIN_STARTS)) if start <= max(largest, 2)]
    ends = [*(start - 1 for start in starts[1:]), max(largest, 2)]
    return tuple(zip(starts, ends, strict=True))


class SetSize(Struct, frozen=True):
    """How many images have a set of this size, and in how many of these sets the true class is."""

    size: Count
    images: Count
    covered: Count


class ClassSets(Struct, frozen=True, kw_only=True):
    """The judged images of one class; `covered` have the class in their set, `coverage` is their share.

    `interval` is one of 95 % for this class alone. `luck` says where the coverage lies below or above the level by
    more than luck, at 95 % for all classes together. `quantile` decides which sets this class is in, after
    `calibrated` images: inf is each set, −inf none.
    """

    images: Count
    covered: Count
    coverage: float
    interval: Interval
    luck: Luck
    mean_size: float
    calibrated: Count
    quantile: float


class SetImage(Struct, frozen=True, kw_only=True):
    """An image to look at: the size of its set, and its classes, the most likely first, as many as are sent."""

    index: Count
    size: Count
    labels: tuple[Count, ...]
    covered: bool

    def __post_init__(self) -> None:
        expect(len(self.labels) == min(self.size, MOST_LISTED), "as many classes as the set has, or as are sent")


class SetsView(Struct, frozen=True, kw_only=True):
    """The sets of the `judged` images, by quantiles of the scores of the `calibrated` ones, drawn by `split_seed`.

    `quantile` is that of all classes, nan where each class has its own. `coverage` is the share of the sets with the
    true class in them, `interval` its interval of 95 %. `promised` is what the coverage comes to on average over all
    ways to split the images, where no two scores are equal, and `by_luck` where it lies in 95 % of them. `sizes` are
    those that there are, ascending. `images` has no more than 200 of each bin of sizes, those whose set misses the
    true class first.
    """

    level: Share
    method: SetMethod
    split_seed: Seed
    calibrated: Count
    judged: Count
    quantile: float
    covered: Count
    coverage: float
    interval: Interval
    promised: float
    by_luck: Interval
    mean_size: float
    median_size: float
    sizes: tuple[SetSize, ...]
    classes: tuple[ClassSets, ...]
    images: tuple[SetImage, ...]

    def __post_init__(self) -> None:
        judged, covered = self.judged, self.covered
        expect(judged > 0, "images that are judged")
        expect(sum(one.images for one in self.sizes) == judged, "a size for each image")
        expect(sum(one.covered for one in self.sizes) == covered, "as many covered images by size as of all")
        expect(sum(one.images for one in self.classes) == judged, "a class for each image")
        expect(sum(one.covered for one in self.classes) == covered, "as many covered images by class as of all")
        expect(max((one.size for one in self.sizes), default=0) <= len(self.classes), "sets of the classes there are")
        labels = (label for image in self.images for label in image.labels)
        expect(max(labels, default=-1) < len(self.classes), "classes that there are")
