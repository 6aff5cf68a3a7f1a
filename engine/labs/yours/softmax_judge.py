"""Judging a user's softmax against float64, and naming a slip for what it is. Runs where it can be killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor

from engine.contract.errors import InputError
from engine.labs.yours.gradient import NoGradient, gradient_at
from engine.labs.yours.messages import Verdict
from engine.labs.yours.probe import Probe
from engine.numerics.softmax import global_max, naive, row_max
from engine.numerics.trace import relative_error
from engine.numerics.yours import Function, as_probabilities, dtype_name
from engine.verdicts.figures import factor_figure, is_factor

_ROUNDING = 1e-5  # of ordinary float32 logits: 64 epsilon, rounded up
_ALIKE = 1e-3  # by so much two ways of computing may differ far from 0, and an exhibit from what was returned
_CALLS_AGAIN = 4

# Not square: a wrong axis shows itself. No exhibit gives the same numbers as another.
ORDINARY = torch.tensor([[1.0, 2.0, 3.0, -1.0], [0.5, -0.5, 2.5, 0.25], [-2.0, 0.125, 1.0, 4.0]], dtype=torch.float64)
AT_100 = torch.tensor([[100.0, 0.97, 1.01], [100.0, 99.0, 98.5]])
NEAR_MINUS_103 = torch.tensor([[-102.92, -102.03, -101.99, -102.96, -102.82]])
FAR_APART = torch.tensor([[50.0, 51.0, 52.0], [-150.0, -151.0, -152.0]])
WIDE = 5 * torch.randn(256, 10, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
WEIGHTS = torch.arange(ORDINARY.numel(), dtype=torch.float64).reshape(ORDINARY.shape).sin()
AT_1000 = torch.tensor([[1000.0, 999.0, 0.0], [-1000.0, -999.0, 0.0]])

# What is returned instead, by what is said of it.
EXHIBITS: dict[str, Callable[[Tensor], Tensor]] = {
    "normalised over the wrong axis: its columns sum to 1, not its rows; sum over dim 1, with keepdim=True": (
        lambda x: x.softmax(0)
    ),
    "normalised over the whole batch: all its numbers together sum to 1, not each row": (
        lambda x: x.exp() / x.exp().sum()
    ),
    "returns log-probabilities: their exponentials would be right": lambda x: x.log_softmax(1),
    "not normalised: the exponentials are not divided by the sum of their row": torch.exp,
    "not normalised: the exponentials, after a maximum was subtracted, are not divided by the sum of their row": (
        lambda x: (x - x.amax(1, keepdim=True)).exp()
    ),
    "one minus too many: the smallest logit gets the largest probability": lambda x: (-x).softmax(1),
    "takes powers of 2, not of e": lambda x: (x * math.log(2)).softmax(1),
    "the exponential is missing: the logits themselves are divided by their sum": lambda x: x / x.sum(1, keepdim=True),
    "the sigmoid of each logit by itself: a row does not sum to 1": torch.sigmoid,
    "1 for the largest logit and 0 for the others: the argmax, not the softmax": (
        lambda x: (x == x.amax(1, keepdim=True)).double()
    ),
    "subtracts the maximum of each column: that shifts the logits of a row by different amounts": (
        lambda x: (x - x.amax(0)).softmax(1)
    ),
}


def judge_softmax(function: Function) -> Verdict:
    """One sentence: the first slip that is found, or that there is none and how near to float64 it comes.

    Whatever the function raises or returns, at whichever call, is that sentence.
    """
    probe = Probe(function)
    try:
        for logits in (ORDINARY.float(), ORDINARY.float()[:1], WIDE):
            probe.softmax(logits)
    except InputError as error:
        return Verdict(False, False, said(error))
    works, gradient = _gradient_slip(probe)
    try:
        slip = next(filter(None, _slips(probe)), "")
        worst = max(_error(probe, logits) for logits in (ORDINARY.float(), WIDE, AT_100, NEAR_MINUS_103, FAR_APART))
    except InputError as error:
        slip = said(error)
    if slip or gradient:
        return Verdict(works, False, "; ".join((slip or "the values are right", gradient) if gradient else (slip,)))
    return Verdict(
        True,
        True,
        f"right: within {short(worst)} of float64 everywhere tried, also at 100, −103 and with rows 200 apart",
    )


def said(error: InputError) -> str:
    """Its line, where everything is about the function."""
    return str(error).removeprefix("yours: ")


def _slips(probe: Probe) -> Iterator[str]:
    """What is wrong with the values, the plainest first; "" for each check that it passes."""
    given = ORDINARY.float()
    before = given.clone()
    made = as_probabilities(probe.call(lambda: (given,)), before).detach()
    if not given.equal(before):
        yield "changes its input: the logits are different afterwards"
    given = before
    if not made.isfinite().all():
        yield "not finite for ordinary logits between −2 and 4"
    yield _exhibit(made.double())
    sums = made.double().sum(1)
    if ((sums - 1).abs() > _ALIKE).any():
        yield f"not normalised: the rows sum to {', '.join(f'{total:.4g}' for total in sums.tolist())}, expected 1"
    if made.is_floating_point() and made.dtype.itemsize < given.dtype.itemsize:
        yield _other_dtype(made.dtype, given.dtype)  # it is what the errors that follow come from
    for logits in (given, WIDE):
        if (error := _error(probe, logits)) > _ROUNDING:
            yield f"wrong by up to {percent(error)} for ordinary logits"
    again = all(alike_each_time(partial(probe.softmax, logits)) for logits in (given, ORDINARY))
    if not (again and probe.softmax(given).equal(made)):
        yield "gives a different result when called again with the same logits"
    yield from _far_from_zero(probe)
    for logits in (given, ORDINARY):
        if (found := probe.softmax(logits).dtype) != logits.dtype:
            yield _other_dtype(found, logits.dtype)
    if (error := _error(probe, ORDINARY)) > _ROUNDING**2:
        yield f"computes with less precision than float64 logits have: {short(error)} off"


def _other_dtype(found: torch.dtype, given: torch.dtype) -> str:
    return f"returns {dtype_name(found)} for {dtype_name(given)} logits"


def alike_each_time(call: Callable[[], Tensor]) -> bool:
    """Whether it returns the same bits when it is called again: some roundings apart, two may meet."""
    first = call()
    return all(call().equal(first) for _ in range(_CALLS_AGAIN))


def _exhibit(made: Tensor) -> str:
    for said, exhibit in EXHIBITS.items():
        if torch.allclose(made, exhibit(ORDINARY), rtol=_ALIKE, atol=1e-6):
            return said
    return ""


def _far_from_zero(probe: Probe) -> Iterator[str]:
    at_100 = probe.softmax(AT_100)
    if _broken_alike(at_100, naive(AT_100)):
        yield (
            "no maximum is subtracted: a logit of 100 gives nan, as exp(100) is larger than float32's largest number, "
            "and inf/inf is nan"
        )
    far = probe.softmax(FAR_APART)
    alone = probe.softmax(FAR_APART[1:])
    if _broken_alike(far, global_max(FAR_APART)) and alone.isfinite().all():
        yield (
            "subtracts the maximum of the whole batch: a row 200 below another has exponentials of 0 only, and 0/0 is "
            "nan; each row needs its own (dim=1, keepdim=True)"
        )
    probes = {
        "at a logit of 100": AT_100,
        "near −103, where exponentials are subnormal": NEAR_MINUS_103,
        "at −150, where every exponential is 0: the row's maximum is not subtracted": FAR_APART[1:],
        "with rows 200 apart": FAR_APART,
        "at a logit of 1,000, so what is subtracted is not the row's maximum": AT_1000,
    }
    for where, logits in probes.items():
        error = _error(probe, logits)
        if math.isnan(error):
            yield f"not finite {where}"
        elif error > _ALIKE:
            yield f"finite but wrong by up to {percent(error)} {where}"


def _broken_alike(made: Tensor, exhibit: Tensor) -> bool:
    return bool((~made.isfinite()).any()) and made.isnan().equal(exhibit.isnan())


def _gradient_slip(probe: Probe) -> tuple[bool, str]:
    """Whether it can train, and what is wrong with d Σ (weight · p) / d logits, the weights all different."""
    logits = ORDINARY.float()

    def number(leaf: Tensor, softmax: Callable[[Tensor], Tensor]) -> Tensor:
        return (WEIGHTS * softmax(leaf).double()).sum()

    try:
        gradient = gradient_at(lambda leaf: number(leaf, probe.softmax), logits, lambda: probe.numpy)
        made = probe.softmax(logits).detach().double()
    except InputError as error:
        return not isinstance(error, NoGradient), said(error)
    if not torch.allclose(made, row_max(ORDINARY), rtol=_ALIKE):
        return True, ""  # of other values the gradient is another, too
    expected = gradient_at(lambda leaf: number(leaf, row_max), ORDINARY, lambda: False)
    if torch.allclose(gradient.double(), expected, rtol=_ALIKE, atol=_ROUNDING):
        return True, ""
    return True, f"the gradient is off by up to {short((gradient - expected).abs().max().item())}"


def _error(probe: Probe, logits: Tensor) -> float:
    made = probe.softmax(logits).detach().to(logits.dtype)
    return relative_error(made, row_max(logits.double())).max().item()


def short(number: float) -> str:
    """One digit: 2e-7, 0.03."""
    return f"{number:.0e}".replace("e-0", "e-").replace("e+0", "e") if number < 1e-3 else f"{number:.1g}"


def percent(error: float) -> str:
    """0.32 -> 32 %, 8e39 -> a factor of 8e39."""
    if is_factor(error):
        return f"a factor of {factor_figure(error)}"
    return f"{100 * error:.2g} %" if error < 1 else f"{100 * error:,.0f} %"
