"""The texts of a form, without a form."""

from __future__ import annotations

import pytest

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import parse, settings_of, within
from engine.data.catalog import CATALOG
from tui.drawing.edits import Edit, labels_of
from tui.drawing.form_text import DATASETS, at_field, cycled, stepped, written
from tui.loss.form import LossFormText
from tui.train.form import TrainFormText, texts_of

SETTINGS = {setting.name: setting for setting in settings_of(TrainConfig)}


def ladder(name: str, text: str, up: bool, steps: int) -> list[str]:
    texts = []
    for _ in range(steps):
        text = stepped(SETTINGS[name], text, up)
        texts.append(text)
    return texts


def test_the_texts_of_the_defaults_stand_for_the_defaults() -> None:
    assert TrainFormText().config() == TrainConfig()
    assert TrainFormText().faults() == {}


@pytest.mark.parametrize(("value", "text"), [(0.1, "0.1"), (1e-7, "1e-7"), (1e9, "1e9"), (True, "on"), (256, "256")])
def test_values_are_written_as_people_type_them(value: float, text: str) -> None:
    assert written(value) == text


def test_every_value_written_is_read_back_as_the_same() -> None:
    for setting in SETTINGS.values():
        assert parse(setting, written(setting.default)) == setting.default


def test_a_learning_rate_climbs_by_one_two_five() -> None:
    assert ladder("learning_rate", "0.1", True, 4) == ["0.2", "0.5", "1", "2"]
    assert ladder("learning_rate", "0.1", False, 4) == ["0.05", "0.02", "0.01", "0.005"]
    assert stepped(SETTINGS["learning_rate"], "0.3", True) == "0.5"
    assert stepped(SETTINGS["learning_rate"], "0.3", False) == "0.2"


def test_a_learning_rate_never_steps_out_of_its_bounds() -> None:
    assert ladder("learning_rate", "1e9", True, 1) == ["1e9"]
    assert all(float(text) > 0 for text in ladder("learning_rate", "1e-5", False, 12))


def test_a_batch_size_doubles_and_halves() -> None:
    assert ladder("batch_size", "256", True, 2) == ["512", "1024"]
    assert ladder("batch_size", "3", False, 3) == ["2", "1", "1"]
    assert stepped(SETTINGS["batch_size"], "300", True) == "512"


def test_shares_step_by_a_twentieth_and_stop_at_their_bounds() -> None:
    assert ladder("momentum", "0", True, 2) == ["0.05", "0.1"]
    assert ladder("momentum", "0.95", True, 1) == ["0.95"]
    assert ladder("noise", "0.05", False, 2) == ["0", "0"]


def test_a_pull_on_the_weights_starts_small_and_returns_to_zero() -> None:
    assert ladder("weight_decay", "0", True, 2) == ["1e-6", "2e-6"]
    assert ladder("weight_decay", "1e-6", False, 1) == ["0"]


def test_a_seed_beyond_the_floats_still_counts_by_one() -> None:
    assert stepped(SETTINGS["seed"], str(2**60 + 1), True) == str(2**60 + 2)


def test_a_step_from_rubbish_leads_to_the_default() -> None:
    for setting in SETTINGS.values():
        if setting.kind in ("integer", "number"):
            assert stepped(setting, "rubbish", True) == written(setting.default)


def test_every_step_of_every_number_stays_within_its_bounds() -> None:
    for setting in SETTINGS.values():
        for up in (True, False):
            text = written(setting.default)
            for _ in range(60):
                text = stepped(setting, text, up, ("a", "b"))
                assert setting.kind == "text" or within(setting, parse(setting, text)), (setting.name, text)


def test_choices_go_round() -> None:
    assert cycled(("a", "b"), "b", forward=True) == "a"
    assert cycled(("a", "b"), "a", forward=False) == "b"
    assert cycled(("a", "b"), "typed", forward=True) == "a"
    assert stepped(SETTINGS["stop_on_nan"], "on", True) == "off"


def test_the_datasets_to_go_through_are_those_that_the_engine_knows() -> None:
    assert set(DATASETS) == {"auto", *CATALOG}


def test_a_wrong_text_is_kept_and_named_at_its_field() -> None:
    form = TrainFormText()
    form.texts["learning_rate"] = "fast"
    assert form.faults()["learning_rate"].startswith("learning rate: found 'fast', expected a number above 0")
    assert at_field(SETTINGS["learning_rate"], form.faults()["learning_rate"]).startswith("found 'fast'")
    with pytest.raises(InputError, match="learning rate: found 'fast'"):
        form.config()
    assert form.texts["learning_rate"] == "fast"


def test_a_pair_that_makes_no_sense_is_refused_at_the_loss() -> None:
    form = TrainFormText()
    form.texts |= {"softmax": "naive", "loss": "from-logits"}
    assert list(form.faults()) == ["loss"]
    form.texts |= {"loss": "indexing", "label_smoothing": "0.1"}
    assert list(form.faults()) == ["label_smoothing"]
    form.texts |= {"loss": "clipped", "gradient": "closed-form"}
    assert list(form.faults()) == ["gradient"]


def test_a_line_names_its_setting() -> None:
    form = TrainFormText()
    assert form.named_in("batch size: found 3") == "batch_size"
    assert form.named_in("/data/x.npz: found nothing") == ""


def test_what_the_run_in_front_has_instead_is_an_edit_and_what_is_hidden_is_none() -> None:
    form = TrainFormText()
    form.in_front = dict(form.texts)
    form.texts |= {"learning_rate": "0.10", "seed": " 0 "}  # the same numbers
    assert form.edits == []
    form.texts |= {"learning_rate": "0.5", "epochs": "many"}
    assert [(edit.name, edit.before, edit.text) for edit in form.edits] == [
        ("epochs", "10", "many"),
        ("learning_rate", "0.1", "0.5"),
    ]
    lab = LossFormText()
    lab.in_front = {**lab.texts, "preset": "log-0", "batch_size": "3"}
    lab.texts["preset"] = "log-0"
    assert lab.edits == []


def test_of_a_run_from_the_store_nobody_knows_what_was_left_to_auto() -> None:
    typed, stored = texts_of(TrainConfig(), resolved=False), texts_of(TrainConfig(), resolved=True)
    assert typed == TrainFormText().texts
    assert {name for name in typed if name not in stored} == {name for name, text in typed.items() if text == "auto"}


def test_many_edits_are_named_by_the_first_two_and_the_number_of_the_others() -> None:
    edits = [Edit(name, name, "0", "1") for name in ("rate", "batch", "seed", "decay")]
    assert labels_of(edits[:2]) == "rate and batch"
    assert labels_of(edits[:3]) == "rate, batch and seed"
    assert labels_of(edits) == "rate, batch and 2 more settings"
