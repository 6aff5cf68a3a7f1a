"""Risk against coverage, and what a referral may cost."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis import intervals
from engine.analysis.evidence import Evidence
from engine.analysis.trust import abstention, confidence, entropy, margin, risk_coverage


def of(probabilities: np.ndarray, right: np.ndarray) -> Evidence:
    """What says that the first of two labels is the likelier one, which is so where it is `right`."""
    return Evidence.of_probabilities(probabilities, np.where(right, 0, 1), ("a", "b"))


def test_the_risk_is_that_of_the_least_uncertain() -> None:
    curve = risk_coverage(np.array([0.3, 0.1, 0.2, 0.4]), np.array([1.0, 0.0, 0.0, 1.0]))
    assert curve.coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert curve.risk.tolist() == pytest.approx([0, 0, 1 / 3, 1 / 2])
    assert curve.area == pytest.approx((0 + 0 + 1 / 3 + 1 / 2) / 4)


@given(st.lists(st.tuples(st.sampled_from([0.1, 0.2, 0.3]), st.booleans()), min_size=1, max_size=30), st.randoms())
def test_equally_uncertain_images_may_come_in_any_order(rows: list[tuple[float, bool]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        risk_coverage(np.array([u for u, _ in some]), np.array([float(m) for _, m in some]))
        for some in (rows, shuffled)
    )
    np.testing.assert_allclose(one.risk, other.risk, atol=1e-12)
    assert one.risk[-1] == pytest.approx(sum(mistake for _, mistake in rows) / len(rows))


def test_uncertainty_that_says_nothing_has_the_same_risk_at_every_coverage() -> None:
    curve = risk_coverage(np.zeros(10), (np.arange(10) < 3).astype(float))
    np.testing.assert_allclose(curve.risk, 0.3)


def test_knowing_the_mistakes_is_better_than_guessing_them_is_better_than_the_reverse() -> None:
    mistakes = np.random.default_rng(0).random(1000) < 0.2
    areas = [
        risk_coverage(uncertainty, mistakes.astype(float)).area
        for uncertainty in (mistakes.astype(float), np.zeros(1000), 1.0 - mistakes)
    ]
    assert areas[0] < areas[1] < areas[2]


def test_entropy_and_margin_measure_what_they_say() -> None:
    probabilities = np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3], [0.5, 0.3, 0.2]])
    assert entropy(probabilities).tolist() == pytest.approx(
        [0, math.log(3), -(0.5 * math.log(0.5) + 0.3 * math.log(0.3) + 0.2 * math.log(0.2))]
    )
    assert margin(probabilities).tolist() == pytest.approx([1, 0, 0.2])
    assert confidence(probabilities).tolist() == pytest.approx([1, 1 / 3, 0.5])


def test_by_chows_rule_what_is_likelier_wrong_than_a_referral_costs_is_referred() -> None:
    probabilities = np.array([[0.95, 0.05], [0.8, 0.2], [0.7, 0.3], [0.6, 0.4]])
    right = np.array([True, False, False, True])
    view = abstention(of(probabilities, right), 0.2)
    assert view.coverage == 0.5  # 0.8 is sure enough, exactly
    assert view.risk == 0.5
    assert view.cost == pytest.approx((0 + 1 + 0.2 + 0.2) / 4)
    assert view.cost_without == 0.5
    nothing = abstention(of(probabilities, right), 0.0)
    assert (nothing.coverage, nothing.cost) == (0.0, 0.0)
    assert math.isnan(nothing.risk)
    assert abstention(of(probabilities, right), 1.0).coverage == 1.0


def test_no_other_confidence_is_expected_to_be_a_cheaper_border_than_chows() -> None:
    random = np.random.default_rng(3)
    sure = random.uniform(0.5, 1, 200_000)
    right = random.random(200_000) < sure
    probabilities = np.stack([sure, 1 - sure], axis=1)
    costs = {border: np.where(sure >= border, ~right, 0.2).mean() for border in (0.6, 0.7, 0.8, 0.9, 0.95)}
    assert min(costs, key=costs.__getitem__) == 0.8
    assert abstention(of(probabilities, right), 0.2).cost == pytest.approx(costs[0.8])


def test_each_figure_is_that_of_its_own_uncertainty() -> None:
    random = np.random.default_rng(6)
    probabilities = random.dirichlet(np.full(4, 0.5), 301)
    labels = (random.random((301, 1)) > probabilities.cumsum(1)).sum(1).clip(0, 3)
    evidence = Evidence.of_probabilities(probabilities, labels, ("a", "b", "c", "d"))
    found = abstention(evidence, 0.3)
    mistakes = (~evidence.right).astype(float)
    top = np.sort(probabilities, axis=1)
    by_confidence = risk_coverage(-top[:, -1], mistakes)
    assert found.area_by_confidence == pytest.approx(by_confidence.area)
    assert found.area_by_margin == pytest.approx(risk_coverage(top[:, -2] - top[:, -1], mistakes).area)
    by_entropy = -(probabilities * np.log(np.maximum(probabilities, 1e-300))).sum(1)
    assert found.area_by_entropy == pytest.approx(risk_coverage(by_entropy, mistakes).area)
    assert len({found.area_by_confidence, found.area_by_margin, found.area_by_entropy}) == 3
    assert (found.referral, found.threshold) == (0.3, 0.7)
    decided = top[:, -1] >= 0.7
    assert (found.coverage, found.risk) == pytest.approx((decided.mean(), mistakes[decided].mean()))
    costs = np.where(decided, mistakes, 0.3)
    assert (found.cost, found.cost_without) == pytest.approx((costs.mean(), mistakes.mean()))
    assert found.saving_interval == intervals.of_mean(mistakes - costs)
    assert (found.curve.x[0], found.curve.x[-1], len(found.curve.x)) == (pytest.approx(1 / 301), 1.0, 200)
    for coverage, risk in zip(found.curve.x, found.curve.y, strict=True):
        assert risk == pytest.approx(by_confidence.risk[round(coverage * 301) - 1])
