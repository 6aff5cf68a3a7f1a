"""Thresholds, ties and costs in the precision of the file: the same tenths in any float are the same numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.calibration import error_by_chance, expected_calibration_error, reliability
from engine.analysis.costs import costs_view, least_expected_cost
from engine.analysis.decisions import threshold_view
from engine.analysis.evidence import Evidence
from engine.analysis.precision import EXACT, Precision
from engine.analysis.trust import abstention, trust_view
from engine.contract.cost_matrix import CostMatrix, miss_and_false_alarm

DTYPES = [np.dtype(kind) for kind in ("float16", "float32", "float64", ">f4", "longdouble")]
TENTHS = st.integers(0, 10)


def tenths(images: int = 600, classes: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Shares of ten neighbours, as float64 has them, and labels that they are not always right about."""
    random = np.random.default_rng(seed)
    votes = random.multinomial(10, random.dirichlet([0.4] * classes, images))
    return votes / 10, (random.random((images, 1)) > (votes / 10).cumsum(1)).sum(1).clip(0, classes - 1)


def stored(dtype: np.dtype, seed: int = 0, classes: int = 4) -> Evidence:
    probabilities, labels = tenths(seed=seed, classes=classes)
    return Evidence.of_probabilities(probabilities.astype(dtype), labels, tuple(map(str, range(classes))))


@given(TENTHS, st.integers(0, 1000), st.sampled_from(DTYPES))
def test_what_reaches_a_number_reaches_it_when_both_are_stored(tenth: int, thousandth: int, dtype: np.dtype) -> None:
    precision, score = Precision.of(dtype), float(dtype.type(tenth / 10))
    assert (score >= precision.least(thousandth / 1000)) == (100 * tenth >= thousandth)
    assert (score <= precision.most(np.array([thousandth / 1000]))[0]) == (100 * tenth <= thousandth)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_threshold_above_0_finds_no_probability_of_0(dtype: np.dtype) -> None:
    assert Precision.of(dtype).least(1e-30) > 0
    assert Precision.of(dtype).least(0) == 0


def test_sums_that_miss_a_threshold_by_their_rounding_reach_it() -> None:
    for score, threshold in ((1 - 0.9, 0.1), ((0.1 + 0.7) / 2, 0.4), (0.7, 1 - 0.3), (0.3, 1 - 0.7), (0.3, 0.1 + 0.2)):
        assert score >= EXACT.least(threshold)
    assert np.nextafter(0.5, 0) >= EXACT.least(0.5)
    assert EXACT.least(0.5) > 0.5 - 1e-11
    assert np.nextafter(np.float32(0.5), np.float32(0)) < Precision.of(np.dtype(np.float32)).least(0.5)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("threshold", [number / 20 for number in range(21)])
def test_the_counts_at_a_threshold_are_those_of_whole_numbers(dtype: np.dtype, threshold: float) -> None:
    evidence, (probabilities, labels) = stored(dtype), tenths()
    view = threshold_view(evidence, 1, threshold, 0.001)
    alarm, truth = (probabilities[:, 1] * 100).round() >= round(threshold * 100), labels == 1
    assert (view.true_positive, view.false_positive) == ((alarm & truth).sum(), (alarm & ~truth).sum())
    assert view.auc == threshold_view(stored(np.dtype(np.float64)), 1, threshold, 0.001).auc


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_what_is_referred_and_how_uncertain_it_is_agree(dtype: np.dtype) -> None:
    exact = stored(np.dtype(np.float64))
    for referral in [number / 10 for number in range(11)]:
        one, other = abstention(stored(dtype), referral), abstention(exact, referral)
        assert one.coverage == other.coverage == (exact.probabilities.max(1).round(1) >= round(1 - referral, 1)).mean()
        assert (one.cost, one.area_by_confidence) == (
            pytest.approx(other.cost),
            pytest.approx(other.area_by_confidence),
        )
        assert one.area_by_margin == pytest.approx(other.area_by_margin)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_a_confidence_on_the_edge_of_a_bin_falls_into_the_same_one(dtype: np.dtype) -> None:
    fifths = np.array([0.2, 0.4, 0.6, 0.8, 1.0])
    sure, right, precision = fifths.astype(dtype).astype(float), np.ones(5, dtype=bool), Precision.of(dtype)
    bins = reliability(sure, right, precision=precision)
    assert [place for place, one in enumerate(bins) if one.count] == [2, 5, 8, 11, 14]
    assert expected_calibration_error(bins) == pytest.approx(0.4, abs=1e-3)
    assert error_by_chance(sure, precision=precision) == pytest.approx(error_by_chance(fifths), abs=1e-3)


MATRICES = {
    "one price": 1 - np.eye(4),
    "a ladder": np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0))),
    "two prices": np.array(miss_and_false_alarm(4, 2, "x", 3, 7).rows),
    "a dear one": np.where(np.arange(4)[:, None] == 3, 50.0, 1.0) * (1 - np.eye(4)),
}


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_decisions_and_their_ties_are_those_of_whole_numbers(dtype: np.dtype, matrix: np.ndarray) -> None:
    probabilities, _ = tenths(2000)
    votes = (probabilities * 10).round().astype(int)
    costs = votes @ matrix.astype(int)
    cheapest = np.where(costs == costs.min(1, keepdims=True), votes, -1).argmax(1)
    assert ((costs == costs.min(1, keepdims=True)).sum(1) > 1).sum() > 20
    found = least_expected_cost(probabilities.astype(dtype).astype(float), matrix, Precision.of(dtype))
    np.testing.assert_array_equal(found, cheapest)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("miss", "false_alarm"), [(3, 7), (7, 3), (1, 1), (9, 1), (1, 0), (0, 1), (50, 1)])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_cheapest_from_a_threshold_on_is_what_the_view_of_that_threshold_gives(
    dtype: np.dtype, miss: float, false_alarm: float, classes: int
) -> None:
    for positive in range(classes):
        evidence = stored(dtype, classes=classes)
        costs = miss_and_false_alarm(classes, positive, "x", miss, false_alarm)
        outcome = costs_view(evidence, costs, positive).cheapest[positive]
        view = threshold_view(evidence, positive, costs.threshold, 0.001)
        assert (outcome.missed, outcome.false_alarms) == (view.false_negative, view.false_positive)


def test_no_decision_of_two_prices_is_dearer_than_another() -> None:
    evidence = stored(np.dtype(np.float32))
    costs = miss_and_false_alarm(4, 2, "x", 3, 7)
    by_any_matrix = costs_view(evidence, CostMatrix(title="", rows=costs.rows), 2)
    assert costs_view(evidence, costs, 2).predicted_cost == pytest.approx(by_any_matrix.predicted_cost)


def test_the_mean_of_files_is_as_precise_as_the_coarsest() -> None:
    members = [stored(np.dtype(kind), seed=0) for kind in ("float64", "float32")]
    assert Evidence.of_ensemble(members).precision == Precision(np.dtype(np.float32), computed=True)
    shares = np.array([[0.1, 0.9], [0.7, 0.3], [0.6, 0.4], [0.2, 0.8]])
    for dtype in DTYPES:
        both = [
            Evidence.of_probabilities(one.astype(dtype), np.zeros(2, dtype=int), ("a", "b"))
            for one in (shares[::2], shares[1::2])
        ]
        mean = Evidence.of_ensemble(both)  # 0.4 and 0.4
        view = threshold_view(mean, 0, 0.4, 0.001)
        assert view.true_positive == 2


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_the_bins_of_trust_are_those_of_the_file(dtype: np.dtype) -> None:
    """Of 0.8, on an edge, and 0.83, above it: in one bin their gaps would cancel."""
    labels = np.repeat([0, 1, 0], [60, 40, 100])
    sure = np.repeat([0.8, 0.83], 100)
    evidence = Evidence.of_probabilities(np.stack([sure, 1 - sure], axis=1).astype(dtype), labels, ("a", "b"))
    every = trust_view(evidence, 0.2).overall
    assert {place: one.count for place, one in enumerate(every.bins) if one.count} == {11: 100, 12: 100}
    assert every.ece == pytest.approx((0.2 + 0.17) / 2, abs=1e-3)
    assert every.ece_equal_mass == pytest.approx((0.2 + 0.17) / 2, abs=1e-3)


def test_a_bound_is_what_storing_makes_of_it_and_a_rounding_more_where_nothing_was_stored() -> None:
    bounds = np.array([0.2, 0.6, 1.0])
    for dtype in (np.float16, np.float32):
        assert Precision.of(np.dtype(dtype)).most(bounds).tolist() == bounds.astype(dtype).tolist()
    for computed in (Precision(), Precision.of(np.dtype(np.float16)).after_computing):
        assert (computed.most(bounds) > bounds).all()
        assert computed.most(bounds) == pytest.approx(bounds, rel=1e-3)
