"""Has the stream changed? A conformal test martingale, whose false alarms are bounded however long one looks.

The p-values are those of Vovk, Nouretdinov and Gammerman 2003, "Testing exchangeability on-line"; the bets are the
Simple Jumper's, averaged over its rates of jumping, as Vovk, Gammerman and Shafer 2022, "Algorithmic Learning in a
Random World", Algorithm 8.1, and Vovk 2021, "Testing randomness online", have them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.thresholds import Floats, Integers

_AT_ONCE = 256  # scores that are compared with each other in one table
_STRETCH = 128  # p-values that are betted on in one piece: 1.5 to that power is a float, and so is 0.5
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
    larger, equal = np.empty(len(scores), dtype=np.int64), np.empty(len(scores), dtype=np.int64)
    values, place = np.unique(scores, return_inverse=True)
    so_far = np.zeros(len(values), dtype=np.int64)  # how often each value has come
    for start in range(0, len(scores), _AT_ONCE):
        here = place[start : start + _AT_ONCE]
        up_to = np.tri(len(here), dtype=np.bool_)
        among = slice(start, start + len(here))
        larger[among] = start - np.cumsum(so_far)[here] + ((here > here[:, None]) & up_to).sum(axis=1)
        equal[among] = so_far[here] + ((here == here[:, None]) & up_to).sum(axis=1)
        so_far += np.bincount(here, minlength=len(values))
    return larger, equal


def log_capital(p: Floats) -> Floats:
    """The logarithm of the capital (n,) after betting on each of the p-values (n,).

    Before each bet every expert keeps a share 1 − J of its capital, and J is dealt out equally to all; that for each
    rate J, and the mean of these. A bet multiplies the capital by something whose mean over uniform p is 1.

    Each step is a product with a matrix that depends on p alone. So all stretches are multiplied at the same time,
    from each expert's beginning, and then joined.
    """
    count, experts = len(p), len(EXPERTS)
    stretches = -(-count // _STRETCH)
    padded = np.full(stretches * _STRETCH, 0.5)  # at 0.5 no bet wins or loses
    padded[:count] = p
    bets = 1 + EXPERTS[:, None, None] * (padded.reshape(stretches, _STRETCH).T - 0.5)  # (expert, step, stretch)
    rates = JUMP_RATES[:, None]
    # [expert, from, rate, stretch]: what 1 in the hands of the expert `from` at the stretch's start has become.
    grown = np.zeros((experts, experts, len(rates), stretches))
    grown[range(experts), range(experts)] = 1
    totals = np.empty((_STRETCH, experts, len(rates), stretches))
    totals_before = np.ones_like(totals[0])
    for step in range(_STRETCH):
        grown *= 1 - rates
        grown += rates / experts * totals_before
        grown *= bets[:, step, None, None, :]
        totals_before = np.add.reduce(grown, axis=0, out=totals[step])
    return _joined(grown, totals)[:count]


def _joined(grown: Floats, totals: Floats) -> Floats:
    """The logarithm of the mean capital (stretches · steps,), the rates' capitals carried from stretch to stretch."""
    experts, _, rates, stretches = grown.shape
    logs = np.empty((stretches, len(totals), rates))
    hands, scale = np.full((experts, rates), 1 / experts), np.zeros(rates)
    for stretch in range(stretches):
        logs[stretch] = np.log(np.einsum("tfr,fr->tr", totals[..., stretch], hands)) + scale
        hands = np.einsum("efr,fr->er", grown[..., stretch], hands)
        size = hands.sum(axis=0)
        hands, scale = hands / size, scale + np.log(size)
    return np.asarray(np.logaddexp.reduce(logs.reshape(-1, rates), axis=1) - np.log(rates))
