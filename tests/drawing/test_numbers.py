"""Numbers in few characters."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.errors import InputError
from tui.drawing.numbers import error_words, logit, marked, number, parsed_logit, typed, with_minus


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12378, "0.1238"),
        (4.2e-45, "4.2e−45"),
        (2.2250738585072014e-308, "2e−308"),
        (-102.02999877929688, "−102.03"),
        (1.0, "1"),
        (1.00000003, "1.0000"),
        (0.0, "0"),
        (-0.0, "0"),
        (-0.00004, "−4e−5"),
        (3.4028234e38, "3.4e38"),
        (65504.0, "65504"),
        (math.inf, "inf"),
        (-math.inf, "−inf"),
        (math.nan, "nan"),
    ],
)
def test_a_computed_number_is_written_in_seven_cells(value: float, text: str) -> None:
    assert number(value, 7) == text


@given(st.floats(), st.integers(7, 12))
def test_no_number_is_wider_than_its_cell_or_written_as_another(value: float, width: int) -> None:
    text = number(value, width)
    assert len(text) <= width
    assert "#" not in text
    if abs(value) < 1e308:  # "−2e308" reads back as inf
        # A mantissa of one digit is the least there is room for, of a float64 in seven cells.
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.5)
    assert len(marked(value, "subnormal", 9)) <= 9


@given(st.floats())
def test_what_a_field_starts_with_reads_back_as_the_same_float(value: float) -> None:
    back = parsed_logit(typed(value))
    assert back == value or (math.isnan(back) and math.isnan(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [("-1e3", -1000.0), ("−102.5", -102.5), ("inf", math.inf), ("-Infinity", -math.inf), (" 7 ", 7.0), ("+.5", 0.5)],
)
def test_every_way_to_write_a_float_is_a_logit(text: str, value: float) -> None:
    assert parsed_logit(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "-", "1e", "1,5", "1_000", "0x10", "--1", "12abc", "[/]", "1e999", "-1e400"]
)
def test_rubbish_is_refused_in_one_line_that_names_it(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parsed_logit(text)
    assert "\n" not in str(refusal.value)
    assert (repr(text) if text else "nothing") in str(refusal.value)


def test_a_logit_is_shown_as_typed_where_that_fits() -> None:
    assert logit(-102.92, 7) == "−102.92"
    assert logit(100.0, 7) == "100"
    assert logit(-102.92345678, 7) == "−102.92"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (0.0, "0"),
        (8e-8, "<1e−6"),
        (0.322, "32 %"),
        (0.00065, "0.065 %"),
        (1.0, "100 %"),
        (9.5, "950 %"),
        (12.0, "13 ×"),
        (8e39, "8e39 ×"),
        (math.nan, "nan"),
    ],
)
def test_an_error_is_written_as_a_person_would_say_it(error: float, text: str) -> None:
    assert error_words(error) == text


@given(st.floats(0) | st.just(math.nan))
def test_no_error_is_wider_than_its_column(error: float) -> None:
    assert len(error_words(error)) <= 8


def test_the_minus_signs_of_a_sentence_are_those_of_the_tables() -> None:
    assert with_minus("exp(-102.82) = 2.2e-45, row-max, -inf") == "exp(−102.82) = 2.2e−45, row-max, −inf"


@pytest.mark.parametrize(("value", "text"), [(0.0012, "1e−3"), (-0.0012, "−1e−3"), (0.012, "0.01")])
def test_in_the_fewest_cells_a_small_number_does_not_become_0(value: float, text: str) -> None:
    assert number(value, 5) == text
