"""The conformal test martingale: against its definition, another library, and streams in which the truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, kstest, pearsonr

from engine.analysis.martingale import EXPERTS, JUMP_RATES, log_capital, monitored, p_values, ranks
from engine.analysis.monitoring import alarm, order
from engine.analysis.thresholds import Floats
from engine.data.streams import stream

# What online-cp 0.4.0 makes of P, by its CompositeJumper: the logarithm after so many p-values.
P = [0.02, 0.3, 0.01, 0.5, 0.11, 0.04, 0.9, 0.003, 0.2, 0.06] * 10 + [0.0, 1.0, 0.5]
BY_ONLINE_CP = {
    1: 0.0,
    2: 0.03665342047579401,
    10: 0.8106146515771104,
    50: 8.800558289540724,
    100: 19.666275565966618,
    103: 19.383610369850004,
}


def by_definition(p: Floats) -> Floats:
    """Algorithm 8.1 of Vovk, Gammerman and Shafer 2022, one bet at a time, in logarithms; the mean over the rates."""
    logs = np.full((len(JUMP_RATES), len(EXPERTS)), -np.log(len(EXPERTS)))
    found = []
    with np.errstate(divide="ignore"):
        stay, move = np.log(1 - JUMP_RATES)[:, None], np.log(JUMP_RATES / len(EXPERTS))[:, None]
    for one in p:
        dealt = np.logaddexp.reduce(logs, axis=1, keepdims=True) + move
        logs = np.logaddexp(logs + stay, dealt) + np.log1p(EXPERTS * (one - 0.5))
        found.append(np.logaddexp.reduce(logs, axis=None) - np.log(len(JUMP_RATES)))
    return np.array(found)


@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 1.0, np.inf]), max_size=600))
@settings(max_examples=30)
def test_ranks_are_counts_among_the_scores_so_far(values: list[float]) -> None:
    scores = np.array(values)
    larger, equal = ranks(scores)
    assert larger.tolist() == [int((scores[: at + 1] > one).sum()) for at, one in enumerate(values)]
    assert equal.tolist() == [int((scores[: at + 1] == one).sum()) for at, one in enumerate(values)]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=400))
@settings(max_examples=30)
def test_the_capital_is_that_of_the_definition(p: list[float]) -> None:
    assert log_capital(np.array(p)) == pytest.approx(by_definition(np.array(p)), abs=1e-9)


@pytest.mark.parametrize("rest", [0.0, 1.0])
def test_the_capital_of_a_long_stream_neither_overflows_nor_vanishes(rest: float) -> None:
    p = np.concatenate([np.random.default_rng(1).random(400), np.full(2600, rest)])
    capital, among = log_capital(p), [10, 127, 128, 400, 599]
    assert capital[among] == pytest.approx(by_definition(p[:600])[among], abs=1e-9)
    assert np.diff(capital[500:]) == pytest.approx(np.log(1.5), abs=0.01)  # the expert who is always right


def test_the_capital_is_that_of_another_library() -> None:
    capital = log_capital(np.array(P))
    assert [capital[after - 1] for after in BY_ONLINE_CP] == pytest.approx(list(BY_ONLINE_CP.values()), abs=1e-12)


@pytest.mark.parametrize("decimals", [12, 1, 0])
def test_p_values_are_uniform_and_independent_where_nothing_changes(decimals: int) -> None:
    random = np.random.default_rng(decimals)
    p = p_values(random.normal(size=4000).round(decimals), random)
    assert kstest(p, "uniform").pvalue > 0.01
    assert pearsonr(p[1:], p[:-1]).pvalue > 0.01
    first = [p_values(random.normal(size=3).round(decimals), random) for _ in range(1000)]
    for place in range(3):  # exactly so, not only in the long run
        assert kstest([one[place] for one in first], "uniform").pvalue > 0.01


def test_nothing_depends_on_what_comes_later() -> None:
    random = np.random.default_rng(3)
    scores = random.normal(size=900)
    other = np.concatenate([scores[:500], random.normal(5, 3, size=400)])
    one, two = (monitored(seen, 100, 0.01, np.random.default_rng(9)) for seen in (scores, other))
    assert one.log_capital[:500] == pytest.approx(two.log_capital[:500], abs=1e-12)
    assert (one.log_capital[500:] != two.log_capital[500:]).any()


@pytest.mark.parametrize("decimals", [12, 0])
def test_without_a_change_at_most_alpha_of_the_streams_ever_have_an_alarm(decimals: int) -> None:
    """1,000 streams that the same images make in other orders, as the view makes them by its seed."""
    scores = np.random.default_rng(1).exponential(size=250).round(decimals)
    highest = []
    for seed in range(1000):
        found = monitored(scores[order(250, seed)], 25, 0.1, stream("monitor", "ties", "labelled", seed))
        highest.append(found.log_capital.max())
        assert (found.alarm is not None) == (highest[-1] >= np.log(10))
    for alpha in (0.5, 0.1, 0.05, 0.01):
        alarms = int((np.array(highest) >= -np.log(alpha)).sum())
        assert alarms <= binom.ppf(0.999, 1000, alpha)
        assert alarms >= 1000 * alpha / 10  # or the bound would be met by never betting


@pytest.mark.parametrize(("shift", "most"), [(0.5, 300), (1.0, 110), (3.0, 60), (-1.0, 110)])
def test_a_change_is_found_whichever_way_the_scores_go(shift: float, most: int) -> None:
    delays = []
    for seed in range(25):
        scores = np.random.default_rng(seed).normal(size=1500)
        scores[700:] += shift
        at = alarm(scores, 100, 0.01, seed, "labelled").at
        assert at is not None
        delays.append(at - 700)
    assert sum(delay <= 0 for delay in delays) <= 3
    assert 10 < np.median(delays) < most


def test_the_alarm_is_the_first_image_at_which_the_capital_is_one_over_alpha() -> None:
    scores = np.random.default_rng(5).normal(size=600)
    scores[300:] += 2
    found = monitored(scores, 50, 0.05, np.random.default_rng(6))
    assert found.alarm is not None
    assert found.log_capital[found.alarm] >= np.log(20) > found.log_capital[: found.alarm].max()
    assert not found.log_capital[:50].any()  # the reference is not betted on
    assert monitored(scores[:300], 50, 1e-9, np.random.default_rng(6)).alarm is None


@pytest.mark.parametrize("size", [1, 2, 9, 10])
def test_short_streams_have_their_martingale(size: int) -> None:
    found = alarm(np.random.default_rng(size).random(size), size // 10, 0.01, 0, "labelled")
    assert (found.ends[-1], found.at) == (size, None)
    assert found.log10[0] == 0
