"""One reading of a setting's text serves the form, the flags and the wire."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import check, parse, settings_of
from engine.contract.vocabulary import VocabularyQuestion
from engine.data.load import DatasetRequest

SETTINGS = {setting.name: setting for setting in settings_of(TrainConfig)}
RUBBISH = ["", "letters", "-1", "1e999", "nan", "inf", "0x10", "--", "[/]", "1,5"]


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.kind in ("integer", "number")])
@pytest.mark.parametrize("text", RUBBISH)
def test_rubbish_in_a_number_field_names_what_was_found_and_what_was_expected(name: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(SETTINGS[name], text)
    line = str(refused.value)
    assert SETTINGS[name].label in line
    assert repr(text) in line
    assert SETTINGS[name].expected in line
    assert "\n" not in line


def test_every_default_lies_within_its_own_bounds() -> None:
    check(TrainConfig())
    for setting in SETTINGS.values():
        assert parse(setting, str(setting.default)) == setting.default


def test_choices_keep_the_order_they_were_written_in() -> None:
    assert SETTINGS["softmax"].choices == ("naive", "global-max", "row-max", "log-sum-exp", "yours")
    assert SETTINGS["loss"].choices[0] == "auto"


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("1e6", 1e6), (" 3 ", 3.0)])
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert parse(SETTINGS["learning_rate"], text) == value


def test_open_bounds_are_told_from_closed_ones() -> None:
    with pytest.raises(InputError, match="above 0"):
        parse(SETTINGS["learning_rate"], "0")
    with pytest.raises(InputError, match="below 1"):
        parse(SETTINGS["momentum"], "1")
    assert parse(SETTINGS["sigma"], "0") == 0


def test_no_schedule_can_raise_the_learning_rate() -> None:
    assert parse(SETTINGS["schedule_factor"], "1") == 1
    with pytest.raises(InputError, match=r"step factor: found '1\.01', expected a number above 0, at most 1"):
        parse(SETTINGS["schedule_factor"], "1.01")


def test_of_a_long_text_no_more_is_quoted_than_fits_a_line() -> None:
    with pytest.raises(InputError) as refused:
        parse(SETTINGS["epochs"], "9" * 10_000 + "x")
    assert f"epochs: found '{'9' * 57}…', expected an integer at least 1" in str(refused.value)


def test_a_config_from_the_wire_is_checked_like_a_typed_one() -> None:
    with pytest.raises(InputError, match="batch size: found '0', expected an integer at least 1"):
        check(TrainConfig(batch_size=0))
    with pytest.raises(InputError, match="softmax"):
        check(TrainConfig(softmax="row_max"))  # type: ignore[arg-type]


@given(st.text(max_size=20))
def test_whatever_is_typed_is_either_a_value_within_bounds_or_one_line(text: str) -> None:
    for setting in SETTINGS.values():
        try:
            value = parse(setting, text)
        except InputError as refused:
            assert len(str(refused).splitlines()) == 1  # noqa: PT017 - either outcome is right
        else:
            assert not isinstance(value, float) or math.isfinite(value)


def test_the_knobs_of_the_silhouettes_have_the_defaults_they_were_tuned_to() -> None:
    config, request = TrainConfig(), DatasetRequest()
    for name in ("train_size", "validation_size", "noise", "jitter", "occlusion"):
        assert getattr(config, name) == getattr(request, name)


def test_bounds_of_an_integer_are_written_out_with_thousands_separators() -> None:
    of = {setting.name: setting.expected for setting in settings_of(VocabularyQuestion)}
    assert of["chunk"] == "an integer at least 1, at most 10,000,000"
    assert of["seed"] == "an integer at least 0, at most 9,223,372,036,854,775,807"
    assert of["learning_rate"] == "a number above 0, at most 1e+09"
