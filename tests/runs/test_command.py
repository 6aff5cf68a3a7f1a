"""`softmax-tui runs`: listing, comparing, exporting, deleting."""

import csv
import io
import json
import math
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import load, load_file

from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState, apply
from tests.train.script import epoch, started, summary
from tui.cli.page import Page
from tui.runs.text import write_comparison, write_list, write_run


def test_an_empty_store_lists_nothing_and_is_not_made_by_looking(cli, tmp_path: Path) -> None:
    assert cli("runs", "list", "--json").out == ""
    assert "no run is stored yet" in cli("runs", "list").out
    assert not (tmp_path / "store").exists()


def test_a_run_is_listed_with_its_config_and_last_losses(cli, trained: str, tiny: Path) -> None:
    (line,) = cli("runs", "list", "--json").lines
    assert line["run_id"] == trained
    assert line["status"] == "finished"
    assert line["config"]["batch_size"] == 32
    assert line["config"]["dataset"] == str(tiny)
    shown = cli("runs", "show", "--json").lines
    assert shown[0] == line
    assert [epoch["epoch"] for epoch in shown[1:]] == [1, 2, 3]
    assert shown[-1]["train_loss"] == line["train_loss"]
    assert shown[-1]["validation_loss"] == line["validation_loss"]


def test_people_see_a_table_and_a_page_of_the_run(cli, trained: str) -> None:
    assert trained in cli("runs", "list").out
    assert "batch 32" in cli("runs", "list").out
    cli("runs", "rename", trained, "a name of sixteen")
    assert max(map(len, cli("runs", "list").out.splitlines())) <= 80
    page = cli("runs", "show", trained).out
    for word in ("status", "finished, 3 of 3 epochs", "batch-size 32", "● validation", "softmax-tui mistakes"):
        assert word in page


def test_a_name_stands_for_the_run_until_it_is_given_twice(cli, trained: str, tiny: Path) -> None:
    assert cli("runs", "rename", trained, "first \x1b[31mtry").code == 0
    listed = cli("runs", "list")
    assert "first" in listed.out
    assert "\x1b" not in listed.out
    assert cli("runs", "show", "first \x1b[31mtry", "--json").lines[0]["run_id"] == trained
    second = cli("train", "--dataset", str(tiny), "--epochs", "1", "--json").lines[0]["run_id"]
    cli("runs", "rename", second, "first \x1b[31mtry")
    said = cli("runs", "show", "first \x1b[31mtry")
    assert said.code == 2
    assert f"{second} or {trained}" in said.err
    assert cli("runs", "note", trained, "-5 is a note").code == 0
    assert cli("runs", "show", trained, "--json").lines[0]["note"] == "-5 is a note"


def test_the_csv_has_every_epoch_in_full_precision(cli, trained: str) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("runs", "export", "--format", "csv").out)))
    epochs = cli("runs", "show", "--json").lines[1:]
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for row, known in zip(rows, epochs, strict=True):
        assert {name: float(text) for name, text in row.items()} == {name: known[name] for name in row}


def test_the_other_text_formats_are_whole(cli, trained: str) -> None:
    exported = json.loads(cli("runs", "export", trained, "--format", "json").out)
    assert exported["run_id"] == trained
    assert len(exported["epochs"]) == 3
    cli("runs", "note", trained, "a | b <script>")
    page = cli("runs", "export", trained, "--format", "markdown").out
    assert page.startswith(f"# {trained}\n")
    assert "| note | a \\| b &lt;script> |" in page
    assert page.count("\n| 1 |") == page.count("\n| 3 |") == 1


def test_the_weights_are_those_of_the_last_checkpoint(cli, trained: str, tmp_path: Path, tiny: Path) -> None:
    file = tmp_path / "weights.safetensors"
    export = ("runs", "export", trained, "--format", "safetensors")
    assert cli(*export, "--output", str(file)).code == 0
    tensors = load_file(file)
    assert tensors["weight"].shape == (3, 30)
    with np.load(tiny) as arrays:
        inputs = arrays["validation_images"].reshape(200, 30).astype(np.float32) / 255
        right = (inputs @ tensors["weight"].T + tensors["bias"]).argmax(1) == arrays["validation_labels"]
    assert right.mean() == pytest.approx(cli("runs", "list", "--json").lines[0]["validation_accuracy"])


def test_a_file_is_replaced_only_when_that_is_asked_for(cli, trained: str, tmp_path: Path) -> None:
    file = tmp_path / "metrics.csv"
    file.write_text("precious")
    said = cli("runs", "export", "--output", str(file))
    assert said.code == 2
    assert "--force" in said.err
    assert file.read_text() == "precious"
    assert cli("runs", "export", "--output", str(file), "--force").code == 0
    assert file.read_text().startswith("epoch,train_loss")
    assert cli("runs", "export", "--output", str(tmp_path / "no" / "folder.csv")).code == 2


def test_weights_go_to_a_pipe_but_never_to_a_terminal(
    cli, trained: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui.cli.main import main

    assert main(["runs", "export", "--format", "safetensors"]) == 0
    assert set(load(capfdbinary.readouterr().out)) == {"weight", "bias"}
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    said = cli("runs", "export", "--format", "safetensors")
    assert said.code == 2
    assert "expected a file" in said.err


def test_comparing_shows_what_differs_and_what_came_of_it(cli, trained: str, tiny: Path) -> None:
    other = cli("train", "--dataset", str(tiny), "--epochs", "2", "--learning-rate", "0.5", "--json").lines[0]["run_id"]
    said = cli("runs", "compare", trained, other)
    assert said.code == 0
    rows = {line[:22].strip(): line.split() for line in said.out.splitlines()}
    assert rows["learning rate"][-2:] == ["0.1", "0.5"]
    assert "momentum" not in rows
    assert [line["run_id"] for line in cli("runs", "compare", trained, other, "--json").lines] == [trained, other]
    assert cli("runs", "compare", trained, trained).code == 2


def test_deleting_asks_names_every_run_and_removes_its_files(cli, trained: str, tiny: Path, tmp_path: Path) -> None:
    other = cli("train", "--dataset", str(tiny), "--epochs", "1", "--json").lines[0]["run_id"]
    said = cli("runs", "delete", trained)
    assert said.code == 2
    assert "--yes" in said.err
    assert cli("runs", "delete", trained, "r0099", "--yes").code == 2
    assert len(cli("runs", "list", "--json").lines) == 2, "nothing goes before every name is known"
    said = cli("runs", "delete", trained, other, "--yes")
    assert said.code == 0
    assert said.out == f"deleted {trained}\ndeleted {other}\n"
    assert cli("runs", "list", "--json").lines == []
    assert not list((tmp_path / "store").rglob("*.safetensors"))


@pytest.mark.parametrize(("answer", "code", "left"), [(b"n\n", 1, 1), (b"y\n", 0, 0)])
def test_a_terminal_is_asked(cli, trained: str, places: dict[str, str], answer: bytes, code: int, left: int) -> None:
    terminal, end = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.cli.main", "runs", "delete", trained],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **places},
        stdin=end,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    os.write(terminal, answer)
    out, _ = child.communicate(timeout=60)
    os.close(terminal)
    os.close(end)
    assert f"delete {trained}".encode() in out
    assert child.returncode == code
    assert len(cli("runs", "list", "--json").lines) == left


def test_a_running_run_is_listed_as_that_and_not_deleted(cli, process) -> None:
    child = process(
        *("train", "--dataset", "silhouettes", "--train-size", "2000", "--validation-size", "100"),
        *("--epochs", "10000", "--json"),
    )
    run_id = json.loads(child.stdout.readline())["run_id"]
    assert cli("runs", "list", "--json").lines[0]["status"] == "running"
    said = cli("runs", "delete", run_id, "--yes")
    assert said.code == 2
    assert "running (host" in said.err
    (ended,) = cli("train", "--dataset", "silhouettes", "--epochs", "1", "--train-size", "20", "--json").lines[:1]
    both = cli("runs", "delete", ended["run_id"], run_id, "--yes")
    assert both.code == 2
    assert {run["run_id"] for run in cli("runs", "list", "--json").lines} == {run_id, ended["run_id"]}, "all, or none"
    assert cli("train", "--resume", run_id).code == 2
    assert child.poll() is None


@pytest.mark.parametrize("columns", [40, 80, 120, 200])
def test_the_list_shows_all_settings_that_differ_at_any_width(columns: int) -> None:
    config = TrainConfig(dataset="d", softmax="naive", loss="indexing", learning_rate=0.5, momentum=0.9, seed=7)
    odd = TrainConfig(
        dataset="d", softmax="naive", loss="from-logits", gradient="closed-form"
    )  # a pair that no run can begin with
    runs = [msgspec.structs.replace(summary(f"r000{place}"), config=one) for place, one in enumerate((config, odd))]
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    write_list(runs, Page(stream, {"COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"}))
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= columns
    for words in ("rate 0.5", "momentum 0.9", "softmax naive", "seed 7", "from-logits"):
        assert words.split()[-1] in text


def page_of(write: Callable[[Page], None]) -> str:
    said = io.StringIO()
    write(Page(said))
    return said.getvalue()


def test_of_a_long_run_the_first_and_the_last_epoch_are_always_shown() -> None:
    run = RunState()
    for event in (started(), *(epoch(number, 1 / number) for number in range(1, 83))):
        run = apply(run, event)
    rows = page_of(lambda page: write_run(summary("r0001"), run, page)).splitlines()
    shown = [int(row.split()[0]) for row in rows if row.strip()[:1].isdigit() and "%" in row]
    assert shown == [1, *range(3, 82, 3), 82]


def test_the_best_validation_loss_of_a_comparison_may_lie_before_the_end() -> None:
    runs = []
    for losses in ((0.9, 0.4, 0.6), (0.8, 0.7, math.nan), (math.nan,)):
        run = RunState()
        for event in (started(), *(epoch(number, loss) for number, loss in enumerate(losses, start=1))):
            run = apply(run, event)
        runs.append(run)
    page = page_of(lambda page: write_comparison([summary(f"r000{number}") for number in range(3)], runs, page))
    best = next(line for line in page.splitlines() if line.startswith("best validation loss"))
    assert best.split()[3:] == ["0.400", "0.700", "-"]
