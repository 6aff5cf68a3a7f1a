"""`softmax-tui sweep`, for people and for scripts, and what a signal or a kill leaves of it."""

import csv
import json
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.store.runs import RunStore

SMALL = ("--dataset", "silhouettes", "--train-size", "800", "--validation-size", "200")
# Small batches of two seeds in one product, long enough to be interrupted in; the second value follows.
LONG = (*SMALL[:2], "--train-size", "3000", "--validation-size", "200", "batch-size", "1", "2", "--seeds", "2")
LONG = (*LONG[6:], *LONG[:6], "--epochs", "4")


def of_type(kind: str, said: Any) -> list[dict[str, Any]]:
    return [line for line in said.lines if line["type"] == kind]


def test_json_lines_are_started_results_for_each_value_and_seed_verdicts_for_each_value_and_finished(
    cli, tiny: Path
) -> None:
    said = cli("sweep", "learning-rate", "0.3", "0.01", "--dataset", str(tiny), "--epochs", "2", "--json")
    assert said.code == 0, said.err
    assert said.err == ""
    started, results, verdicts, finished = said.lines[0], said.lines[1:11], said.lines[11:13], said.lines[13]
    assert (started["type"], started["runs"], started["dataset"]["train_size"]) == ("started", 10, 600)
    assert [line["type"] for line in results] == ["result"] * 10
    assert sorted((line["value"], line["seed"]) for line in results) == [(v, s) for v in (0.01, 0.3) for s in range(5)]
    for line in results:
        assert line["parameter"] == "learning_rate"
        assert line["status"] == "finished"
        assert line["validation_loss"] > 0
        assert 0 < line["validation_accuracy"] <= 1
    for line, value in zip(verdicts, (0.01, 0.3), strict=True):
        assert (line["type"], line["value"], line["seeds"]) == ("verdict", value, 5)
        assert line["effect"] in ("identical", "within-1-percent", "lower", "higher", "unknown")
        of_value = [result["validation_loss"] for result in results if result["value"] == value]
        of_default = [result["validation_loss"] for result in results if result["value"] == 0.3]  # nearest to 0.1
        assert line["difference"] == pytest.approx(np.mean(of_value) - np.mean(of_default))
        assert line["low"] <= line["difference"] <= line["high"]
    assert [line["reference"] for line in verdicts] == [False, True]
    assert finished["type"] == "finished"
    assert finished["status"] == "finished"
    assert finished["seconds"] > 0
    assert finished["verdict"].startswith("At equal images")


def test_the_results_are_those_of_single_runs_with_the_same_seeds(cli, tiny: Path) -> None:
    common = ("--dataset", str(tiny), "--epochs", "3", "--batch-size", "32", "--json")
    said = cli("sweep", "learning-rate", "0.01", "0.1", "--seeds", "2", *common)
    for line in of_type("result", said):
        alone = cli("train", "--learning-rate", str(line["value"]), "--seed", str(line["seed"]), *common).lines[-2]
        for figure in ("train_loss", "validation_loss", "validation_accuracy"):
            assert line[figure] == pytest.approx(alone[figure], rel=1e-4)


def test_people_get_a_table_with_differences_a_chart_a_verdict_and_what_to_try_next(cli, tiny: Path) -> None:
    said = cli("sweep", "learning-rate", "0.001", "0.1", "1", "--dataset", str(tiny), "--epochs", "2")
    assert said.code == 0, said.err
    assert "learning rate  seeds   train  validation" in said.out
    assert "● train" in said.out
    assert "× validation" in said.out
    assert "At equal images" in said.out.replace("\n", " ")
    assert "softmax-tui mistakes r0" in said.out
    assert "\x1b" not in said.out + said.err
    assert "\r" not in said.out + said.err


def test_a_locale_without_utf8_gets_ascii_alone(cli, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    said = cli("sweep", "learning-rate", "0.01", "0.1", "--seeds", "1", "--dataset", str(tiny), "--epochs", "1")
    assert said.code == 0
    assert said.out.isascii()


def test_some_that_diverged_are_marked_not_dropped_and_the_exit_is_0(cli) -> None:
    arguments = ("learning-rate", "0.1", "1e6", "--softmax", "naive", "--seeds", "2", *SMALL, "--epochs", "2")
    said = cli("sweep", *arguments, "--json")
    assert said.code == 0
    by_value = {(line["value"], line["status"]): line for line in of_type("result", said)}
    assert set(by_value) == {(0.1, "finished"), (1e6, "diverged")}
    assert by_value[1e6, "diverged"]["validation_loss"] is None
    people = cli("sweep", *arguments)
    assert people.code == 0
    assert "2 diverged" in people.out
    assert "! diverged" in people.out


def test_one_that_leaves_its_product_is_marked_and_the_others_come_to_their_end(cli, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    wide = tmp_path / "wide.npz"
    images, labels = random.normal(0, 1e15, (300, 8)).astype(np.float32), random.integers(0, 3, 300)
    np.savez(
        wide,
        train_images=images[:200],
        train_labels=labels[:200],
        validation_images=images[200:],
        validation_labels=labels[200:],
    )
    said = cli(
        "sweep", "learning-rate", "0.001", "1e9", "--dataset", str(wide), "--sigma", "0", "--epochs", "2", "--json"
    )
    assert said.code == 0, said.err
    statuses = {(line["value"], line["seed"]): line["status"] for line in of_type("result", said)}
    assert statuses == {(v, s): "diverged" if v == 1e9 else "finished" for v in (0.001, 1e9) for s in range(5)}


def test_a_grid_has_both_settings_in_every_line(cli, tiny: Path) -> None:
    grid = ("learning-rate", "0.01", "0.1", "batch-size", "32", "128", "--seeds", "2")
    said = cli("sweep", *grid, "--dataset", str(tiny), "--epochs", "1", "--json")
    assert said.code == 0, said.err
    pairs = {(line["value"], line["second_value"], line["seed"]) for line in of_type("result", said)}
    assert len(pairs) == 8
    assert {line["second_parameter"] for line in of_type("result", said)} == {"batch_size"}
    people = cli("sweep", *grid, "--dataset", str(tiny), "--epochs", "1")
    assert "The lowest mean loss is" in people.out.replace("\n", " ")


def test_without_values_the_exercises_own_are_swept(cli, tiny: Path) -> None:
    said = cli("sweep", "batch-size", "--dataset", str(tiny), "--epochs", "1", "--seeds", "1", "--json")
    assert [line["value"] for line in of_type("result", said)] == [2**power for power in range(12)]
    said = cli("sweep", "learning-rate", "--dataset", str(tiny), "--epochs", "1", "--seeds", "1", "--json")
    assert [line["value"] for line in of_type("result", said)] == [0.001, 0.01, 0.03, 0.1, 0.3, 1]
    assert said.lines[0]["config"]["base"]["epochs"] == 1
    assert "One seed cannot separate an effect from chance" in said.lines[-1]["verdict"]


def test_its_runs_open_like_any_other(cli, tiny: Path) -> None:
    said = cli(
        "sweep", "learning-rate", "0.01", "0.1", "--seeds", "1", "--dataset", str(tiny), "--epochs", "1", "--json"
    )
    for line in of_type("result", said):
        assert cli("mistakes", line["run_id"], "--json").code == 0
        shown = cli("runs", "show", line["run_id"], "--json").lines
        assert shown[0]["validation_loss"] == line["validation_loss"]


@pytest.mark.parametrize("kind", ["csv", "json", "md", "txt"])
def test_the_results_are_exported(cli, tiny: Path, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"sweep.{kind}"
    arguments = ("sweep", "learning-rate", "0.01", "0.1", "--seeds", "2", "--dataset", str(tiny), "--epochs", "1")
    said = cli(*arguments, "--json", "--export", str(file))
    assert said.code == 0, said.err
    results, text = of_type("result", said), file.read_text()
    if kind == "csv":
        rows = list(csv.DictReader(text.splitlines()))
        assert [float(row["validation_loss"]) for row in rows] == [line["validation_loss"] for line in results]
    elif kind == "json":
        whole = json.loads(text)
        assert [row["run_id"] for row in whole["results"]] == [line["run_id"] for line in results]
        assert whole["verdict"] == said.lines[-1]["verdict"]
        verdicts = [{"type": "verdict", **verdict} for verdict in whole["verdicts"]]
        assert verdicts == of_type("verdict", said)
    else:
        assert "validation loss" in text
        assert "● train" in text
        assert said.lines[-1]["verdict"] in text
    refused = cli(*arguments, "--export", str(file))
    assert refused.code == 2
    assert "there already" in refused.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "found no setting"),
        (("learning-rat", "0.1"), "found 'learning-rat', expected one of"),
        (("0.1",), "found '0.1'"),
        (("learning-rate", "0.1", "-1"), "learning rate: found '-1', expected a number above 0"),
        (("batch-size", "1.5"), "batch size: found '1.5', expected an integer"),
        (("learning-rate", "2,5"), "learning rate: found '2,5'"),
        (("momentum",), "momentum: found no values"),
        (("learning-rate", "--at", "steps"), "found no batch size swept"),
        (("learning-rate", "--at", "once"), "--at: found 'once', expected one of images, steps, scaled"),
        (("learning-rate", "--seeds", "0"), "--seeds: found '0', expected an integer at least 1, at most 20"),
        (("learning-rate", "batch-size", "epochs", "1"), "found 3 settings"),
        (("learning-rate", "--resume"), "--resume: found settings as well"),
        (("--resume", "s0001"), "no sweep is stored yet"),
        (("--resume", "../x"), "no sweep is stored yet"),
        (("learning-rate", "--export", "x.png"), "expected a name that ends in .csv"),
        (("learning-rate", "--softmax", "naive", "--loss", "from-logits"), "loss: found from-logits"),
    ],
)
def test_bad_usage_is_one_line_and_stores_nothing(cli, tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    said = cli("sweep", *arguments)
    assert said.code == 2
    assert words in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
    assert not (tmp_path / "store" / "sweeps").exists()


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[Any, dict[str, bytes]]:
    """The parameters of the sweep that nobody disturbs."""
    from tui.cli.main import main

    folder = tmp_path_factory.mktemp("uninterrupted")
    assert main(["sweep", *LONG, "--json", "--store", str(folder)]) == 0
    return parameters(folder)


def parameters(folder: Path) -> dict[Any, dict[str, bytes]]:
    store = RunStore.open(folder)
    runs = store.summaries()
    assert {run.status for run in runs} == {"finished"}
    return {
        (run.config.batch_size, run.config.seed): {
            name: tensor.data for name, tensor in store.load_checkpoint(run.run_id).tensors.items()
        }
        for run in runs
    }


def wait_for(path: Path, child: Any) -> None:
    while not path.exists():
        assert child.poll() is None, child.stderr.read().decode()
        time.sleep(0.01)  # leaves the processor to the child


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_with_checkpoints_from_which_it_comes_to_the_same_bits(
    cli, process, uninterrupted: dict[Any, Any], tmp_path: Path, number: signal.Signals, code: int
) -> None:
    child = process("sweep", *LONG, "--json")
    wait_for(tmp_path / "store" / "checkpoints" / "r0002" / "2-0.safetensors", child)
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    assert child.returncode == code, err.decode()
    assert err == b""
    last = json.loads(out.splitlines()[-1])
    assert (last["type"], last["status"]) == ("finished", "stopped")
    resumed = cli("sweep", "--resume", "--json")
    assert resumed.code == 0, resumed.err
    assert [line["type"] for line in resumed.lines] == ["started", *["result"] * 4, *["verdict"] * 2, "finished"]
    assert parameters(tmp_path / "store") == uninterrupted


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
def test_a_kill_loses_no_value_that_has_ended_and_resumes_to_the_same_bits(
    cli, process, uninterrupted: dict[Any, Any], tmp_path: Path
) -> None:
    child = process("sweep", *LONG, "--json")
    wait_for(tmp_path / "store" / "checkpoints" / "r0003" / "1-0.safetensors", child)
    child.kill()
    child.wait()
    first = [json.loads(line) for line in child.stdout.read().splitlines()][1:3]
    resumed = cli("sweep", "--resume", "s0001", "--json")
    assert resumed.code == 0, resumed.err
    assert of_type("result", resumed)[:2] == first
    assert parameters(tmp_path / "store") == uninterrupted


def test_a_reader_that_leaves_ends_the_sweep_quietly_with_checkpoints(cli, process) -> None:
    child = process("sweep", *LONG, "--json")
    child.stdout.readline()
    child.stdout.close()
    child.wait(timeout=60)
    assert child.returncode == 141
    assert child.stderr.read() == b""
    assert {line["status"] for line in cli("runs", "list", "--json").lines} <= {"stopped", "finished"}
