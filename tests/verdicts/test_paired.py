"""Two settings compared seed by seed: the figures of scipy, and the first kind that fits."""

import math

import numpy as np
import pytest
from scipy import stats

from engine.verdicts.paired import difference, noisier
from tests.verdicts.recorded import BATCH_SIZES

REFERENCE = {0: 0.4721, 1: 0.4779, 2: 0.4579, 3: 0.4576, 4: 0.4628}
LOSSES = {0: 0.4969, 1: 0.4961, 2: 0.4947, 3: 0.4950, 4: 0.4957}


def shifted(*by: float) -> dict[int, float]:
    return {seed: loss + step for (seed, loss), step in zip(REFERENCE.items(), by, strict=True)}


@pytest.mark.parametrize("level", [0.05, 0.05 / 11, 0.001])
def test_the_interval_is_that_of_a_paired_t_test(level: float) -> None:
    found = difference(LOSSES, REFERENCE, level)
    referee = stats.ttest_rel(list(LOSSES.values()), list(REFERENCE.values())).confidence_interval(1 - level)
    assert (found.low, found.high) == pytest.approx((referee.low, referee.high))
    assert found.mean == pytest.approx(np.mean([LOSSES[seed] - REFERENCE[seed] for seed in LOSSES]))


def test_only_seeds_that_both_have_are_paired() -> None:
    assert difference({0: 1.0, 7: 9.0}, REFERENCE, 0.05).pairs == 1
    assert difference({7: 9.0}, REFERENCE, 0.05).effect == "unknown"
    assert math.isnan(difference({7: 9.0}, REFERENCE, 0.05).mean)
    one = difference({0: 1.0}, REFERENCE, 0.05)
    assert (one.effect, one.low, one.high) == ("unknown", -math.inf, math.inf)


@pytest.mark.parametrize(
    ("losses", "effect", "sign"),
    [
        (shifted(0, 0, 0, 0, 0), "identical", 0),
        (shifted(1e-8, -1e-8, 0, 2e-8, 0), "identical", 0),
        (shifted(1e-4, -1e-4, 2e-4, 0, -2e-4), "within-1-percent", 0),
        (shifted(0.002, 0.002, 0.002, 0.002, 0.002), "within-1-percent", 1),
        (shifted(-0.002, -0.0021, -0.002, -0.002, -0.0019), "within-1-percent", -1),
        (shifted(0.02, 0.021, 0.019, 0.02, 0.02), "higher", 1),
        (shifted(0.02, 0.02, 0.02, 0.02, 0.02), "higher", 1),
        (shifted(-0.02, -0.021, -0.019, -0.02, -0.02), "lower", -1),
        (shifted(0.02, -0.02, 0.03, 0.01, 0.0), "unknown", 0),
        (shifted(0.1, 0.0, 0.0, 0.0, 0.0), "unknown", 0),
    ],
)
def test_a_difference_is_the_first_kind_that_fits(losses: dict[int, float], effect: str, sign: int) -> None:
    found = difference(losses, REFERENCE, 0.05 / 11)
    assert (found.effect, found.sign) == (effect, sign)


def test_losses_at_the_edge_of_float64_overflow_nothing() -> None:
    huge = dict.fromkeys(REFERENCE, 1.7e308)
    assert difference(huge, REFERENCE, 0.05).effect == "higher"
    assert difference(huge, dict.fromkeys(REFERENCE, 1.6e308), 0.05).effect == "higher"
    assert not noisier(huge, huge, 0.05)


def test_noise_is_judged_by_the_correlation_of_sums_and_differences() -> None:
    random = np.random.default_rng(0)
    for scale in (2.0, 3.0, 4.0):
        base = random.normal(0.5, 0.01, 12)
        other = 0.5 + scale * random.normal(0, 0.01, 12) + (base - 0.5)
        p = stats.pearsonr(other + base, other - base, alternative="greater").pvalue
        losses, reference = dict(enumerate(other)), dict(enumerate(base))
        assert noisier(losses, reference, p * 1.001)
        assert not noisier(losses, reference, p * 0.999)


def test_noise_in_the_last_bits_is_none() -> None:
    same = dict.fromkeys(range(5), 0.5)
    bits = {seed: 0.5 + seed * 1e-9 for seed in range(5)}
    assert not noisier(bits, same, 0.01)
    assert not noisier(shifted(0.1, 0.1, 0.1, 0.1, 0.1), REFERENCE, 0.01)
    assert noisier({0: 0.4, 1: 0.5, 2: 0.6, 3: 0.7, 4: 0.8}, same, 0.01)
    assert not noisier({0: 0.4, 1: 0.5}, same, 0.01)  # two pairs can tell nothing


def test_one_seed_that_goes_astray_for_both_is_no_noise() -> None:
    """Measured on Fashion-MNIST after 20 epochs: batch sizes 512 and 256, of which seed 9 went astray."""
    losses, reference = BATCH_SIZES[512], BATCH_SIZES[256]
    p = stats.pearsonr(np.add(losses, reference), np.subtract(losses, reference), alternative="greater").pvalue
    assert p < 1e-4
    assert not noisier(dict(enumerate(losses)), dict(enumerate(reference)), 0.01)
