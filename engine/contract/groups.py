"""How a test does in groups of images, such as hospitals or sites, and whether each should have its own threshold."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.interval import Interval
from engine.contract.quantities import Count, Seed, Text, expect

GroupsBy = Literal["file", "brightness", "size", "none"]  # as a file names them; stand-ins made of the images; none
STAND_INS: tuple[GroupsBy, ...] = ("brightness", "size")
RateName = Literal["sensitivity", "false_positive_rate", "precision"]
FEW_IMAGES = 30  # of a group: below, it carries no conclusion
LEAST_COUNTED = 10  # what a rate is a share of: below, it is not compared
MOST_GROUPS = 100  # the largest ones; the others count among the images, and are not told apart


class GroupRates(Struct, frozen=True, kw_only=True):
    """The rates of one group at the threshold, each with its 95 % interval; nan where nothing can be counted."""

    name: Text
    size: Count
    positives: Count
    true_positive: Count
    false_positive: Count
    sensitivity: float
    sensitivity_interval: Interval
    specificity: float
    specificity_interval: Interval
    false_positive_rate: float
    false_positive_rate_interval: Interval
    precision: float
    precision_interval: Interval

    @property
    def few(self) -> bool:
        """Whether it is too small for a conclusion."""
        return self.size < FEW_IMAGES


class Gap(Struct, frozen=True, kw_only=True):
    """A rate of one group (its place among the groups) that is not that of the other images, by more than luck.

    `others` leaves out the groups whose gap in this rate is more striking. `interval` is that of the difference
    `value − others`; those of all comparisons hold together 19 times of 20.
    """

    group: Count
    rate: RateName
    value: float
    others: float
    interval: Interval


class GroupThresholds(Struct, frozen=True, kw_only=True):
    """One threshold for all, or one for each group: the cheapest ones of one half of the images, judged on the other.

    Costs are means of `size` images of the judged half. `own` has a threshold for each group, `shared` that of a group
    that is too small for its own; inf is never an alarm. The halves are drawn by `split_seed` and have as many images
    of each group and truth, or one more.
    """

    miss: float
    false_alarm: float
    shared: float
    own: tuple[float, ...]
    shared_cost: float
    own_cost: float
    saving_interval: Interval
    size: Count
    split_seed: Seed

    @property
    def saving(self) -> float:
        """By how much one threshold for each group is cheaper per image."""
        return self.shared_cost - self.own_cost


class GroupsView(Struct, frozen=True, kw_only=True):
    """The groups at the threshold. `choices` are what groups can be made by, `by` is the one in use.

    `why_none` says why there are no groups where none were asked for. `gaps` are those that are more than luck among
    `comparisons`. `thresholds` is None where the costs are not one miss and one false alarm, or a class is absent.
    `smaller` groups, with `smaller_images` in all, are not among `groups`.
    """

    by: GroupsBy
    choices: tuple[GroupsBy, ...]
    why_none: Text
    groups: tuple[GroupRates, ...]
    smaller: Count
    smaller_images: Count
    comparisons: Count
    gaps: tuple[Gap, ...]
    thresholds: GroupThresholds | None

    def __post_init__(self) -> None:
        expect(all(gap.group < len(self.groups) for gap in self.gaps), "gaps of the groups")
        own = self.thresholds.own if self.thresholds is not None else ()
        expect(len(own) in (0, len(self.groups)), "a threshold for each group")
