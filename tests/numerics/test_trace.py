"""The trace: its numbers are those of the implementation, its marks and its sentence are true."""

import math
import re

import msgspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.trace import DTYPES, FirstBad, ImplementationTrace, SoftmaxTrace
from engine.numerics.diagnosis import rounded_logits
from engine.numerics.presets import PRESETS, Preset
from engine.numerics.softmax import IMPLEMENTATIONS, row_max
from engine.numerics.trace import offset_errors, trace

PRESET = {preset.name: preset for preset in PRESETS}


def traced(*rows: list[float], dtype: str = "float32") -> dict[str, ImplementationTrace]:
    return trace(torch.tensor(rows, dtype=torch.float64), dtype).implementations


def of_preset(name: str) -> dict[str, ImplementationTrace]:
    preset = PRESET[name]
    return traced(*map(list, preset.rows), dtype=preset.dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", IMPLEMENTATIONS)
def test_the_steps_lead_to_the_probabilities_bit_by_bit(name: str, dtype: str) -> None:
    logits = 6 * torch.randn(3, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    steps = trace(logits, dtype).implementations[name]
    of_dtype = getattr(torch, dtype)

    def back(numbers: object) -> Tensor:
        return torch.tensor(numbers, dtype=of_dtype)

    rounded = logits.to(of_dtype)
    assert torch.equal(back(steps.probabilities), IMPLEMENTATIONS[name](rounded))
    assert torch.equal(back(steps.exponentials) / back(steps.partition)[:, None], back(steps.probabilities))
    assert torch.equal(back(steps.shifted).exp(), back(steps.exponentials))
    if name != "log-sum-exp":  # its shift is the rounded sum of two
        assert torch.equal(rounded - back(steps.shift)[:, None], back(steps.shifted))


def test_logits_are_shown_and_judged_as_rounded_to_the_dtype() -> None:
    found = trace(torch.tensor([[11.09, 0.1]], dtype=torch.float64), "float16")
    assert found.logits == ((11.09375, 0.0999755859375),)
    assert found.typed == ((11.09, 0.1),)
    exact = torch.softmax(torch.tensor(found.logits, dtype=torch.float64), 1)
    torch.testing.assert_close(torch.tensor(found.reference, dtype=torch.float64), exact, rtol=1e-15, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_limits_are_those_of_the_dtype(dtype: str) -> None:
    found = trace(torch.zeros(1, 1, dtype=torch.float64), dtype)
    of_dtype = getattr(torch, dtype)
    smallest = torch.tensor(found.smallest, dtype=of_dtype)
    assert smallest > 0
    assert smallest / 2 == 0
    assert torch.nextafter(torch.tensor(found.largest, dtype=of_dtype), smallest * 0 + math.inf) == math.inf


# Exercise 1 of section 4.4, and what stands behind it.


def test_a_logit_of_100_breaks_the_naive_softmax_only() -> None:
    found = of_preset("input-of-100")
    naive = found.pop("naive")
    assert not naive.finite
    assert math.isnan(naive.max_relative_error)
    assert naive.exponential_marks == (("inf", "", ""),)
    assert naive.partition_marks == ("inf",)
    assert naive.probability_marks == (("nan", "underflow", "underflow"),)
    assert naive.first_bad == FirstBad("exponentials", 0, 0)
    assert naive.explanation == ("exp(100) = 2.7e43 is larger than float32's largest 3.4e38: inf, and inf/inf is nan")
    assert_unharmed(found)
    assert found["row-max"].exponential_marks == (("", "subnormal", "subnormal"),)


def test_a_row_200_lower_breaks_the_naive_softmax_only() -> None:
    ordinary = [0.0, -0.3, 0.4]
    assert_unharmed(traced(ordinary))
    assert PRESET["all-at-minus-200"].rows[0] == pytest.approx([logit - 200 for logit in ordinary])
    found = of_preset("all-at-minus-200")
    naive = found.pop("naive")
    assert naive.probability_marks == (("nan",) * 3,)
    assert naive.exponential_marks == (("underflow",) * 3,)
    assert naive.partition_marks == ("underflow",)
    assert naive.first_bad == FirstBad("exponentials", 0, 2)
    assert naive.explanation == ("every exponential underflows to 0 (the largest is exp(-199.6) = 2.1e-87): 0/0 is nan")
    assert_unharmed(found)


def test_a_row_around_minus_103_is_finite_sums_to_1_and_is_32_percent_wrong() -> None:
    found = of_preset("near-minus-102")
    naive = found.pop("naive")
    assert naive.finite
    assert naive.sums == pytest.approx((1.0,), abs=1e-6)
    assert naive.max_relative_error == pytest.approx(0.32, abs=0.005)
    assert naive.row_errors == (naive.max_relative_error,) == (naive.errors[0][4],)
    assert naive.exponential_marks == (("subnormal",) * 5,)
    assert naive.first_bad == FirstBad("exponentials", 0, 4)
    assert naive.explanation == (
        "exp(-102.82) = 2.2e-45 is subnormal in float32, only 2 times the smallest number: "
        "32 % off, although the row sums to 1"
    )
    assert_unharmed(found)


def test_rows_far_apart_break_global_max_and_neither_row_max_nor_naive() -> None:
    found = of_preset("rows-far-apart")
    broken = found.pop("global-max")
    assert broken.probability_marks == (("",) * 3, ("nan",) * 3)
    assert broken.row_errors[0] < 1e-6
    assert math.isnan(broken.row_errors[1])
    assert broken.first_bad == FirstBad("exponentials", 1, 0)
    assert broken.explanation == (
        "every exponential of row 2 underflows to 0 (the largest is exp(-112) = 2.3e-49): 0/0 is nan"
    )
    assert_unharmed(found)


def test_a_probability_of_0_is_marked_and_not_blamed_on_the_robust() -> None:
    found = of_preset("zero-times-log-zero")
    assert "exp(110)" in found.pop("naive").explanation
    assert found["row-max"].probabilities == ((0.0, 1.0),)
    assert found["row-max"].probability_marks == (("underflow", ""),)
    assert_unharmed(found)


def test_float16_ends_between_11_08_and_11_09() -> None:
    found = of_preset("float16-edge")
    naive = found.pop("naive")
    assert naive.partition_marks == ("", "inf", "inf")
    assert naive.row_errors[0] < 0.01
    assert naive.probabilities[1] == (0.0, 0.0, 0.0)
    assert naive.row_errors[1] == 1.0
    assert naive.exponential_marks[2] == ("inf", "", "")
    assert naive.probability_marks[2][0] == "nan"
    assert naive.first_bad == FirstBad("partition", 1, -1)
    assert naive.explanation == (
        "every exponential of row 2 fits, but their sum is larger than float16's largest 65504: "
        "inf, and every probability 0"
    )
    assert_unharmed(found)


def assert_unharmed(found: dict[str, ImplementationTrace]) -> None:
    for name, steps in found.items():
        assert (name, steps.finite, steps.first_bad, steps.explanation) == (name, True, None, "")
        assert steps.max_relative_error < 1e-3  # float16's epsilon


@pytest.mark.parametrize(
    ("rows", "dtype", "where", "sentence"),
    [
        ([[1e5, 1.0]], "float16", FirstBad("logits", 0, 0), "the logit 100000 is larger than float16's largest"),
        ([[1.0, 2.0], [3.0, math.nan]], "float32", FirstBad("logits", 1, 1), "logit 2 of row 2 is nan"),
        ([[math.inf, 2.0]], "float32", FirstBad("logits", 0, 0), "logit 1 is inf"),
        ([[-math.inf, -math.inf]], "float64", FirstBad("logits", 0, 0), "every logit is −inf"),
        ([[-103.3, -105.0]], "float32", FirstBad("exponentials", 0, 1), "exp(-105) = 2.5e-46 underflows to 0"),
        ([[-103.9, -96.0]], "float32", FirstBad("exponentials", 0, 0), "the smallest number: 86 % off"),
        ([[-95.0, -94.0]], "float32", FirstBad("exponentials", 0, 0), ", 3,940 times the smallest number: 0.0002 %"),
        ([[800.0, 1.0]], "float64", FirstBad("exponentials", 0, 0), "exp(800) = 2.7e347 is larger than float64's"),
        ([[1e300, 1.0]], "float64", FirstBad("exponentials", 0, 0), "exp(1e+300) is larger than float64's"),
        ([[math.log(9.99e45)]], "float32", FirstBad("exponentials", 0, 0), "= 1.0e46 is larger than float32's"),
    ],
)
def test_the_sentence_about_naive_names_the_first_bad_number(
    rows: list[list[float]], dtype: str, where: FirstBad, sentence: str
) -> None:
    found = traced(*rows, dtype=dtype)["naive"]
    assert found.first_bad == where
    assert sentence in found.explanation
    assert "\n" not in found.explanation


@pytest.mark.parametrize(
    ("rows", "dtype", "sentence"),
    [
        (
            [[-103.3, -105.0]],
            "float32",
            "exp(-105) = 2.5e-46 underflows to 0 in float32: a probability of 0.15447 becomes 0",
        ),
        (
            [[-103.9, -96.0]],
            "float32",
            "exp(-103.9) = 7.5e-46 is subnormal in float32, the smallest number: 86 % off, although the row sums to 1",
        ),
        (
            [[11.2, 0.0, 0.0]],
            "float16",
            "exp(11.2031) = 73359 is larger than float16's largest 65504: inf, and inf/inf is nan",
        ),
        ([[12.0, 11.0]], "float16", "exp(12) = 1.6e5 is larger than float16's largest 65504: inf, and inf/inf is nan"),
    ],
)
def test_the_whole_sentence_about_naive(rows: list[list[float]], dtype: str, sentence: str) -> None:
    assert traced(*rows, dtype=dtype)["naive"].explanation == sentence


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            [[1000.4, 1000.0, 3.0]],
            "bfloat16 rounds the logit 1000.4 to 1000. Rounding alone changes probability 2 from 0.40131 to 0.5 "
            "(25 % off), before any softmax",
        ),
        (
            [[0.0, 1.0], [1000.4, 1000.0]],
            "bfloat16 rounds the logit 1000.4 of row 2 to 1000. Rounding alone changes probability 2 of row 2 from "
            "0.40131 to 0.5 (25 % off), before any softmax",
        ),
        (
            [[1001471.0, 1001473.0]],
            "bfloat16 rounds the logit 1001471 to 999424. Rounding alone changes probability 1 from 0.1192 to 0 "
            "(a probability above 0 is lost), before any softmax",
        ),
        ([[0.0, 5.0, -3.0]], ""),
    ],
)
def test_what_rounding_does_before_any_softmax_is_said_whole(rows: list[list[float]], sentence: str) -> None:
    assert rounded_logits(trace(torch.tensor(rows, dtype=torch.float64), "bfloat16")) == sentence


ANY_FLOAT = st.one_of(st.floats(width=64), st.floats(-120, 120))


@settings(deadline=None, max_examples=200)
@given(
    rows=st.lists(st.lists(ANY_FLOAT, min_size=3, max_size=3), min_size=1, max_size=3),
    dtype=st.sampled_from(DTYPES),
)
def test_there_is_a_sentence_exactly_where_something_is_wrong(rows: list[list[float]], dtype: str) -> None:
    found = trace(torch.tensor(rows, dtype=torch.float64), dtype)
    all_finite = all(math.isfinite(logit) for row in found.logits for logit in row)
    for name, steps in found.implementations.items():
        assert (steps.explanation == "") == (steps.first_bad is None)
        if not steps.finite:
            assert steps.explanation
        if not steps.explanation:
            assert steps.max_relative_error <= 0.01
        if name in ("row-max", "log-sum-exp") and all_finite:
            assert steps.finite
            assert steps.explanation == "" or "by rounding alone" in steps.explanation


def test_a_logit_that_is_inf_breaks_the_other_rows_of_global_max() -> None:
    found = traced([1.0, 2.0], [math.inf, 0.0])["global-max"]
    assert found.first_bad == FirstBad("shift", 0, -1)
    assert found.explanation.startswith("the maximum subtracted from row 1 is another row's inf")


def test_rounding_alone_is_told_where_it_is_noticeable() -> None:
    found = traced([0.0, -50.3, 11.3], dtype="bfloat16")["row-max"]
    assert found.exponential_marks == (("", "", ""),)
    assert found.max_relative_error > 0.01
    assert found.explanation.startswith("bfloat16 keeps 2 digits, so by rounding alone probability")
    assert f"{100 * found.max_relative_error:.2g} % off" in found.explanation


def test_a_shifted_logit_that_was_rounded_is_not_blamed_on_the_small_exponential() -> None:
    found = traced([0.0, 83.0, -5.25], dtype="bfloat16")["row-max"]  # −88.25 has no bfloat16: exp(−88) is computed
    assert found.exponential_marks[0][2] == "subnormal"
    assert found.explanation.startswith("bfloat16 keeps 2 digits, so by rounding alone probability 3")


def test_a_minus_inf_among_finite_logits_is_no_fault() -> None:
    found = traced([-math.inf, 1.0])
    assert found["row-max"].probability_marks == (("", ""),)
    assert_unharmed(found)


def test_an_implementation_of_someone_else_is_judged_without_steps() -> None:
    def halved(logits: Tensor) -> Tensor:
        return row_max(logits) / 2

    def nothing(logits: Tensor) -> Tensor:
        return logits * math.nan

    logits = torch.tensor([[0.0, 0.0]], dtype=torch.float64)
    found = trace(logits, "float32", {"yours": halved, "none": nothing}).implementations
    assert found["yours"].shift == ()
    assert found["yours"].exponentials == ()
    assert found["yours"].first_bad == FirstBad("probabilities", 0, 0)
    assert found["yours"].explanation == "probability 1 is 0.25 instead of 0.5: 50 % off"
    assert found["none"].explanation == "probability 1 is nan"


def test_what_cannot_be_traced_is_refused_in_one_line() -> None:
    logits = torch.zeros(2, 3, dtype=torch.float64)
    with pytest.raises(InputError, match=r"^dtype: found 'int8', expected one of float16, bfloat16, float32, float64$"):
        trace(logits, "int8")
    with pytest.raises(InputError, match=re.escape("logits: found shape (3,), expected at least one row")):
        trace(logits[0], "float32")
    with pytest.raises(
        InputError, match=re.escape("softmax yours: found probabilities of shape (2,), expected (2, 3)")
    ):
        trace(logits, "float32", {"yours": lambda logits: logits.sum(1)})


def test_a_trace_is_plain_data_of_the_types_it_declares() -> None:
    found = trace(torch.tensor([[1.0, 2.0]], dtype=torch.float64), "float32")
    assert msgspec.convert(msgspec.to_builtins(found), SoftmaxTrace) == found


OFFSETS = [-1000.0, -150.0, -103.0, 0.0, 80.0, 95.0, 1000.0]


def test_errors_of_a_sliding_row_are_those_of_its_traces() -> None:
    logits = torch.tensor([[1.0, 2.0, 3.0], [0.5, 0.0, -0.5]], dtype=torch.float64)
    errors = offset_errors(logits, "float32", OFFSETS)
    assert list(errors) == list(IMPLEMENTATIONS)
    for position, offset in enumerate(OFFSETS):
        moved = logits.clone()
        moved[0] += offset  # of several rows the first alone
        for name, steps in trace(moved, "float32").implementations.items():
            assert errors[name][position] == pytest.approx(steps.max_relative_error, abs=0, rel=1e-3, nan_ok=True)


def test_a_sliding_row_shows_where_each_implementation_breaks() -> None:
    alone = offset_errors(torch.tensor([[1.0, 2.0, 3.0]], dtype=torch.float64), "float32", OFFSETS)
    assert [math.isnan(error) for error in alone["naive"]] == [True, True, False, False, False, True, True]
    assert alone["naive"][2] > 0.01
    assert max(alone["global-max"] + alone["row-max"] + alone["log-sum-exp"]) < 1e-6
    two_rows = torch.tensor([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], dtype=torch.float64)
    apart = offset_errors(two_rows, "float32", OFFSETS)
    assert [math.isnan(error) for error in apart["global-max"]] == [True, True, False, False, False, False, True]
    assert max(apart["row-max"] + apart["log-sum-exp"]) < 1e-6


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_text_of_a_preset_names_the_implementation_to_look_at(preset: Preset) -> None:
    assert preset.look_for.split(":")[0] in IMPLEMENTATIONS
    assert len(preset.look_for) < 110


def test_the_rounding_of_the_logits_is_told_apart_from_the_softmax() -> None:
    for dtype, rows, was, became in (
        ("bfloat16", [[256.0, 257.0, 258.0]], "257", "256"),
        ("float32", [[16777216.0, 16777217.0, 16777218.0]], "16777217", "16777216"),
        ("float16", [[-math.inf, 2048.0, 2049.0]], "2049", "2048"),
    ):
        traced = trace(torch.tensor(rows, dtype=torch.float64), dtype)
        exact = torch.softmax(torch.tensor(rows, dtype=torch.float64), 1)
        assert torch.allclose(torch.tensor(traced.exact, dtype=torch.float64), exact, rtol=1e-14)
        assert f"{dtype} rounds the logit {was} to {became}" in traced.rounding
        assert traced.implementations["row-max"].explanation == ""  # right on the rounded logits
        assert max(max(row) for row in traced.rounding_errors) > 0.3


def test_rounding_that_moves_no_probability_by_a_hundredth_is_no_sentence() -> None:
    traced = trace(torch.tensor([[100.0, 0.97, 1.01]], dtype=torch.float64), "float32")
    assert traced.rounding == ""
    assert 0 < max(max(row) for row in traced.rounding_errors) < 1e-6


def test_what_underflowed_is_lost_and_is_no_share_of_the_smallest_normal_number() -> None:
    traced = trace(torch.tensor([[0.0, -17.4]], dtype=torch.float64), "float16").implementations["row-max"]
    assert traced.probabilities[0][1] == 0
    assert traced.lost(0, 1)
    assert not traced.lost(0, 0)
    assert traced.worst_kept(0) == traced.errors[0][0]


def test_an_astronomic_error_is_a_factor() -> None:
    def uniform(logits: torch.Tensor) -> torch.Tensor:
        return torch.full_like(logits, 0.5)

    made = trace(torch.tensor([[0.0, -90.0]], dtype=torch.float64), "float32", {"yours": uniform})
    said = made.implementations["yours"].explanation
    assert said.endswith("4.3e37 times too large")
    assert "%" not in said


def test_where_every_probability_of_a_row_is_lost_none_that_is_kept_is_wrong() -> None:
    traced = trace(torch.tensor([[1.0, 2.0]]), "float32", {"zeros": torch.zeros_like}).implementations["zeros"]
    assert traced.lost(0, 0)
    assert traced.lost(0, 1)
    assert traced.worst_kept(0) == 0
