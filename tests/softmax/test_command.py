"""`softmax-tui softmax`: exercise 1 of the section, on the command line."""

import math

import pytest


def test_a_logit_of_100_breaks_the_naive_softmax_and_no_other(cli) -> None:
    said = cli("softmax", "100", "0.97", "1.01", "--json")
    assert said.code == 0
    (whole,) = said.lines
    assert whole["dtype"] == "float32"
    assert whole["logits"] == [[100, 0.97, 1.01]]
    found = whole["implementations"]
    assert set(found) == {"naive", "global-max", "row-max", "log-sum-exp"}
    assert found["naive"]["finite"] is False
    assert found["naive"]["probabilities"][0][0] is None
    assert found["naive"]["max_relative_error"] is None
    for name in ("global-max", "row-max", "log-sum-exp"):
        assert found[name]["finite"] is True
        assert found[name]["sums"] == [pytest.approx(1)]
        assert found[name]["max_relative_error"] < 1e-6


def test_a_row_around_minus_103_sums_to_one_and_is_wrong(cli) -> None:
    found = cli("softmax", "--preset", "near-minus-102", "--json").lines[0]["implementations"]
    assert found["naive"]["finite"] is True
    assert found["naive"]["sums"] == [pytest.approx(1)]
    assert found["naive"]["max_relative_error"] == pytest.approx(0.32, abs=0.01)
    assert found["row-max"]["max_relative_error"] < 1e-6
    people = cli("softmax", "--preset", "near-minus-102").out
    assert "wrong by 32.2%" in people
    assert "subnormal" in people


def test_rows_far_apart_break_the_maximum_of_the_whole_batch(cli) -> None:
    said = cli("softmax", "50", "51", "52", "--row", "-60", "-61", "-62", "--json")
    found = said.lines[0]["implementations"]
    assert found["global-max"]["probabilities"][1] == [None, None, None]
    assert found["row-max"]["finite"] is True


@pytest.mark.parametrize("separator", [[], ["--"]])
def test_negative_infinite_and_missing_numbers_are_values_with_and_without_dashes(cli, separator: list[str]) -> None:
    texts = ["-1e3", "-inf", "-200.", "-.5", "+3", "nan", "-nan", "-Infinity", "1E2"]
    said = cli("softmax", "--json", *separator, *texts)
    assert said.code == 0, said.err
    expected = [None if not math.isfinite(float(text)) else float(text) for text in texts]
    assert said.lines[0]["logits"] == [expected]


def test_a_row_flag_takes_negative_numbers(cli) -> None:
    said = cli("softmax", "1", "2", "--row", "-1e3", "-inf", "--row", "-3.", "-4", "--dtype", "float64", "--json")
    assert said.lines[0]["logits"] == [[1, 2], [-1000, None], [-3, -4]]


def test_people_see_where_it_breaks_and_why(cli) -> None:
    said = cli("softmax", "100", "0.97", "1.01")
    assert said.code == 0
    assert "inf!" in said.out
    assert "nan!" in said.out
    assert "0↓" in said.out
    assert "naive: exp(100) = 2.7e43 is larger than float32's largest" in said.out
    assert max(map(len, said.out.splitlines())) <= 80


def test_the_rounding_of_the_logits_has_a_line_and_a_key_of_its_own(cli) -> None:
    people = " ".join(cli("softmax", "256", "257", "258", "--dtype", "bfloat16").out.split())
    assert "bfloat16 rounds the logit 257 to 256." in people
    assert "from 0.24473 to 0.10651 (56 % off), before any softmax" in people
    found = cli("softmax", "256", "257", "258", "--dtype", "bfloat16", "--json").lines[0]
    assert found["exact_probabilities"][0] == pytest.approx([0.09003057, 0.24472847, 0.66524096])
    assert found["logit_rounding"]["max_relative_error"] == pytest.approx(0.5648, abs=1e-4)
    assert "257" in found["logit_rounding"]["explanation"]
    assert found["implementations"]["row-max"]["explanation"] == ""


def test_the_relative_error_is_defined_and_what_is_lost_is_said(cli) -> None:
    definition = "below the smallest normal number, divided by that number instead"
    people = " ".join(cli("softmax", "0", "-17.4", "--dtype", "float16").out.split())
    assert f"{definition} (6.1e-05); lost: a probability above 0 became 0" in people
    assert "0↓ lost" in people
    found = cli("softmax", "0", "-17.4", "--dtype", "float16", "--json").lines[0]
    assert definition in found["relative_error"]
    assert found["implementations"]["row-max"]["lost"] == [[False, True]]
    assert "relative error: |p − q| / q, where q is the probability in float64." in " ".join(
        cli("softmax", "--help").out.split()
    )


def test_a_zero_has_no_sign(cli) -> None:
    assert "-0.0" not in cli("losses", "--preset", "zero-times-log-zero", "--json").out
    assert not [line for line in cli("losses", "--preset", "zero-times-log-zero").out.split() if line in ("-0", "−0")]
