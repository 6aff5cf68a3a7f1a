"""One class against all others, with scikit-learn as the referee."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_curve, roc_auc_score, roc_curve

from engine.analysis import intervals
from engine.analysis.thresholds import Counts, Ranking, at_prevalence, counts_at, predictive_value

# Few different values make ties, which is where rankings go wrong.
SCORE = st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1))
ROWS = st.lists(st.tuples(SCORE, st.booleans()), min_size=2, max_size=60)


def arrays(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([score for score, _ in rows]), np.array([truth for _, truth in rows])


@given(ROWS, SCORE)
def test_counts_are_those_of_scikit_learn(rows: list[tuple[float, bool]], threshold: float) -> None:
    scores, truth = arrays(rows)
    counts = counts_at(scores, truth, threshold)
    expected = confusion_matrix(truth, scores >= threshold, labels=[False, True])
    assert [[counts.true_negative, counts.false_positive], [counts.false_negative, counts.true_positive]] == (
        expected.tolist()
    )


def test_a_score_on_the_threshold_is_positive() -> None:
    assert counts_at(np.array([0.5, np.nextafter(0.5, 0)]), np.array([True, True]), 0.5) == Counts(1, 0, 0, 1)


@given(ROWS)
def test_auc_and_average_precision_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    scores, truth = arrays(rows)
    ranking = Ranking.of(scores, truth)
    if truth.all() or not truth.any():
        assert math.isnan(ranking.auc())
    else:
        assert ranking.auc() == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    if truth.any():
        assert ranking.average_precision() == pytest.approx(average_precision_score(truth, scores), abs=1e-12)
    else:
        assert math.isnan(ranking.average_precision())


@given(ROWS)
def test_the_curves_go_through_scikit_learns_points(rows: list[tuple[float, bool]]) -> None:
    scores, truth = arrays(rows)
    ranking = Ranking.of(scores, truth)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one class may be absent
        false_rate, true_rate, thresholds = roc_curve(truth, scores, drop_intermediate=False)
        precision, recall, _ = precision_recall_curve(truth, scores)
    np.testing.assert_array_equal(ranking.thresholds, thresholds)
    if not truth.all():
        np.testing.assert_allclose(ranking.false_positive_rate, false_rate, atol=1e-15)
    if truth.any():
        np.testing.assert_allclose(ranking.recall, true_rate, atol=1e-15)
        np.testing.assert_allclose(ranking.recall[1:], recall[:-1][::-1], atol=1e-15)
        np.testing.assert_allclose(ranking.precision[1:], precision[:-1][::-1], atol=1e-15)


@given(ROWS, st.randoms())
def test_the_order_of_the_images_plays_no_part(rows: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = Ranking.of(*arrays(rows)), Ranking.of(*arrays(shuffled))
    np.testing.assert_array_equal(one.true_positive, other.true_positive)
    np.testing.assert_array_equal(one.false_positive, other.false_positive)


def test_equal_scores_for_all_are_guessing_and_a_perfect_ranking_is_one() -> None:
    truth = np.array([True, False, True, False])
    assert Ranking.of(np.full(4, 0.3), truth).auc() == 0.5
    assert Ranking.of(np.full(4, 0.3), truth).average_precision() == 0.5
    assert Ranking.of(truth.astype(float), truth).auc() == 1.0
    assert Ranking.of(truth.astype(float), truth).average_precision() == 1.0
    assert Ranking.of(1.0 - truth, truth).auc() == 0.0


def test_ratios_without_a_denominator_are_nan() -> None:
    nothing = Counts(0, 0, 5, 0)
    assert math.isnan(nothing.sensitivity)
    assert math.isnan(nothing.precision)
    assert nothing.specificity == 1.0
    assert math.isnan(Counts(5, 0, 0, 0).specificity)


def test_a_good_test_for_a_rare_disease_is_mostly_wrong_when_it_alarms() -> None:
    # The classical exercise: sensitivity 90 %, specificity 91 %, 1 in 100 ill: 9 of 98.1 alarms are right.
    shift = at_prevalence(Counts(90, 9, 91, 10), 0.01)
    assert shift.positive_predictive_value == pytest.approx(9 / (9 + 89.1))
    assert shift.negative_predictive_value == pytest.approx(0.91 * 0.99 / (0.91 * 0.99 + 0.1 * 0.01))
    assert (shift.true_positive, shift.false_negative) == (pytest.approx(9), pytest.approx(1))
    assert (shift.false_positive, shift.true_negative) == (pytest.approx(89.1), pytest.approx(900.9))
    interval = shift.positive_predictive_interval
    assert interval.low < shift.positive_predictive_value < interval.high


@given(st.integers(1, 50), st.integers(0, 50), st.integers(1, 50), st.integers(0, 50))
def test_at_its_own_prevalence_a_test_has_its_own_precision(found: int, false: int, left: int, missed: int) -> None:
    counts = Counts(found, false, left, missed)
    shift = at_prevalence(counts, counts.prevalence)
    assert shift.positive_predictive_value == pytest.approx(counts.precision)
    assert shift.negative_predictive_value == pytest.approx(left / (left + missed))


def test_bayes_agrees_with_counting_people() -> None:
    random = np.random.default_rng(0)
    ill = random.random(2_000_000) < 0.02
    alarm = np.where(ill, random.random(len(ill)) < 0.8, random.random(len(ill)) < 0.05)
    assert predictive_value(0.8, 0.95, 0.02) == pytest.approx(ill[alarm].mean(), abs=0.005)


def test_no_false_alarm_seen_does_not_make_every_alarm_right() -> None:
    interval = at_prevalence(Counts(50, 0, 50, 0), 0.001).positive_predictive_interval
    assert interval.low < 0.05
    assert interval.high == 1.0


@pytest.mark.parametrize(("hits", "total"), [(0, 10), (10, 10), (3, 10), (500, 1000)])
def test_the_interval_of_a_share_solves_the_score_equation(hits: int, total: int) -> None:
    interval, share = intervals.of_share(hits, total), hits / total
    for end in (interval.low, interval.high):
        if 0 < end < 1:
            assert abs(share - end) / math.sqrt(end * (1 - end) / total) == pytest.approx(1.959964, abs=1e-5)
    assert interval.low <= share <= interval.high
    assert math.isnan(intervals.of_share(0, 0).low)
