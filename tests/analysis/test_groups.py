"""Rates and gaps of groups beside scikit-learn, scipy and statsmodels, and simulations in which the truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import confusion_matrix, precision_score, recall_score
from statsmodels.stats.proportion import confint_proportions_2indep

from engine.analysis.evidence import Evidence
from engine.analysis.group_gaps import RATES, Rate, by_luck, gaps_of, log_factorials, rates_of
from engine.analysis.group_thresholds import cheapest, group_thresholds
from engine.analysis.grouping import Grouping, brightness, grouping_of, lit_pixels
from engine.analysis.groups import groups_view, thresholds_of_groups
from engine.analysis.intervals import of_difference
from engine.analysis.trust import halves
from engine.contract.cost_matrix import miss_and_false_alarm, preset
from engine.contract.decisions import SPLIT_SEED
from engine.contract.errors import InputError
from engine.contract.groups import FEW_IMAGES, MOST_GROUPS, GroupsView, RateName
from engine.data.brought.predictions import Groups


def evidence(images: int, seed: int, worse: np.ndarray | None = None, decimals: int = 15) -> Evidence:
    """Two classes; the images `worse` (n,) are found more rarely."""
    random = np.random.default_rng(seed)
    truth = random.random(images) < 0.4
    logits = random.normal(0, 1, images) + 2 * truth - 1 - (2.0 * worse * truth if worse is not None else 0)
    positive = (1 / (1 + np.exp(-logits))).round(decimals)
    return Evidence.of_probabilities(np.stack([1 - positive, positive], 1), truth.astype(np.int64), ("well", "ill"))


def grouped(numbers: np.ndarray) -> Grouping:
    return Grouping("file", ("file", "none"), tuple(f"site {one}" for one in range(numbers.max() + 1)), numbers)


def view_of(found: Evidence, numbers: np.ndarray, threshold: float = 0.5) -> GroupsView:
    return groups_view(found, grouped(numbers), 1, threshold, None)


def _cases() -> Iterator[Any]:
    random = np.random.default_rng(0)
    thirds = random.integers(0, 3, 900)
    yield pytest.param(evidence(900, 1, thirds == 1), thirds, 0.5, id="one group is worse")
    yield pytest.param(evidence(900, 2, decimals=1), thirds, 0.5, id="ties of tenths")
    zeros = evidence(900, 3, decimals=0)
    yield pytest.param(zeros, thirds, 0.5, id="zeros and ones")
    yield pytest.param(evidence(900, 4), random.choice(4, 900, p=[0.6, 0.38, 0.01, 0.01]), 0.3, id="small groups")
    absent = evidence(900, 5)
    alone = Evidence(absent.logits, absent.probabilities, np.zeros(900, np.int64), absent.label_names)
    yield pytest.param(alone, thirds, 0.5, id="the class is absent")
    yield pytest.param(evidence(900, 6), thirds, 1.0, id="no alarm at all")


@pytest.mark.parametrize(("found", "numbers", "threshold"), _cases())
def test_the_rates_of_each_group_are_the_referees(found: Evidence, numbers: np.ndarray, threshold: float) -> None:
    view = view_of(found, numbers, threshold)
    assert len(view.groups) == numbers.max() + 1
    for place, group in enumerate(view.groups):
        rows = numbers == place
        truth, alarm = found.labels[rows] == 1, found.probabilities[rows, 1] >= threshold
        negative, false, missed, hits = confusion_matrix(truth, alarm, labels=[False, True]).ravel().tolist()
        assert (group.size, group.positives) == (rows.sum(), truth.sum())
        assert (group.true_positive, group.false_positive) == (hits, false)
        recall = recall_score(truth, alarm, zero_division=np.nan)
        assert group.sensitivity == pytest.approx(recall, nan_ok=True)
        assert group.specificity == pytest.approx(recall_score(~truth, ~alarm, zero_division=np.nan), nan_ok=True)
        assert group.false_positive_rate == pytest.approx(1 - group.specificity, nan_ok=True)
        assert group.precision == pytest.approx(precision_score(truth, alarm, zero_division=np.nan), nan_ok=True)
        for interval, counted, total in (
            (group.sensitivity_interval, hits, hits + missed),
            (group.specificity_interval, negative, negative + false),
            (group.false_positive_rate_interval, false, negative + false),
            (group.precision_interval, hits, hits + false),
        ):
            if total:
                wilson = binomtest(counted, total).proportion_ci(method="wilson")
                assert (interval.low, interval.high) == pytest.approx((wilson.low, wilson.high), abs=1e-9)
            else:
                assert np.isnan(interval.low)
    assert view.comparisons <= 3 * len(view.groups)


@pytest.mark.parametrize("counts", [(39, 47, 300, 360), (0, 20, 7, 31), (30, 30, 100, 160), (5, 9, 5, 9)])
@pytest.mark.parametrize("level", [0.05, 0.05 / 150])
def test_a_difference_is_judged_as_by_scipy_and_statsmodels(counts: tuple[int, ...], level: float) -> None:
    from scipy.stats import norm

    hits, total, others, rest = counts
    found = of_difference(*counts, z=norm.ppf(1 - level / 2))
    referee = confint_proportions_2indep(*counts, method="newcomb", compare="diff", alpha=level)
    assert (found.low, found.high) == pytest.approx(referee, abs=1e-9)
    table = [[hits, total - hits], [others, rest - others]]
    tails = [fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")]
    chance = by_luck(Rate(hits, total), Rate(others, rest), log_factorials(total + rest))
    assert chance == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)


@pytest.mark.parametrize(("images", "groups"), [(400, 2), (600, 3), (3000, 50)])
def test_no_gap_is_found_where_groups_are_drawn_by_chance(images: int, groups: int) -> None:
    """Any gap at all, among all comparisons: at most 1 time of 20."""
    many = 200
    random = np.random.default_rng(groups)
    found = evidence(images, 7)
    wrong = sum(bool(view_of(found, random.integers(0, groups, images), 0.4).gaps) for _ in range(many))
    assert wrong / many <= 0.05 + 1.65 * (0.05 * 0.95 / many) ** 0.5


def test_a_group_that_is_worse_is_found_and_no_other() -> None:
    many, named = 40, 0
    for seed in range(many):
        numbers = np.random.default_rng(seed).integers(0, 10, 3000)
        gaps = [gap for gap in view_of(evidence(3000, seed, numbers == 3), numbers).gaps if gap.rate == "sensitivity"]
        named += [gap.group for gap in gaps] == [3] and gaps[0].value < gaps[0].others
        assert all(gap.interval.high < 0 for gap in gaps if gap.group == 3)
    assert named / many > 0.9


def test_one_bad_group_does_not_make_the_others_look_better() -> None:
    """Two bad ones of four, one worse than the other: two gaps, and each beside what is left."""
    numbers = np.arange(8000) % 4
    found = evidence(8000, 14, (numbers == 1) * 1.0 + (numbers == 2) * 0.5)
    gaps = {gap.group: gap for gap in view_of(found, numbers).gaps if gap.rate == "sensitivity"}
    assert gaps.keys() == {1, 2}
    ill, alarm = found.labels == 1, found.probabilities[:, 1] >= 0.5
    assert gaps[1].others == pytest.approx(alarm[ill & (numbers != 1)].mean())
    assert gaps[2].others == pytest.approx(alarm[ill & (numbers != 1) & (numbers != 2)].mean())


def test_two_groups_are_compared_once_and_small_ones_not_at_all() -> None:
    found = evidence(600, 8)
    halved = np.arange(600) % 2
    assert view_of(found, halved).comparisons == len(RATES)
    small = np.zeros(600, np.int64)
    small[: FEW_IMAGES - 1] = 1
    view = view_of(found, small)
    assert view.comparisons == 0
    assert [group.few for group in view.groups] == [False, True]
    small[FEW_IMAGES - 1] = 1
    assert not any(group.few for group in view_of(found, small).groups)
    assert view_of(found, np.zeros(600, np.int64)).comparisons == 0


def test_of_many_groups_the_largest_are_told_apart() -> None:
    found = evidence(5000, 9)
    numbers = np.random.default_rng(1).integers(0, 400, 5000)
    view = view_of(found, numbers)
    sizes = np.bincount(numbers)
    assert len(view.groups) == MOST_GROUPS
    assert view.smaller == 300
    assert sum(group.size for group in view.groups) + view.smaller_images == 5000
    assert min(group.size for group in view.groups) >= np.sort(sizes)[::-1][MOST_GROUPS - 1]


def test_everyone_is_compared_with_all_other_images() -> None:
    numbers = np.arange(900) % 3
    found = evidence(900, 10, numbers == 1)
    view = view_of(found, numbers)
    gap = next(gap for gap in view.gaps if gap.group == 1 and gap.rate == "sensitivity")
    others = (found.labels == 1) & (numbers != 1)
    assert gap.others == pytest.approx((found.probabilities[others, 1] >= 0.5).mean())
    everyone: dict[RateName, Rate] = rates_of(3, 1, 5, 20)
    assert gaps_of((), everyone) == (0, ())


# One threshold for all, or one for each group


def test_the_cheapest_threshold_is_the_best_of_all_there_are() -> None:
    random = np.random.default_rng(3)
    for miss, alarm in ((50.0, 1.0), (1.0, 1.0), (1.0, 9.0)):
        scores, truth = random.random(200).round(2), random.random(200) < 0.3
        costs = {
            score: (miss * (truth & (scores < score)) + alarm * (~truth & (scores >= score))).sum()
            for score in (*scores, np.inf)
        }
        assert costs[cheapest(scores, truth, miss, alarm)] == min(costs.values())


def test_thresholds_are_judged_on_images_that_they_were_not_chosen_on() -> None:
    numbers = np.arange(4000) % 2
    found = evidence(4000, 11, numbers == 1)
    scores, truth = found.probabilities[:, 1], found.labels == 1
    told = group_thresholds(scores, truth, numbers, 2, 5, 1)
    assert told is not None
    fitted, judged = halves(2 * numbers + truth)
    assert told.size == len(judged) == 2000
    own = [cheapest(scores[rows], truth[rows], 5, 1) for rows in (fitted[numbers[fitted] == g] for g in (0, 1))]
    assert told.own == tuple(own)
    for thresholds, cost in ((np.full(4000, told.shared), told.shared_cost), (np.array(own)[numbers], told.own_cost)):
        each = 5 * (truth & (scores < thresholds)) + 1 * (~truth & (scores >= thresholds))
        assert cost == pytest.approx(each[judged].mean())
    assert told.saving_interval.low > 0  # the group that is found more rarely needs a lower one


@pytest.mark.parametrize(("miss", "groups"), [(5, 10), (50, 3), (50, 10), (1, 2)])
def test_own_thresholds_do_not_flatter_themselves(miss: float, groups: int) -> None:
    """Where groups are drawn by chance, own thresholds fit noise: they are hardly ever told to be cheaper."""
    many, random = 100, np.random.default_rng(4)
    found = [evidence(1500, seed) for seed in range(10)]
    told = [
        group_thresholds(one.probabilities[:, 1], one.labels == 1, random.integers(0, groups, 1500), groups, miss, 1)
        for one in found * (many // len(found))
    ]
    savings = [one.saving for one in told if one is not None]
    assert len(savings) == many
    assert np.mean(savings) < 0
    assert sum(one is not None and one.saving_interval.low > 0 for one in told) / many < 0.05


def test_a_small_group_takes_the_threshold_of_all_and_other_costs_have_none() -> None:
    numbers = np.where(np.arange(900) < 20, 1, 0)
    found = evidence(900, 13)
    two = miss_and_false_alarm(2, 1, "ill", 5, 1)
    told = thresholds_of_groups(found, grouped(numbers), 1, two)
    assert told is not None
    assert told.own[1] == told.shared
    three = Evidence.of_probabilities(np.full((90, 3), 1 / 3), np.arange(90) % 3, ("a", "b", "c"))
    assert thresholds_of_groups(three, grouped(np.arange(90) % 2), 1, preset("ordinal", 3, 1, "b")) is None
    absent = Evidence(found.logits, found.probabilities, np.zeros(900, np.int64), found.label_names)
    assert thresholds_of_groups(absent, grouped(numbers), 1, two) is None


@pytest.mark.parametrize("miss", [1.0, 20.0])
def test_what_own_thresholds_save_has_the_interval_of_a_plain_bootstrap(miss: float) -> None:
    """Where many images of each kind are decided otherwise, what could have been seen and was not weighs little.

    A miss that costs 20 and was never seen weighs more: there the interval is wider.
    """
    random = np.random.default_rng(9)
    positive, numbers = random.random(8000) < 0.4, random.integers(0, 2, 8000)
    scores = random.normal(positive + 1.5 * numbers, 1.0)  # group 1 has higher scores throughout
    found = group_thresholds(scores, positive, numbers, 2, miss, 1.0)
    assert found is not None
    assert (found.miss, found.false_alarm, found.split_seed) == (miss, 1.0, SPLIT_SEED)
    assert len(found.own) == 2
    judged = halves(2 * numbers + positive)[1]
    assert found.size == len(judged)
    truth = positive[judged]
    shared, own = (
        np.where(truth, miss * (scores[judged] < at), scores[judged] >= at)
        for at in (found.shared, np.array(found.own)[numbers[judged]])
    )
    savings = shared - own
    means = random.choice(savings, (2000, len(savings))).mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    interval = found.saving_interval
    if miss == 1:
        assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.2 * (high - low))
    else:
        assert interval.low < low < high < interval.high < 1


@pytest.mark.parametrize(("ill", "own"), [(18, False), (20, True)])
def test_a_group_has_an_own_threshold_from_ten_of_either_truth_on(ill: int, own: bool) -> None:
    """Half of them are chosen on."""
    random = np.random.default_rng(2)
    numbers = np.repeat([0, 1], [2000, ill + 300])
    positive = np.concatenate([random.random(2000) < 0.5, np.arange(ill + 300) < ill])
    scores = random.normal(positive + 3 * numbers, 0.5)
    for one in (positive, ~positive):
        found = group_thresholds(np.where(one == positive, scores, -scores), one, numbers, 2, 1.0, 1.0)
        assert found is not None
        assert (found.own[1] != found.shared) == own


def test_the_thresholds_of_a_decision_are_those_of_its_positive_class_and_its_prices() -> None:
    random = np.random.default_rng(4)
    labels, numbers = random.integers(0, 2, 900), random.integers(0, 2, 900)
    scores = np.clip(random.normal(0.35 + 0.3 * labels + 0.1 * numbers, 0.15), 0.01, 0.99)
    found = Evidence.of_probabilities(np.stack([1 - scores, scores], axis=1), labels, ("well", "ill"))
    told = thresholds_of_groups(found, grouped(numbers), 1, miss_and_false_alarm(2, 1, "ill", 5, 1))
    assert told == group_thresholds(scores, labels == 1, numbers, 2, 5, 1)
    assert told is not None
    assert told.own[0] < told.own[1]


# What groups are made by


def pictures(dtype: Any = np.uint8) -> np.ndarray:
    random = np.random.default_rng(5)
    scale = random.random((300, 1))
    return (random.integers(0, 256, (300, 48)) * scale).astype(dtype)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_stand_ins_are_thirds_by_brightness_and_by_size(dtype: Any) -> None:
    images = pictures(dtype)
    made = grouping_of("brightness", None, images)
    assert made.names == ("dark third", "middle third", "bright third")
    assert made.numbers is not None
    means = images.astype(np.float64).mean(axis=1)
    assert brightness(images) == pytest.approx(means)
    assert np.bincount(made.numbers).tolist() == [100, 100, 100]
    assert means[made.numbers == 0].max() < means[made.numbers == 1].min()
    assert made.choices == ("brightness", "size", "none")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("darkest", [0.0, 90.0])
def test_size_is_how_many_pixels_are_lit(channels: int, darkest: float) -> None:
    images = pictures(np.float32) + np.float32(darkest)
    pixels = images.reshape(300, -1, channels).astype(np.float64).mean(axis=2)
    lit = (pixels > images.min() + 0.25 * np.ptp(images)).sum(axis=1)
    assert lit_pixels(images, channels).tolist() == lit.tolist()
    made = grouping_of("size", None, images, channels)
    assert made.by == "size"
    assert made.names == ("small third", "middle third", "large third")
    assert made.numbers is not None
    for lower, higher in ((0, 1), (1, 2)):
        assert lit[made.numbers == lower].max() < lit[made.numbers == higher].min()


def test_a_pixel_is_one_number_unless_told_otherwise() -> None:
    images = pictures()
    assert lit_pixels(images).tolist() == lit_pixels(images, 1).tolist()
    found, wanted = grouping_of("size", None, images), grouping_of("size", None, images, 1)
    assert (found.numbers == wanted.numbers).all()  # type: ignore[union-attr]


def test_brightness_is_a_mean_of_float64() -> None:
    """In float32 the sum of so many equal numbers would lose its last digits."""
    images = np.full((2, 300_001), 0.1, np.float32)
    assert brightness(images) == pytest.approx(np.float64(np.float32(0.1)), rel=1e-12)


def test_equal_images_are_in_the_same_third_and_a_third_may_be_empty() -> None:
    images = np.repeat(np.array([[0], [200]], np.uint8), [90, 10], axis=0)
    made = grouping_of("brightness", None, images)
    assert made.names == ("dark third", "bright third")
    assert made.numbers is not None
    assert made.numbers.tolist() == [0] * 90 + [1] * 10


def test_the_file_comes_first_then_the_images_then_nothing() -> None:
    named = Groups(("a", "b"), np.arange(300) % 2)
    found = grouping_of(None, named, pictures())
    assert (found.by, found.choices) == ("file", ("file", "brightness", "size", "none"))
    assert found.names == ("a", "b")
    assert found.numbers is named.numbers
    assert grouping_of("brightness", named, pictures()).by == "brightness"
    assert grouping_of(None, None, pictures()).by == "brightness"
    nothing = grouping_of(None, None, None)
    assert (nothing.by, nothing.choices) == ("none", ("none",))
    assert nothing.why_none == "No groups: the predictions name none, and there are no images to make some of."
    assert grouping_of("none", named, None).why_none == ""


def test_images_that_are_all_alike_make_no_groups() -> None:
    alike = grouping_of(None, None, np.ones((20, 9), np.uint8))
    assert (alike.by, alike.choices, alike.names) == ("none", ("brightness", "size", "none"), ())
    assert alike.numbers is None
    assert alike.why_none == "No groups: by brightness all images are alike."
    assert grouping_of("none", None, np.ones((20, 9), np.uint8)).why_none == ""


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("file", "groups: found file, expected brightness or size or none; the predictions name no groups"),
        ("size", "groups: found size, expected file or none; there are no images"),
    ],
)
def test_groups_that_there_are_not_are_refused(by: Any, message: str) -> None:
    named = Groups(("a", "b"), np.arange(300) % 2)
    with pytest.raises(InputError) as refused:
        grouping_of(by, None if by == "file" else named, pictures() if by == "file" else None)
    assert str(refused.value) == message
