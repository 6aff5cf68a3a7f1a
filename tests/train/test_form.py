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
from tui.widgets.choice import Choice
from tui.widgets.field import Entry, Field

NUMBERS = [setting for setting in settings_of(TrainConfig) if setting.kind in ("integer", "number")]
RUBBISH = ("", "letters", "-1", "1e999", "nan", str(10**30))
SIZES = [(80, 24), (120, 40)]


def field(form: TrainForm, name: str) -> Field:
    return form.query_one(f"#field-{name}", Field)


@pytest.mark.parametrize("size", SIZES)
async def test_a_learning_rate_that_is_typed_is_what_starts(size: tuple[int, int]) -> None:
    async with opened(size) as (pilot, engine, pane):
        if size[0] < 100:
            await pilot.press("h")
            await pilot.pause()
        field(pane.board.form, "learning_rate").focus_control()
        await pilot.press(*"0.03", "escape", "space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].config == TrainConfig(learning_rate=0.03)
        assert "rate 0.03" in screen_text(pilot) or size[0] > 100


async def test_the_app_opens_without_a_focused_field() -> None:
    async with opened() as (_, _engine, pane):
        assert pane.has_focus


async def test_rubbish_in_any_number_is_named_at_its_field_and_starts_nothing() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        await pane.board.form._open(True)
        for text in RUBBISH:
            for setting in NUMBERS:
                field(pane.board.form, setting.name).write(text)
            await pilot.pause()
            for setting in NUMBERS:
                with pytest.raises(InputError) as refused:
                    parse(setting, text)
                assert field(pane.board.form, setting.name).message
                assert field(pane.board.form, setting.name).message in str(refused.value)
            pane.focus()
            await pilot.press("space")
            await settled(pilot, lambda: pilot.app.focused is not pane)
        assert engine.of(StartTraining) == []


async def test_a_start_with_one_wrong_field_keeps_its_text_and_goes_there() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        for setting in NUMBERS:
            pane.board.form.form_text.texts[setting.name] = "x"
            pane.focus()
            await pilot.press("space")
            await settled(pilot, lambda: pilot.app.focused is not pane)
            assert pilot.app.focused is field(pane.board.form, setting.name)._control
            assert pane.board.form.form_text.texts[setting.name] == "x"
            pane.board.form.form_text.texts[setting.name] = written(setting.default)
        assert engine.of(StartTraining) == []


async def test_a_text_longer_than_its_field_scrolls_to_what_is_typed() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        field(pane.board.form, "dataset").focus_control()
        await pilot.press(*"a-very-long-name-of-a-file.npz")
        assert "file.npz" in screen_text(pilot)


async def test_a_billion_is_refused_wherever_it_is_out_of_bounds() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        await pane.board.form._open(True)
        for setting in NUMBERS:
            field(pane.board.form, setting.name).write(str(10**9))
        await pilot.pause()
        silent = {setting.name for setting in NUMBERS if not field(pane.board.form, setting.name).message}
        assert silent == {"learning_rate", "seed"}


async def test_digits_space_and_question_mark_in_a_field_are_typed_and_nothing_else() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        field(pane.board.form, "learning_rate").focus_control()
        await pilot.press("2", "space", "question_mark", "s", "r", "4")
        assert pane.board.form.form_text.texts["learning_rate"] == "2 ?sr4"
        assert pilot.app.active_pane == "train"
        assert len(pilot.app.screen_stack) == 1
        assert engine.of(StartTraining) == []
        assert "F1" in screen_text(pilot).splitlines()[0]


async def test_digits_on_a_choice_do_not_leave_the_pane() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        field(pane.board.form, "softmax").focus_control()
        await pilot.press("2", "question_mark")
        assert pilot.app.active_pane == "train"
        assert len(pilot.app.screen_stack) == 1
        await pilot.press("space")
        assert pane.board.form.form_text.texts["softmax"] == "log-sum-exp"
        assert engine.of(StartTraining) == []


async def test_escape_gives_the_digits_back_to_the_panes() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        field(pane.board.form, "learning_rate").focus_control()
        await pilot.press("escape")
        assert pane.has_focus
        await pilot.press("2")
        assert pilot.app.active_pane == "softmax"


async def test_arrow_keys_step_a_number_and_cycle_a_choice() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        texts = pane.board.form.form_text.texts
        field(pane.board.form, "learning_rate").focus_control()
        await pilot.press("up", "up")
        assert texts["learning_rate"] == "0.5"
        await pilot.press("enter", "enter", "left")  # seed, then softmax
        assert texts["softmax"] == "global-max"
        await pilot.press("n")
        assert texts["softmax"] == "naive"
        await pilot.click(field(pane.board.form, "loss").query_one(Choice))
        assert texts["loss"] == "indexing"


async def test_a_pair_that_is_refused_is_said_at_the_loss_as_soon_as_it_is_chosen() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        field(pane.board.form, "softmax").write("naive")
        field(pane.board.form, "loss").write("from-logits")
        await pilot.pause()
        assert "found from-logits with the naive softmax" in field(pane.board.form, "loss").message
        pane.focus()
        await pilot.press("space")
        assert engine.of(StartTraining) == []


async def test_more_settings_open_keep_what_was_typed_and_are_counted_when_folded() -> None:
    async with opened((120, 40)) as (pilot, engine, pane):
        assert not pane.board.form.query("#field-momentum")
        await pane.board.form._open(True)
        field(pane.board.form, "momentum").write("0.9")
        await pilot.pause()
        await pane.board.form._open(False)
        await pilot.pause()
        assert "1 changed" in screen_text(pilot)
        pane.focus()
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))
        assert engine.of(StartTraining)[0].config.momentum == 0.9


async def test_a_start_that_the_engine_refuses_keeps_the_text_and_goes_to_the_field_at_fault() -> None:
    async with opened() as (pilot, engine, pane):
        engine.refusals[StartTraining] = "device: found 'cuda:7', expected cpu"
        pane.board.form.form_text.texts["device"] = "cuda:7"
        await pilot.press("space")
        await settled(pilot, lambda: isinstance(pilot.app.focused, Entry))
        assert pilot.app.focused is field(pane.board.form, "device")._control
        assert field(pane.board.form, "device").message == "found 'cuda:7', expected cpu"
        assert "device: found 'cuda:7', expected cpu" in screen_text(pilot)
        assert pane.board.form.form_text.texts["device"] == "cuda:7"


async def test_markup_and_escape_sequences_in_a_field_are_only_text() -> None:
    async with opened((120, 40)) as (pilot, _, pane):
        field(pane.board.form, "epochs").write("[/b]\x1b[31m\u202e")
        await pilot.pause()
        assert "[/b]" in screen_text(pilot)
        assert not {"\x1b", "\u202e"} & set(screen_text(pilot))
