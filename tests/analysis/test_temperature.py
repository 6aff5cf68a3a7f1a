"""The temperature against a scan that looks everywhere."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.analysis import temperature
from engine.analysis.calibration import losses, softmax
from engine.analysis.temperature import HIGHEST, LOWEST, fit_temperature


def drawn(images: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax is exactly how the labels were drawn."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (images, classes))
    labels = (random.random((images, 1)) > softmax(logits).cumsum(1)).sum(1).clip(0, classes - 1)
    return logits, labels


def scanned(logits: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """The best of many temperatures, looked at again around the best, and its loss."""
    grid = np.geomspace(LOWEST, HIGHEST, 400)
    for _ in range(4):
        values = [losses(logits, labels, one).mean() for one in grid]
        best = int(np.argmin(values))
        grid = np.geomspace(grid[max(0, best - 1)], grid[min(len(grid) - 1, best + 1)], 60)
    return float(grid[int(np.argmin([losses(logits, labels, one).mean() for one in grid]))]), min(values)


@pytest.mark.parametrize("scale", [0.05, 0.5, 1.0, 3.0, 40.0])
def test_a_known_temperature_is_found_again(scale: float) -> None:
    logits, labels = drawn(20_000, 5)
    found = fit_temperature(logits * scale, labels)
    assert found.value == pytest.approx(scale, rel=0.03)
    assert not found.at_bound
    # The estimate moves with the scale exactly, the noise of the draw included.
    assert found.value == pytest.approx(scale * fit_temperature(logits, labels).value, rel=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_one_that_a_scan_finds(seed: int) -> None:
    random = np.random.default_rng(seed)
    logits, labels = random.normal(0, 4, (300, 4)), random.integers(0, 4, 300)
    logits[np.arange(300), labels] += 3
    best, least = scanned(logits, labels)
    found = fit_temperature(logits, labels)
    assert found.value == pytest.approx(best, rel=1e-3)
    assert losses(logits, labels, found.value).mean() <= least + 1e-12


LOGIT = st.one_of(st.floats(-800, 800), st.sampled_from([0.0, 1.0, -1.0]))


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (8, 3), elements=LOGIT), arrays(np.int64, 8, elements=st.integers(0, 2)))
def test_no_temperature_of_a_scan_is_better_whatever_the_logits(logits: np.ndarray, labels: np.ndarray) -> None:
    found = fit_temperature(logits, labels)
    least = min(losses(logits, labels, one).mean() for one in np.geomspace(LOWEST, HIGHEST, 300))
    # Relative to the spread, the slope is followed to its rounding.
    assert losses(logits, labels, found.value).mean() <= least + 1e-9 * max(1.0, least)


def test_perfect_predictions_want_a_temperature_of_nothing_and_reversed_ones_an_endless_one() -> None:
    logits = np.eye(3)[np.array([0, 1, 2, 0])]
    assert fit_temperature(logits, np.array([0, 1, 2, 0])).value == pytest.approx(LOWEST)
    assert fit_temperature(logits, np.array([0, 1, 2, 0])).at_bound
    assert fit_temperature(logits, np.array([1, 2, 0, 1])).value == pytest.approx(HIGHEST)
    assert fit_temperature(logits, np.array([1, 2, 0, 1])).at_bound


def test_logits_that_say_nothing_fit_at_one() -> None:
    found = fit_temperature(np.full((5, 3), 7.0), np.array([0, 1, 2, 0, 1]))
    assert (found.value, found.at_bound) == (1.0, False)


def test_an_offset_of_a_row_changes_nothing() -> None:
    logits, labels = drawn(500, 4)
    offsets = np.random.default_rng(1).normal(0, 100, (500, 1))
    assert fit_temperature(logits + offsets, labels).value == pytest.approx(fit_temperature(logits, labels).value)


@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_newtons_steps_need_few_looks_at_the_images(scale: float, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    slope = temperature._slope

    def counted(*arguments: object) -> tuple[float, float]:
        looks.append(arguments[2])
        return slope(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(temperature, "_slope", counted)
    logits, labels = drawn(2000, 10)
    fit_temperature(logits * scale, labels)
    assert 2 <= len(looks) <= 16
