"""The four softmaxes against float64 and against torch's own, on ordinary and on extreme logits."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.numerics.softmax import IMPLEMENTATIONS, global_max, log_partition, log_sum_exp_softmax, naive, row_max
from engine.numerics.trace import relative_error

ROBUST = {"row-max": row_max, "log-sum-exp": log_sum_exp_softmax}
CHECKED = settings(deadline=None, max_examples=100)


def logits_between(low: float, high: float) -> st.SearchStrategy[Tensor]:
    """float64 `(batch, classes)`; rows and whole batches that are far from 0, or far apart, come up often."""
    number = st.floats(low, high, allow_nan=False)

    def batch(shape: tuple[int, int]) -> st.SearchStrategy[list[list[float]]]:
        rows, classes = shape
        return st.lists(st.lists(number, min_size=classes, max_size=classes), min_size=rows, max_size=rows)

    shapes = st.tuples(st.integers(1, 4), st.integers(1, 12))
    return shapes.flatmap(batch).map(lambda rows: torch.tensor(rows, dtype=torch.float64))


def error_bound(dtype: torch.dtype, classes: int) -> float:
    """What rounding may do to a probability that the dtype can hold.

    exp turns an absolute error of its argument into a relative one. Arguments down to log of the smallest normal
    number count, each rounded by at most half an epsilon of itself, in up to two subtractions; then a few
    roundings for exponential and quotient and one for each term of the sum.
    """
    limits = torch.finfo(dtype)
    return limits.eps * (-math.log(limits.tiny) + classes + 8)


def departures(probabilities: Tensor, rounded_logits: Tensor) -> list[str]:
    """What is wrong with probabilities as a softmax of those logits; an empty list when nothing is."""
    bound = error_bound(probabilities.dtype, probabilities.shape[1])
    wrong = []
    if not probabilities.isfinite().all():
        wrong.append("not finite")
    if not ((probabilities.double().sum(1) - 1).abs() <= bound).all():
        wrong.append("does not sum to 1")
    if not (relative_error(probabilities, torch.softmax(rounded_logits.double(), 1)) <= bound).all():
        wrong.append("differs from float64")
    return wrong


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", ROBUST)
@CHECKED
@given(logits=logits_between(-1e4, 1e4))
def test_a_robust_softmax_is_right_on_any_logits(name: str, dtype: torch.dtype, logits: Tensor) -> None:
    rounded = logits.to(dtype)
    assert departures(ROBUST[name](rounded), rounded) == []


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@CHECKED
@given(logits=logits_between(-40, 40))
def test_every_softmax_is_right_on_ordinary_logits(name: str, logits: Tensor) -> None:
    # 40 on either side keeps global-max within float32's normal exponentials: 80 < 87.3.
    rounded = logits.float()
    assert departures(IMPLEMENTATIONS[name](rounded), rounded) == []


@CHECKED
@given(logits=logits_between(-1e4, 1e4), too_large=st.floats(88.73, 1e4))
def test_naive_is_nan_wherever_a_logit_lies_above_88_72(logits: Tensor, too_large: float) -> None:
    logits[0, 0] = too_large
    assert naive(logits.float())[0, 0].isnan()


@CHECKED
@given(logits=logits_between(-1e4, -104))
def test_naive_is_nan_in_a_row_below_minus_104(logits: Tensor) -> None:
    assert naive(logits.float()).isnan().all()


@CHECKED
@given(logits=logits_between(-40, 40), gap=st.floats(190, 1e4))
def test_rows_far_apart_break_global_max_and_not_row_max(logits: Tensor, gap: float) -> None:
    both = torch.cat([logits, logits[:1] - gap]).float()
    assert global_max(both)[-1].isnan().all()
    assert departures(row_max(both), both) == []


def test_the_check_of_a_softmax_sees_each_kind_of_wrong() -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0]])
    right = row_max(logits)
    assert departures(right, logits) == []
    assert departures(right * 1.001, logits) == ["does not sum to 1", "differs from float64"]
    assert departures(right.flip(1), logits) == ["differs from float64"]
    assert "not finite" in departures(right / 0, logits)
    around_103 = torch.tensor([[-102.92, -102.03, -101.99, -102.96, -102.82]])
    assert departures(naive(around_103), around_103) == ["differs from float64"]


@pytest.mark.parametrize("offset", [0.0, 1e3, -1e4])
def test_log_partition_is_the_logarithm_of_the_sum_of_exponentials(offset: float) -> None:
    logits = torch.randn(5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) + offset
    torch.testing.assert_close(log_partition(logits), torch.logsumexp(logits, 1), rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_autograd_through_each_softmax_is_the_derivative_of_softmax(name: str) -> None:
    logits = torch.randn(4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1), requires_grad=True)
    # Two equal maxima: an implementation that differentiated the maximum would share its gradient among them.
    with torch.no_grad():
        logits[0, 1] = logits[0, 2] = 5.0
    assert torch.autograd.gradcheck(IMPLEMENTATIONS[name], (logits,))
    assert torch.autograd.gradcheck(log_partition, (logits,))


def test_the_gradient_check_fails_on_a_softmax_that_forgets_a_part() -> None:
    def partition_taken_for_constant(logits: Tensor) -> Tensor:
        return logits.exp() / logits.exp().sum(1, keepdim=True).detach()

    logits = torch.randn(4, 6, dtype=torch.float64, requires_grad=True)
    assert not torch.autograd.gradcheck(partition_taken_for_constant, (logits,), raise_exception=False)


@pytest.mark.parametrize("name", IMPLEMENTATIONS)
@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([math.inf, 0.0], [math.nan, None]),
        ([math.nan, 0.0], [math.nan, math.nan]),
        ([-math.inf, -math.inf], [math.nan, math.nan]),
        ([-math.inf, 0.0], [0.0, 1.0]),
    ],
)
def test_infinite_and_nan_logits_come_out_as_the_formula_has_it(
    name: str, row: list[float], expected: list[float | None]
) -> None:
    for found, due in zip(IMPLEMENTATIONS[name](torch.tensor([row]))[0].tolist(), expected, strict=True):
        # naive: exp(0) / inf is 0; with a maximum subtracted it is nan
        assert due is None or found == due or (math.isnan(found) and math.isnan(due))
