"""The vocabulary lab in a real worker: told line by line, beside a held run, and left within a second."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.answers import MemoryShown
from engine.contract.commands import (
    ListRuns,
    MeasureLosses,
    MeasureVocabulary,
    ShowMemory,
    StartTraining,
    Stop,
    StopMeasuring,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, MinibatchesDone
from engine.contract.loss_lab import LossesMeasured, LossQuestion
from engine.contract.vocabulary import METHODS, VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyStarted,
    VocabularyTrained,
)
from tests.worker.conftest import Start, Watched

SMALL = VocabularyQuestion(
    dimension=8, positions=16, chunk=7, samples=4, negatives=2, train_words=400, batch_size=8, steps=4, rounds=1
)
LARGE = VocabularyPlan(question=VocabularyQuestion(rounds=1000), sizes=(50_000,), methods=("full",))


def of(watched: Watched, kind: type) -> list:  # type: ignore[type-arg]
    return [event for event in watched.seen if isinstance(event, kind)]


async def ended(watched: Watched) -> VocabularyFinished:
    await watched.until(lambda: bool(of(watched, VocabularyFinished)))
    [finished] = of(watched, VocabularyFinished)
    assert isinstance(finished, VocabularyFinished)
    return finished


async def test_every_method_and_size_is_told_and_then_the_race(start: Start) -> None:
    watched = await start()
    plan = VocabularyPlan(question=SMALL, sizes=(20, 50), train=True)
    await watched.client.ask(MeasureVocabulary(plan=plan))
    assert (await ended(watched)).status == "finished"
    [begun] = of(watched, VocabularyStarted)
    assert begun.plan == plan
    measured = of(watched, VocabularyMeasured)
    assert [(one.vocabulary_size, one.method) for one in measured] == [(n, m) for n in (20, 50) for m in METHODS]
    assert {one.outcome for one in measured} == {"measured"}
    assert all(one.peak_bytes and one.rows_touched for one in measured)
    assert {one.method for one in of(watched, VocabularyTrained)} == set(METHODS)
    assert len(of(watched, VocabularyEvaluated)) >= 2 * len(METHODS)


def children(pid: int) -> set[int]:
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if f"PPid:\t{pid}\n" in (folder / "status").read_text("ascii", "replace"):
                    found.add(int(folder.name))
            except OSError:
                continue  # it has ended meanwhile
    return found


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the processes are looked up in /proc")
@pytest.mark.usefixtures("in_earnest")
async def test_a_large_size_is_left_within_a_second_and_its_process_is_gone(start: Start) -> None:
    watched = await start()
    await watched.client.ask(MeasureVocabulary(plan=LARGE))
    await watched.until(lambda: any(event.stage == "measuring" for event in of(watched, VocabularyProgress)))
    worker = watched.client.pid
    assert worker is not None
    [child] = children(worker)
    began = time.monotonic()
    await watched.client.ask(StopMeasuring())
    assert time.monotonic() - began < 1
    assert not alive(child)
    assert (await ended(watched)).status == "stopped"
    seen = len(watched.seen)
    await watched.client.ask(ListRuns())
    assert not any(isinstance(event, VocabularyProgress | VocabularyMeasured) for event in watched.seen[seen:])


async def test_a_run_is_held_while_the_vocabulary_is_measured_and_then_goes_on(
    start: Start, config: TrainConfig
) -> None:
    watched = await start()
    await watched.client.ask(StartTraining(config=replace(config, batch_size=1, epochs=1000)))
    await watched.until(lambda: bool(of(watched, MinibatchesDone)))
    await watched.client.ask(MeasureVocabulary(plan=VocabularyPlan(question=SMALL, sizes=(20,))))
    await ended(watched)
    begun = next(place for place, event in enumerate(watched.seen) if isinstance(event, VocabularyStarted))
    done = next(place for place, event in enumerate(watched.seen) if isinstance(event, VocabularyFinished))
    assert not any(isinstance(event, MinibatchesDone | EpochDone) for event in watched.seen[begun:done])
    await watched.until(lambda: any(isinstance(event, MinibatchesDone) for event in watched.seen[done:]))
    await watched.client.ask(Stop())


async def test_another_measurement_takes_its_place_and_that_is_told(start: Start) -> None:
    watched = await start()
    await watched.client.ask(MeasureVocabulary(plan=LARGE))
    await watched.until(lambda: bool(of(watched, VocabularyStarted)))
    await watched.client.ask(MeasureLosses(question=LossQuestion(batch_size=16)))
    assert (await ended(watched)).status == "stopped"
    await watched.until(lambda: bool(of(watched, LossesMeasured)))


async def test_what_cannot_be_carried_out_is_refused_in_one_line(start: Start, tmp_path: Path) -> None:
    watched = await start()
    with pytest.raises(InputError, match="sizes: found 1"):
        await watched.client.ask(MeasureVocabulary(plan=VocabularyPlan(sizes=(1,))))
    nothing = replace(SMALL, text=str(tmp_path / "nothing.txt"))
    await watched.client.ask(MeasureVocabulary(plan=VocabularyPlan(question=nothing, sizes=(20,))))
    await watched.until(lambda: bool(of(watched, Failed)))
    [failed] = of(watched, Failed)
    assert failed.request == 0
    assert "nothing.txt" in failed.message
    assert "\n" not in failed.message
    await watched.client.ask(MeasureVocabulary(plan=VocabularyPlan(question=SMALL, sizes=(20,))))
    assert (await ended(watched)).status == "finished"


async def test_what_is_free_is_told_and_no_more_than_is_allowed(start: Start) -> None:
    watched = await start()
    free = await watched.client.ask(ShowMemory())
    assert isinstance(free, MemoryShown)
    assert free.device == "cpu"
    assert free.available_bytes > 2**20
    some = await watched.client.ask(ShowMemory(most=1000))
    assert isinstance(some, MemoryShown)
    assert some.available_bytes == 1000
    with pytest.raises(InputError, match="device: found 'abacus'"):
        await watched.client.ask(ShowMemory(device="abacus"))
