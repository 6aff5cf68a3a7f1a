"""The form of the Train pane: what is typed, what is said about it, and what it starts."""

from __future__ import annotations

import pytest

from engine.contract.commands import StartTraining
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import parse, settings_of
from tests.train.script import opened, screen_text, settled
from tui.drawing.form_text import written
from tui.train.settings_form import TrainForm
from tui.widgets.field import WHILE_TYPING, Field

NUMBERS = [setting for setting in settings_of(TrainConfig) if setting.kind in ("integer", "number")]
RUBBISH = ("", "letters", "-1", "1e999", "nan", str(10**30))
SIZES = [(80, 24), (120, 40)]


def field(form: TrainForm, name: str) -> Field:
    return form.query_one(f"#field-{name}", Field)


@pytest.mark.parametrize("size", SIZES)
async def test_a_learning_rate_that_is_typed_is_what_starts(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, engine, _pane):
        await pilot.press("h", "enter", *"0.03", "enter", "space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].config == TrainConfig(learning_rate=0.03)
        assert "rate 0.03" in screen_text(pilot) or size[0] > 100


async def test_rubbish_in_any_number_and_a_billion_out_of_bounds_is_named_at_its_field_and_starts_nothing() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        pane.board.form.unfold(True)
        for text in RUBBISH:
            for setting in NUMBERS:
                pane.board.form.write(setting.name, text)
            await pilot.pause()
            for setting in NUMBERS:
                with pytest.raises(InputError) as refused:
                    parse(setting, text)
                assert field(pane.board.form, setting.name).message, (setting.name, text)
                assert field(pane.board.form, setting.name).message in str(refused.value)
            pane.focus()
            await pilot.press("space")
            await settled(pilot, lambda: pilot.app.focused is pane.board.form)
            assert engine.of(StartTraining) == [], text
        for setting in NUMBERS:
            pane.board.form.write(setting.name, str(10**9))
        await pilot.pause()
        silent = {setting.name for setting in NUMBERS if not field(pane.board.form, setting.name).message}
        assert silent == {"learning_rate", "seed"}


async def test_while_a_name_is_typed_space_is_not_said_to_start_and_while_a_number_is_it_is() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        for name, starts in (("dataset", False), ("learning_rate", True)):
            pane.board.form.take_focus(name)
            await pilot.press("enter")
            await settled(pilot, lambda: pane.board.form.typing)
            said = screen_text(pilot)
            assert (WHILE_TYPING in said, "space trains." in said) == (not starts, starts), name
            await pilot.press("escape")


async def test_two_long_values_of_this_run_and_the_next_stand_below_each_other() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        form = pane.board.form
        for before, now, lines in (("a", "b", 1), ("a" * 12, "b" * 12, 2)):
            pane.control.started_with = {"dataset": before}
            form.write("dataset", now)
            await pilot.pause()
            assert field(form, "dataset").size.height == lines, before
            assert before in screen_text(pilot)
            assert f"next: {now}" in screen_text(pilot)


async def test_a_refusal_stays_at_its_field_until_that_field_is_edited() -> None:
    async with opened((120, 40)) as (_pilot, _, pane):
        form = pane.board.form
        assert form.blame("seed: found 0, expected another") == "seed"
        form.write("learning_rate", "0.3")
        assert field(form, "seed").message == "found 0, expected another"
        form.write("seed", "1")
        assert field(form, "seed").message == ""
        assert form.blame("a line about no field") == ""


async def test_a_start_with_one_wrong_field_keeps_its_text_and_goes_there() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        for setting in NUMBERS:
            pane.board.form.form_text.texts[setting.name] = "x"
            pane.focus()
            await pilot.press("space")
            await settled(pilot, lambda: pilot.app.focused is pane.board.form)
            assert pane.board.form.row is field(pane.board.form, setting.name)
            assert pane.board.form.form_text.texts[setting.name] == "x"
            pane.board.form.form_text.texts[setting.name] = written(setting.default)
        assert engine.of(StartTraining) == []


async def test_arrow_keys_step_a_number_also_while_it_is_typed_and_a_long_text_scrolls_in_its_field() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        texts = pane.board.form.form_text.texts
        await pilot.press("h", "right", "enter", "up")
        assert texts["learning_rate"] == "0.5"
        await pilot.press("escape")
        assert texts["learning_rate"] == "0.2"
        pane.board.form.take_focus("dataset")
        await pilot.press("enter", "ctrl+u", *"a-very-long-name-of-a-file.npz")
        assert "file.npz" in screen_text(pilot)


async def test_a_refused_pair_is_said_at_the_loss_as_soon_as_it_is_chosen_and_markup_is_only_text() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        pane.board.form.write("softmax", "naive")
        pane.board.form.write("loss", "from-logits")
        await pilot.pause()
        assert "found from-logits with the naive softmax" in field(pane.board.form, "loss").message
        pane.focus()
        await pilot.press("space")
        assert engine.of(StartTraining) == []
        pane.board.form.write("epochs", "[/b]\x1b[31m\u202e")  # only text
        await pilot.pause()
        assert "[/b]" in screen_text(pilot)
        assert not {"\x1b", "\u202e"} & set(screen_text(pilot))


async def test_more_settings_open_keep_what_was_typed_and_are_counted_when_folded() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        assert "momentum" not in screen_text(pilot)
        await pilot.press("h", "end", "enter", *["down"] * 6)
        await settled(pilot, lambda: "momentum" in screen_text(pilot))
        pane.board.form.take_focus("momentum")
        await pilot.press("enter", *"0.9", "enter", *["up"] * 6)
        while pane.board.form.row is not pane.board.form.query_one("#more"):
            await pilot.press("up")
        await pilot.press("left")
        await settled(pilot, lambda: "momentum" not in screen_text(pilot))
        assert "1 changed" in screen_text(pilot)
        pane.focus()
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].config.momentum == 0.9


async def test_no_field_has_the_focus_until_a_start_is_refused_which_keeps_the_text_and_goes_to_its_field() -> None:
    async with opened() as (pilot, engine, pane):
        assert pane.has_focus
        engine.refusals[StartTraining] = "device: found 'cuda:7', expected cpu"
        pane.board.form.form_text.texts["device"] = "cuda:7"
        await pilot.press("space")
        await settled(pilot, lambda: pilot.app.focused is pane.board.form)
        assert pane.board.form.row is field(pane.board.form, "device")
        assert field(pane.board.form, "device").message == "found 'cuda:7', expected cpu"
        assert "device: found 'cuda:7', expected cpu" in screen_text(pilot)
        assert pane.board.form.form_text.texts["device"] == "cuda:7"
