"""Reliability, calibration errors and proper scores, with scikit-learn as the referee."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from engine.analysis.calibration import (
    brier_score,
    error_by_chance,
    expected_calibration_error,
    losses,
    reliability,
    reliability_equal_mass,
    softmax,
)
from engine.analysis.trust import confidence
from engine.contract.decisions import CALIBRATION_BINS

# The edges of 15 bins among them: that is where a bin is chosen wrongly.
SURE = st.one_of(st.sampled_from([0.0, 0.2, 0.4, 1 / 3, 0.6, 0.8, 1.0]), st.floats(0, 1))
ROWS = st.lists(st.tuples(SURE, st.booleans()), min_size=1, max_size=60)


def arrays(rows: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([sure for sure, _ in rows]), np.array([right for _, right in rows])


@given(ROWS)
def test_the_bins_are_those_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    sure, right = arrays(rows)
    bins = [one for one in reliability(sure, right) if one.count]
    accuracies, confidences = calibration_curve(right, sure, n_bins=15, strategy="uniform", pos_label=True)
    assert [one.accuracy for one in bins] == pytest.approx(accuracies.tolist())
    assert [one.confidence for one in bins] == pytest.approx(confidences.tolist())


@given(ROWS)
def test_the_calibration_error_is_the_weighted_gap(rows: list[tuple[float, bool]]) -> None:
    sure, right = arrays(rows)
    by_hand = 0.0
    for number in range(15):
        edges = np.linspace(0, 1, 16)
        inside = (sure > edges[number]) & (sure <= edges[number + 1]) | ((number == 0) & (sure == 0))
        if inside.any():
            by_hand += inside.mean() * abs(right[inside].mean() - sure[inside].mean())
    assert expected_calibration_error(reliability(sure, right)) == pytest.approx(by_hand, abs=1e-12)


@given(ROWS, st.randoms())
def test_bins_of_equal_mass_do_not_depend_on_the_order(rows: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (reliability_equal_mass(*arrays(some)) for some in (rows, shuffled))
    assert [bin.count for bin in one] == [bin.count for bin in other]
    assert expected_calibration_error(one) == pytest.approx(expected_calibration_error(other), abs=1e-12)
    assert sum(bin.count for bin in one) == len(rows)


def test_bins_of_equal_width_lie_side_by_side_from_0_to_1() -> None:
    bins = reliability(np.array([0.05, 0.5, 1.0]), np.array([False, True, True]), 4)
    assert [(one.low, one.high) for one in bins] == [(0.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.0)]
    assert [one.count for one in bins] == [1, 1, 0, 1]
    assert len(reliability(np.array([0.5]), np.array([True]))) == CALIBRATION_BINS


def test_bins_of_equal_mass_hold_equally_many() -> None:
    sure = np.random.default_rng(0).beta(20, 2, 1500)
    bins = reliability_equal_mass(sure, sure > 0.9)
    assert {one.count for one in bins} == {100}
    assert all(a.high <= b.low for a, b in pairwise(bins))


def test_a_model_that_is_as_right_as_it_is_sure_stays_below_the_error_by_chance() -> None:
    random = np.random.default_rng(4)
    below = 0
    for _ in range(300):
        sure = random.uniform(0.3, 1, 1000)
        bins = reliability(sure, random.random(1000) < sure)
        below += expected_calibration_error(bins) <= error_by_chance(sure)
    assert 0.9 <= below / 300 <= 0.99


def test_the_error_by_chance_is_the_mean_of_absolute_gaps_and_1645_deviations_more() -> None:
    """Four images at 0.9 and nine at 0.5: variances 0.36 and 2.25, in two of the bins."""
    sure = np.array([0.9] * 4 + [0.5] * 9)
    mean, deviation = (0.6 + 1.5) * math.sqrt(2 / math.pi), math.sqrt((0.36 + 2.25) * (1 - 2 / math.pi))
    assert error_by_chance(sure) == pytest.approx((mean + 1.645 * deviation) / 13)
    assert error_by_chance(np.array([1 + 1e-12, 1.0])) == 0.0, "a sum of rounded probabilities may be above 1"


def test_a_model_that_is_too_sure_exceeds_the_error_by_chance() -> None:
    random = np.random.default_rng(5)
    sure = random.uniform(0.5, 1, 1000)
    bins = reliability(sure, random.random(1000) < sure - 0.15)
    assert expected_calibration_error(bins) == pytest.approx(0.15, abs=0.04)
    assert expected_calibration_error(bins) > 2 * error_by_chance(sure)


def test_perfect_and_constant_predictions_have_the_errors_that_they_must() -> None:
    assert expected_calibration_error(reliability(np.ones(10), np.ones(10, dtype=bool))) == 0.0
    assert expected_calibration_error(reliability(np.ones(10), np.zeros(10, dtype=bool))) == 1.0
    half = expected_calibration_error(reliability_equal_mass(np.full(10, 0.5), np.arange(10) < 5))
    assert half == pytest.approx(0.0)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_brier_score_and_losses_are_those_of_scikit_learn(classes: int) -> None:
    random = np.random.default_rng(classes)
    logits, labels = random.normal(0, 3, (200, classes)), random.integers(0, classes, 200)
    probabilities = softmax(logits)
    every = list(range(classes))
    referee = brier_score_loss(labels, probabilities, labels=every, scale_by_half=False)
    assert brier_score(probabilities, labels) == pytest.approx(referee)
    assert losses(logits, labels).mean() == pytest.approx(log_loss(labels, probabilities, labels=every))
    assert losses(logits, labels, 2.5).mean() == pytest.approx(log_loss(labels, softmax(logits, 2.5), labels=every))


def test_brier_score_goes_from_0_to_2() -> None:
    certain = np.eye(3)
    assert brier_score(certain, np.array([0, 1, 2])) == 0.0
    assert brier_score(certain, np.array([1, 2, 0])) == 2.0


def test_softmax_survives_large_logits_and_the_confidence_of_a_row_is_its_largest() -> None:
    probabilities = softmax(np.array([[1000.0, 0.0], [-1000.0, -1001.0]]))
    assert probabilities[0].tolist() == [1.0, 0.0]
    assert probabilities[1, 0] == pytest.approx(1 / (1 + math.exp(-1)))
    assert confidence(probabilities)[0] == 1.0
