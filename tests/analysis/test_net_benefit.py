"""Net benefit beside dcurves, and simulations in which the truth is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dcurves
import numpy as np
import pandas as pd
import pytest

from engine.analysis.net_benefit import THRESHOLDS, curve_of, here_of
from engine.analysis.precision import EXACT, Precision
from engine.analysis.thresholds import counts_at
from engine.contract.net_benefit import BestRange, NetBenefitCurve

POPULATION = 200_000


def scored(images: int, seed: int, share: float = 0.15, apart: float = 1.5) -> tuple[np.ndarray, np.ndarray]:
    """Scores and truth of a model whose probabilities are too sure."""
    random = np.random.default_rng(seed)
    truth = random.random(images) < share
    logits = random.normal(0, 1, images) + apart * truth + np.log(share)
    return 1 / (1 + np.exp(-1.5 * logits)), truth


def _cases() -> Iterator[Any]:
    scores, truth = scored(700, 1)
    yield pytest.param(scores, truth, EXACT, id="sure of itself")
    yield pytest.param(scores.round(1), truth, EXACT, id="ties of tenths")
    yield pytest.param(np.where(scores < 0.2, 0.0, scores.round(2)), truth, EXACT, id="zeros and ties")
    coarse = scores.round(2).astype(np.float32)
    yield pytest.param(coarse.astype(np.float64), truth, Precision.of(coarse.dtype), id="hundredths in float32")
    yield pytest.param((scores > 0.3).astype(np.float64), truth, EXACT, id="0 and 1 alone")


@pytest.mark.parametrize(("scores", "truth", "precision"), _cases())
def test_every_figure_is_that_of_dcurves(scores: np.ndarray, truth: np.ndarray, precision: Precision) -> None:
    curve = curve_of(scores, truth, precision)
    # dcurves knows nothing of float32: there it is given the decimals that were stored.
    model = scores if precision is EXACT else scores.round(2)
    frame = pd.DataFrame({"truth": truth.astype(int), "model": model})
    referee = dcurves.dca(frame, outcome="truth", modelnames=["model"], thresholds=THRESHOLDS, nper=100)
    model, everyone, nobody = (referee[referee["model"] == name] for name in ("model", "all", "none"))
    assert len(model) == len(curve.thresholds) == 99
    assert curve.model == pytest.approx(model["net_benefit"].to_list(), abs=1e-12)
    assert curve.treat_all == pytest.approx(everyone["net_benefit"].to_list(), abs=1e-9)
    assert not nobody["net_benefit"].any()
    assert curve.avoided == pytest.approx(model["net_intervention_avoided"].to_list(), abs=1e-9)
    for threshold in (0.03, 0.3, 0.7):
        here = here_of(counts_at(scores, truth, precision.least(threshold)), threshold, curve)
        place = THRESHOLDS.index(threshold)
        found = (here.model, here.treat_all, here.avoided)
        assert found == pytest.approx((curve.model[place], curve.treat_all[place], curve.avoided[place]))
        assert here.model_interval.low == pytest.approx(curve.model_low[place], abs=0.05 * threshold / (1 - threshold))


@pytest.mark.parametrize("present", [False, True])
def test_where_a_class_is_absent_the_formula_holds(present: bool) -> None:
    """dcurves divides by 0 there."""
    scores, _ = scored(700, 1)
    curve = curve_of(scores.round(1), np.full(700, present), EXACT)
    for place, threshold in enumerate(THRESHOLDS):
        alarms, weight = (scores.round(1) >= threshold).mean(), threshold / (1 - threshold)
        assert curve.model[place] == pytest.approx(alarms if present else -weight * alarms)
        assert curve.treat_all[place] == pytest.approx(1 if present else -weight)
    assert curve.prevalence == present


def samples(images: int, many: int, **model: float) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Samples of one population."""
    scores, truth = scored(POPULATION, 5, **model)
    random = np.random.default_rng(6)
    for _ in range(many):
        chosen = random.integers(0, POPULATION, images)
        yield scores[chosen], truth[chosen]


def truth_of(**model: float) -> NetBenefitCurve:
    return curve_of(*scored(POPULATION, 5, **model), EXACT)


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    true, many = truth_of(), 80
    held = np.zeros((2, 99))
    for scores, positive in samples(400, many):
        curve = curve_of(scores, positive, EXACT)
        for row, (low, high, value) in enumerate(
            (
                (curve.model_low, curve.model_high, true.model),
                (curve.avoided_low, curve.avoided_high, true.avoided),
            )
        ):
            held[row] += (np.array(low) <= value) & (value <= np.array(high))
    share = held / many
    assert share.mean() == pytest.approx(0.95, abs=0.02)
    assert share.min() > 0.86  # also at 0.99, where a false alarm that nobody has seen weighs 99 hits


@pytest.mark.parametrize("apart", [0.4, 1.5])
def test_what_is_said_to_be_best_is_hardly_ever_wrong(apart: float) -> None:
    """At all thresholds together, for a model that hardly knows anything and for a good one."""
    true, many = truth_of(apart=apart), 40
    values = {"model": np.array(true.model), "all": np.array(true.treat_all), "none": np.zeros(99)}
    best = np.max(list(values.values()), axis=0)
    wrong = claimed = 0
    for scores, positive in samples(400, many, apart=apart):
        curve = curve_of(scores, positive, EXACT)
        sure = [one for one in curve.ranges if len(one.options) == 1]
        claimed += bool(sure)
        wrong += any(_is_wrong(one, values, best) for one in sure)
    assert wrong / many <= 0.05 + 1.65 * (0.05 * 0.95 / many) ** 0.5
    assert claimed / many > 0.9  # and something is said


def _is_wrong(one: BestRange, values: dict[str, np.ndarray], best: np.ndarray) -> bool:
    places = range(THRESHOLDS.index(one.low), THRESHOLDS.index(one.high) + 1)
    return any(values[one.options[0]][place] < best[place] - 1e-12 for place in places)


def test_the_ranges_cover_every_threshold_once_and_in_order() -> None:
    curve = curve_of(*scored(3000, 2), EXACT)
    found = [number for one in curve.ranges for number in THRESHOLDS if one.low <= number <= one.high]
    assert found == list(THRESHOLDS)
    assert {"model"} <= {one.options[0] for one in curve.ranges if len(one.options) == 1}
    assert curve == curve_of(*scored(3000, 2), EXACT)  # one seed, one result


def test_no_false_alarm_is_no_proof_that_there_is_none() -> None:
    """At 0.99 one false alarm outweighs 99 hits: of 200 images, none of which is one, that cannot be told."""
    scores, truth = np.repeat([0.995, 0.001], [20, 180]), np.repeat([True, False], [20, 180])
    curve = curve_of(scores, truth, EXACT)
    assert curve.model[-1] == 0.1
    assert curve.model_low[-1] < 0
    assert curve.ranges[-1].options == ("model", "none")


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_at_the_ends_there_is_nothing_to_weigh(threshold: float) -> None:
    scores, truth = scored(100, 3)
    here = here_of(counts_at(scores, truth, threshold), threshold, curve_of(scores, truth, EXACT))
    assert here.options == ()
    assert np.isnan(here.avoided)
    assert np.isnan(here.model) == (threshold == 1.0)


def test_between_two_ranges_both_are_said() -> None:
    scores, truth = scored(3000, 2)
    curve = curve_of(scores, truth, EXACT)
    left, right = curve.ranges[:2]
    here = here_of(counts_at(scores, truth, left.high + 0.005), left.high + 0.005, curve)
    assert set(here.options) == {*left.options, *right.options}
    inside = here_of(counts_at(scores, truth, left.low), left.low, curve)
    assert inside.options == left.options
