"""The app on a stage: an engine that says what a test tells it, a hint followed by hand or by its one key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from msgspec.structs import replace
from textual.pilot import Pilot

from engine.contract.answers import MemoryShown
from engine.contract.commands import (
    Command,
    MoveThreshold,
    ShowDecision,
    ShowExample,
    ShowImages,
    ShowMistakes,
    ShowMonitor,
    ShowSets,
)
from engine.contract.wire import Event, Reply
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers
from tests.train.script import READY, ScriptedEngine, screen_text, settled
from tests.vocabulary.scripted import FREE
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions, Pane
from tui.pane.commands import PANES
from tui.pane.hints import Offer, Press, Put
from tui.pane.lab import LabPane
from tui.pane.tour import SHOWS
from tui.widgets.field import Field

# As they are shown.
KEYS = {"space": "space", ".": "full_stop", "→": "right", "←": "left", "↑": "up", "↓": "down", "esc": "escape"}
OF_A_MODEL = (ShowMistakes, ShowDecision, MoveThreshold, ShowImages, ShowSets, ShowMonitor, ShowExample)


class StageEngine(ScriptedEngine):
    """Answers questions about a model from a predictions file, with the engine's own analysis."""

    free = FREE

    def __init__(self, folder: Path, file: str) -> None:
        super().__init__()
        self._answers, self._file = Answers(Session(Places(folder / "data", folder / "store"))), file
        self.files: dict[str, str] = {}  # which stands for a run

    async def ask(self, command: Command) -> Reply:
        reply = await super().ask(command)
        if type(command).__name__ == "ShowMemory":
            return MemoryShown(0, "cpu", self.free)
        if isinstance(command, OF_A_MODEL):
            return cast(Reply, list(self._answers.to(self._about_files(command), None))[-1])
        return reply

    def _about_files(self, command: Any) -> Any:
        if isinstance(command, ShowDecision):
            members = tuple(self.files.get(member, member) for member in command.members)
            return replace(command, source=self.files.get(command.source, command.source), members=members)
        return command


@dataclass
class Stage:
    """What a state is made with, and a promise is looked at."""

    pilot: Pilot[None]
    app: SoftmaxApp
    engine: StageEngine

    @property
    def pane(self) -> Pane:
        return self.app.pane

    @property
    def lab(self) -> LabPane[Any, Any]:
        return cast(LabPane[Any, Any], self.app.pane)

    async def to(self, digit: str) -> None:
        if self.app.active_pane != PANES[int(digit) - 1].id:
            await self.press(digit)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def say(self, *events: Event) -> None:
        self.engine.say(*events)
        await self.pilot.pause()

    def answered(self) -> None:
        """Every exercise, and the mistakes were looked at."""
        self.app.pane.tour.answers.update(*SHOWS.values())
        self.app.pane.tour.panes.add("mistakes")

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            self.lab.board.form.write(name, text)

    async def until(self, reached: Callable[[], bool]) -> None:
        await settled(self.pilot, reached)

    def asked(self, kind: type) -> Any:
        """The last command of its kind, None where there is none."""
        of_kind = self.engine.of(kind)
        return of_kind[-1] if of_kind else None

    def text(self) -> str:
        return " ".join(screen_text(self.pilot).split())

    # Following a hint

    async def by_hand(self, offer: Offer) -> None:
        """Presses what the line says: the form, its rows, then the keys."""
        puts = [step for step in offer.steps if isinstance(step, Put)]
        if puts:
            await self.press("h")
        for put in puts:
            await self._write(put)
        words = offer.keys().split(", ")
        for shown in words[len(words) - sum(isinstance(step, Press) for step in offer.steps) :]:
            await self.press(KEYS.get(shown, shown))

    async def _write(self, put: Put) -> None:
        form = self.lab.board.form
        row = form.query_one(f"#field-{put.setting}", Field)
        form.take_focus(put.setting)
        await self.until(lambda: form.row is row)
        if row.choices:
            for _ in range(40):
                if form.form_text.texts[put.setting] == put.text:
                    return
                await self.press("right")
            raise AssertionError(f"{put.setting} does not come to {put.text}")
        await self.press("enter", "end", "ctrl+u", *_keys(put.text), "enter")


def _keys(text: str) -> list[str]:
    return [{".": "full_stop", "-": "minus", " ": "space"}.get(sign, sign) for sign in text]


State = Callable[[Stage], Awaitable[None]]
Promise = Callable[[Stage], bool]


@dataclass(frozen=True)
class Case:
    """`state` brings the app into the state in which the hint is shown; `promise` is so once it was followed."""

    state: State
    promise: Promise
    first: str = ""  # the pane that the app begins with, if it is not the hint's own
    opened: bool = False  # with a predictions file


@asynccontextmanager
async def staged(folder: Path, file: Path, case: Case, where: str) -> AsyncIterator[Stage]:
    """The app with the engine ready, in the state of a case of the pane `where`."""
    options = DisplayOptions(opened=str(file) if case.opened else "")
    app, engine = SoftmaxApp(["unused"], options), StageEngine(folder, str(file))
    app.engine = engine  # type: ignore[assignment]
    app.call_later(app.action_show_pane, case.first or where)  # as by its digit before the first frame
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(pilot, lambda: bool(app.active_pane) and engine._told is not None)
        engine.say(READY)
        await pilot.pause()
        stage = Stage(pilot, app, engine)
        await case.state(stage)
        engine.commands.clear()
        yield stage
