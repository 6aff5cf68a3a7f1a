"""`softmax-tui losses`: exercise 2 of the section, on the command line."""

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from engine.contract.stored_runs import group_of
from engine.store.runs import RunStore
from tests.brief import BRIEF
from tui.cli.main import main

LOSSES = ["indexing", "definition", "clipped", "integer-labels", "from-logits", "torch"]
KEYS = {"type", "loss", "value", "gradient_error", "seconds", "peak_bytes", "relative_time"}


@pytest.fixture(autouse=True)
def _measured_briefly(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in BRIEF:
        monkeypatch.setattr(module, name, value)


def by_name(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {line["loss"]: line for line in lines}


def test_a_line_a_loss_with_all_that_was_measured(cli) -> None:
    said = cli("losses", "--json")
    assert (said.code, said.err) == (0, "")
    assert [line["loss"] for line in said.lines] == LOSSES
    for line in said.lines:
        assert line["type"] == "loss"
        assert {**line}.keys() >= KEYS | {"batch_size", "num_classes", "dtype"}
        assert (line["batch_size"], line["num_classes"], line["dtype"]) == (256, 10, "float32")
        assert line["seconds"] > 0
        assert line["peak_bytes"] > 0
        assert line["relative_time"] > 0
    found = by_name(said.lines)
    assert found["indexing"]["relative_time"] == 1
    for name in ("indexing", "definition", "clipped", "from-logits"):
        assert found[name]["value"] == pytest.approx(found["torch"]["value"], rel=1e-5)
        assert found[name]["gradient_error"] < 1e-8
    assert found["integer-labels"]["gradient_error"] > 1e-3
    counts = {phase["name"]: (phase["operations"], phase["times_zero"]) for phase in found["definition"]["phases"]}
    assert counts["logarithm"] == counts["product"] == (2560, 2304)


def test_everything_but_the_times_is_the_same_each_time_and_another_seed_is_another_batch(cli) -> None:
    def clockless(*more: str) -> list[tuple[Any, ...]]:
        lines = cli("losses", "--batch-size", "16", "--json", *more).lines
        return [(line["loss"], line["value"], line["gradient_error"], line["peak_bytes"]) for line in lines]

    assert clockless() == clockless("--seed", "0") != clockless("--seed", "1")


def test_several_sizes_are_measured_one_after_the_other(cli) -> None:
    lines = cli("losses", "--batch-size", "4", "8", "--classes", "3", "5", "--dtype", "float64", "--json").lines
    shapes = [(line["batch_size"], line["num_classes"], line["dtype"]) for line in lines[::6]]
    assert shapes == [(4, 3, "float64"), (4, 5, "float64"), (8, 3, "float64"), (8, 5, "float64")]
    assert len(lines) == 24


def test_what_is_not_finite_is_null(cli) -> None:
    zero = by_name(cli("losses", "--preset", "zero-times-log-zero", "--json").lines)
    assert (zero["indexing"]["value"], zero["from-logits"]["value"], zero["definition"]["value"]) == (0, 0, None)
    assert zero["definition"]["gradient_error"] is None
    log = by_name(cli("losses", "--preset", "log-0", "--json").lines)
    assert (log["indexing"]["value"], log["from-logits"]["value"]) == (None, 110)
    assert log["clipped"]["value"] == pytest.approx(16.118, abs=1e-3)
    narrower = by_name(cli("losses", "--preset", "log-0", "--epsilon", "1e-3", "--json").lines)
    assert narrower["clipped"]["value"] == pytest.approx(6.908, abs=1e-3)


def test_soft_labels_are_told_from_hard_ones_by_the_definition_alone(cli) -> None:
    hard = by_name(cli("losses", "--json").lines)
    soft = by_name(cli("losses", "--label-smoothing", "0.1", "--json").lines)
    assert soft["indexing"]["value"] == hard["indexing"]["value"]
    assert soft["definition"]["value"] != pytest.approx(hard["definition"]["value"], rel=1e-3)
    assert soft["definition"]["value"] == pytest.approx(soft["torch"]["value"], rel=1e-5)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(256, 10, dtype=torch.float64, generator=generator)
    labels = torch.randint(10, (256,), generator=generator)
    logits[torch.arange(256), labels] += 2
    expected = functional.cross_entropy(logits, labels, label_smoothing=0.1).item()
    assert soft["definition"]["value"] == pytest.approx(expected, rel=1e-5)


def test_float16_has_an_epsilon_that_it_can_hold(cli) -> None:
    found = by_name(cli("losses", "--dtype", "float16", "--batch-size", "8", "--json").lines)
    assert found["clipped"]["value"] is not None


def test_people_get_tables_and_answers_in_80_columns(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    said = cli("losses", "--label-smoothing", "0.1", "--mixing", "0.2")
    for part in ("times indexing", "with its gradient", "logarithm", "Why slower?", "Should you use it? Yes", "When?"):
        assert part in said.out
    assert max(map(len, said.out.splitlines())) <= 80
    assert "No: the definition gives nan, but the loss is 0" in cli("losses", "--preset", "zero-times-log-zero").out
    assert "4 images." in cli("losses", "--batch-size", "4", "--classes", "3", "9").out
    monkeypatch.setenv("LC_ALL", "C")
    assert cli("losses", "--preset", "log-0").out.isascii()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--classes", "1"), "--classes: found '1', expected an integer at least 2, at most 1,000,000"),
        (("--classes", "10", "x"), "--classes: found 'x', expected an integer"),
        (("--batch-size", "0"), "--batch-size: found '0', expected an integer at least 1"),
        (("--batch-size", "1000000", "--classes", "1000"), "batch size × classes: found 1,000,000,000, expected"),
        (("--dtype", "int8"), "--dtype: found 'int8', expected one of float16, bfloat16, float32, float64"),
        (("--epsilon", "0"), "--epsilon: found '0', expected a number above 0, below 1"),
        (("--epsilon", "1e-60"), "clip at: found 1e-60, expected at least 1.2e-38 with float32"),
        (("--label-smoothing", "nan"), "--label-smoothing: found 'nan', expected a number at least 0, below 1"),
        (("--preset", "x"), "preset: found 'x', expected one of log-0, zero-times-log-zero"),
        (("--preset", "log-0", "--classes", "3"), "--preset: found --batch-size or --classes as well"),
        (("--seed", "-1"), "--seed: found '-1', expected an integer at least 0"),
        (("--epochs", "3"), "--epochs: found no --train, expected both options"),
        (("--train", "--mixing", "0.1"), "--train: found --preset, --mixing or several batch sizes as well"),
        (("--train", "--dtype", "bfloat16"), "--train: found --dtype bfloat16, expected float32 or float64"),
        (("--train", "--dataset", "r0002"), "dataset: found r0002, expected auto"),  # before anything is measured
        (
            ("--train", "--dataset", "./none.npz"),
            "none.npz: no such file; expected an .npz file, a CSV file, or a folder",
        ),
        (("--clases", "3"), "no option is called '--clases'; the nearest option is --classes"),
    ],
)
def test_bad_input_is_one_line_and_exits_with_2(cli, arguments: tuple[str, ...], line: str) -> None:
    said = cli("losses", *arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert line in said.err


def test_with_train_each_loss_is_a_stored_run_of_the_same_data(cli, tiny: Path) -> None:
    said = cli(
        "losses", "--train", "--dataset", str(tiny), "--epochs", "3", "--batch-size", "32", "--classes", "3", "--json"
    )
    assert said.code == 0, said.err
    trained = by_name([line for line in said.lines if line["type"] == "trained"])
    assert list(trained) == LOSSES[:-1]
    right = trained["from-logits"]
    for name in ("indexing", "definition", "clipped"):
        assert trained[name]["validation_loss"] == pytest.approx(right["validation_loss"], rel=1e-4)
        assert (trained[name]["epochs"], trained[name]["status"]) == (3, "finished")
    # not cross-entropy: it ends elsewhere, if it gets to an end at all
    assert trained["integer-labels"]["validation_loss"] != pytest.approx(right["validation_loss"], rel=0.1)
    stored = {line["run_id"]: line for line in cli("runs", "list", "--json").lines}
    for name, run in trained.items():
        assert stored[run["run_id"]]["config"]["loss"] == name
        assert stored[run["run_id"]]["config"]["gradient"] == "autograd"
        assert group_of(stored[run["run_id"]]["name"]) == f"losses {trained['indexing']['run_id']}"


def test_with_smoothed_labels_only_those_are_trained_that_can_read_them(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--store", str(tmp_path / "s"), "--data-dir", str(tmp_path / "d")]
    arguments = ["--dataset", str(tiny), "--epochs", "1", "--batch-size", "64", "--label-smoothing", "0.1"]
    assert main(["losses", "--train", *arguments, *places]) == 0
    out = capsys.readouterr().out
    table = out[out.index("trained with") :].splitlines()
    assert [line.split()[0] for line in table[1:4]] == ["definition", "clipped", "from-logits"]


def test_ctrl_c_ends_every_run_with_a_checkpoint(process, places: dict[str, str], tiny: Path) -> None:
    child = process(
        "losses", "--train", "--dataset", str(tiny), "--epochs", "10000", "--batch-size", "64",
        "--label-smoothing", "0.1", "--json",
    )  # fmt: skip
    store = Path(places["SOFTMAX_TUI_STORE"])
    give_up = time.monotonic() + 120
    while not (store.exists() and [r for r in RunStore.open(store).summaries() if r.epochs_done]):
        assert child.poll() is None, child.communicate()
        assert time.monotonic() < give_up
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=120)
    assert child.returncode == 130
    trained = [line for line in map(json.loads, out.splitlines()) if line["type"] == "trained"]
    assert [line["status"] for line in trained] == ["stopped"] * 3
    assert {run.status for run in RunStore.open(store).summaries()} == {"stopped"}
