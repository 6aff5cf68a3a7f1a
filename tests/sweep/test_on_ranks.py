"""`softmax-tui sweep` on two ranks of a real torchrun: rank 0 alone tells and stores."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the ranks are looked for in /proc")]

Torchrun = Callable[..., "subprocess.Popen[str]"]
SWEEP = ("batch-size", "1", "2", "50", "--dataset", "silhouettes", "--train-size", "600", "--validation-size", "100")
ENDLESS = (*SWEEP, "--epochs", "1000")


@pytest.fixture
def torchrun(places: dict[str, str]) -> Iterator[Torchrun]:
    """Starts a sweep, in a process group of its own as a terminal would."""
    started = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        ranks = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
        process = subprocess.Popen(
            [*ranks, "-m", "tui.cli.main", "sweep", *arguments, "--json"],
            env={**os.environ, **places},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def begun(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    first: dict[str, Any] = json.loads(process.stdout.readline())
    return first


def rank_one(process: "subprocess.Popen[str]") -> int:
    """Waits until the other rank trains, and gives its process id."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if folder.name.isdigit() and b"engine.jobs.sweep.rank" in (folder / "cmdline").read_bytes():
                    rank, launcher = (int(parent_of(folder)), parent_of(Path("/proc") / parent_of(folder)))
                    if int(launcher) == process.pid:
                        return rank
        time.sleep(0.1)
    raise AssertionError("no other rank trains")


def parent_of(folder: Path) -> str:
    return (folder / "stat").read_text().rpartition(")")[2].split()[1]


def statuses(cli: Callable[..., Any]) -> set[str]:
    return {line["status"] for line in cli("runs", "list", "--json").lines}


def test_two_ranks_print_one_stream_of_lines(torchrun: Torchrun, cli: Callable[..., Any]) -> None:
    process = torchrun(*SWEEP, "--epochs", "2", "--seeds", "2")
    out, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    told = lines(out)
    assert [line["type"] for line in told] == ["started", *["result"] * 6, *["verdict"] * 3, "finished"]
    assert told[0]["ranks"] == 2
    assert {(line["value"], line["seed"]) for line in told[1:7]} == {(v, s) for v in (1, 2, 50) for s in (0, 1)}
    assert statuses(cli) == {"finished"}


def test_ctrl_c_stops_all_ranks_and_all_runs_are_stored(torchrun: Torchrun, cli: Callable[..., Any]) -> None:
    process = torchrun(*ENDLESS, "--seeds", "1")
    begun(process)
    rank_one(process)
    os.killpg(process.pid, signal.SIGINT)  # as ctrl+C at a terminal: torchrun is told as well, and passes it on
    out, _ = process.communicate(timeout=30)
    assert process.returncode != 0
    assert (lines(out)[-1]["status"], lines(out)[-1]["reason"]) == ("stopped", "ctrl+C")
    assert statuses(cli) == {"stopped"}


def test_a_rank_that_is_killed_ends_the_sweep_with_a_line_within_ten_seconds(
    torchrun: Torchrun, cli: Callable[..., Any]
) -> None:
    process = torchrun(*ENDLESS, "--seeds", "1")
    begun(process)
    second = rank_one(process)
    began = time.monotonic()
    os.kill(second, signal.SIGKILL)
    out, _ = process.communicate(timeout=30)
    assert time.monotonic() - began < 10
    assert process.returncode == 1
    last = lines(out)[-1]
    assert (last["type"], last["status"]) == ("finished", "failed")
    assert last["reason"] == "rank 1 of 2 died"
    assert statuses(cli) == {"stopped"}


def test_a_sweep_that_torchrun_is_told_to_end_says_so(torchrun: Torchrun, cli: Callable[..., Any]) -> None:
    process = torchrun(*ENDLESS, "--seeds", "1")
    begun(process)
    rank_one(process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    last = lines(out)[-1]
    assert (last["type"], last["status"], last["reason"]) == ("finished", "failed", "the job was ended (SIGTERM)")
    assert statuses(cli) == {"stopped"}
