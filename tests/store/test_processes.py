"""Several processes in one store, and processes that are killed."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.contract.events import Finished
from engine.contract.run_state import RunState, apply
from engine.store.owner import Owner, is_there, process_start, this_process
from engine.store.runs import RunStore
from tests.store.conftest import PER_EPOCH, checkpoint_at
from tests.store.trains import EPOCHS, cells_until

ROOT = Path(__file__).parents[2]
KILLS = 16


@contextmanager
def trainer(folder: Path, *what: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is ready to go."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.trains", str(folder), *what],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert line_of(process) == "ready"
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_four_processes_make_and_train_runs_in_one_new_store(folder: Path) -> None:
    with (
        trainer(folder, "count", "5") as first,
        trainer(folder, "count", "5") as second,
        trainer(folder, "count", "5") as third,
        trainer(folder, "count", "5") as fourth,
    ):
        processes = [first, second, third, fourth]
        for process in processes:
            go(process)
        told = [process.stdout.read().split() for process in processes if process.stdout is not None]
        assert [process.wait() for process in processes] == [0, 0, 0, 0]
    assert sorted(run_id for names in told for run_id in names) == [f"r{number:04d}" for number in range(1, 21)]
    with closing(RunStore.open(folder, create=False)) as store:
        for summary in store.summaries():
            assert (summary.status, summary.epochs_done) == ("finished", EPOCHS)
            assert store.losses(summary.run_id) == cells_until(EPOCHS * PER_EPOCH)
            assert store.load_checkpoint(summary.run_id) == checkpoint_at(EPOCHS * PER_EPOCH)


@pytest.mark.slow
def test_a_run_killed_at_any_moment_reads_as_a_whole_prefix_and_goes_on(folder: Path) -> None:
    positions = []
    for kill in range(KILLS):
        with trainer(folder, "on", "new" if kill == 0 else "r0001") as process:
            go(process)
            for _ in range(random.randint(1, 12)):
                line_of(process)
            time.sleep(random.uniform(0, 0.01))  # anywhere between two events, not just after one
            process.send_signal(signal.SIGKILL)
            process.wait()
        with closing(RunStore.open(folder, create=kill % 2 == 1)) as store:
            positions.append(check_prefix(store, "r0001"))
    assert positions == sorted(positions)
    assert positions[-1] > KILLS // 2 * PER_EPOCH


def check_prefix(store: RunStore, run_id: str) -> int:
    checkpoint = store.load_checkpoint(run_id)
    assert checkpoint == checkpoint_at(checkpoint.position)
    summary = store.summary(run_id)
    assert (summary.status, summary.epochs_done) == ("interrupted", checkpoint.epochs_done)
    assert store.losses(run_id) == cells_until(checkpoint.position)
    run = RunState()
    for event in store.events(run_id):
        run = apply(run, event)
    assert run.position == checkpoint.position
    assert [epoch.epoch for epoch in run.epochs] == list(range(1, checkpoint.epochs_done + 1))
    assert isinstance(run.finished, Finished)
    assert run.status == "interrupted"
    assert "its process is gone" in run.finished.reason
    return checkpoint.position


def test_a_run_of_another_living_process_is_running_and_neither_claimed_nor_deleted(folder: Path) -> None:
    with trainer(folder, "on", "new") as process:
        go(process)
        line_of(process)
        with closing(RunStore.open(folder)) as store:
            assert store.summary("r0001").status == "running"
            assert not isinstance(store.events("r0001")[-1], Finished)
            for ask in (store.claim, store.delete):
                with pytest.raises(InputError, match=rf"found r0001 running .*\(host .*, pid {process.pid}\)"):
                    ask("r0001")
            with pytest.raises(InputError, match=rf"taken over by another process \(host .*, pid {process.pid}\)"):
                store.save_progress("r0001", checkpoint_at(10**9 * PER_EPOCH), [], [])
            assert not (folder / "checkpoints" / "r0001" / f"{10**9}-0.safetensors").exists()
            process.kill()
            assert os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT) is not None
            assert store.summary("r0001").status == "interrupted"  # though its parent has not waited for it
            store.claim("r0001")
            assert store.summary("r0001").status == "running"


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    me = this_process()
    assert is_there(me)
    assert not is_there(Owner(me.host, me.pid, "another boot/1"))
    assert is_there(Owner("elsewhere", 1, "")), "what runs on another host cannot be told from here"
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    assert process_start(process.pid) == ""
    assert not is_there(Owner(me.host, process.pid, ""))


@pytest.mark.skipif(not Path("/bin/ps").exists(), reason="needs ps")
def test_where_there_is_no_proc_ps_tells(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("engine.store.owner._PROC", tmp_path)
    me = this_process()
    assert ":" in me.process_start
    assert is_there(me)
    assert process_start(os.getpid()) == process_start(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert process_start(process.pid) == ""
    assert process_start(process.pid) == ""
