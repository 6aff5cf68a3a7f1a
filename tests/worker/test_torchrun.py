"""The worker as two ranks that torchrun started: what the app sees is one engine."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import MeasureVocabulary, StartSweep, Stop, StopMeasuring, TraceSoftmax
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import EpochDone
from engine.contract.sweeps import MemberSaid, SweepConfig, SweepFinished, SweepProgress, SweepResult, SweepStarted
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyStarted,
)
from engine.contract.wire import Event
from engine.processes.client import EngineClient
from tests.terminal.terminal import alive
from tests.worker.conftest import Watched

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the processes are looked for in /proc"),
]

SMALL = VocabularyQuestion(positions=32, dimension=16, rounds=1, train_words=2000)
SHORT = VocabularyPlan(question=SMALL, sizes=(1000,), methods=("full", "chunked", "sampled"))
# Each rank trains at one of the sizes, and exchanges nothing meanwhile by which it would notice the other's end.
ENDLESS = VocabularyPlan(
    question=VocabularyQuestion(dimension=16, train_words=2000, steps=10_000_000),
    sizes=(1000, 2000),
    methods=("sampled",),
    measure=False,
    train=True,
)
Start = Callable[[], Awaitable[Watched]]


@pytest.fixture
async def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """As README starts it, from a folder that has an `engine` and a `tui` of its own."""
    command = Path(sys.executable).with_name("softmax-tui")
    for name in ("engine", "tui"):
        (tmp_path / "desk" / name).mkdir(parents=True)
        (tmp_path / "desk" / name / "__init__.py").write_text("raise AssertionError('this one is not meant')")
    monkeypatch.chdir(tmp_path / "desk")
    started: list[EngineClient] = []

    async def start_one() -> Watched:
        client = EngineClient(
            [
                *(sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"),
                *("--no-python", str(command), "engine"),
                *("--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")),
            ]
        )
        await client.start()
        started.append(client)
        return Watched(client)

    yield start_one
    for client in started:
        await client.close(10.0)


def processes_under(parent: int) -> dict[int, bytes]:
    """The environment of every process that descends from this one and has not ended, by process id."""
    found: dict[int, bytes] = {}
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, above = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(folder.name)] = int(above)
            except OSError:
                continue  # it ended meanwhile
    below = [parent]
    while below:
        above_them = below.pop()
        for process, above_it in parents.items():
            if above_it == above_them:
                below.append(process)
                with suppress(OSError):  # it ended meanwhile
                    found[process] = Path(f"/proc/{process}/environ").read_bytes()
    return found


def rank_of(worker: Watched, rank: int) -> int:
    """The process id of a rank, not of what it started."""
    assert worker.client.pid is not None
    below = processes_under(worker.client.pid)
    return min(process for process, environment in below.items() if b"\0RANK=%d\0" % rank in environment)


def computing(parent: int) -> set[int]:
    """What the ranks started to compute in."""
    below = processes_under(parent)
    found = set()
    for process in below:
        with suppress(OSError):
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            if b"engine.labs.vocabulary.child" in command or b"engine.jobs.sweep.rank" in command:
                found.add(process)
    return found


async def all_gone(processes: set[int], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while left := [process for process in processes if alive(process)]:
        assert time.monotonic() < give_up, f"still there: {left}"
        await asyncio.sleep(0.05)


async def training(worker: Watched) -> None:
    await worker.event(VocabularyProgress, lambda event: getattr(event, "stage", "") == "preparing")


async def test_two_ranks_are_one_engine_that_answers_measures_stops_and_leaves(start: Start) -> None:
    worker = await start()
    ready = await worker.event(Ready)
    assert isinstance(ready, Ready)
    assert isinstance(worker.seen[0], WarmingUp)
    assert isinstance(await worker.client.ask(TraceSoftmax(rows=((100.0, 0.97),))), SoftmaxTraced)
    with pytest.raises(InputError, match="methods: found none"):
        await worker.client.ask(MeasureVocabulary(plan=VocabularyPlan(methods=())))

    await worker.client.ask(MeasureVocabulary(plan=SHORT))
    end = await worker.event(VocabularyFinished)
    assert isinstance(end, VocabularyFinished)
    assert (end.status, end.reason) == ("finished", "")
    begun = await worker.event(VocabularyStarted)
    assert isinstance(begun, VocabularyStarted)
    assert begun.ranks == 2
    lines = [event for event in worker.seen if isinstance(event, VocabularyMeasured)]
    assert [(line.method, line.outcome) for line in lines] == [(method, "measured") for method in SHORT.methods]
    assert lines[0].loss == pytest.approx(lines[1].loss, rel=1e-5)

    worker.seen.clear()
    await worker.client.ask(MeasureVocabulary(plan=ENDLESS))
    await training(worker)
    before = time.monotonic()
    await worker.client.ask(StopMeasuring())
    assert time.monotonic() - before < 2
    stopped = await worker.event(VocabularyFinished)
    assert isinstance(stopped, VocabularyFinished)
    assert stopped.status == "stopped"
    assert worker.client.pid is not None
    await all_gone(computing(worker.client.pid), 3.0)  # sooner than they would miss each other
    assert not any(isinstance(event, Failed) for event in worker.seen), "something else than events came on stdout"

    everyone = {worker.client.pid, *processes_under(worker.client.pid)}
    await worker.client.close(10.0)
    await all_gone(everyone, 1.0)
    assert worker.client.gone is not None
    assert worker.client.gone.return_code == 0


async def test_a_rank_that_dies_ends_the_job_with_a_typed_end_within_ten_seconds_and_nothing_is_left(
    start: Start,
) -> None:
    worker = await start()
    await worker.event(Ready)
    await worker.client.ask(MeasureVocabulary(plan=ENDLESS))
    await training(worker)
    assert worker.client.pid is not None
    everyone = {worker.client.pid, *processes_under(worker.client.pid)}
    second = rank_of(worker, 1)
    began = time.monotonic()
    os.kill(second, signal.SIGKILL)
    end = await worker.event(VocabularyFinished)
    assert time.monotonic() - began < 10
    assert isinstance(end, VocabularyFinished)
    assert end.status == "failed"
    assert end.reason == "rank 1 of 2 died"
    await all_gone(everyone, 10.0)


async def test_a_sweep_is_spread_and_the_vocabulary_is_measured_beside_it(start: Start, config: TrainConfig) -> None:
    worker = await start()
    await worker.event(Ready)
    sweep = SweepConfig(parameter="batch_size", values=(1, 2, 50), seeds=2, base=replace(config, epochs=400))
    await worker.client.ask(StartSweep(config=sweep))
    started = await worker.event(SweepStarted)
    assert isinstance(started, SweepStarted)
    assert started.ranks == 2
    await worker.event(SweepProgress)

    await worker.client.ask(MeasureVocabulary(plan=SHORT))  # and the sweep is held
    end = await worker.event(VocabularyFinished)
    assert isinstance(end, VocabularyFinished)
    assert (end.status, end.reason) == ("finished", "")

    def both_train(event: Event) -> bool:
        """One of them has a value with as many seeds as there are, the other the next."""
        said = [event for event in worker.seen if isinstance(event, MemberSaid)]
        return len({event.values for event in said if isinstance(event.event, EpochDone)}) == 2

    await worker.event(MemberSaid, both_train)
    assert not any(isinstance(event, SweepResult) for event in worker.seen), "it was over before the other rank came"
    before = time.monotonic()
    await worker.client.ask(Stop())
    stopped = await worker.event(SweepFinished)
    assert time.monotonic() - before < 4
    assert isinstance(stopped, SweepFinished)
    assert stopped.status == "stopped"
    assert worker.client.pid is not None
    await all_gone(computing(worker.client.pid), 3.0)
