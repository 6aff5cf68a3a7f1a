"""What Decide shows: a question, and its answer in three views.

Everything that is nan stands for a ratio without a denominator: a sensitivity where nothing is positive.
Every `Interval` is one of 95 %.
"""

from __future__ import annotations

from itertools import pairwise

from msgspec import Struct

from engine.contract.cost_matrix import CostMatrix
from engine.contract.groups import GroupsView
from engine.contract.interval import Interval as Interval
from engine.contract.net_benefit import NetBenefit
from engine.contract.quantities import Count, Seed, Share, Text, Texts, expect

PREVALENCE = 0.001  # where the scenario that Decide opens on takes place: 1 in 1,000
REFERRAL = 0.2  # the cost of asking somebody else, where a mistake costs 1
THRESHOLD = 0.5
CALIBRATION_BINS = 15  # as Guo et al. 2017 have them
SPLIT_SEED = 0  # of the halves that a temperature is fitted and judged on


class DecideQuestion(Struct, frozen=True, kw_only=True):
    """Positive is what has at least `threshold` probability of class `positive`; `referral` is a part of a mistake."""

    positive: Count
    threshold: float = THRESHOLD
    prevalence: float = PREVALENCE
    costs: CostMatrix
    referral: float = REFERRAL


class Curve(Struct, frozen=True):
    """Points (m,) in the order in which the threshold falls, `x` ascending."""

    x: tuple[Share, ...]
    y: tuple[Share, ...]

    def __post_init__(self) -> None:
        expect(len(self.x) == len(self.y), "as many x as y")
        expect(all(left <= right for left, right in pairwise(self.x)), "ascending x")


class PrevalenceShift(Struct, frozen=True, kw_only=True):
    """The same test where another share of people is positive: its predictive values, and 1,000 people in counts."""

    prevalence: float
    positive_predictive_value: float
    positive_predictive_interval: Interval
    negative_predictive_value: float
    true_positive: float
    false_negative: float
    false_positive: float
    true_negative: float


class ThresholdView(Struct, frozen=True, kw_only=True):
    """One class against all others. `roc` has x = 1 − specificity, `precision_recall` x = recall."""

    positive: Count
    positive_label: Text
    threshold: float
    true_positive: Count
    false_positive: Count
    true_negative: Count
    false_negative: Count
    sensitivity: float
    sensitivity_interval: Interval
    specificity: float
    specificity_interval: Interval
    precision: float
    precision_interval: Interval
    prevalence: float
    auc: float
    auc_interval: Interval
    average_precision: float
    roc: Curve
    precision_recall: Curve
    shift: PrevalenceShift
    net_benefit: NetBenefit


class Flip(Struct, frozen=True):
    """How many images went from the most likely label to another decision, and how many of them are better off."""

    most_likely: Count
    decision: Count
    count: Count
    cheaper: Count


class Outcome(Struct, frozen=True):
    """Of one class: how many of it are taken for another, and how many others for it."""

    missed: Count
    false_alarms: Count


class CostsView(Struct, frozen=True, kw_only=True):
    """Costs are means per image. `flipped` are the numbers of the images, `flips` counts them by kind, most first,
    `kinds` has the place in `flips` for each of `flipped`. `most_likely` and `cheapest` have an outcome a class.

    `saving` is `argmax_cost − least_expected_cost`. `predicted_cost` is what the probabilities say that the decisions
    of least expected cost will cost.
    """

    costs: CostMatrix
    argmax_cost: float
    least_expected_cost: float
    predicted_cost: float
    saving: float
    saving_interval: Interval
    num_examples: Count
    flipped: tuple[Count, ...]
    kinds: tuple[Count, ...]
    flips: tuple[Flip, ...]
    most_likely: tuple[Outcome, ...]
    cheapest: tuple[Outcome, ...]

    def __post_init__(self) -> None:
        classes = len(self.costs.rows)
        expect(all(len(row) == classes for row in self.costs.rows), "a cost for each class by each decision")
        expect(len(self.most_likely) == len(self.cheapest) == classes, "an outcome for each class")
        expect(all(max(flip.most_likely, flip.decision) < classes for flip in self.flips), "flips between the classes")
        expect(len(self.kinds) == len(self.flipped), "a kind for each image that flipped")
        expect(max(self.kinds, default=-1) < len(self.flips), "a flip for each kind")
        expect(max(self.flipped, default=-1) < self.num_examples, "flips of the images there are")


class ReliabilityBin(Struct, frozen=True, kw_only=True):
    """Images of similar confidence: `accuracy` and `confidence` are their means, nan where there is none."""

    low: float
    high: float
    count: Count
    confidence: float
    accuracy: float


class Abstention(Struct, frozen=True, kw_only=True):
    """Risk is the share of mistakes among what is decided, coverage the share that is.

    By Chow's rule everything below `threshold` = 1 − `referral` of confidence is referred: `coverage`, `risk` and
    `cost` (per image, a mistake costing 1) are what comes of it, `cost_without` is that of deciding everything.
    The areas are those under risk against coverage, ordered by each measure of uncertainty; less is better.
    """

    referral: float
    threshold: float
    coverage: float
    risk: float
    cost: float
    cost_without: float
    saving_interval: Interval
    curve: Curve
    area_by_confidence: float
    area_by_margin: float
    area_by_entropy: float


class EnsembleGain(Struct, frozen=True, kw_only=True):
    """The mean of several models' probabilities against the models: each first the mean of the members' own.

    `zero_probability_labels` counts the labels that a member gives no probability: with any, `member_loss` is inf and
    the interval of the gain in loss nan.
    """

    members: Count
    member_accuracy: float
    accuracy: float
    member_loss: float
    loss: float
    loss_gain_interval: Interval
    member_brier: float
    brier: float
    brier_gain_interval: Interval
    zero_probability_labels: Count


class Calibration(Struct, frozen=True, kw_only=True):
    """Whether the probabilities of `size` images mean what they say.

    `ece` is the expected calibration error of the top label's confidence in 15 bins of equal width, `ece_by_chance`
    what a perfectly calibrated model would stay below 19 times of 20 or so. `loss` is the mean negative
    log-likelihood: inf where a label has probability 0.
    """

    size: Count
    accuracy: float
    mean_confidence: float
    ece: float
    ece_by_chance: float
    ece_equal_mass: float
    brier: float
    loss: float
    bins: tuple[ReliabilityBin, ...]


class TrustView(Calibration, frozen=True, kw_only=True):
    """The calibration of the judged half, before and after (`…_after`) a temperature fitted on the other half.

    The halves are drawn by `split_seed`, and have as many images of each class, or one more. Where one of the file's
    labels has probability 0 (`zero_probability_labels` of all images), no temperature makes the loss finite: none is
    fitted, and `temperature` and what is after it are nan. `overall` is the calibration of all images.
    """

    overall: Calibration
    zero_probability_labels: Count
    split_seed: Seed
    temperature: float
    temperature_at_bound: bool
    ece_after: float
    ece_equal_mass_after: float
    brier_after: float
    loss_after: float
    loss_gain_interval: Interval
    bins_after: tuple[ReliabilityBin, ...]
    abstention: Abstention
    ensemble: EnsembleGain | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """The answer to a `DecideQuestion`."""

    label_names: Texts
    num_examples: Count
    threshold: ThresholdView
    costs: CostsView
    trust: TrustView
    groups: GroupsView

    def __post_init__(self) -> None:
        classes = len(self.label_names)
        expect(self.threshold.positive < classes, "one of the classes as the positive one")
        expect(len(self.costs.costs.rows) == classes, "costs of each class")
        expect(self.costs.num_examples == self.num_examples > 0, "the same images in all views")
