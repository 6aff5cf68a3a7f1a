"""Signals, closed pipes and kills in the middle of a run lose nothing."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file

from tui.cli.main import main

# Batch size 1 makes the epochs of few images long enough to be interrupted in.
SETTINGS = ("--dataset", "silhouettes", "--train-size", "6000", "--validation-size", "200", "--batch-size", "1")
RUN = (*SETTINGS, "--epochs", "4")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The weights of the run that nobody disturbs."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert main(["train", *RUN, "--json", "--store", str(folder)]) == 0
    file = folder / "weights.safetensors"
    export = ["runs", "export", "--format", "safetensors", "--output", str(file), "--store", str(folder)]
    assert main(export) == 0
    return weights_in(file)


def weights_in(file: Path) -> bytes:
    tensors = load_file(file)
    assert tensors["weight"].shape == (10, 784)
    return bytes(tensors["weight"].tobytes() + tensors["bias"].tobytes())


def weights_of(cli, tmp_path: Path, run_id: str) -> bytes:
    file = tmp_path / f"{run_id}.safetensors"
    said = cli("runs", "export", run_id, "--format", "safetensors", "--output", str(file))
    assert said.code == 0, said.err
    return weights_in(file)


def until_epoch(child: "subprocess.Popen[bytes]", epoch: int) -> list[dict[str, Any]]:
    """Reads until the line of an epoch: from there on the child is within the next one."""
    lines = []
    for line in child.stdout:
        lines.append(json.loads(line))
        if lines[-1]["type"] == "epoch" and lines[-1]["epoch"] == epoch:
            return lines
    raise AssertionError(f"ended before epoch {epoch}: {child.stderr.read().decode()}")


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_a_run_with_a_checkpoint_from_which_it_comes_to_the_same_bits(
    cli, process, uninterrupted: bytes, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    child = process("train", *RUN, "--json")
    run_id = until_epoch(child, 2)[0]["run_id"]
    child.send_signal(number)
    rest, err = child.communicate(timeout=60)
    assert child.returncode == code, err.decode()
    assert err == b""
    last = json.loads(rest.splitlines()[-1])
    assert (last["type"], last["status"], last["run_id"]) == ("finished", "stopped", run_id)
    resumed = cli("train", "--resume", run_id, "--json")
    assert resumed.code == 0
    assert resumed.lines[0]["run_id"] == run_id
    assert resumed.lines[0]["epochs_done"] >= 2
    assert weights_of(cli, tmp_path, run_id) == uninterrupted


@pytest.mark.slow
def test_a_signal_in_the_middle_of_an_epoch_comes_to_the_same_bits(
    cli, uninterrupted: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.contract.events import EpochDone, MinibatchesDone
    from tui.train.report import JsonReport

    told, seen = JsonReport.event, []

    def then_interrupted(report: JsonReport, event: Any) -> None:
        told(report, event)
        seen.append(type(event))
        if seen[-1] is MinibatchesDone and EpochDone in seen:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(JsonReport, "event", then_interrupted)
        stopped = cli("train", *RUN, "--json")
    assert stopped.code == 130
    assert stopped.lines[-1]["status"] == "stopped"
    resumed = cli("train", "--resume", "--json")
    assert resumed.code == 0
    assert resumed.lines[0]["epochs_done"] == 1
    assert resumed.lines[0]["minibatch"] > 0
    run_id = resumed.lines[0]["run_id"]
    assert weights_of(cli, tmp_path, run_id) == uninterrupted


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
def test_a_killed_run_is_interrupted_and_resumes_to_the_same_bits(
    cli, process, uninterrupted: bytes, tmp_path: Path
) -> None:
    child = process("train", *RUN, "--json")
    run_id = until_epoch(child, 2)[0]["run_id"]
    child.kill()
    child.wait()
    assert {line["run_id"]: line["status"] for line in cli("runs", "list", "--json").lines}[run_id] == "interrupted"
    resumed = cli("train", "--resume", run_id, "--json")
    assert resumed.code == 0
    assert [line["epoch"] for line in resumed.lines if line["type"] == "epoch"][-1] == 4
    assert weights_of(cli, tmp_path, run_id) == uninterrupted


def test_a_signal_while_the_data_are_loaded_ends_cleanly_and_stores_nothing(
    cli, process, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_mirror:
        monkeypatch.setenv("SOFTMAX_TUI_MIRROR", f"http://127.0.0.1:{silent_mirror.getsockname()[1]}/")
        child = process("train", "--dataset", "mnist", "--json")
        silent_mirror.settimeout(60)
        connection, _ = silent_mirror.accept()  # the download is under way, and will never get an answer
        with connection:
            child.send_signal(signal.SIGINT)
            out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert out == b""
    assert "nothing was stored" in err.decode()
    assert len(err.splitlines()) == 1
    assert cli("runs", "list", "--json").lines == []


def test_a_reader_that_leaves_ends_the_run_quietly_with_a_checkpoint(cli, process) -> None:
    child = process("train", *RUN, "--json")
    first = json.loads(child.stdout.readline())
    child.stdout.close()
    child.wait(timeout=60)
    assert child.returncode == 141
    assert child.stderr.read() == b""
    (run,) = cli("runs", "list", "--json").lines
    assert (run["run_id"], run["status"]) == (first["run_id"], "stopped")
    assert cli("train", "--resume", "--json").lines[-1]["status"] == "finished"


def test_a_second_signal_ends_at_once_with_the_same_code() -> None:
    program = """
import os, signal
from tui.cli.interruption import Interruption
with Interruption() as interruption:
    os.kill(os.getpid(), signal.SIGINT)
    print(interruption.requested, interruption.exit_code, flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    print("still here")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "True 130\n"
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr == ""


def test_signals_are_given_back_to_whoever_had_them() -> None:
    from tui.cli.interruption import Interruption

    before = signal.getsignal(signal.SIGTERM)
    with Interruption() as interruption:
        assert signal.getsignal(signal.SIGTERM) != before
        os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.name == "SIGTERM"
    assert signal.getsignal(signal.SIGTERM) == before
