"""A scripted engine in the place of the worker, and a run for it to tell."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from engine.contract.answers import RunReplayed, RunsListed, RunSummary, WeightsShown
from engine.contract.commands import Command, ListRuns, ReplayRun, ShowWeights, TraceSoftmax
from engine.contract.config import TrainConfig
from engine.contract.engine_events import PROTOCOL, Done, Ready
from engine.contract.errors import InputError
from engine.contract.events import Autopsy, DatasetInfo, Diverged, EpochDone, Finished, MinibatchesDone, Remedy, Started
from engine.contract.history import cells_of
from engine.contract.wire import Event, Reply
from engine.processes.client import EngineGone
from tests.app.no_line import NoLine
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.train.pane import TrainPane

PER_EPOCH = 235
_PATIENCE = float(os.environ.get("TEST_PATIENCE", "90"))  # seconds
READY = Ready(
    protocol=PROTOCOL,
    version="0",
    python="3",
    torch="2",
    devices=("cpu", "cuda"),
    host="here",
    pid=1,
    store="s",
    data_dir="d",
)
DATASET = DatasetInfo(
    name="fashion-mnist",
    train_size=60_000,
    validation_size=10_000,
    num_features=784,
    num_classes=10,
    image_height=28,
    image_width=28,
    label_names=tuple(f"class-{index}" for index in range(10)),
    checksum="c",
)


class ScriptedEngine(NoLine):
    """Answers as a worker would, keeps what it was told, and says what a test tells it to say."""

    judged = None

    def __init__(self) -> None:
        self.yours_name = ""
        self.ready: Ready | None = None
        self.gone: EngineGone | None = None
        self.pid = None
        self.commands: list[Command] = []
        self.refusals: dict[type, str] = {}
        self.runs: tuple[RunSummary, ...] = ()
        self._told: Callable[[Event], object] | None = None

    def of(self, kind: type) -> list[Command]:
        return [command for command in self.commands if isinstance(command, kind)]

    def send(self, command: Command) -> None:
        self.commands.append(command)

    async def ask(self, command: Command) -> Reply:
        self.commands.append(command)
        if type(command) in self.refusals:
            raise InputError(self.refusals[type(command)])
        if isinstance(command, ListRuns):
            return RunsListed(0, self.runs)
        if isinstance(command, ReplayRun):
            return RunReplayed(0, (started(command.run_id), epoch(1, 0.7), epoch(2, 0.6)))
        if isinstance(command, ShowWeights):
            shape = {"num_classes": 10, "image_height": 28, "image_width": 28}
            return WeightsShown(request=0, epoch=0, minibatch=0, **shape, largest=0.1, values=b"\x7f" * 7840)
        if isinstance(command, TraceSoftmax):
            raise InputError("logits: nothing is traced in this script")
        return Done(0)

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        self._told = told
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        self._told = None

    def say(self, *events: Event) -> None:
        assert self._told is not None
        for event in events:
            if isinstance(event, Ready):
                self.ready = event
            self._told(event)


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), ready: bool = True, options: DisplayOptions | None = None
) -> AsyncIterator[tuple[Pilot[None], ScriptedEngine, TrainPane]]:
    """The app on its first pane, the fields mounted, and the engine ready unless told otherwise."""
    app = SoftmaxApp(["unused"], options)
    engine = ScriptedEngine()
    app.engine = engine  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: bool(app.query(TrainPane)))
        pane = app.query_one(TrainPane)
        await settled(pilot, lambda: pane.board.furnished and engine._told is not None)
        if ready:
            engine.say(READY)
            await pilot.pause()
        yield pilot, engine, pane


async def settled(pilot: Pilot[None], reached: Callable[[], bool]) -> None:
    """Until something is so; not for ever, and long enough for a machine that does much else."""
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        await pilot.pause()
        if reached():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"it has not come to that within {_PATIENCE:g} s:\n{screen_text(pilot)}")


def screen_text(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def started(run_id: str = "r0001", config: TrainConfig | None = None) -> Started:
    return Started(
        run_id=run_id,
        config=config or TrainConfig(dataset="fashion-mnist"),
        device="cpu",
        dataset=DATASET,
        minibatches_per_epoch=PER_EPOCH,
        cell_width=1,
    )


def minibatches(position: int, losses: list[float]) -> MinibatchesDone:
    cells = cells_of(losses, position, 1)
    return MinibatchesDone(position=position, count=len(losses), images=256 * len(losses), cells=cells)


def epoch(number: int, validation_loss: float, accuracy: float = 0.8) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=validation_loss - 0.03,
        train_accuracy=accuracy + 0.01,
        validation_loss=validation_loss,
        validation_accuracy=accuracy,
        seconds=0.1,
        learning_rate=0.1,
    )


def a_whole_run(epochs: int = 10) -> list[Event]:
    """Falls from 2.3 to 0.5, and gets 82.9 % right in the end."""
    told: list[Event] = [started()]
    for number in range(1, epochs + 1):
        position = (number - 1) * PER_EPOCH
        losses = [0.45 + 1.85 * math.exp(-(position + step) / 200) for step in range(PER_EPOCH)]
        told += [minibatches(position, losses), epoch(number, 0.48 + 0.4 / number**2, 0.829 - 0.1 / number**2)]
    told[-1] = epoch(epochs, 0.48, 0.829)
    return [*told, Finished(run_id="r0001", status="finished", seconds=1.1, images_per_second=545_000)]


def a_divergence() -> Diverged:
    logits = (100.0, *range(9))
    return Diverged(
        epoch=1,
        minibatch=8,
        autopsy=Autopsy(
            image_index=31_415,
            label=3,
            label_name="class-3",
            logits=tuple(map(float, logits)),
            exponentials=(math.inf, *map(math.exp, range(9))),
            partition=math.inf,
            probabilities=(math.nan, *[0.0] * 9),
            loss=math.nan,
            cause="exp(100) is beyond float32's largest number, and inf/inf is nan",
            remedies=(
                Remedy(softmax="row-max", loss="from-logits", value=98.0),
                Remedy(softmax="naive", loss="definition", value=math.nan),
            ),
        ),
    )


def summary(run_id: str, status: str = "finished", epochs_done: int = 10, rate: float = 0.1) -> RunSummary:
    return RunSummary(
        run_id=run_id,
        name="",
        status=status,  # type: ignore[arg-type]
        created="2025-01-01T00:00:00",
        config=TrainConfig(learning_rate=rate),
        device="cpu",
        dataset=DATASET,
        epochs_done=epochs_done,
        train_loss=0.45,
        validation_loss=0.48,
        validation_accuracy=0.83,
        seconds=1.0,
    )
