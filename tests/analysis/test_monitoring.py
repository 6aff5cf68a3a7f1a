"""The stream: its order, its windows, its prevalence, and the intervals of what changes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import binom, chisquare, ttest_ind

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.monitoring import Seen, alarm, order, reference_of, stream_of, stretch, windows, with_prevalence
from engine.contract.errors import InputError

NAMES = ("healthy", "cold", "plague")


def evidence(count: int, seed: int) -> Evidence:
    labels = np.random.default_rng(0).integers(0, 3, count)
    return Evidence.of_logits(np.random.default_rng(seed).normal(size=(count, 3)), labels, NAMES)


def test_the_order_has_each_image_once_and_any_order_is_as_likely() -> None:
    orders = np.array([order(5, seed) for seed in range(3000)])
    assert (np.sort(orders, axis=1) == np.arange(5)).all()
    _, counts = np.unique(orders @ 10 ** np.arange(5), return_counts=True)
    assert len(counts) == math.factorial(5)
    assert chisquare(counts).pvalue > 0.001


@pytest.mark.parametrize("moment", [0, 1, 40, 99, 100])
def test_the_stream_is_judged_as_before_up_to_the_moment(moment: int) -> None:
    before, after = evidence(100, 1), evidence(100, 2)
    indices = order(100, 3)
    seen = stream_of(Seen.of(before), Seen.of(after), indices, moment)
    for place, index in enumerate(indices.tolist()):
        one = before if place < moment else after
        assert seen.right[place] == (one.probabilities[index].argmax() == one.labels[index])
        assert seen.unlabelled[place] == 1 - one.probabilities[index].max()
        assert seen.labelled[place] == 1 - one.probabilities[index, one.labels[index]]


@pytest.mark.parametrize("size", [1, 2, 19, 20, 400, 3001])
def test_a_window_has_only_the_images_up_to_its_end(size: int) -> None:
    random = np.random.default_rng(size)
    seen = Seen(random.random(size) < 0.7, random.random(size), random.random(size))
    found = windows(seen)
    assert (found.size, found.ends[-1]) == (max(1, size // 20), size)
    for at, accuracy, interval, sure in zip(
        found.ends, found.accuracy, found.accuracy_intervals, found.confidence, strict=True
    ):
        there = slice(at - found.size, at)
        assert accuracy == seen.right[there].mean()
        assert interval == intervals.of_share(int(seen.right[there].sum()), found.size)
        assert sure == pytest.approx(seen.likeliest[there].mean(), abs=1e-9)


def test_there_are_200_windows_at_even_distances() -> None:
    seen = Seen(np.ones(40_000, dtype=bool), np.full(40_000, 0.1 + 0.2), np.ones(40_000))
    found = windows(seen)
    assert (found.size, found.ends[0], found.ends[-1], len(found.ends)) == (500, 500, 40_000, 200)
    assert np.ptp(np.diff(found.ends)) <= 1


def test_a_window_of_certainty_is_not_more_than_certain() -> None:
    """Sums of floats may be a little too large; the contract takes no confidence above 1."""
    sure = np.concatenate([np.full(1000, 0.1), np.ones(2000)])
    assert max(windows(Seen(sure == 1, sure, sure)).confidence) == 1.0


def test_a_part_without_images_has_no_accuracy() -> None:
    seen = Seen(np.array([True, False, True]), np.full(3, 0.5), np.full(3, 0.5))
    found = stretch(slice(3, 3), seen)
    assert found.size == 0
    assert math.isnan(found.accuracy)
    assert math.isnan(found.gap)
    whole = stretch(slice(0, 2), seen)
    assert (whole.gap, whole.accuracy_interval) == (0.0, intervals.of_share(1, 2))
    assert replace(whole, confidence=0.75).gap == 0.25  # surer than it is right


@pytest.mark.parametrize("share", [0.0, 0.05, 0.6, 1.0])
def test_from_the_moment_on_a_share_of_the_images_is_positive(share: float) -> None:
    truth = np.random.default_rng(1).random(6000) < 0.1
    drawn = with_prevalence(order(6000, 5), truth, 2000, share, 5, "plague")
    assert (drawn[:2000] == order(6000, 5)[:2000]).all()
    low, high = binom.ppf([0.001, 0.999], 4000, share)
    assert low <= truth[drawn[2000:]].sum() <= high
    _, counts = np.unique(drawn[2000:][~truth[drawn[2000:]]], return_counts=True)
    assert share == 1 or counts.max() < 12  # of all negative images, not of a few
    later = with_prevalence(order(6000, 5), truth, 3000, share, 5, "plague")
    assert (later[3000:] == drawn[3000:]).all()
    other = with_prevalence(order(6000, 5), truth, 2000, share, 6, "plague")
    assert (other[2000:] == drawn[2000:]).mean() < 0.1, "another seed draws others"


def test_a_class_without_images_cannot_become_more_frequent() -> None:
    nobody, everybody = np.zeros(10, dtype=bool), np.ones(10, dtype=bool)
    with pytest.raises(InputError, match="prevalence: found no image of plague, expected at least one"):
        with_prevalence(order(10, 0), nobody, 5, 0.3, 0, "plague")
    with pytest.raises(InputError, match="found no image of a class other than plague"):
        with_prevalence(order(10, 0), everybody, 5, 0.3, 0, "plague")
    assert not nobody[with_prevalence(order(10, 0), nobody, 5, 0.0, 0, "plague")].any()
    assert everybody[with_prevalence(order(10, 0), everybody, 5, 1.0, 0, "plague")].all()


def test_what_the_others_are_compared_with_is_a_tenth_and_never_too_much() -> None:
    assert [reference_of(size) for size in (1, 9, 10, 5000, 10_000, 10**6)] == [0, 0, 1, 500, 1000, 1000]


def test_the_difference_of_two_shares_is_newcombes() -> None:
    """Newcombe 1998, table II, method 10: 56/70 − 48/80, 9/10 − 3/10, 10/10 − 0/20."""
    for later, earlier, wanted in (
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((10, 10), (0, 20), (0.6791, 1.0000)),
    ):
        found = intervals.of_share_difference(later, earlier)
        assert (found.low, found.high) == pytest.approx(wanted, abs=5e-5)
    assert math.isnan(intervals.of_share_difference((0, 0), (1, 2)).low)


def test_the_difference_of_two_means_is_welchs() -> None:
    random = np.random.default_rng(8)
    later, earlier = random.normal(1, 2, 4000), random.normal(0.5, 1, 3000)
    found, wanted = (
        intervals.of_mean_difference(later, earlier),
        ttest_ind(later, earlier, equal_var=False).confidence_interval(),
    )
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=1e-4)
    # By hand: variances 2 and 8 of two values each, so 1.96 · √(1 + 4) around 2 − 1.
    found = intervals.of_mean_difference(np.array([1.0, 3.0]), np.array([-1.0, 3.0]))
    assert (found.low, found.high) == pytest.approx((1 - 1.959964 * 5**0.5, 1 + 1.959964 * 5**0.5), abs=1e-5)
    for few, many in ((later[:1], earlier), (later, earlier[:1]), (later[:0], earlier[:0])):
        assert math.isnan(intervals.of_mean_difference(few, many).low)


def test_an_alarm_is_where_the_capital_reaches_one_over_alpha() -> None:
    random = np.random.default_rng(3)
    scores = np.concatenate([random.random(1000), random.random(1000) + 0.6])
    found = alarm(scores, 500, 0.05, 7, "labelled")
    assert found.at is not None
    assert 1000 < found.at < 1200
    assert (found.ends[0], found.ends[-1], found.log10[0]) == (500, 2000, 0.0)
    capital = dict(zip(found.ends, found.log10, strict=True))
    assert capital[found.at] >= math.log10(20)
    assert max(value for end, value in capital.items() if end < found.at) < math.log10(20)
    # The capital after so many images, whatever comes later.
    shorter = alarm(scores[: found.at], 500, 0.05, 7, "labelled")
    assert (shorter.at, shorter.log10[-1]) == (found.at, pytest.approx(capital[found.at]))


def test_without_an_alarm_a_martingale_is_drawn_at_200_even_distances() -> None:
    calm = alarm(np.random.default_rng(3).random(2000), 500, 0.01, 7, "labelled")
    assert calm.at is None
    assert (len(calm.ends), len(calm.log10)) == (200, 200)
    assert np.ptp(np.diff(calm.ends)) <= 1


def test_ties_are_broken_by_a_stream_for_each_martingale_and_seed() -> None:
    alike = np.zeros(400)
    one = alarm(alike, 50, 0.05, 7, "labelled")
    assert alarm(alike, 50, 0.05, 7, "labelled") == one
    assert alarm(alike, 50, 0.05, 8, "labelled").log10 != one.log10
    assert alarm(alike, 50, 0.05, 7, "unlabelled").log10 != one.log10
