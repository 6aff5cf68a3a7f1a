"""Sweeps and the loss lab in a real worker."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.answers import SweepReplayed, SweepsListed
from engine.contract.commands import (
    CompareLosses,
    ListRuns,
    ListSweeps,
    MeasureLosses,
    ReplaySweep,
    ResumeSweep,
    StartSweep,
    StartTraining,
    Stop,
    StopMeasuring,
)
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone
from engine.contract.loss_lab import LossesMeasured, LossQuestion, LossRoundDone
from engine.contract.loss_training import LossTrainingDone, LossTrainingStarted
from engine.contract.progress import Notice
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from tests.worker.conftest import Start
from tui.sweep.state import SweepState, apply


async def test_a_sweep_is_told_run_by_run_and_ends_with_its_verdict(start: Start, config: TrainConfig) -> None:
    watched = await start()
    sweep = SweepConfig(parameter="learning_rate", values=(0.01, 0.1), seeds=2, base=config)
    await watched.client.ask(StartSweep(config=sweep))
    await watched.until(lambda: any(isinstance(event, SweepFinished) for event in watched.seen))
    results = [event for event in watched.seen if isinstance(event, SweepResult)]
    assert sorted((one.value, one.seed, one.status) for one in results) == [
        (0.01, 0, "finished"),
        (0.01, 1, "finished"),
        (0.1, 0, "finished"),
        (0.1, 1, "finished"),
    ]
    said = [event.event for event in watched.seen if isinstance(event, MemberSaid)]
    assert sum(isinstance(event, EpochDone) for event in said) == 4 * config.epochs
    assert not any(isinstance(event, MinibatchesDone) for event in said)
    progress = [event for event in watched.seen if isinstance(event, SweepProgress)]
    assert progress
    assert all(event.done <= event.total == progress[0].total for event in progress)


async def test_a_stopped_sweep_goes_on_where_it_was(start: Start, config: TrainConfig) -> None:
    watched = await start()
    slow = replace(config, batch_size=1, epochs=20)
    await watched.client.ask(
        StartSweep(config=SweepConfig(parameter="learning_rate", values=(0.01,), seeds=1, base=slow))
    )
    await watched.until(lambda: any(isinstance(event, MemberSaid) for event in watched.seen))
    await watched.client.ask(Stop())
    await watched.until(lambda: any(isinstance(event, SweepFinished) for event in watched.seen))
    [stopped] = [event for event in watched.seen if isinstance(event, SweepFinished)]
    assert stopped.status == "stopped"
    watched.seen.clear()
    await watched.client.ask(ResumeSweep())
    await watched.until(lambda: any(isinstance(event, SweepFinished) for event in watched.seen))
    assert watched.seen[0] != stopped
    started = next(event for event in watched.seen if isinstance(event, SweepStarted))
    assert started.sweep_id == stopped.sweep_id
    assert sum(isinstance(event, SweepResult) for event in watched.seen) == 1


async def test_a_stored_sweep_is_listed_and_told_again_as_it_was_told(
    start: Start, config: TrainConfig, store: Path
) -> None:
    watched = await start()
    for question in ("images", "steps"):
        sweep = SweepConfig(parameter="batch_size", values=(20, 100), seeds=2, question=question, base=config)
        await watched.client.ask(StartSweep(config=sweep))
        await watched.until(lambda: isinstance(watched.seen[-1], SweepFinished))
        live = told(watched.seen)
        replayed = await watched.client.ask(ReplaySweep(sweep_id=live.sweep_id))
        assert isinstance(replayed, SweepReplayed)
        again = told(replayed.events)
        assert again.results == live.results
        assert {place: member.epochs for place, member in again.members.items()} == {
            place: member.epochs for place, member in live.members.items()
        }
        assert (again.status, again.config, again.dataset, again.runs) == ("finished", live.config, live.dataset, 4)
        assert again.finished is not None
        assert again.finished.verdict == live.verdict
        watched.seen.clear()
    (store / "sweeps" / "s0003.json").write_text("{")
    listed = await watched.client.ask(ListSweeps())
    assert isinstance(listed, SweepsListed)
    assert [(one.sweep_id, one.runs, one.ended) for one in listed.sweeps] == [("s0002", 4, 4), ("s0001", 4, 4)]
    assert all(one.created for one in listed.sweeps)
    await watched.until(lambda: any(isinstance(event, Notice) for event in watched.seen))
    notice = next(event for event in watched.seen if isinstance(event, Notice))
    assert "s0003.json" in notice.text


async def test_a_stopped_sweep_is_told_as_far_as_it_has_come(start: Start, config: TrainConfig) -> None:
    watched = await start()
    slow = replace(config, batch_size=1, epochs=20)
    sweep = SweepConfig(parameter="momentum", values=(0.0, 0.5), seeds=1, base=slow)
    await watched.client.ask(StartSweep(config=sweep))
    await watched.until(lambda: any(_told_an_epoch(event) for event in watched.seen))
    going_on = await watched.client.ask(ReplaySweep(sweep_id="s0001"))
    assert isinstance(going_on, SweepReplayed)
    assert told(going_on.events).status == "running"
    await watched.client.ask(Stop())
    stopped = await watched.client.ask(ReplaySweep(sweep_id="s0001"))
    assert isinstance(stopped, SweepReplayed)
    state = told(stopped.events)
    assert (state.status, state.results) == ("stopped", ())
    assert [len(member.epochs) > 0 for member in state.members.values()] == [True]


async def test_a_sweep_that_is_not_there_is_refused_in_one_line(start: Start) -> None:
    watched = await start()
    with pytest.raises(InputError, match="s0042"):
        await watched.client.ask(ReplaySweep(sweep_id="s0042"))
    listed = await watched.client.ask(ListSweeps())
    assert isinstance(listed, SweepsListed)
    assert listed.sweeps == ()


def _told_an_epoch(event: object) -> bool:
    return isinstance(event, MemberSaid) and isinstance(event.event, EpochDone)


def told(events: Sequence[object]) -> SweepState:
    sweep = SweepState()
    for event in events:
        if isinstance(event, SweepStarted | MemberSaid | SweepResult | SweepProgress | SweepFinished):
            sweep = apply(sweep, event)
    return sweep


async def test_a_run_is_held_while_the_losses_are_measured(start: Start, config: TrainConfig) -> None:
    watched = await start()
    await watched.client.ask(StartTraining(config=replace(config, batch_size=1, epochs=1000)))
    await watched.until(lambda: any(isinstance(event, MinibatchesDone) for event in watched.seen))
    await watched.client.ask(MeasureLosses(question=LossQuestion(batch_size=16)))
    asked = len(watched.seen)
    await watched.until(lambda: any(isinstance(event, LossesMeasured) for event in watched.seen))
    measured = next(place for place, event in enumerate(watched.seen) if isinstance(event, LossesMeasured))
    rounds = [place for place, event in enumerate(watched.seen) if isinstance(event, LossRoundDone)]
    between = watched.seen[rounds[0] : measured]
    assert not any(isinstance(event, MinibatchesDone | EpochDone) for event in between)
    assert rounds[-1] >= asked
    await watched.until(lambda: isinstance(watched.seen[-1], MinibatchesDone) and len(watched.seen) > measured + 1)
    await watched.client.ask(Stop())


async def test_a_measurement_can_be_left(start: Start) -> None:
    watched = await start()
    await watched.client.ask(MeasureLosses(question=LossQuestion(batch_size=4096, num_classes=1000)))
    await watched.until(lambda: any(isinstance(event, LossRoundDone) for event in watched.seen))
    await watched.client.ask(StopMeasuring())
    await watched.client.ask(ListRuns())
    assert not any(isinstance(event, LossesMeasured) for event in watched.seen)


async def test_training_with_each_loss_is_told_and_can_be_stopped(start: Start, config: TrainConfig) -> None:
    watched = await start()
    question = LossQuestion(batch_size=50)
    await watched.client.ask(CompareLosses(question=question, dataset=config.dataset, epochs=2))
    await watched.until(lambda: any(isinstance(event, LossTrainingDone) for event in watched.seen))
    begun = next(event for event in watched.seen if isinstance(event, LossTrainingStarted))
    done = next(event for event in watched.seen if isinstance(event, LossTrainingDone))
    assert [one.loss for one in done.trained] == list(begun.losses)
    assert {one.epochs for one in done.trained} == {2}
    assert not any(isinstance(event, Finished) for event in watched.seen)
    watched.seen.clear()
    await watched.client.ask(CompareLosses(question=LossQuestion(batch_size=1), dataset=config.dataset, epochs=1000))
    await watched.until(lambda: any(isinstance(event, LossTrainingStarted) for event in watched.seen))
    await watched.client.ask(Stop())
    await watched.until(lambda: any(isinstance(event, LossTrainingDone) for event in watched.seen))
    stopped = next(event for event in watched.seen if isinstance(event, LossTrainingDone))
    assert {one.status for one in stopped.trained} == {"stopped"}
