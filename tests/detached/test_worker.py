"""A detached worker as a process: what it survives, and that nothing of it is left after its end."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from engine.contract.commands import Detach, ListRuns, SetPace, StartTraining, Stop, TakeControl
from engine.contract.config import TrainConfig
from engine.contract.engine_events import ControlChanged, Detached, Ready
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone, Started
from engine.processes.client import EngineClient, EngineGone, EngineLeft, worker_command
from engine.store.engines import EngineFiles
from engine.store.owner import process_start
from engine.store.runs import RunStore
from tests.worker.conftest import Watched, small_file  # noqa: F401

ATTACH = "--attach"
Open = Callable[..., Awaitable[Watched]]


@pytest.fixture
def config(small_file: Path) -> TrainConfig:  # noqa: F811
    return TrainConfig(dataset=str(small_file), batch_size=10, epochs=4)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
async def opened(tmp_path: Path, store: Path, sockets: Path) -> AsyncIterator[Open]:
    """Starts workers, or relays to one, on one store; at the end nothing runs any more."""
    clients: list[EngineClient] = []

    async def open_one(*arguments: str) -> Watched:
        folders = [f"--store={store}", f"--data-dir={tmp_path / 'data'}"]
        client = EngineClient(worker_command([*folders, *arguments]))
        clients.append(client)
        await client.start()
        return Watched(client)

    yield open_one
    for engine in EngineFiles(store).there():
        os.kill(engine.owner.pid, signal.SIGKILL)
    for client in clients:
        await client.close(0.5)


def weights(store: Path, run_id: str) -> bytes:
    return RunStore.open(store).load_checkpoint(run_id).tensors["weight"].data


async def left_nothing(store: Path, pid: int) -> None:
    """The worker ends by itself, with its socket and its record."""
    end = time.monotonic() + 20
    while process_start(pid):
        assert time.monotonic() < end, "the worker does not end"
        await asyncio.sleep(0.05)
    assert [path.name for path in (store / "engines").iterdir() if path.suffix != ".lock"] == []
    places = ("softmax-tui-*", "*/softmax-tui-*")  # a fork has the temporary folder of the process that forks
    assert [path for place in places for path in Path("/tmp").glob(f"{place}/{pid}-*")] == []


async def unwatched(opened: Open, config: TrainConfig, store: Path) -> bytes:
    worker = await opened()
    await worker.client.ask(StartTraining(config=config))
    end = await worker.event(Finished)
    assert isinstance(end, Finished)
    return weights(store, end.run_id)


@pytest.mark.slow
async def test_it_survives_hang_up_and_the_end_of_whoever_started_it(
    in_earnest: None, opened: Open, config: TrainConfig, store: Path
) -> None:
    expected = await unwatched(opened, config, store)
    worker = await opened()
    ready = await worker.event(Ready)
    assert isinstance(ready, Ready)
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=100.0))
    await worker.event(MinibatchesDone)
    await worker.client.ask(Detach())
    assert isinstance(await worker.event(Detached), Detached)
    os.kill(ready.pid, signal.SIGHUP)
    await worker.client.ask(ListRuns())
    await worker.client.close()  # as the end of the app
    assert process_start(ready.pid)
    summary = RunStore.open(store, create=False).summaries()[0]
    assert (summary.status, summary.detached, summary.pid) == ("running", True, ready.pid)
    viewer = await opened(ATTACH)
    await viewer.client.ask(SetPace(0.0))
    await viewer.event(Finished)
    await viewer.client.close()
    await left_nothing(store, ready.pid)
    assert weights(store, summary.run_id) == expected


async def test_whoever_leaves_a_worker_that_talks_on_hears_no_more_of_it(
    in_earnest: None, opened: Open, config: TrainConfig
) -> None:
    worker = await opened()
    ready = await worker.event(Ready)
    assert isinstance(ready, Ready)
    await worker.client.ask(StartTraining(config=replace(config, batch_size=1, epochs=1000)))
    await worker.event(MinibatchesDone)
    await worker.client.ask(Detach())
    await worker.event(Detached)
    await worker.client.close()
    await asyncio.sleep(0.2)  # what comes now is nobody's: asyncio would log it, and the test fail
    assert isinstance(worker.gone, EngineLeft)
    assert process_start(ready.pid)


async def test_a_line_that_is_cut_and_had_again_loses_no_epoch_and_no_bit(
    opened: Open, config: TrainConfig, store: Path
) -> None:
    expected = await unwatched(opened, config, store)
    first = await opened(ATTACH)  # none listens: it starts one
    ready = await first.event(Ready)
    assert isinstance(ready, Ready)
    await first.client.ask(StartTraining(config=config, minibatches_per_second=150.0))
    await first.event(EpochDone)
    assert first.client.pid is not None
    os.kill(first.client.pid, signal.SIGKILL)
    await first.until(lambda: first.gone is not None)
    second = await opened(ATTACH)
    await second.event(Finished)
    assert [event.epoch for event in second.seen if isinstance(event, EpochDone)] == [1, 2, 3, 4]
    assert [event.pid for event in second.seen if isinstance(event, Ready)] == [ready.pid]
    [started] = [event for event in second.seen if isinstance(event, Started)]
    await second.client.close()
    await left_nothing(store, ready.pid)
    assert weights(store, started.run_id) == expected


async def test_two_that_find_no_worker_at_once_start_one(opened: Open, store: Path) -> None:
    first, second = await asyncio.gather(opened(ATTACH), opened(ATTACH))
    pids = {event.pid for worker in (first, second) if isinstance(event := await worker.event(Ready), Ready)}
    assert len(pids) == 1
    assert len(EngineFiles(store).there()) == 1


@pytest.mark.slow
async def test_a_hundred_times_attached_left_taken_over_and_killed_no_run_is_lost(
    opened: Open, config: TrainConfig, store: Path
) -> None:
    expected = await unwatched(opened, config, store)
    random, terms = Random(20), dict[int, int]()
    starter = await opened(ATTACH)
    ready = await starter.event(Ready)
    assert isinstance(ready, Ready)
    await starter.client.ask(StartTraining(config=config, minibatches_per_second=5.0))
    await starter.event(Started)
    viewers = [starter]
    for _ in range(100):
        what = random.choice(["attach", "attach", "leave", "take", "take", "kill"])
        viewer = random.choice(viewers) if viewers else None
        if (what == "attach" and len(viewers) < 6) or viewer is None:
            viewers.append(await opened(ATTACH))
            await viewers[-1].event(ControlChanged)
        elif what == "take":
            await viewer.client.ask(TakeControl())
        else:
            viewers.remove(viewer)
            if what == "leave":
                await viewer.client.close()
            else:
                assert viewer.client.pid is not None
                os.kill(viewer.client.pid, signal.SIGKILL)
            for event in viewer.seen:
                if isinstance(event, ControlChanged) and event.yours:
                    assert terms.setdefault(event.term, id(viewer)) == id(viewer)
        [summary] = [run for run in RunStore.open(store, create=False).summaries() if run.status == "running"]
        assert summary.pid == ready.pid
    last = await opened(ATTACH)
    await last.event(ControlChanged)
    await last.client.ask(TakeControl())
    await last.client.ask(SetPace(0.0))
    await last.event(Finished)
    for viewer in [*viewers, last]:
        await viewer.client.close()
    await left_nothing(store, ready.pid)
    assert weights(store, summary.run_id) == expected
    assert len(terms) > 10


async def test_two_viewers_one_controls(opened: Open, config: TrainConfig, store: Path) -> None:
    first = await opened(ATTACH)
    await first.client.ask(StartTraining(config=config, minibatches_per_second=5.0))
    await first.event(Started)
    second = await opened(ATTACH)
    await second.event(ControlChanged)
    with pytest.raises(InputError, match="take control first"):
        await second.client.ask(Stop())
    await second.client.ask(TakeControl())
    await first.event(ControlChanged, lambda event: not event.yours)  # type: ignore[attr-defined]
    await second.client.ask(Stop())
    for viewer in (first, second):
        end = await viewer.event(Finished)
        assert isinstance(end, Finished)
        assert end.status == "stopped"
    ready = await first.event(Ready)
    assert isinstance(ready, Ready)
    await first.client.close()
    await second.client.close()
    await left_nothing(store, ready.pid)


async def test_a_relay_to_a_run_that_nobody_trains_is_refused_in_one_line(opened: Open, store: Path) -> None:
    RunStore.open(store)
    relay = await opened(f"{ATTACH}=r0007")
    await relay.until(lambda: relay.gone is not None)
    assert isinstance(relay.gone, EngineGone)
    assert relay.gone.return_code == 2
    assert len(relay.gone.stderr) == 1
    assert "found 'r0007', expected one of" in relay.gone.stderr[0]
