"""−log p towards p = 0, and what clipping does to it."""

import math
from itertools import pairwise

import pytest

from engine.labs.loss.curve import curve_sentence, loss_at


def test_above_epsilon_clipping_changes_nothing() -> None:
    at = loss_at(0.25, 1e-7)
    assert (at.value, at.gradient, at.logit_gradient) == (pytest.approx(math.log(4)), -4, -0.75)
    assert (at.clipped_value, at.clipped_gradient, at.clipped_logit_gradient) == (at.value, -4, -0.75)


def test_below_epsilon_the_clipped_loss_stands_still_while_the_true_one_rises() -> None:
    at = loss_at(1e-9, 1e-7)
    assert at.value == pytest.approx(9 * math.log(10))
    assert at.clipped_value == pytest.approx(7 * math.log(10))
    assert at.gradient == pytest.approx(-1e9)
    assert at.clipped_gradient == at.clipped_logit_gradient == 0


def test_at_0_the_loss_is_inf_and_the_logit_is_still_pulled() -> None:
    at = loss_at(0.0, 1e-7)
    assert (at.value, at.gradient, at.logit_gradient) == (math.inf, -math.inf, -1)
    assert at.clipped_value == pytest.approx(7 * math.log(10))


@pytest.mark.parametrize("p", [0.9, 0.3, 1e-3])
def test_the_gradients_are_the_slopes_of_the_value(p: float) -> None:
    step = p * 1e-6
    slope = (loss_at(p + step, 1e-7).value - loss_at(p, 1e-7).value) / step
    assert slope == pytest.approx(loss_at(p, 1e-7).gradient, rel=1e-5)
    # d p / d logit = p (1 − p)
    assert loss_at(p, 1e-7).gradient * p * (1 - p) == pytest.approx(loss_at(p, 1e-7).logit_gradient)


def test_from_1_down_to_0_the_loss_rises_and_the_clipped_one_stops() -> None:
    curve = [loss_at(probability, 1e-7) for probability in (*(10.0**-power for power in range(13)), 0.0)]
    assert curve[-1].value == math.inf
    assert all(a.value < b.value for a, b in pairwise(curve))
    assert max(point.clipped_value for point in curve) == pytest.approx(7 * math.log(10))


def test_the_sentence_says_where_nothing_is_learnt() -> None:
    assert "changes nothing" in curve_sentence(loss_at(0.1, 1e-7), 1e-7)
    said = curve_sentence(loss_at(0.0, 1e-7), 1e-7)
    assert "the loss is inf and pulls its logit by 1." in said
    assert "the loss is 16.1 and pulls by 0: nothing is learned" in said
