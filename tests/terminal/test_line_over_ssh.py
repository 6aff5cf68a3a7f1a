"""An engine behind a real sshd: the line is cut in the middle of a run and had again."""

from __future__ import annotations

import asyncio
import getpass
import os
import shlex
import signal
import sys
import time
from pathlib import Path

from engine.contract.commands import Detach, SetPace, StartTraining
from engine.contract.config import TrainConfig
from engine.contract.engine_events import ControlChanged, Ready
from engine.contract.events import EpochDone, Finished
from engine.processes.client import EngineClient
from engine.store.engines import EngineFiles
from engine.store.runs import RunStore
from tests.detached.conftest import sockets  # noqa: F401
from tests.terminal.desk import environ_at
from tests.terminal.test_over_ssh import pytestmark, to_there  # noqa: F401
from tests.worker.conftest import Watched, small_file  # noqa: F401


def weights(store: Path, run_id: str) -> bytes:
    return RunStore.open(store).load_checkpoint(run_id).tensors["weight"].data


def over_line(to_there: list[str], folder: Path, sockets: Path, *words: str) -> list[str]:  # noqa: F811
    """That command of softmax-tui at the far end, without a terminal."""
    environ = {**environ_at(folder), "TMPDIR": str(sockets)}
    places = [f"{name}={value}" for name, value in environ.items() if name not in ("TERM", "PATH")]
    there = shlex.join(["env", *places, sys.executable, "-P", "-m", "tui.cli.main", *words])
    to = [word for word in to_there if word != "-tt"]
    return [*to, f"{getpass.getuser()}@127.0.0.1", f"cd {shlex.quote(str(Path.cwd()))} && {there}"]


async def test_a_run_over_a_line_that_is_cut_has_the_bits_of_one_that_was_never_watched(
    tmp_path: Path,
    to_there: list[str],  # noqa: F811
    small_file: Path,  # noqa: F811
    sockets: Path,  # noqa: F811
) -> None:
    config = TrainConfig(dataset=str(small_file), batch_size=10, epochs=4)
    command = over_line(to_there, tmp_path, sockets, "engine", "--attach")

    async def opened() -> Watched:
        client = EngineClient(command)
        await client.start()
        return Watched(client)

    first = await opened()
    ready = await first.event(Ready)
    assert isinstance(ready, Ready)
    try:
        await first.client.ask(StartTraining(config=config, minibatches_per_second=100.0))
        await first.event(EpochDone)
        assert first.client.pid is not None
        os.kill(first.client.pid, signal.SIGKILL)
        await first.until(lambda: first.gone is not None, 5.0)
        second = await opened()
        await second.event(ControlChanged)
        await second.client.ask(SetPace(0.0))
        end = await second.event(Finished)
        assert isinstance(end, Finished)
        assert [event.epoch for event in second.seen if isinstance(event, EpochDone)] == [1, 2, 3, 4]
        assert [event.pid for event in second.seen if isinstance(event, Ready)] == [ready.pid]
        await second.client.ask(StartTraining(config=config))  # one that nobody holds up
        await second.until(lambda: sum(isinstance(event, Finished) for event in second.seen) == 2)
        runs = [event.run_id for event in second.seen if isinstance(event, Finished)]
        assert weights(tmp_path / "store", runs[0]) == weights(tmp_path / "store", runs[1])
        await asyncio.wait_for(second.client.close(), 10)
    finally:
        for left in EngineFiles(tmp_path / "store").there():
            os.kill(left.owner.pid, signal.SIGKILL)


async def test_a_run_that_is_detached_over_a_plain_line_goes_on_and_leaving_takes_no_time(
    tmp_path: Path,
    to_there: list[str],  # noqa: F811
    small_file: Path,  # noqa: F811
    sockets: Path,  # noqa: F811
) -> None:
    client = EngineClient(over_line(to_there, tmp_path, sockets, "engine"))
    await client.start()
    worker = Watched(client)
    await worker.event(Ready)
    config = TrainConfig(dataset=str(small_file), batch_size=10, epochs=4)
    await client.ask(StartTraining(config=config, minibatches_per_second=20.0))
    await worker.event(EpochDone)
    await client.ask(Detach())
    began = time.monotonic()
    await client.close()
    assert time.monotonic() - began < 3.0
    try:
        await asyncio.sleep(0.5)
        [run] = RunStore.open(tmp_path / "store", create=False).summaries()
        assert (run.status, run.detached) == ("running", True)
    finally:
        for left in EngineFiles(tmp_path / "store").there():
            os.kill(left.owner.pid, signal.SIGKILL)
