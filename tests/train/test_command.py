"""`softmax-tui train`, for people and for scripts."""

import re
from pathlib import Path

import pytest


def test_json_lines_are_started_epochs_and_finished_and_nothing_else(cli, tiny: Path) -> None:
    said = cli("train", "--dataset", str(tiny), "--epochs", "3", "--json")
    assert said.code == 0
    assert [line["type"] for line in said.lines] == ["started", "epoch", "epoch", "epoch", "finished"]
    started, *epochs, finished = said.lines
    assert started["config"]["epochs"] == 3
    assert started["device"] == "cpu"
    sizes = {key: started["dataset"][key] for key in ("train_size", "validation_size", "num_features", "num_classes")}
    assert sizes == {"train_size": 600, "validation_size": 200, "num_features": 30, "num_classes": 3}
    assert [epoch["epoch"] for epoch in epochs] == [1, 2, 3]
    assert epochs[-1]["validation_loss"] < epochs[0]["validation_loss"]
    assert finished["run_id"] == started["run_id"]
    assert finished["status"] == "finished"
    assert finished["seconds"] > 0
    assert finished["images_per_second"] > 0
    assert said.err == ""


def test_a_notice_goes_to_stderr_and_leaves_stdout_to_the_json_lines(
    cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("a file where the data folder should be")
    said = cli("train", "--epochs", "1", "--train-size", "500", "--validation-size", "100", "--json")
    assert said.code == 0
    assert said.lines[0]["dataset"]["name"] == "silhouettes"
    assert "silhouettes" in said.err
    assert "instead of fashion-mnist" in said.err


def test_settings_of_drawn_images_that_a_dataset_does_not_use_are_named(cli, tiny: Path) -> None:
    changed = ("--train-size", "1000", "--noise", "0.1", "--epochs", "1", "--json")
    said = cli("train", "--dataset", str(tiny), *changed)
    assert said.err == (
        "softmax-tui: train images 1000 and noise 0.1: not used, because tiny.npz has its own 600 training and "
        "200 validation images. These settings are for silhouettes only.\n"
    )
    said = cli("sweep", "momentum", "0", "0.5", "--seeds", "1", "--dataset", str(tiny), *changed)
    assert said.err.count("train images 1000 and noise 0.1: not used") == 1
    drawn = cli("train", "--dataset", "silhouettes", "--validation-size", "200", *changed)
    assert (drawn.code, drawn.err) == (0, "")
    said = cli("sweep", "train-size", "100", "200", "--seeds", "1", "--dataset", str(tiny))
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "softmax-tui: train images: found it swept, expected another setting: tiny.npz has its own 600 training and "
        "200 validation images\n"
    )


def test_people_get_a_table_a_chart_a_sentence_and_what_to_try_next(cli, tiny: Path) -> None:
    said = cli("train", "--dataset", str(tiny), "--epochs", "4")
    assert said.code == 0
    assert re.search(r"^epoch +train loss +accuracy +validation loss", said.out, re.MULTILINE)
    assert re.findall(r"^ +(\d) +\d\.\d{3} +\d+\.\d%", said.out, re.MULTILINE) == ["1", "2", "3", "4"]
    assert "● validation" in said.out
    assert "finished in" in said.out
    assert "softmax-tui mistakes r0001" in said.out
    assert "\x1b" not in said.out + said.err
    assert "\r" not in said.out + said.err


def test_a_long_run_shows_some_of_its_epochs_and_the_last(cli, tiny: Path) -> None:
    said = cli("train", "--dataset", str(tiny), "--epochs", "95")
    rows = re.findall(r"^ +(\d+) +\d\.\d{3} +\d+\.\d%", said.out, re.MULTILINE)
    assert rows[0] == "1"
    assert rows[-1] == "95"
    assert len(rows) <= 42


def test_a_locale_without_utf8_gets_ascii_alone(cli, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    said = cli("train", "--dataset", str(tiny), "--epochs", "3")
    assert said.code == 0
    assert said.out.isascii()
    assert "o validation" in said.out


def test_a_diverged_run_ends_with_a_complete_autopsy_and_is_stored(cli) -> None:
    said = cli(
        *("train", "--dataset", "silhouettes", "--train-size", "2000", "--validation-size", "500", "--json"),
        *("--softmax", "naive", "--loss", "indexing", "--learning-rate", "1e6"),
    )
    assert said.code == 1
    *_, diverged, finished = said.lines
    assert diverged["type"] == "diverged"
    assert diverged["epoch"] == 1
    assert diverged["minibatch"] >= 2
    autopsy = diverged["autopsy"]
    assert 0 <= autopsy["image_index"] < 2000
    assert len(autopsy["logits"]) == len(autopsy["exponentials"]) == 10
    assert "exp(" in autopsy["cause"]
    remedies = {(remedy["softmax"], remedy["loss"]): remedy["value"] for remedy in autopsy["remedies"]}
    assert remedies["row-max", "from-logits"] > 0
    assert {softmax for softmax, _ in remedies} == {"naive", "global-max", "row-max", "log-sum-exp"}
    assert finished["status"] == "diverged"
    assert [line["status"] for line in cli("runs", "list", "--json").lines] == ["diverged"]
    shown = cli("runs", "show").out
    for word in ("Epoch 1, minibatch", "exponential", "partition", "Training image", "from-logits"):
        assert word in shown
    assert re.search(r">!(nan|inf)", shown)


def test_a_run_worse_than_guessing_is_told_as_that(cli) -> None:
    said = cli(
        *("train", "--dataset", "silhouettes", "--train-size", "2000", "--validation-size", "500"),
        *("--learning-rate", "1e6", "--epochs", "2"),
    )
    assert said.code == 0
    assert "worse than guessing" in said.out


def test_resuming_with_more_epochs_forks_and_shows_the_whole_run(cli, trained: str) -> None:
    said = cli("train", "--resume", "--epochs", "5", "--json")
    assert said.code == 0
    assert said.lines[0]["epochs_done"] == 3
    assert [line["epoch"] for line in said.lines if line["type"] == "epoch"] == [4, 5]
    assert said.lines[0]["run_id"] != trained
    listed = {line["run_id"]: line for line in cli("runs", "list", "--json").lines}
    assert listed[said.lines[0]["run_id"]]["forked_from"] == trained
    assert listed[trained]["epochs_done"] == 3
    people = cli("train", "--resume", trained, "--epochs", "6")
    assert re.findall(r"^ +(\d) +\d\.\d{3} ", people.out, re.MULTILINE) == ["1", "2", "3", "4", "5", "6"]


def test_a_finished_run_is_not_resumed_without_more_epochs(cli, trained: str) -> None:
    said = cli("train", "--resume", trained)
    assert said.code == 2
    assert "3 of 3 epochs done" in said.err
    assert len(said.err.splitlines()) == 1


def test_the_real_images_reach_the_numbers_of_the_book(cli, real_data: str) -> None:
    said = cli("train", "--dataset", "fashion-mnist", "--data-dir", real_data, "--json")
    assert said.code == 0
    last = said.lines[-2]
    assert last["epoch"] == 10
    assert last["train_loss"] == pytest.approx(0.447, abs=0.005)
    assert 0.47 <= last["validation_loss"] <= 0.50
    assert last["validation_accuracy"] >= 0.81
