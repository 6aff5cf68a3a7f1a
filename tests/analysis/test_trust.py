"""The halves of Trust, probabilities of 0, and files of a few rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis import intervals
from engine.analysis.calibration import (
    brier_scores,
    error_by_chance,
    expected_calibration_error,
    reliability,
    reliability_equal_mass,
    softmax,
)
from engine.analysis.evidence import Evidence, ensemble_gain
from engine.analysis.temperature import fit_temperature
from engine.analysis.trust import halves, trust_view
from engine.contract.decisions import SPLIT_SEED
from engine.verdicts.decision import calibration_sentence, ensemble_sentence


def sure_of_one_class(order: np.ndarray) -> Evidence:
    """Labels 0, 1, 0, 1, …, reordered: 0 is always recognised, 1 mostly missed."""
    random = np.random.default_rng(2)
    labels = np.arange(400) % 2
    missed = (labels == 1) & (random.random(400) < 0.6)
    first = np.where(labels == 0, 0.97, np.where(missed, 0.9, 0.1))
    return Evidence.of_probabilities(np.stack([first, 1 - first], axis=1)[order], labels[order], ("a", "b"))


@given(st.lists(st.integers(0, 4), min_size=2, max_size=60))
def test_each_class_is_halved(labels: list[int]) -> None:
    of = np.array(labels)
    fitted, judged = halves(of)
    assert sorted([*fitted, *judged]) == list(range(len(of)))
    assert 0 <= len(fitted) - len(judged) <= 1
    difference = np.bincount(of[fitted], minlength=5) - np.bincount(of[judged], minlength=5)
    assert np.abs(difference).max() <= 1


def test_the_halves_are_drawn_and_the_same_every_time() -> None:
    labels = np.arange(1000) % 2
    fitted, judged = halves(labels)
    assert np.bincount(labels[judged]).tolist() == [250, 250]
    assert 200 < np.isin(np.arange(500), fitted).sum() < 300
    assert halves(labels)[1].tolist() == judged.tolist()
    # RandomState(0).permutation(10) is 2 8 4 9 1 6 7 3 0 5 in every version of numpy: every second one is judged.
    assert halves(np.zeros(10, dtype=int))[1].tolist() == [3, 5, 6, 8, 9]


def test_the_order_of_the_rows_changes_the_verdict_by_luck_at_most() -> None:
    random = np.random.default_rng(0)
    views = [
        trust_view(sure_of_one_class(order), 0.2) for order in (np.arange(400), *map(random.permutation, [400] * 19))
    ]
    assert {round(view.overall.ece, 9) for view in views} == {round(views[0].overall.ece, 9)}
    assert all(view.ece > 3 * view.ece_by_chance and view.temperature > 1.5 for view in views)
    assert all("overconfident" in calibration_sentence(view) for view in views)
    # Of 100 judged rows of class 1, drawn from 200, the share of misses has a standard error of 0.035; half of that.
    assert np.std([view.ece for view in views]) < 0.03


@pytest.mark.parametrize("labels", [[0, 0], [0, 1], [0, 1, 2], [1, 1, 1], [0, 1, 2, 0], [2, 2, 2, 2, 2]])
def test_a_file_of_few_rows_or_of_one_class_is_judged(labels: list[int]) -> None:
    logits = np.random.default_rng(len(labels)).normal(size=(len(labels), 3))
    view = trust_view(Evidence.of_logits(logits, np.array(labels), ("a", "b", "c")), 0.2)
    assert view.size == len(labels) // 2
    assert math.isfinite(view.ece)
    assert math.isfinite(view.loss_after)
    assert calibration_sentence(view)


def with_zeros(images: int = 400) -> Evidence:
    """Three classes; one that is not the label has probability 0."""
    random = np.random.default_rng(5)
    labels = random.integers(0, 3, images)
    probabilities = np.zeros((images, 3))
    rows = np.arange(images)
    probabilities[rows, labels] = random.uniform(0.2, 1, images)
    probabilities[rows, (labels + 1) % 3] = 1 - probabilities[rows, labels]
    return Evidence.of_probabilities(probabilities, labels, ("a", "b", "c"))


@pytest.mark.parametrize("count", [1, 19])
def test_a_label_of_probability_0_makes_the_loss_infinite_and_no_temperature_is_fitted(count: int) -> None:
    evidence = with_zeros()
    probabilities = evidence.probabilities.copy()
    probabilities[:count] = np.roll(np.eye(3)[evidence.labels[:count]], 1, axis=1)
    impossible = Evidence.of_probabilities(probabilities, evidence.labels, ("a", "b", "c"))
    view = trust_view(impossible, 0.2)
    assert view.zero_probability_labels == count
    assert view.overall.loss == math.inf
    assert math.isnan(view.temperature)
    assert all(map(math.isnan, (view.ece_after, view.brier_after, view.loss_after, view.loss_gain_interval.low)))
    assert math.isfinite(view.ece)
    said = calibration_sentence(view)
    assert f"{count} of 400 true label" in said
    assert "none is fitted" in said
    with pytest.raises(ValueError, match="a label has probability 0"):
        fit_temperature(impossible.logits, impossible.labels)


def test_a_probability_of_0_elsewhere_stays_0_at_every_temperature() -> None:
    evidence = with_zeros()
    view = trust_view(evidence, 0.2)
    assert view.zero_probability_labels == 0
    assert math.isfinite(view.temperature)
    # Without the class that is never given: the same likelihoods, in two columns.
    rows = np.arange(len(evidence.labels))
    two = np.stack([evidence.logits[rows, evidence.labels], evidence.logits[rows, (evidence.labels + 1) % 3]], axis=1)
    fitted, _ = halves(evidence.labels)
    assert view.temperature == pytest.approx(fit_temperature(two[fitted], np.zeros(len(fitted), dtype=int)).value)
    assert not softmax(evidence.logits, 7.0)[evidence.probabilities == 0].any()


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_exact_zeros_and_ones_are_what_they_are(dtype: str) -> None:
    labels = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    probabilities = np.eye(3, dtype=dtype)[labels]
    right = trust_view(Evidence.of_probabilities(probabilities, labels, ("a", "b", "c")), 0.2)
    assert (right.temperature, right.loss, right.ece_after) == (1.0, 0.0, 0.0)
    wrong = trust_view(Evidence.of_probabilities(np.roll(probabilities, 1, axis=0), labels, ("a", "b", "c")), 0.2)
    assert (wrong.zero_probability_labels, wrong.overall.loss) == (9, math.inf)


def test_what_a_temperature_changes_is_judged_on_the_logits_divided_by_it() -> None:
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, 900)
    logits = random.normal(0, 2, (900, 3))
    logits[np.arange(900), labels] += 2
    evidence = Evidence.of_logits(5 * logits, labels, ("a", "b", "c"))
    view = trust_view(evidence, 0.2)
    judged = halves(labels)[1]
    before, truth = evidence.probabilities[judged], np.eye(3)[labels[judged]]
    after = softmax(evidence.logits[judged] / view.temperature)
    for found, probabilities in ((view.brier, before), (view.brier_after, after)):
        assert found == pytest.approx(brier_score_of(probabilities, truth))
    for found, probabilities in ((view.loss, before), (view.loss_after, after)):
        assert found == pytest.approx(-np.log((probabilities * truth).sum(1)).mean())
    sure, right = after.max(1), after.argmax(1) == labels[judged]
    assert view.bins_after == reliability(sure, right)
    assert view.ece_after == pytest.approx(expected_calibration_error(reliability(sure, right)))
    assert view.ece_equal_mass_after == pytest.approx(expected_calibration_error(reliability_equal_mass(sure, right)))
    gains = -np.log((before * truth).sum(1)) + np.log((after * truth).sum(1))
    wanted = intervals.of_mean(gains)
    assert (view.loss_gain_interval.low, view.loss_gain_interval.high) == pytest.approx((wanted.low, wanted.high))
    assert view.loss_gain_interval.low > 0
    assert not view.temperature_at_bound
    assert view.split_seed == SPLIT_SEED
    assert view.ensemble is None
    assert view.overall.brier == pytest.approx(brier_score_of(evidence.probabilities, np.eye(3)[labels]))


def brier_score_of(probabilities: np.ndarray, truth: np.ndarray) -> float:
    return float(((probabilities - truth) ** 2).sum(1).mean())


def test_an_ensembles_view_has_its_gain_over_the_members() -> None:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, 300)
    members = [Evidence.of_logits(random.normal(0, 1, (300, 3)), labels, ("a", "b", "c")) for _ in range(2)]
    together = Evidence.of_ensemble(members)
    assert trust_view(together, 0.2, members).ensemble == ensemble_gain(members, together)


def test_probabilities_of_a_coarse_file_are_binned_as_the_file_has_them() -> None:
    """0.6 is stored as a little more in float16, and belongs below the bound of 9/15."""
    sure = np.tile(np.array([0.6, 0.8], np.float16), 200)
    labels = (np.random.default_rng(0).random(400) > sure).astype(int)
    evidence = Evidence.of_probabilities(np.stack([sure, 1 - sure], axis=1), labels, ("a", "b"))
    view = trust_view(evidence, 0.2).overall
    known = {"precision": evidence.precision}
    wide, right = sure.astype(float), labels == 0
    assert view.bins == reliability(wide, right, **known)
    assert view.bins != reliability(wide, right)
    assert view.ece_equal_mass == expected_calibration_error(reliability_equal_mass(wide, right, **known))
    assert view.ece_by_chance == error_by_chance(wide, **known)


def test_an_ensemble_with_an_impossible_label_is_compared_by_accuracy_and_brier_score() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, 1000)
    members = []
    for _ in range(3):
        votes = np.array([random.multinomial(5, 0.5 * np.eye(3)[label] + 0.5 / 3) for label in labels]) / 5
        members.append(Evidence.of_probabilities(votes.astype(np.float32), labels, ("a", "b", "c")))
    together = Evidence.of_ensemble(members)
    gain = ensemble_gain(members, together)
    assert gain.zero_probability_labels == sum(
        any(member.probabilities[row, label] == 0 for member in members) for row, label in enumerate(labels)
    )
    assert gain.member_loss == math.inf
    assert math.isnan(gain.loss_gain_interval.low)
    briers = [brier_scores(member.probabilities, labels) for member in (*members, together)]
    gains = np.mean(briers[:3], axis=0) - briers[3]
    assert gain.brier_gain_interval == intervals.of_mean(gains)
    assert gain.brier_gain_interval.low > 0
    assert gain.members == 3
    assert gain.accuracy > gain.member_accuracy
    said = ensemble_sentence(gain)
    assert f"{gain.zero_probability_labels} true labels have probability 0 in a model" in said
    assert "inf " not in said
    assert "nan" not in said
    assert "no gain" not in said
    alone = ensemble_gain(members[:1] * 2, Evidence.of_ensemble(members[:1] * 2))
    assert "no clear gain" in ensemble_sentence(alone)


def test_logits_too_far_apart_for_a_probability_are_not_taken_for_zeros() -> None:
    labels = np.array([0, 1, 0, 1])
    far = Evidence.of_logits(np.array([[0.0, 2000.0], [0.0, 1.0], [3.0, 0.0], [2.0, 1.0]]), labels, ("a", "b"))
    assert far.probabilities[0, 0] == 0
    assert far.zero_probability_labels == 0
    mean = Evidence.of_ensemble([far, far])
    assert mean.losses.tolist() == pytest.approx(far.losses.tolist())
    assert mean.zero_probability_labels == 0
