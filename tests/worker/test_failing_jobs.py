"""A job that fails on the way, here because no checkpoint can be stored, has an end like any other."""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.commands import Command, CompareLosses, StartSweep, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed
from engine.contract.events import Finished, Started
from engine.contract.loss_lab import LossQuestion
from engine.contract.loss_training import LossEpochDone, LossTrainingDone
from engine.contract.sweeps import MemberSaid, SweepConfig, SweepFinished
from tests.worker.conftest import Start, Watched
from tui.pane.live_run import LiveRun

ENDS = Finished | SweepFinished | LossTrainingDone


def jobs(config: TrainConfig) -> dict[str, tuple[Command, type]]:
    """What begins a job that lasts, and what it says when it has begun."""
    long = replace(config, epochs=400)
    sweep = SweepConfig(parameter="momentum", values=(0.0, 0.5), seeds=1, base=long)
    losses = CompareLosses(question=LossQuestion(batch_size=8), dataset=config.dataset, epochs=400)
    return {
        "a run": (StartTraining(config=long), Started),
        "a sweep": (StartSweep(config=sweep), MemberSaid),
        "losses": (losses, LossEpochDone),
    }


def end_of(worker: Watched) -> ENDS | None:
    return next((event for event in worker.seen if isinstance(event, ENDS)), None)


def put_a_file_in_place_of(folder: Path) -> None:
    """Though the worker makes it anew whenever it is gone."""
    for number in count():
        with suppress(FileNotFoundError):
            folder.rename(folder.with_name(f"taken away {number}"))
        with suppress(IsADirectoryError):
            folder.write_text("no folder")
            return


@pytest.mark.parametrize("which", ["a run", "a sweep", "losses"])
async def test_it_ends_as_failed_and_the_app_knows_that_nothing_is_going_on(
    start: Start, config: TrainConfig, store: Path, which: str
) -> None:
    begin, begun = jobs(config)[which]
    worker, live = await start(), LiveRun()
    await worker.client.ask(begin)
    await worker.until(lambda: any(isinstance(event, begun) for event in worker.seen))
    put_a_file_in_place_of(store / "checkpoints")
    await worker.until(lambda: end_of(worker) is not None)
    end = end_of(worker)
    assert end is not None
    assert end.status == "failed"
    assert end.reason
    for event in worker.seen:
        live.take(event)
    assert live.job is None
    assert not any(isinstance(event, Failed) for event in worker.seen), "it is told once"
    assert worker.gone is None
    (store / "checkpoints").unlink()
    await worker.client.ask(StartTraining(config=config))
    await worker.until(lambda: isinstance(worker.seen[-1], Finished) and worker.seen[-1].status == "finished")
