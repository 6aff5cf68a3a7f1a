"""Judging a user's softmax against float64, and naming a slip for what it is. Runs where it can be killed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.figures import factor_figure, is_factor
from engine.numerics.softmax import global_max, naive, row_max
from engine.numerics.trace import relative_error
from engine.numerics.yours import Function, called, described
from engine.yours.messages import Verdict

_ROUNDING = 1e-5  # of ordinary float32 logits: 64 epsilon, rounded up
_ALIKE = 1e-3  # by so much two ways of computing may differ far from 0, and an exhibit from what was returned
_CALLS_AGAIN = 4

# Not square: a wrong axis shows itself. No exhibit gives the same numbers as another.
ORDINARY = torch.tensor([[1.0, 2.0, 3.0, -1.0], [0.5, -0.5, 2.5, 0.25], [-2.0, 0.125, 1.0, 4.0]], dtype=torch.float64)
AT_100 = torch.tensor([[100.0, 0.97, 1.01], [100.0, 99.0, 98.5]])
NEAR_MINUS_103 = torch.tensor([[-102.92, -102.03, -101.99, -102.96, -102.82]])
FAR_APART = torch.tensor([[50.0, 51.0, 52.0], [-150.0, -151.0, -152.0]])
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
    "a minus too many: the smallest logit gets the largest probability": lambda x: (-x).softmax(1),
    "takes powers of 2, not of e": lambda x: (x * math.log(2)).softmax(1),
    "the exponential is missing: the logits themselves are divided by their sum": lambda x: x / x.sum(1, keepdim=True),
    "the sigmoid of each logit by itself: a row does not sum to 1": torch.sigmoid,
    "1 for the largest logit and 0 for the others: the argmax, not the softmax": (
        lambda x: (x == x.amax(1, keepdim=True)).double()
    ),
    "subtracts the maximum of each column: within a row that shifts each logit by another amount": (
        lambda x: (x - x.amax(0)).softmax(1)
    ),
}


def judge_softmax(function: Function) -> Verdict:
    """One sentence: the first slip that is found, or that there is none and how near to float64 it comes."""
    try:
        wide = 5 * torch.randn(256, 10, generator=torch.Generator().manual_seed(0))
        for logits in (ORDINARY.float(), ORDINARY.float()[:1], wide):
            returned(function, logits)
        gradient = _gradient_slip(function)
        slip = next(filter(None, _slips(function, wide)), "")
    except InputError as error:
        return Verdict(False, False, str(error).removeprefix("yours: "))
    works = not gradient.startswith("no gradient")
    if slip or gradient:
        return Verdict(works, False, "; ".join((slip or "the values are right", gradient) if gradient else (slip,)))
    worst = max(_error(function, logits) for logits in (ORDINARY.float(), wide, AT_100, NEAR_MINUS_103, FAR_APART))
    return Verdict(
        True,
        True,
        f"right: within {short(worst)} of float64 everywhere tried, also at 100, −103 and with rows 200 apart",
    )


def returned(function: Function, logits: Tensor) -> Tensor:
    """What the function returns for a copy of the logits, as a tensor of their shape.

    Raises:
        InputError: it raised, or returned something that is no such tensor.
    """
    try:
        found = called(function, logits.clone())
    except InputError as error:
        raise InputError(f"{error}{_hint(str(error))}") from error
    made = as_tensor(found, "softmax", f"a tensor of shape {tuple(logits.shape)}", logits.dtype)
    if made.shape != logits.shape:
        raise InputError(f"wrong shape: found {tuple(made.shape)}, expected {tuple(logits.shape)}, that of the logits")
    return made


def as_tensor(made: Any, name: str, expected: str, dtype: torch.dtype) -> Tensor:
    """A returned tensor or array as a tensor, a list or number as one of the dtype.

    Raises:
        InputError: it is nothing of that kind.
    """
    if made is None:
        raise InputError(f"{name} returns None, expected {expected}: is a return missing?")
    try:
        plain = isinstance(made, float | int | list | tuple)
        return made if isinstance(made, Tensor) else torch.as_tensor(made, dtype=dtype if plain else None)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"{name} returns {described(made)}, expected {expected}") from error


def _hint(line: str) -> str:
    if "must match the size" in line:
        return "; without keepdim=True the sums do not line up with their rows"
    return ""


def _slips(function: Function, wide: Tensor) -> Iterator[str]:
    """What is wrong with the values, the plainest first; "" for each check that it passes."""
    given = ORDINARY.float()
    before = given.clone()
    made = as_tensor(called(function, given), "softmax", "a tensor", given.dtype)
    if not given.equal(before):
        yield "writes into its input: the logits are no longer what they were"
    if not made.isfinite().all():
        yield "not finite for ordinary logits between −2 and 4"
    yield _exhibit(made.double())
    sums = made.double().sum(1)
    if ((sums - 1).abs() > _ALIKE).any():
        yield f"not normalised: the rows sum to {', '.join(f'{total:.4g}' for total in sums.tolist())}, expected 1"
    for logits in (given, wide):
        if (error := _error(function, logits)) > _ROUNDING:
            yield f"wrong by up to {percent(error)} for ordinary logits"
    again = all(alike_each_time(partial(returned, function, logits)) for logits in (given, ORDINARY))
    if not (again and returned(function, given).equal(made)):
        yield "says something else when it is called again with the same logits"
    yield from _far_from_zero(function)
    for logits in (given, ORDINARY):
        if (found := returned(function, logits).dtype) != logits.dtype:
            yield f"returns {_name(found)} for {_name(logits.dtype)} logits"
    if (error := _error(function, ORDINARY)) > _ROUNDING**2:
        yield f"computes with fewer digits than float64 logits have: {short(error)} off"


def alike_each_time(call: Callable[[], Tensor]) -> bool:
    """Whether it returns the same bits when it is called again: some roundings apart, two may meet."""
    first = call()
    return all(call().equal(first) for _ in range(_CALLS_AGAIN))


def _exhibit(made: Tensor) -> str:
    for said, exhibit in EXHIBITS.items():
        if torch.allclose(made, exhibit(ORDINARY), rtol=_ALIKE, atol=1e-6):
            return said
    return ""


def _far_from_zero(function: Function) -> Iterator[str]:
    at_100 = returned(function, AT_100)
    if _broken_alike(at_100, naive(AT_100)):
        yield (
            "no maximum is subtracted: a logit of 100 gives nan, as exp(100) is larger than float32's largest number, "
            "and inf/inf is nan"
        )
    far = returned(function, FAR_APART)
    alone = returned(function, FAR_APART[1:])
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
        error = _error(function, logits)
        if math.isnan(error):
            yield f"not finite {where}"
        elif error > _ALIKE:
            yield f"finite but wrong by up to {percent(error)} {where}"


def _broken_alike(made: Tensor, exhibit: Tensor) -> bool:
    return bool((~made.isfinite()).any()) and made.isnan().equal(exhibit.isnan())


def _gradient_slip(function: Function) -> str:
    """Compares d Σ (weight · p) / d logits, the weights all different, with row-max's."""
    weights = torch.arange(ORDINARY.numel(), dtype=torch.float64).reshape(ORDINARY.shape).sin()
    leaf, own_leaf = (ORDINARY.clone().requires_grad_() for _ in range(2))
    made = returned(function, leaf)  # a copy of the leaf: writing into it is no error here
    if not made.requires_grad:
        return "no gradient comes through it: training needs torch operations all the way"
    (gradient,) = torch.autograd.grad((weights * made).sum(), leaf, allow_unused=True)
    if gradient is None:
        return "no gradient comes through it: training needs torch operations all the way"
    if not torch.allclose(made.detach().double(), row_max(ORDINARY), rtol=_ALIKE):
        return ""  # of other values the gradient is another, too
    (expected,) = torch.autograd.grad((weights * row_max(own_leaf)).sum(), own_leaf)
    if torch.allclose(gradient, expected, rtol=_ALIKE, atol=_ROUNDING):
        return ""
    return f"the gradient is off by up to {short((gradient - expected).abs().max().item())}"


def _error(function: Function, logits: Tensor) -> float:
    made = returned(function, logits).detach().to(logits.dtype)
    return relative_error(made, row_max(logits.double())).max().item()


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def short(number: float) -> str:
    """One digit: 2e-7, 0.03."""
    return f"{number:.0e}".replace("e-0", "e-").replace("e+0", "e") if number < 1e-3 else f"{number:.1g}"


def percent(error: float) -> str:
    """0.32 -> 32 %, 8e39 -> a factor of 8e39."""
    if is_factor(error):
        return f"a factor of {factor_figure(error)}"
    return f"{100 * error:.2g} %" if error < 1 else f"{100 * error:,.0f} %"
