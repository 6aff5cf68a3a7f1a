"""Sweeps and the loss lab in a real worker."""

from __future__ import annotations

from msgspec.structs import replace

from engine.contract.commands import (
    CompareLosses,
    ListRuns,
    MeasureLosses,
    ResumeSweep,
    StartSweep,
    StartTraining,
    Stop,
    StopMeasuring,
)
from engine.contract.config import TrainConfig
from engine.contract.events import EpochDone, Finished, MinibatchesDone
from engine.contract.loss_lab import (
    LossesMeasured,
    LossQuestion,
    LossRoundDone,
    LossTrainingDone,
    LossTrainingStarted,
)
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from tests.worker.conftest import Start


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
