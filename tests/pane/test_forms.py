"""Forms: a cursor on rows, one row edited at a time, the same in all panes. Keys are pressed in the app."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from engine.contract.commands import MeasureLosses, MeasureVocabulary, StartSweep, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.events import Finished
from tests.train.script import READY, ScriptedEngine, a_divergence, minibatches, screen_text, settled, started
from tui.app.app import SoftmaxApp
from tui.app.key_bar import KeyBar
from tui.app.keys import Keys
from tui.app.tab_bar import TabBar
from tui.pane.lab import LabPane
from tui.pane.lab_form import LabForm
from tui.widgets.entry import Entry
from tui.widgets.field import Field


@dataclass(frozen=True)
class Case:
    """A pane with a form, a row of each kind in it, and what space begins."""

    pane: str
    digit: str
    number: str
    text: str
    choice: str
    begins: type

    def started_with(self, command: Any, name: str) -> object:
        """What a command says of a setting."""
        config = {StartTraining: "config", StartSweep: "config", MeasureLosses: "question"}.get(type(command))
        return getattr(getattr(command, config) if config else command.plan.question, name)


CASES = (
    Case("train", "1", "learning_rate", "dataset", "softmax", StartTraining),
    Case("loss", "3", "batch_size", "dataset", "dtype", MeasureLosses),
    Case("sweep", "6", "seeds", "values", "parameter", StartSweep),
    Case("vocabulary", "7", "positions", "text", "features", MeasureVocabulary),
)
SIZES = ((80, 24), (120, 40))
every_form = pytest.mark.parametrize("case", CASES, ids=lambda case: case.pane)


def ended(status: Any) -> Finished:
    return Finished(run_id="r0001", status=status, seconds=0.1, images_per_second=1.0)


class Seen:
    """The app with the pane of a case in front."""

    def __init__(self, pilot: Pilot[None], app: SoftmaxApp, engine: ScriptedEngine, case: Case) -> None:
        self.pilot, self.app, self.engine, self.case = pilot, app, engine, case

    @property
    def pane(self) -> LabPane[Any, Any]:
        pane = self.app.query_one(f"#panes > #{self.case.pane}")
        assert isinstance(pane, LabPane)
        return pane

    @property
    def form(self) -> LabForm[Any]:
        form: LabForm[Any] = self.pane.board.form
        return form

    @property
    def texts(self) -> dict[str, str]:
        return dict(self.form.form_text.texts)

    def field(self, name: str) -> Field:
        return self.form.query_one(f"#field-{name}", Field)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def to(self, name: str) -> None:
        """The cursor, by arrows."""
        below = self.form.rows.index(self.field(name))
        await self.press("home", *["down"] * below)
        assert self.form.row is self.field(name), f"no row {name}"

    async def bring_to_front(self) -> None:
        await self.press(f"f{self.case.digit}")
        await settled(self.pilot, lambda: self.app.active_pane == self.case.pane)

    async def begin_anew(self, texts: dict[str, str]) -> None:
        """With these texts in the open form, and the cursor on its first row."""
        await self.bring_to_front()
        for name, text in texts.items():
            if self.texts[name] != text:
                self.form.write(name, text)
        await self.press("home")
        assert self.texts == texts
        assert self.form.has_focus

    def footer(self) -> str:
        return self.app.query_one(KeyBar).render().plain

    def tabs(self) -> str:
        return self.app.query_one(TabBar).render().plain


@asynccontextmanager
async def form_of(case: Case, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Seen]:
    """Its pane, the first to be opened, with the form open by h."""
    app, engine = SoftmaxApp(["unused"]), ScriptedEngine()
    app.engine = engine  # type: ignore[assignment]
    app.call_later(app.action_show_pane, case.pane)
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: app.active_pane == case.pane and engine._told is not None)
        engine.say(READY)
        seen = Seen(pilot, app, engine, case)
        await settled(pilot, lambda: bool(seen.pane.query(LabForm)))
        if case.pane == "loss":
            await seen.press("space")  # ends what it measures unasked
        engine.commands.clear()
        await seen.press("h")
        yield seen


def keys_first(pilot: Pilot[None]) -> str:
    """The first heading in the list of keys."""
    headings = ("In a form, with the cursor on a row", "While something is typed", "Everywhere")
    text = screen_text(pilot)
    return min((heading for heading in headings if heading in text), key=text.index)


@every_form
async def test_a_form_that_is_merely_open_swallows_no_key(case: Case) -> None:
    async with form_of(case) as seen:
        seen.engine.refusals[case.begins] = "not in this script"  # what is begun leaves nothing behind
        for size in SIZES:
            await seen.pilot.resize_terminal(*size)
            await swallows_no_key(seen, wide=size[0] > 80)
            await seen.press("h")


async def swallows_no_key(seen: Seen, wide: bool) -> None:
    case, before = seen.case, seen.texts
    assert seen.form.has_focus
    assert seen.form.row is not None
    assert seen.form.row.here
    assert f"{case.digit} " in seen.tabs()
    assert "F2" not in seen.tabs()
    assert "↑↓ row  enter edit  ←→ change  esc leave" in seen.footer()
    for digit, pane in (("2", "softmax"), ("4", "mistakes")):
        await seen.press(digit)
        await settled(seen.pilot, lambda pane=pane: seen.app.active_pane == pane)  # type: ignore[misc]
        await seen.press(case.digit)
        await settled(seen.pilot, lambda: seen.app.active_pane == case.pane)
    if wide:
        await seen.press("h")
    assert seen.form.has_focus
    await seen.press("question_mark")
    await settled(seen.pilot, lambda: isinstance(seen.app.screen, Keys))
    assert keys_first(seen.pilot) == "In a form, with the cursor on a row"
    assert seen.texts == before
    await seen.press("escape")
    assert seen.form.has_focus
    assert "enter edit" in seen.footer()
    assert seen.texts == before
    begun = len(seen.engine.of(case.begins))
    await seen.press("space")
    await settled(seen.pilot, lambda: len(seen.engine.of(case.begins)) == begun + 1)


@every_form
async def test_rows_are_edited_turned_and_kept(case: Case) -> None:
    async with form_of(case) as seen:
        texts = seen.texts
        for question in (
            a_text_owns_every_printable_key,
            a_choice_turns_with_left_and_right_and_leaves_digits_alone,
            one_click_edits_and_turns,
            a_bad_value_says_what_was_found_at_its_row_and_nothing_is_lost,
            leaving_the_pane_in_an_edit_keeps_it_as_typed,
            a_number_is_edited_by_enter_and_kept_by_enter_and_restored_by_esc,
            space_in_the_edit_of_a_number_starts_with_what_stands_there,
        ):
            await seen.begin_anew(texts)
            await question(seen, case)


async def a_number_is_edited_by_enter_and_kept_by_enter_and_restored_by_esc(seen: Seen, case: Case) -> None:
    before = seen.texts[case.number]
    await seen.to(case.number)
    await seen.press("enter", "7")
    assert seen.texts[case.number] == "7"
    assert "F1 " in seen.tabs()
    assert "typing a number: enter keeps  esc restores" in seen.footer()
    await seen.press("question_mark")
    await settled(seen.pilot, lambda: isinstance(seen.app.screen, Keys))
    assert keys_first(seen.pilot) == "While something is typed"
    await seen.press("escape")
    assert isinstance(seen.app.focused, Entry)
    await seen.press("escape")
    assert seen.texts[case.number] == before
    assert seen.form.has_focus
    await seen.press("escape")
    assert seen.pane.has_focus
    assert not seen.pane.board.form_open
    await seen.press("h", "enter", "5", "enter")
    assert seen.form.has_focus
    assert seen.texts[case.number] == "5"
    assert seen.app.active_pane == case.pane
    await seen.press("right")
    assert float(seen.texts[case.number]) > 5
    await seen.press("left", "left")
    assert float(seen.texts[case.number]) < 5


async def space_in_the_edit_of_a_number_starts_with_what_stands_there(seen: Seen, case: Case) -> None:
    await seen.to(case.number)
    await seen.press("enter", "6")
    begun = len(seen.engine.of(case.begins))
    await seen.press("space")
    await settled(seen.pilot, lambda: len(seen.engine.of(case.begins)) == begun + 1)
    assert case.started_with(seen.engine.of(case.begins)[-1], case.number) == 6
    assert seen.texts[case.number] == "6"
    assert not seen.form.typing


async def a_text_owns_every_printable_key(seen: Seen, case: Case) -> None:
    before = seen.texts
    await seen.to(case.text)
    await seen.press("enter", "end", "space", "2", "question_mark", "h", "q")
    assert seen.texts[case.text] == f"{before[case.text]} 2?hq"
    assert seen.app.active_pane == case.pane
    assert len(seen.app.screen_stack) == 1
    assert "typing: enter keeps  esc restores" in seen.footer()
    await seen.press("escape")
    assert seen.texts == before


async def a_choice_turns_with_left_and_right_and_leaves_digits_alone(seen: Seen, case: Case) -> None:
    await seen.to(case.choice)
    choices, first = list(seen.field(case.choice).choices), seen.texts[case.choice]
    after = choices[(choices.index(first) + 1) % len(choices)]
    assert f"< {first} >" in screen_text(seen.pilot)
    for key, text in (("right", after), ("left", first), ("enter", after)):
        await seen.press(key)
        assert seen.texts[case.choice] == text
        assert not seen.form.typing
    await seen.press("2")
    await settled(seen.pilot, lambda: seen.app.active_pane == "softmax")
    assert seen.texts[case.choice] == after


async def one_click_edits_and_turns(seen: Seen, case: Case) -> None:
    await seen.pilot.click(seen.field(case.number), offset=(20, 0))
    await seen.press("8")
    assert seen.texts[case.number] == "8"
    first = seen.texts[case.choice]
    await seen.pilot.click(seen.field(case.choice), offset=(3, 0))
    await seen.pilot.pause()
    assert seen.texts[case.choice] != first
    assert seen.texts[case.number] == "8"
    assert not seen.form.typing
    assert seen.form.row is seen.field(case.choice)


async def a_bad_value_says_what_was_found_at_its_row_and_nothing_is_lost(seen: Seen, case: Case) -> None:
    await seen.to(case.number)
    await seen.press("enter", *"fast")
    assert "found 'fast', expected a" in screen_text(seen.pilot)
    await seen.press("enter", "home")
    begun = len(seen.engine.of(case.begins))
    await seen.press("space")
    await settled(seen.pilot, lambda: seen.form.row is seen.field(case.number))
    assert len(seen.engine.of(case.begins)) == begun
    assert seen.form.has_focus
    await seen.press("2", case.digit)
    await settled(seen.pilot, lambda: seen.app.active_pane == case.pane)
    assert seen.texts[case.number] == "fast"
    assert "found 'fast', expected a" in screen_text(seen.pilot)


async def leaving_the_pane_in_an_edit_keeps_it_as_typed(seen: Seen, case: Case) -> None:
    await seen.to(case.text)
    await seen.press("enter", "end", *"x7", "f2")
    await settled(seen.pilot, lambda: seen.app.active_pane == "softmax")
    await seen.press(case.digit)
    await settled(seen.pilot, lambda: seen.app.active_pane == case.pane)
    assert seen.texts[case.text].endswith("x7")
    assert not seen.form.typing
    assert seen.form.has_focus
    await seen.press("enter", "tab")  # tab keeps, and goes to the next row
    assert not seen.form.typing
    assert seen.form.row is not seen.field(case.text)


# What tripped people


async def test_6_h_3_goes_to_the_pane_3_and_changes_no_list() -> None:
    async with form_of(CASES[2]) as seen:
        before = seen.texts
        await seen.press("3")
        await settled(seen.pilot, lambda: seen.app.active_pane == "loss")
        assert seen.texts == before


async def test_after_a_divergence_h_row_max_and_space_start_as_the_hint_says() -> None:
    async with form_of(CASES[0]) as seen:
        for size in SIZES:
            await seen.pilot.resize_terminal(*size)
            await follows_the_hint_after_a_divergence(seen)
            seen.engine.say(started(), ended("stopped"))


async def follows_the_hint_after_a_divergence(seen: Seen) -> None:
    seen.engine.commands.clear()
    await seen.press("escape")
    naive = TrainConfig(softmax="naive", loss="indexing")
    seen.form.write("softmax", "naive")
    await seen.press("space")
    await settled(seen.pilot, lambda: bool(seen.engine.of(StartTraining)))
    seen.engine.say(started(config=naive), minibatches(0, [2.3]), a_divergence(), ended("diverged"))
    await settled(seen.pilot, lambda: "h, softmax row-max, space" in screen_text(seen.pilot))
    await seen.press("h")
    await seen.to("softmax")
    while seen.texts["softmax"] != "row-max":
        await seen.press("right")
    await seen.press("space")
    await settled(seen.pilot, lambda: len(seen.engine.of(StartTraining)) == 2)
    assert seen.engine.of(StartTraining)[1].config.softmax == "row-max"
    assert seen.texts["softmax"] == "row-max"


async def test_a_long_list_shows_where_it_goes_on_and_scrolls_with_the_caret() -> None:
    async with form_of(CASES[2], (120, 40)) as seen:
        await seen.press("escape", "b", "h")
        assert seen.texts["values"] == "1 2 4 8 16 32 64 128 256 512 1024 2048"

        def shown() -> str:
            line = next(line for line in screen_text(seen.pilot).splitlines() if "values " in line)
            return line.split("│")[0].partition("values")[2].strip()

        assert shown() == "1 2 4 8 16 32 64…"
        await seen.press("enter")
        assert shown().startswith("…")
        assert shown().endswith("1024 2048")
        await seen.press("home")
        assert shown() == "1 2 4 8 16 32 64…"
        await seen.press(*["right"] * 20)
        assert shown().startswith("…")
        assert shown().endswith("…")
        await seen.press("end", "backspace", "9", "enter")
        assert seen.texts["values"].endswith(" 2049")


async def test_beside_a_run_stand_its_settings_and_what_is_typed_is_the_next_runs() -> None:
    async with form_of(CASES[0]) as seen:
        for size in SIZES:
            await seen.pilot.resize_terminal(*size)
            await stands_beside_a_run(seen, narrow=size[0] == 80)
            seen.engine.say(ended("stopped"))
            seen.form.write("learning_rate", "0.1")
            await seen.press("h")


async def stands_beside_a_run(seen: Seen, narrow: bool) -> None:
    seen.engine.commands.clear()
    await seen.press("space")
    await settled(seen.pilot, lambda: bool(seen.engine.of(StartTraining)))
    seen.engine.say(started(config=TrainConfig(dataset="fashion-mnist", loss="from-logits", device="cpu")))
    await settled(seen.pilot, lambda: "r0001 running" in screen_text(seen.pilot))
    assert "next:" not in screen_text(seen.pilot)  # what was left to auto is no edit
    await seen.press("h", "enter", *"0.5")
    said = "From the next start: learning rate 0.5. This run keeps 0.1."
    await settled(seen.pilot, lambda: said in screen_text(seen.pilot))
    await seen.press("enter", "escape")
    said = "From the next start (r, space): learning rate 0.5. This run keeps 0.1."
    await settled(seen.pilot, lambda: said in screen_text(seen.pilot))
    marked = "rate 0.1  batch 256  epochs 10  row-max  seed 0  next: rate 0.5" if narrow else "rate 0.1 next: 0.5"
    assert marked in screen_text(seen.pilot)
    await seen.press("r")  # as it says
    seen.engine.say(ended("stopped"))
    await seen.press("space")
    await settled(seen.pilot, lambda: len(seen.engine.of(StartTraining)) == 2)
    assert seen.engine.of(StartTraining)[1].config.learning_rate == 0.5
    seen.engine.say(started("r0002", seen.engine.of(StartTraining)[1].config))
    await settled(seen.pilot, lambda: "r0002 running" in screen_text(seen.pilot))
    assert "next:" not in screen_text(seen.pilot)
    assert ("rate 0.5  batch" if narrow else "learning rate 0.5") in screen_text(seen.pilot)


async def test_what_is_typed_faster_than_the_form_draws_is_all_taken() -> None:
    """Each change was written back to its field as it had been a few keys before, and so the two never agreed."""
    async with form_of(CASES[0], (120, 40)) as seen:
        await seen.to("epochs")
        await seen.press("enter")
        entry = seen.app.focused
        assert isinstance(entry, Entry)
        await seen.press("ctrl+u")
        for key in "2000":
            seen.app.post_message(events.Key(key, key))
            await asyncio.sleep(0)
        await settled(seen.pilot, lambda: seen.texts["epochs"] == "2000")
        for _ in range(30):
            await asyncio.sleep(0.005)
            assert (entry.value, seen.texts["epochs"]) == ("2000", "2000")
