"""Coverage where the truth is known: what is promised is held, and what is called more than luck is more than luck."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, chisquare

from engine.analysis.beta_binomial import coverage_by_luck, covered_distribution, tails
from engine.analysis.conformal import Conformity, parts, rank_of, sets_view
from engine.analysis.evidence import Evidence
from engine.contract.conformal import SetMethod

SPLITS = 1000


def coverages(method: SetMethod, level: float, knows: float, images: int = 60, seed: int = 0) -> tuple[np.ndarray, int]:
    """How many of the judged images are covered in each of 1,000 draws of all images, and how many are judged.

    A model of five classes that is wrong about how often they occur and how sure it is: that breaks no promise.
    """
    random = np.random.default_rng(seed)
    labels = random.choice(5, (SPLITS, images), p=(0.4, 0.3, 0.1, 0.1, 0.1))
    logits = random.normal(0, 2, (SPLITS, images, 5))
    logits[np.arange(SPLITS)[:, None], np.arange(images), labels] += knows
    found = []
    for one, truth in zip(logits, labels, strict=True):
        evidence = Evidence.of_logits(one, truth, tuple("abcde"))
        conformity = Conformity.of(evidence, method)
        least = conformity.least(level)
        bounds = least[conformity.labels] if len(least) > 1 else np.repeat(least, len(conformity.labels))
        found.append(int(np.count_nonzero(conformity.reach(conformity.of_true, bounds))))
    return np.array(found), len(parts(images)[1])


@pytest.mark.parametrize("level", [0.8, 0.9])
@pytest.mark.parametrize("method", ["lac", "aps"])
def test_coverage_over_a_thousand_splits_has_the_distribution_of_theory(method: SetMethod, level: float) -> None:
    found, judged = coverages(method, level, knows=1.5)
    rank = math.ceil(31 * level)
    law = betabinom(judged, rank, 31 - rank)
    # The mean is ⌈(n + 1) · level⌉/(n + 1), within four of its standard errors.
    assert abs(found.mean() / judged - rank / 31) < 4 * law.std() / judged / math.sqrt(SPLITS)
    assert found.var() == pytest.approx(law.var(), rel=0.2)
    edges = [int(law.ppf(share)) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    wanted = np.diff([0, *(law.cdf(edge) for edge in edges), 1]) * SPLITS
    counts = np.bincount(np.searchsorted(edges, found), minlength=6)
    kept = wanted > 5
    assert chisquare(counts[kept], wanted[kept] * counts[kept].sum() / wanted[kept].sum()).pvalue > 1e-3


def test_equal_scores_make_sets_larger_never_smaller() -> None:
    """The score of APS is 0 wherever the likeliest class is the true one: of a good model more often than asked for."""
    found, judged = coverages("aps", 0.8, knows=6.0)
    rank = 25  # ⌈31 · 0.8⌉
    assert found.mean() / judged > rank / 31 + 0.02


def test_class_conditional_sets_hold_for_each_class_what_the_others_hold_for_all() -> None:
    """The rare class, which the model takes for another: half of it is missed, until it has a bound of its own."""
    hits = {"lac": np.zeros(2), "class-conditional": np.zeros(2)}
    wanted, judged = np.zeros(2), np.zeros(2)
    random = np.random.default_rng(1)
    for _ in range(200):
        labels = (random.random(200) < 0.15).astype(np.int64)
        logits = np.stack([np.full(200, 1.5), random.normal(0, 1, 200)], axis=1) + random.normal(0, 0.5, (200, 2))
        evidence = Evidence.of_logits(logits, labels, ("common", "rare"))
        for method, covered in hits.items():
            conformity = Conformity.of(evidence, method)  # type: ignore[arg-type]
            view = sets_view(evidence, conformity, 0.8)
            covered += [one.covered for one in view.classes]
        judged += [one.images for one in view.classes]
        # Every set has the class where too few calibrate it.
        ranks = [(rank_of(0.8, one.calibrated), one.calibrated) for one in view.classes]
        wanted += [one.images * min(1.0, rank / (n + 1)) for one, (rank, n) in zip(view.classes, ranks, strict=True)]
    own = hits["class-conditional"] / judged
    assert own == pytest.approx(wanted / judged, abs=0.02)
    assert (own > 0.79).all()
    assert (hits["lac"] / judged)[1] < 0.5


@pytest.mark.parametrize(("rank", "calibrated", "judged"), [(1, 1, 1), (28, 30, 30), (9, 9, 40), (450, 499, 500)])
def test_luck_is_beta_binomial(rank: int, calibrated: int, judged: int) -> None:
    law = betabinom(judged, rank, calibrated + 1 - rank)
    assert covered_distribution(rank, calibrated, judged) == pytest.approx(law.pmf(np.arange(judged + 1)), rel=1e-6)
    luck = coverage_by_luck(rank, calibrated, judged)
    low, high = round(luck.low * judged), round(luck.high * judged)
    assert law.cdf(low - 1) <= 0.025 + 1e-9
    assert law.sf(high) <= 0.025 + 1e-9
    for covered in (0, judged // 2, judged):
        few, many = tails(rank, calibrated, judged, covered)
        assert few == pytest.approx(law.cdf(covered), rel=1e-6)
        assert many == pytest.approx(law.sf(covered - 1), rel=1e-6)


def test_with_half_a_million_images_luck_still_adds_up() -> None:
    assert covered_distribution(450_000, 499_999, 500_000).sum() == pytest.approx(1, abs=1e-6)


def test_no_class_is_called_off_by_luck_alone_and_a_hard_class_is_found() -> None:
    """Of ten classes of one kind, any is called below or above in 5 % of the draws at most; a harder one mostly is."""
    random = np.random.default_rng(3)
    called, missed = 0, 0
    for draw in range(300):
        labels = random.integers(0, 10, 600)
        logits = random.normal(0, 1, (600, 10))
        logits[np.arange(600), labels] += 2
        if draw % 2:
            logits[labels == 4, 4] -= 2.5
        evidence = Evidence.of_logits(logits, labels, tuple(map(str, range(10))))
        luck = [one.luck for one in sets_view(evidence, Conformity.of(evidence, "lac"), 0.9).classes]
        if draw % 2:
            missed += luck[4] != "below"
        else:
            called += any(luck)
    assert called <= 150 * 0.05 + 3 * math.sqrt(150 * 0.05 * 0.95)
    assert missed < 15
