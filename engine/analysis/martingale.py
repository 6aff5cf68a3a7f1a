"""Has the stream changed? A conformal test martingale, whose false alarms are bounded however long one looks.

The p-values are those of Vovk, Nouretdinov and Gammerman 2003, "Testing exchangeability on-line"; the bets are the
Simple Jumper's, averaged over its rates of jumping, as Vovk, Gammerman and Shafer 2022, "Algorithmic Learning in a
Random World", Algorithm 8.1, and Vovk 2021, "Testing randomness online", have them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.analysis.thresholds import Floats, Integers

_LONGEST = 512  # of a stretch of p-values that is betted on in one piece: 0.5 to that power is a float
EXPERTS = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])  # each bets 1 + ε(p − 1/2): the first that p will be small
JUMP_RATES = np.array([1e-4, 1e-3, 1e-2, 1e-1, 1.0])  # the share of an expert's capital that is dealt out anew


@dataclass(frozen=True)
class Monitored:
    """`log_capital` (n,): the natural logarithm of what 1 has grown to after each image.

    `alarm` is the place of the first image at which the capital is at least 1/alpha, None where it never is.
    """

    log_capital: Floats
    alarm: int | None


def monitored(scores: Floats, reference: int, alpha: float, random: np.random.Generator) -> Monitored:
    """Watches nonconformity scores (n,) in the order in which they come; the first `reference` are not betted on.

    If all n are exchangeable, the probability that there ever is an alarm is at most `alpha` (Ville 1939). No value
    depends on a later score.
    """
    p = p_values(scores, random)
    capital = np.zeros(len(scores))
    capital[reference:] = log_capital(p[reference:])
    over = np.flatnonzero(capital >= -np.log(alpha))
    return Monitored(capital, int(over[0]) if len(over) else None)


def p_values(scores: Floats, random: np.random.Generator) -> Floats:
    """The p-value (n,) of each score among those up to it, itself included: small where it is strangely large.

    (#larger + τ · #equal) / #all with τ uniform in [0, 1), `random`: so they are independent and uniform wherever the
    scores are exchangeable, with ties too.
    """
    larger, equal = ranks(scores)
    taus = random.random(len(scores))
    return np.asarray((larger + taus * equal) / np.arange(1, len(scores) + 1))


def ranks(scores: Floats) -> tuple[Integers, Integers]:
    """How many of the scores (n,) up to each are larger, and how many are equal: itself is one of these."""
    count = len(scores)
    ascending = np.argsort(scores, kind="stable")  # of equal ones the first comes first
    place = np.empty(count, dtype=np.int64)
    place[ascending] = np.arange(count)
    _, first, value = np.unique(scores[ascending], return_index=True, return_inverse=True)
    return _larger_before(place), place - first[value.ravel()][place] + 1


def _larger_before(places: Integers) -> Integers:
    """How many of the numbers before each are larger, for the numbers 0 to n − 1 in some order (n,).

    They are sorted by one binary digit after the other, the highest first, so that those that agree in the digits so
    far lie beside each other, in the order in which they came. Of two of these, the larger is the one that has a 1.
    """
    larger, lying = np.zeros(len(places), dtype=np.int64), places
    at = np.arange(len(places))
    for digit in reversed(range(max(0, len(places) - 1).bit_length())):
        start = lying >> digit + 1 << digit + 1  # of those that agree: there each number finds itself in the end
        one = lying >> digit & 1
        ones = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(one)])
        before = ones[:-1] - ones[start]
        larger[lying] += np.where(one, 0, before)
        target = np.where(one, start + (1 << digit) + before, at - before)
        closer = np.empty_like(lying)
        closer[target] = lying
        lying = closer
    return larger[places]


def log_capital(p: Floats) -> Floats:
    """The logarithm of the capital (n,) after betting on each of the p-values (n,).

    Before each bet every expert keeps a share 1 − J of its capital, and J is dealt out equally to all; that for each
    rate J, and the mean of these. A bet multiplies the capital by something whose mean over uniform p is 1.

    Each step is a product with a matrix that depends on p alone. So all stretches of the stream are multiplied at the
    same time, from each expert's beginning, and then joined.
    """
    count, experts = len(p), len(EXPERTS)
    length = max(1, min(_LONGEST, math.isqrt(count)))  # so that there are about as many stretches as steps
    stretches = -(-count // length)
    padded = np.full(stretches * length, 0.5)  # at 0.5 no bet wins or loses
    padded[:count] = p
    bets = 1 + EXPERTS[:, None, None] * (padded.reshape(stretches, length).T - 0.5)  # (expert, step, stretch)
    rates = JUMP_RATES[:, None]
    # [expert, from, rate, stretch]: what 1 in the hands of the expert `from` at the stretch's start has become.
    grown = np.zeros((experts, experts, len(rates), stretches))
    grown[range(experts), range(experts)] = 1
    totals = np.ones((length + 1, experts, len(rates), stretches))
    for step in range(length):
        grown *= 1 - rates
        grown += rates / experts * totals[step]
        grown *= bets[:, step, None, None, :]
        np.add.reduce(grown, axis=0, out=totals[step + 1])
    return _joined(grown, totals[1:])[:count]


def _joined(grown: Floats, totals: Floats) -> Floats:
    """The logarithm of the mean capital (stretches · steps,), the rates' capitals carried from stretch to stretch."""
    experts, _, rates, stretches = grown.shape
    hands, scale = np.empty((experts, rates, stretches)), np.zeros((rates, stretches))
    held, log_size = np.full((experts, rates), 1 / experts), np.zeros(rates)
    for stretch in range(stretches):
        hands[..., stretch], scale[:, stretch] = held, log_size
        held = (grown[..., stretch] * held).sum(axis=1)
        size = held.sum(axis=0)
        held, log_size = held / size, log_size + np.log(size)
    logs = np.log(np.einsum("tfrs,frs->rst", totals, hands)) + scale[..., None]
    return np.asarray(np.logaddexp.reduce(logs.reshape(rates, -1), axis=0) - np.log(rates))
