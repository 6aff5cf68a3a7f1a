"""A frozen line is said to be one, nothing is sent into it, and no key that was meant before starts anything after."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

import tui.pane.hearing
from engine.contract.commands import (
    MeasureLosses,
    MeasureVocabulary,
    Pause,
    SetPace,
    ShowDecision,
    ShowMistakes,
    StartSweep,
    StartTraining,
    Stop,
)
from engine.contract.engine_events import Heartbeat, WarmingUp
from engine.contract.events import Finished
from tests.train.script import READY, ScriptedEngine, minibatches, opened, screen_text, settled, started
from tests.train.test_for_real import opened as opened_for_real
from tests.train.test_for_real import ready
from tui.app.app import SoftmaxApp
from tui.pane.commands import PANES
from tui.pane.hearing import LOOK_SECONDS, Hearing
from tui.train.pane import TrainPane

WARM = Heartbeat(0.0, "importing torch")
BEGINNINGS = StartTraining | StartSweep | MeasureLosses | MeasureVocabulary
BEAT = Heartbeat(0.0, "training", 500_000_000)
END = Finished(run_id="r0001", status="finished", seconds=1.0, images_per_second=1.0)


class Clock:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now


def quiet(hearing: Hearing, clock: Clock, seconds: float) -> None:
    """So long nothing comes, and the app looks twice a second."""
    for _ in range(round(seconds / LOOK_SECONDS)):
        clock.now += LOOK_SECONDS
        hearing.look()


def beating() -> tuple[Hearing, Clock]:
    clock = Clock()
    hearing = Hearing(clock)
    hearing.begin()
    return hearing, clock


def test_a_heart_that_beats_is_no_silence() -> None:
    hearing, clock = beating()
    for _ in range(20):
        quiet(hearing, clock, 1.0)
        assert not hearing.words
        assert not hearing.refusal
        hearing.heard()


def test_after_three_seconds_the_silence_is_counted() -> None:
    hearing, clock = beating()
    quiet(hearing, clock, 2.5)
    assert not hearing.words
    quiet(hearing, clock, 0.5)
    assert hearing.words == "no answer from the engine for 3 s"
    quiet(hearing, clock, 60)
    assert hearing.words == "no answer from the engine for 63 s"
    assert "nothing is sent" in hearing.refusal


def test_a_key_is_not_taken_until_what_happened_meanwhile_was_on_the_screen() -> None:
    hearing, clock = beating()
    quiet(hearing, clock, 30)
    for _ in range(40):  # all that had been waiting in the line
        hearing.heard()
    assert not hearing.words
    assert "answers again after 30 s" in hearing.refusal
    clock.now += 0.5
    hearing.heard()
    assert hearing.refusal
    clock.now += 0.6
    hearing.heard()
    assert not hearing.refusal


@pytest.mark.parametrize("end", [Hearing.end, Hearing.begin])
def test_a_silence_ends_with_its_engine(end) -> None:  # type: ignore[no-untyped-def]
    hearing, clock = beating()
    quiet(hearing, clock, 30)
    end(hearing)
    assert not hearing.words
    assert not hearing.refusal


def test_before_the_engines_first_word_no_heart_is_expected() -> None:
    clock = Clock()
    hearing = Hearing(clock)
    quiet(hearing, clock, 120)
    assert not hearing.words


def test_an_app_that_was_stopped_itself_does_not_blame_the_engine() -> None:
    hearing, clock = beating()
    quiet(hearing, clock, 1.0)
    clock.now += 3600
    hearing.look()
    assert not hearing.words
    quiet(hearing, clock, 3.0)
    assert hearing.words


@asynccontextmanager
async def frozen(
    size: tuple[int, int] = (80, 24), seconds: float = 12
) -> AsyncIterator[tuple[Pilot[None], ScriptedEngine, TrainPane, Clock]]:
    """A run under way, of which nothing has been heard for so long, on a clock that the test moves."""
    async with opened(size) as (pilot, engine, pane):
        app, clock = pilot.app, Clock()
        assert isinstance(app, SoftmaxApp)
        app.hearing.__init__(clock)  # type: ignore[misc]
        app.hearing.begin()
        engine.say(started(), minibatches(0, [2.0] * 100), BEAT)
        await settled(pilot, lambda: pane.control.phase == "running")
        pass_by(app, clock, seconds)
        await pilot.pause()
        yield pilot, engine, pane, clock


def pass_by(app: SoftmaxApp, clock: Clock, seconds: float) -> None:
    for _ in range(round(seconds / LOOK_SECONDS)):
        clock.now += LOOK_SECONDS
        app.listen()


def refused(pilot: Pilot[None]) -> str:
    """What has been said of keys that were not taken."""
    return " ".join(notification.message for notification in pilot.app._notifications)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_every_pane_says_that_nothing_is_heard(size: tuple[int, int]) -> None:
    async with frozen(size) as (pilot, engine, _, clock):
        app = pilot.app
        engine.refusals = dict.fromkeys((ShowMistakes, ShowDecision), "not in this script")
        assert isinstance(app, SoftmaxApp)
        for pane in PANES:
            await pilot.press(str(pane.number))
            await settled(pilot, lambda pane=pane: app.active_pane == pane.id)  # type: ignore[misc]
            pass_by(app, clock, 1)
            words = app.hearing.words
            await settled(pilot, lambda words=words: screen_text(pilot).count(words) >= 2)  # type: ignore[misc]
            text = screen_text(pilot)
            assert "engine ready" not in text
            assert "running" not in text.splitlines()[1]
        await pilot.press("1")
        await settled(pilot, lambda: "last seen in epoch 1/10" in screen_text(pilot))
        assert "eta" not in screen_text(pilot)


async def test_no_key_is_sent_into_the_silence_and_no_state_is_changed_by_it() -> None:
    async with frozen() as (pilot, engine, pane, _):
        before, pace = list(engine.commands), pane.control.pace
        for key in ("space", "full_stop", "e", "s", "r", "u", "f", "left_square_bracket", "right_square_bracket"):
            await pilot.press(key)
            await settled(pilot, lambda: "nothing is sent until the engine answers" in refused(pilot))
            assert pane.control.phase == "running"
        assert [command for command in engine.commands if command not in before] == []
        assert pane.control.pace == pace
        assert pane.control.run.run_id == "r0001"


async def test_a_pause_pressed_as_the_line_thaws_starts_no_run_that_ended_meanwhile() -> None:
    async with frozen(seconds=30) as (pilot, engine, pane, clock):
        engine.say(*[BEAT] * 30, END)
        await settled(pilot, lambda: pane.control.run.status == "finished")
        await pilot.press("space", "full_stop", "e")
        await settled(pilot, lambda: "answers again after 30 s" in refused(pilot))
        assert not engine.of(StartTraining)
        assert pane.control.phase == "idle"
        clock.now += 1.1
        engine.say(BEAT)
        await pilot.pause()
        await pilot.press("space")
        await settled(pilot, lambda: bool(engine.of(StartTraining)))


async def test_a_command_names_the_run_that_it_was_given_for() -> None:
    async with opened() as (pilot, engine, pane):
        engine.say(started("r0007"))
        await settled(pilot, lambda: pane.control.phase == "running")
        await pilot.press("space", "s")
        await settled(pilot, lambda: bool(engine.of(Stop)))
        commands = [command for command in engine.commands if isinstance(command, Pause | Stop | SetPace)]
        assert {command.of for command in commands} == {"r0007"}


@pytest.mark.parametrize("pane_number", [1, 3, 6, 7])
async def test_a_start_that_waits_for_the_engine_is_forgotten_in_a_silence(pane_number: int) -> None:
    """Pressed while torch is imported: it begins with the engine, but not after a line that was frozen."""
    async with opened((120, 40), ready=False) as (pilot, engine, _):
        app, clock = pilot.app, Clock()
        assert isinstance(app, SoftmaxApp)
        app.hearing.__init__(clock)  # type: ignore[misc]
        app.hearing.begin()
        engine.say(WarmingUp("importing torch"), WARM)
        await pilot.press(str(pane_number))
        await settled(pilot, lambda: app.active_pane == PANES[pane_number - 1].id)
        await pilot.press("space")
        await settled(pilot, lambda: waits(app))
        pass_by(app, clock, 2.5)
        assert waits(app)
        pass_by(app, clock, 10)
        await settled(pilot, lambda: "no answer from the engine for 3 s; press the key again" in refused(pilot))
        assert not waits(app)
        await pilot.press("space")
        await settled(pilot, lambda: "nothing is sent until the engine answers" in refused(pilot))
        assert not waits(app)
        engine.say(*[WARM] * 12, READY)
        await pilot.pause()
        await pilot.press("space")
        await settled(pilot, lambda: "answers again after 12 s" in refused(pilot))
        assert not waits(app)
        assert not [command for command in engine.commands if isinstance(command, BEGINNINGS)]
        clock.now += 1.1
        engine.say(BEAT)
        await pilot.pause()
        await pilot.press("space")
        await settled(pilot, lambda: any(isinstance(command, BEGINNINGS) for command in engine.commands))


def waits(app: SoftmaxApp) -> bool:
    """Whether a start of the pane in front waits for the engine."""
    return app.pane.control.waiting is not None  # type: ignore[attr-defined]


async def come_to(pilot: Pilot[None], reached: Callable[[], bool]) -> None:
    """As `settled`, for a process of its own that takes seconds: it is not looked at all the time."""
    async with asyncio.timeout(120):
        while not reached():
            await pilot.pause(0.05)


async def test_an_engine_that_is_frozen_while_it_warms_up_is_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its heart beats while it imports, in whatever keeps Python waiting."""
    monkeypatch.setattr(tui.pane.hearing, "SILENCE_SECONDS", 2.5)
    slow = "import ctypes, engine.worker.process as w; was = w._command_loop; " + (
        "w._command_loop = lambda *a: (ctypes.PyDLL(None).usleep(5_000_000), was(*a))[1]; raise SystemExit(w.main([]))"
    )
    app = SoftmaxApp([sys.executable, "-P", "-c", slow])
    async with app.run_test(size=(80, 24)) as pilot:
        await come_to(pilot, lambda: app.hearing.begun)
        end, silences = time.monotonic() + 4.5, set()
        while time.monotonic() < end:
            await pilot.pause(0.1)
            silences.add(app.hearing.words)
        assert silences == {""}
        assert app.engine.ready is None
        await pilot.press("space")
        await come_to(pilot, lambda: waits(app))
        assert app.engine.pid is not None
        os.killpg(app.engine.pid, signal.SIGSTOP)
        try:
            await come_to(pilot, lambda: "press the key again" in refused(pilot))
        finally:
            os.killpg(app.engine.pid, signal.SIGCONT)
        await come_to(pilot, lambda: app.engine.ready is not None and not app.hearing.refusal)
        assert not waits(app)
        assert app.live.state.status is None


@pytest.mark.usefixtures("in_earnest")
async def test_a_worker_that_stands_still_is_said_to_and_goes_on_with_what_it_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tui.pane.hearing, "SILENCE_SECONDS", 2.0)
    async with opened_for_real(tmp_path, (80, 24)) as (pilot, pane):
        app = pilot.app
        assert isinstance(app, SoftmaxApp)
        await ready(pilot)
        pane.board.form.form_text.texts |= {"dataset": "silhouettes", "epochs": "2000"}
        await pilot.press("space")
        await come_to(pilot, lambda: pane.control.run.position > 0)
        pid = app.engine.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        try:
            await come_to(pilot, lambda: "no answer from the engine for 2 s" in screen_text(pilot))
            await pilot.press("space")
            await come_to(pilot, lambda: "nothing is sent until the engine answers" in refused(pilot))
        finally:
            os.kill(pid, signal.SIGCONT)
        await come_to(pilot, lambda: not app.hearing.refusal)
        assert pane.control.phase == "running"
        assert "no word" not in screen_text(pilot).splitlines()[1]
        await pilot.press("space")
        await come_to(pilot, lambda: pane.control.phase == "paused")
        # One that never answers again can be ended, and what it has saved goes on in another.
        os.kill(pid, signal.SIGSTOP)
        await come_to(pilot, lambda: bool(app.hearing.words))
        await pilot.press("ctrl+r")
        await come_to(pilot, lambda: "was stopped by ctrl+r" in screen_text(pilot))
        assert app.engine.gone is not None
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
