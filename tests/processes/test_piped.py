"""Real processes that talk on, stay, or leave something behind, and a loop that ends before they do."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys

import pytest

from engine.processes.piped import PipedProcess
from tests.terminal.terminal import gone

TALKING = "import sys, time\nwhile True: sys.stdout.write('said\\n' * 100); sys.stdout.flush(); time.sleep(0.001)"
HOLDING = "import subprocess, sys; subprocess.Popen(['sleep', '20'], stdin=-3); print('there')"
LIMIT = 2**16


async def test_what_is_written_is_read_and_the_end_has_its_code() -> None:
    command = [sys.executable, "-c", "import sys; print(input()[::-1]); print('e', file=sys.stderr); sys.exit(7)"]
    process = await PipedProcess.start(command, LIMIT)
    assert process.return_code is None
    process.stdin.write(b"abc\n")
    assert await process.stdout.read() == b"cba\n"
    assert await process.stderr.read() == b"e\n"
    assert (await process.ended(), process.return_code) == (7, 7)
    process.close()


async def test_it_has_a_session_of_its_own_and_a_signal_is_its_code() -> None:
    process = await PipedProcess.start(["sleep", "20"], LIMIT)
    assert os.getsid(process.pid) == process.pid
    os.kill(process.pid, signal.SIGKILL)
    assert await process.ended() == -signal.SIGKILL
    process.close()


async def test_a_stream_that_nobody_reads_is_not_held_whole() -> None:
    process = await PipedProcess.start(["sh", "-c", "head -c 5000000 /dev/zero; echo end >&2"], LIMIT)
    await asyncio.sleep(0.3)
    assert len(process.stdout._buffer) <= 4 * LIMIT  # type: ignore[attr-defined]
    assert process.return_code is None
    assert len(await process.stdout.read()) == 5_000_000
    await process.ended()
    process.close()


@pytest.mark.parametrize("whole", [False, True])
async def test_whoever_reads_is_at_the_end_though_the_process_talks_on(whole: bool) -> None:
    process = await PipedProcess.start([sys.executable, "-c", TALKING], LIMIT)
    await process.stdout.readline()
    reading = asyncio.create_task(process.stdout.read())
    await asyncio.sleep(0.05)
    process.close() if whole else process.close_stdout()
    assert (await asyncio.wait_for(reading, 5)).startswith(b"said")
    await asyncio.sleep(0.05)  # what it says now is nobody's: asyncio would log it, and the test fail
    process.close()
    assert await process.ended() != 0, "nobody reads what it writes"


def test_it_goes_on_when_nobody_holds_it_and_nothing_is_said_of_it() -> None:
    async def started() -> int:
        process = await PipedProcess.start(["sleep", "20"], LIMIT)
        process.close()
        return process.pid

    pid = asyncio.run(started())
    gc.collect()  # what would be said of pipes that are still open fails the test
    assert not gone(pid, 0.2)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


async def test_its_end_is_known_though_another_process_holds_its_pipes() -> None:
    process = await PipedProcess.start([sys.executable, "-c", HOLDING], LIMIT)
    assert await process.stdout.readline() == b"there\n"
    assert await asyncio.wait_for(process.ended(), 5) == 0
    reading = asyncio.create_task(process.stdout.read())
    process.close_stdout()
    assert await asyncio.wait_for(reading, 5) == b""
    os.killpg(process.pid, signal.SIGKILL)
    process.close()


async def test_a_command_that_there_is_not_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await PipedProcess.start(["/nowhere/engine"], LIMIT)
