"""An engine that trains nothing: it keeps what it is asked, and tells a sweep that was written down beforehand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from engine.contract.answers import MistakesShown, RunsListed, SweepReplayed, SweepsListed, SweepSummary
from engine.contract.commands import (
    Command,
    ListRuns,
    ListSweeps,
    ReplaySweep,
    ResumeSweep,
    ShowMistakes,
    StartSweep,
    Stop,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Done, Ready
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, EpochDone, Started, Status
from engine.contract.sweeps import (
    MemberSaid,
    Number,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from engine.contract.wire import Event, Reply
from engine.processes.client import EngineGone
from engine.verdicts.sweep_sentence import verdict
from tests.app.no_line import NoLine
from tests.app.scripted_worker import READY

DATASET = DatasetInfo(
    name="scripted",
    train_size=60_000,
    validation_size=10_000,
    num_features=784,
    num_classes=10,
    image_height=28,
    image_width=28,
    label_names=tuple("abcdefghij"),
    checksum="0",
)
EPOCHS = 3
BASE = TrainConfig(dataset="scripted", epochs=EPOCHS, device="cpu")
RATES = SweepConfig(parameter="learning_rate", values=(0.001, 0.01, 0.1, 1.0), seeds=2, base=BASE)
GRID = SweepConfig(
    parameter="learning_rate",
    values=(0.01, 0.1, 1.0),
    second_parameter="batch_size",
    second_values=(64, 256),
    seeds=2,
    base=BASE,
)
# What each value, of either setting, comes to, and how far its two seeds lie apart; 1 diverges.
# What seeds add is the same for all values: two of them are enough to tell an effect.
FINAL = {0.001: (0.9, 0.02), 0.01: (0.6, 0.02), 0.1: (0.48, 0.02), 1.0: (float("nan"), 0.0)}
FINAL |= {64.0: (0.48, 0.02), 256.0: (0.47, 0.02)}


def nobody(event: Event) -> None:
    raise AssertionError(f"the app does not listen yet: {event}")


class ScriptedEngine(NoLine):
    """Refuses where `refusal` is set; `sweeps` are the stored ones, newest first."""

    judged = None

    def __init__(self) -> None:
        self.ready: Ready | None = READY
        self.gone: EngineGone | None = None
        self.pid = None
        self.asked: list[Command] = []
        self.refusal = ""
        self.sweeps: dict[str, tuple[SweepEvent, ...]] = {}
        self.told: Callable[[Event], object] = nobody

    def send(self, command: Command) -> None: ...

    async def ask(self, command: Command) -> Reply:
        self.asked.append(command)
        if self.gone is not None:
            raise self.gone
        if isinstance(command, ListRuns):
            return RunsListed(0, ())
        if isinstance(command, ListSweeps):
            return SweepsListed(0, tuple(_summary(name, events) for name, events in self.sweeps.items()))
        if self.refusal:
            raise InputError(self.refusal)
        if isinstance(command, ReplaySweep):
            return SweepReplayed(0, self.sweeps[command.sweep_id])
        if isinstance(command, ShowMistakes):
            return MistakesShown(
                request=0,
                run_id=command.run_id,
                epoch=EPOCHS,
                minibatch=0,
                dataset=DATASET,
                matching=0,
                offset=0,
                mistakes=(),
                confusion=((1,) * 10,) * 10,
            )
        return Done(0)

    def began(self) -> list[SweepConfig]:
        return [command.config for command in self.asked if isinstance(command, StartSweep)]

    def resumed(self) -> list[str]:
        return [command.sweep_id for command in self.asked if isinstance(command, ResumeSweep)]

    def stopped(self) -> int:
        return sum(isinstance(command, Stop) for command in self.asked)

    async def live(self, told: Callable[[Event], object]) -> EngineGone:
        self.told = told
        if self.ready is not None:
            told(self.ready)
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def close(self) -> None: ...


def started(config: SweepConfig = RATES, sweep_id: str = "s0001") -> SweepStarted:
    runs = len(config.points) * config.seeds
    return SweepStarted(sweep_id=sweep_id, config=config, device="cpu", dataset=DATASET, runs=runs)


def progress(share: float, config: SweepConfig = RATES) -> SweepProgress:
    total = len(config.points) * config.seeds * EPOCHS * 235
    return SweepProgress(sweep_id="s0001", done=round(share * total), total=total)


def run_id(config: SweepConfig, point: tuple[Number, ...], seed: int) -> str:
    return f"r{config.points.index(point) * config.seeds + seed + 1:04d}"


def loss_of(point: tuple[Number, ...], seed: int) -> float:
    loss, spread = FINAL[float(point[0])]
    return loss + spread * (seed - 0.5) + (0.05 if 64 in point else 0.0)


def epochs(config: SweepConfig = RATES, last: int = EPOCHS) -> list[Event]:
    """Every run begins, and goes through its epochs side by side."""
    told: list[Event] = []
    places = [(point, seed) for point in config.points for seed in range(config.seeds)]

    def said(place: tuple[tuple[Number, ...], int], event: Started | EpochDone) -> MemberSaid:
        return MemberSaid(run_id=run_id(config, *place), values=place[0], seed=place[1], event=event)

    begun = Started(config=BASE, device="cpu", dataset=DATASET, minibatches_per_epoch=235, cell_width=1)
    told += [said(place, begun) for place in places]
    for number in range(1, last + 1):
        for place in places:
            loss = loss_of(*place)
            if loss != loss:
                continue
            told.append(said(place, epoch(number, loss + 0.5 / number - 0.5 / EPOCHS)))
    return told


def epoch(number: int, loss: float) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=loss - 0.02,
        train_accuracy=0.8,
        validation_loss=loss,
        validation_accuracy=0.8,
        seconds=0.1,
        learning_rate=0.1,
    )


def results(config: SweepConfig = RATES) -> list[SweepResult]:
    return [
        SweepResult(
            parameter=config.parameter,
            value=point[0],
            second_parameter=config.second_parameter,
            second_value=point[1] if config.second_parameter else None,
            seed=seed,
            status="diverged" if (loss := loss_of(point, seed)) != loss else "finished",
            train_loss=loss - 0.02,
            validation_loss=loss,
            validation_accuracy=0.8 if loss == loss else loss,
            run_id=run_id(config, point, seed),
        )
        for point in config.points
        for seed in range(config.seeds)
    ]


def finished(config: SweepConfig = RATES, status: Status = "finished", sweep_id: str = "s0001") -> SweepFinished:
    found = results(config) if status == "finished" else []
    return SweepFinished(
        sweep_id=sweep_id,
        status=status,
        seconds=12.5,
        verdict=verdict(config, found),
        reason="" if status == "finished" else "stopped by hand",
    )


def a_whole_sweep(config: SweepConfig = RATES) -> list[Event]:
    return [started(config), progress(0.0, config), *epochs(config), *results(config), finished(config)]


def stored(config: SweepConfig, sweep_id: str, *, whole: bool = True) -> tuple[SweepEvent, ...]:
    """As a store tells it: without progress."""
    told = [event for event in epochs(config) if isinstance(event, MemberSaid)]
    ends: list[SweepEvent] = [*results(config), finished(config, sweep_id=sweep_id)] if whole else []
    return (started(config, sweep_id), *told, *(ends or [finished(config, "stopped", sweep_id)]))


def _summary(name: str, events: Sequence[SweepEvent]) -> SweepSummary:
    [begun] = [event for event in events if isinstance(event, SweepStarted)]
    ended = sum(isinstance(event, SweepResult) for event in events)
    return SweepSummary(sweep_id=name, config=begun.config, created="2026-01-01", runs=begun.runs, ended=ended)
