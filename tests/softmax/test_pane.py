"""The overflow playground, driven by keys and mouse: with scripted answers, and once with the real engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import product
from pathlib import Path

import torch
from textual.pilot import Pilot
from textual.widgets import Static

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import Command, TraceSoftmax
from engine.contract.engine_events import Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.wire import Event, Reply
from engine.numerics.presets import PRESETS
from engine.numerics.trace import offset_errors, trace
from engine.processes.client import EngineGone, worker_command
from tests.app.no_line import NoLine
from tests.app.scripted_worker import READY
from tui.app.app import EngineSaid, SoftmaxApp
from tui.app.keys import Keys
from tui.drawing.spans import text_of
from tui.pane.base import DisplayOptions
from tui.softmax.board import SoftmaxBoard
from tui.softmax.logit_table import LogitTable
from tui.softmax.pane import SoftmaxPane
from tui.widgets.chart import Chart
from tui.widgets.lines import Lines


class ScriptedEngine(NoLine):
    """Answers with the real trace, at once or, while `held`, when it is let go; keeps what it was asked."""

    judged = None

    def __init__(self) -> None:
        self.ready: Ready | None = READY
        self.gone: EngineGone | None = None
        self.pid = None
        self.asked: list[TraceSoftmax] = []
        self.refusal = ""
        self.while_asked: Callable[[], None] = lambda: None
        self.go = asyncio.Event()
        self.go.set()

    def send(self, command: Command) -> None: ...

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        if self.ready is not None:
            told(self.ready)
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def ask(self, command: Command) -> Reply:
        if not isinstance(command, TraceSoftmax):
            raise InputError("only traces are scripted")
        self.asked.append(command)
        self.while_asked()
        await self.go.wait()
        if self.gone is not None:
            raise self.gone
        if self.refusal:
            raise InputError(self.refusal)
        logits = torch.tensor(command.rows, dtype=torch.float64)
        errors = offset_errors(logits, command.dtype, command.offsets)
        return SoftmaxTraced(request=1, trace=trace(logits, command.dtype), offsets=command.offsets, errors=errors)

    async def close(self) -> None: ...


class Playground:
    """What a person sees of the pane."""

    def __init__(self, app: SoftmaxApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.pane = app.query_one(SoftmaxPane)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def screen(self) -> list[str]:
        update = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in update]

    def line(self, start: str) -> list[str]:
        """The cells of the first line on the screen whose first word is this."""
        found = next(line for line in self.screen() if line.strip(" ▸>").startswith(start))
        return found.strip(" ▸>").split()

    def said(self, id: str) -> str:
        return str(self.pane.query_one(f"#{id}", Static).content)

    async def until(self, wanted: Callable[[], bool], seconds: float = 60.0) -> None:
        async with asyncio.timeout(seconds):
            while not wanted():
                await self.pilot.pause()
                await asyncio.sleep(0.005)

    async def until_answered(self) -> None:
        await self.until(lambda: self.pane.latest.reply is not None and not self.pane.fetcher.under_way)
        await self.pilot.pause()


@asynccontextmanager
async def playground(
    engine: ScriptedEngine, size: tuple[int, int] = (80, 24), options: DisplayOptions | None = None
) -> AsyncIterator[Playground]:
    app = SoftmaxApp(["never started"], options)
    app.engine = engine  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await pilot.press("2")
        await pilot.pause()
        opened = Playground(app, pilot)
        if engine.ready is not None and engine.go.is_set():
            await opened.until_answered()
        yield opened


async def test_it_opens_on_logits_that_all_four_agree_about_and_lines_that_stay_are_not_drawn_again() -> None:
    async with playground(ScriptedEngine()) as seen:
        assert seen.said("sentence").startswith("All four agree with float64")
        assert seen.line("row-max") == ["row-max", "0.659001", "0.242433", "0.098566", "1.0000", "<1e−6"]
        assert "Next (g): p for a logit of 100" in seen.said("next")
        lines = seen.pane.query_one("#implementations", Lines)
        drawn = [text_of(line) for line in lines._lines]
        asked = len(seen.pane._engine.asked)  # type: ignore[attr-defined]
        await seen.press("down", "up")
        assert [text_of(line) for line in lines._lines] == drawn
        assert len(seen.pane._engine.asked) == asked  # type: ignore[attr-defined]


async def test_a_logit_of_100_is_typed_and_naive_is_nan() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("enter", "1", "0", "0")
        await seen.until_answered()
        assert seen.pane.sheet.rows[0][0] == 100.0
        assert seen.line("naive")[1] == "!nan"
        assert seen.line("row-max")[1] == "1"
        assert seen.said("explanation").startswith("naive: exp(100) = 2.7e43 is larger than float32's largest 3.4e38")
        assert seen.said("sentence").startswith("naive gives nan; global-max, row-max and log-sum-exp are right.")


async def test_digits_typed_into_a_cell_stay_there_and_f_keys_switch() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("enter", "4", "1", "2")
        assert seen.app.active_pane == "softmax"
        assert seen.pane.sheet.rows[0][0] == 412.0
        assert "typing" in seen.screen()[-1]
        assert "F2 Softmax" in seen.screen()[0]
        await seen.press("f1")
        assert seen.app.active_pane == "train"
        await seen.press("2")
        assert seen.app.active_pane == "softmax"
        assert seen.pane.sheet.rows[0][0] == 412.0
        assert not seen.pane.board.table.editing


async def test_esc_restores_the_logit_space_and_the_question_mark_are_no_part_of_it_and_a_minus_begins_one() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("enter", "7")
        assert seen.pane.sheet.rows[0][0] == 7.0
        await seen.press("escape")
        assert seen.pane.sheet.rows[0][0] == 2.0
        await seen.press("enter", "7", "space", "question_mark")
        await seen.until(lambda: isinstance(seen.app.screen, Keys))
        await seen.press("escape", "enter")
        assert seen.pane.sheet.rows[0][0] == 7.0
        await seen.press("escape", "left", "minus", *"3.5", "enter", "escape")
        assert seen.pane.sheet.rows[0][0] == -3.5
        await seen.press("left", "enter", "8", "enter", "escape", "1")  # enter keeps, and goes on to the next
        assert seen.app.active_pane == "train"
        assert seen.pane.sheet.rows == ((8.0, *seen.pane.sheet.rows[0][1:]),)


async def test_enter_takes_the_number_and_goes_on_through_all_cells() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press(
            "r", "up", "enter", *"-1e3", "enter", *"inf", "enter", *"nan", "enter", *"5", "tab", "shift+tab"
        )
        assert (seen.pane.sheet.row, seen.pane.sheet.column) == (1, 0)
        await seen.press("6", "enter", "enter", "7", "enter")
        assert str(seen.pane.sheet.rows) == "((-1000.0, inf, nan), (6.0, 1.0, 7.0))"
        assert not seen.pane.board.table.editing
        assert seen.app.focused is seen.pane.board.table


async def test_rubbish_is_kept_with_a_message_at_the_cell_and_changes_nothing() -> None:
    async with playground(ScriptedEngine()) as seen:
        table, rows = seen.pane.board.table, seen.pane.sheet.rows
        await seen.press("right")
        for rubbish in ("abc", "1,5", "[/]", "1e999", "--1"):
            await seen.press("enter", "delete", *(key_of(character) for character in rubbish), "enter")
            assert table.editing, rubbish
            assert table.field.value == rubbish
            below = seen.screen()[5]
            assert below.lstrip().startswith("↑ found"), rubbish
            assert "expected" in below or "beyond float64" in below, rubbish
            assert seen.app.active_pane == "softmax", rubbish
            await seen.press("up")
            assert table.field.value == rubbish
            await seen.press("escape")
            assert not table.editing, rubbish
            assert "found" not in "".join(seen.screen()), rubbish
            assert seen.pane.sheet.rows == rows, rubbish


def key_of(character: str) -> str:
    return {"[": "left_square_bracket", "]": "right_square_bracket", "/": "slash"}.get(character, character)


async def test_up_and_down_step_with_and_without_a_field() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("shift+up", "shift+up", "shift+down", "pageup")
        assert seen.pane.sheet.rows[0][0] == 13.0
        await seen.press("enter", "up", "up", "down", "pagedown")
        assert seen.pane.board.table.field.value == "4"
        await seen.press("enter", "escape")
        assert seen.pane.sheet.rows[0][0] == 4.0


async def test_every_change_can_be_taken_back_an_edit_as_one() -> None:
    async with playground(ScriptedEngine()) as seen:
        states = [seen.pane.sheet]
        for keys in (
            ("p",),
            ("d",),
            ("r",),
            ("k",),
            ("shift+up",),
            ("enter", "1", "2", "3", "up", "enter", "escape"),
            ("K",),
            ("R",),
        ):
            await seen.press(*keys)
            states.append(seen.pane.sheet)
        assert [len(state.rows) for state in states] == [1, 1, 1, 2, 2, 2, 2, 2, 1]
        for state in reversed(states[:-1]):
            await seen.press("z")
            assert (seen.pane.sheet.rows, seen.pane.sheet.dtype) == (state.rows, state.dtype)
        await seen.press("z")
        assert seen.pane.sheet.rows == states[0].rows


async def test_each_preset_shows_its_first_bad_number_at_every_size() -> None:
    async with playground(ScriptedEngine()) as seen:
        pane = seen.pane
        for size, preset in product(((80, 24), (120, 40), (160, 50)), PRESETS):
            if seen.app.size != size:
                await seen.pilot.resize_terminal(*size)
            await seen.press("p")
            await seen.until_answered()
            assert pane.sheet.untouched is preset
            assert pane.latest.reply is not None
            bad = pane.latest.reply.trace.implementations[pane.selected].first_bad
            assert bad is not None
            assert pane.sheet.row == bad.row, (size, preset)
            await seen.until(lambda: "nan┤" in "\n".join(seen.screen()) and "−1000" in "\n".join(seen.screen()))
            screen = "\n".join(seen.screen())
            assert preset.title in screen, size
            assert "z undo" in screen, (size, preset)
            for name in ("naive", "global-max", "row-max", "log-sum-exp"):
                assert name in screen, (size, preset)
            assert max(map(len, seen.screen())) <= size[0], (size, preset)
            steps = pane.query_one("#steps", Lines)
            assert steps.display == (size[1] >= 34), (size, preset)
            assert pane.query_one("#way", Lines).display != steps.display, (size, preset)
            if steps.display:
                assert "the right value" in screen
                assert preset.look_for.split(";")[0] in screen, size


async def test_the_next_implementation_is_explained_and_a_click_chooses_one() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("p", "i", "i")
        await seen.until_answered()
        assert seen.said("explanation").startswith("row-max: ")
        await seen.pilot.click("#implementations", offset=(3, 3))
        await seen.pilot.pause()
        assert seen.said("explanation").startswith("log-sum-exp: ")
        await seen.press("p")
        await seen.until_answered()
        assert seen.said("explanation").startswith("naive: ")


async def test_a_click_edits_a_cell_and_the_wheel_steps_it() -> None:
    async with playground(ScriptedEngine()) as seen:
        table = seen.pane.board.table
        await seen.pilot.click(LogitTable, offset=(table.columns.left_of(2) + 4, 1))
        await seen.press("9")
        assert seen.pane.sheet.rows == ((2.0, 1.0, 9.0),)
        await seen.pilot.click(LogitTable, offset=(table.columns.left_of(1) + 4, 1))
        await seen.press("8")
        assert table.editing
        assert seen.pane.sheet.rows == ((2.0, 8.0, 9.0),)
        await seen.pilot.click(Chart)
        await seen.press("escape")
        assert not table.editing


async def test_the_settings_can_be_clicked_and_in_a_large_terminal_a_preset_and_a_dtype_at_the_side() -> None:
    async with playground(ScriptedEngine()) as seen:
        for words in ("p preset", "d float", "r/R", "k/K"):
            line = seen.screen()[2]
            await seen.pilot.click("#settings", offset=(line.index(words), 0))
            await seen.pilot.pause()
        assert seen.pane.sheet.preset == 0
        assert seen.pane.sheet.dtype == "float64"
        assert (len(seen.pane.sheet.rows), seen.pane.sheet.classes) == (2, 4)
        await seen.pilot.resize_terminal(160, 50)
        await seen.pilot.click("SoftmaxPane #side", offset=(4, 4))
        await seen.pilot.pause()
        assert seen.pane.sheet.untouched is PRESETS[3]
        await seen.pilot.click("SoftmaxPane #side", offset=(4, 9))
        await seen.pilot.pause()
        assert seen.pane.sheet.dtype == "float16"


async def test_while_the_engine_is_busy_one_question_is_open_and_the_last_state_wins() -> None:
    engine = ScriptedEngine()
    async with playground(engine) as seen:
        engine.asked.clear()
        engine.go.clear()
        replies = [seen.pane.latest.reply]
        engine.while_asked = lambda: replies.append(seen.pane.latest.reply)
        await seen.press(*["shift+up"] * 5, "p", "p", "r", "k")
        assert len(engine.asked) == 1
        engine.go.set()
        await seen.until_answered()
        assert len(engine.asked) == 2
        assert all(reply is replies[0] for reply in replies), "an outdated answer was taken for an answer"
        assert engine.asked[-1].rows == seen.pane.sheet.rows
        assert seen.pane.latest.reply is not None
        assert seen.pane.latest.reply.trace.typed == seen.pane.sheet.rows
        assert len(seen.line("row-max")) == 8


async def test_more_or_fewer_cells_than_the_last_answer_had_are_drawn_without_it() -> None:
    engine = ScriptedEngine()
    for size in ((80, 24), (120, 40)):
        async with playground(engine, size) as seen:
            engine.go.clear()
            await seen.press(*["k"] * 8, *["r"] * 3)
            assert seen.pane.sheet.classes == 10
            assert seen.line("row")[:2] == ["row", "1"]
            await seen.press(*["K"] * 8, *["R"] * 3, *["p"] * 5)
            engine.go.set()
            await seen.until_answered()
            assert seen.line("naive")[1:3] == ["↓0", "!nan"]


async def test_rows_and_ten_classes_have_their_room_at_80_by_24() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press("p", *["r"] * 4)
        await seen.until_answered()
        assert len(seen.pane.sheet.rows) == 4
        assert seen.pane.query_one(Chart).size.height >= 5
        await seen.until(lambda: "nan┤" in "\n".join(seen.screen()))
        await seen.press(*["k"] * 7, *["left"] * 9)
        assert "1–5 of 10" in seen.screen()[3]
        await seen.press(*["right"] * 9)
        assert "6–10 of 10" in seen.screen()[3]
        assert "class 10" in seen.screen()[3]
        await seen.press("enter")
        assert seen.pane.board.table.field.region.right <= 80


async def test_a_warming_engine_is_said_and_asked_once_it_is_ready() -> None:
    engine = ScriptedEngine()
    engine.ready = None
    async with playground(engine) as seen:
        seen.app.post_message(EngineSaid(WarmingUp("importing torch")))
        await seen.press("shift+up")
        assert "not ready (importing torch)" in seen.said("explanation")
        assert engine.asked == []
        engine.ready = READY
        seen.app.post_message(EngineSaid(READY))
        await seen.until_answered()
        assert len(engine.asked) == 1
        assert seen.line("row-max")[1:] != []
        assert "warming" not in "".join(seen.screen())


async def test_an_engine_that_ends_is_said_and_asked_again_when_it_is_back() -> None:
    engine = ScriptedEngine()
    async with playground(engine) as seen:
        engine.go.clear()
        await seen.press("p")
        engine.gone = EngineGone(-9, [])
        engine.go.set()
        await seen.until(lambda: "The engine has stopped" in seen.said("sentence"))
        await seen.press("p")
        assert len(engine.asked) == 2
        engine.gone = None
        seen.app.post_message(EngineSaid(READY))
        await seen.until_answered()
        await seen.until(lambda: seen.said("sentence").startswith("Wrong without a nan"))


async def test_a_refusal_is_shown_as_the_line_that_it_is() -> None:
    engine = ScriptedEngine()
    async with playground(engine) as seen:
        engine.refusal = "dtype: found [/] \x1b[31m"
        await seen.press("d")
        await seen.until(lambda: "found [/] \\x1b[31m" in seen.said("sentence"))
        asked = len(engine.asked)
        engine.refusal = ""
        await seen.press("d")
        await seen.until(lambda: "agree" in seen.said("sentence"))
        assert len(engine.asked) == asked + 1


async def test_ascii_only_means_ascii_only_and_mono_keeps_its_signs() -> None:
    async with playground(ScriptedEngine(), options=DisplayOptions(ascii_only=True)) as seen:
        await seen.press("ctrl+t", "ctrl+t", "p", "p", "enter")
        await seen.until_answered()
        await seen.until(lambda: "nan|" in "\n".join(seen.screen()))
        body = "\n".join(seen.screen()[2:])
        assert body.isascii(), [character for character in body if not character.isascii()]
        assert "#0.0909" in body
        table = seen.pane.query_one("#implementations", Lines)
        styles = {segment.text.strip(): segment.style for segment in table.render_line(0) if segment.style}
        assert any(style.reverse for text, style in styles.items() if text.startswith("≠"))


async def test_the_headless_command_gives_the_same_logits() -> None:
    async with playground(ScriptedEngine()) as seen:
        await seen.press(*["p"] * 4, "d")
        assert seen.pane.headless_command() == ("softmax-tui softmax 50 51 52 --row -60 -61 -62 --dtype float64")


async def test_with_the_real_engine_a_logit_of_100_breaks_naive_and_each_preset_is_explained(tmp_path: Path) -> None:
    command = worker_command(["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")])
    app = SoftmaxApp(command, DisplayOptions())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await pilot.pause()
        seen = Playground(app, pilot)
        await seen.until_answered()
        await seen.press("enter", "1", "0", "0", "enter", "escape", "left")
        await seen.until_answered()
        assert seen.line("naive")[1] == "!nan"
        assert "exp(100) = 2.7e43 is larger than float32's largest 3.4e38" in seen.said("explanation")
        for preset in PRESETS:
            await seen.press("p")
            await seen.until_answered()
            assert preset.title in seen.said("settings")
            assert seen.said("explanation").startswith(("naive: ", "global-max: "))


async def test_a_chart_that_is_due_when_the_app_leaves_is_not_drawn() -> None:
    async with playground(ScriptedEngine()) as seen:
        board = seen.pilot.app.query_one(SoftmaxBoard)
        assert board._page.reply is not None
        await board.query(Chart).remove()  # as it goes, before its board does
        seen.app._running = False
        board.frames.now()
        assert not board.query(Chart)
        seen.app._running = True
