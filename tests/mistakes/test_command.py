"""`softmax-tui mistakes` and `confusion`: what the model of a stored run gets wrong."""

from pathlib import Path

import numpy as np
import pytest


def test_json_has_a_line_for_each_misclassified_image(cli, trained: str) -> None:
    said = cli("mistakes", "--limit", "1000", "--json")
    assert said.code == 0
    assert said.err == ""
    assert said.lines
    for line in said.lines:
        assert line["run_id"] == trained
        assert line["true"] != line["predicted"]
        assert len(line["probabilities"]) == 3
        assert line["probability"] == line["probabilities"][line["predicted"]] == max(line["probabilities"])
    losses = [line["loss"] for line in said.lines]
    assert losses == sorted(losses, reverse=True)
    shown = cli("runs", "list", "--json").lines[0]
    assert 1 - len(said.lines) / 200 == pytest.approx(shown["validation_accuracy"])


def test_the_filter_knows_classes_by_number_and_by_name(cli, trained: str) -> None:
    by_number = cli("mistakes", trained, "--true", "0", "--json", "--limit", "99").out
    by_name = cli("mistakes", trained, "--true", "OWL", "--json", "--limit", "99")
    assert by_name.out == by_number
    assert {line["true_label"] for line in by_name.lines} == {"owl"}
    right = cli("mistakes", trained, "--true", "owl", "--predicted", "owl", "--json")
    assert {line["predicted_label"] for line in right.lines} == {"owl"}
    said = cli("mistakes", "--true", "bat")
    assert said.code == 2
    assert "expected 0 to 2 or one of owl" in said.err
    assert cli("mistakes", "--true", "3").code == 2


def test_json_has_the_smallest_change_of_each_image(cli, trained: str, tmp_path: Path) -> None:
    for line in cli("mistakes", "--limit", "9", "--json").lines:
        change = line["smallest_change"]
        assert change["predicted"] != line["predicted"]
        assert line["probability"] > line["probabilities"][change["predicted"]]
        assert change["norm"] > 0
        assert 0 < change["share_of_norm"] < 1
        assert 0 < change["most_grey_levels"] <= 255
    file = tmp_path / "scored.npz"
    np.savez(file, probabilities=[[0.9, 0.1], [0.2, 0.8]], labels=[1, 1])
    assert cli("mistakes", str(file), "--json").lines[0]["smallest_change"] is None


def test_suspected_label_errors_are_some_of_the_mistakes(cli, tmp_path: Path) -> None:
    file = tmp_path / "scored.npz"
    rare = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.52, 0.48], [0.48, 0.52], [0.1, 0.9]])
    np.savez(file, probabilities=rare, labels=[0, 0, 1, 1, 0, 0], label_names=["owl", "bat"])
    every = cli("mistakes", str(file), "--json").lines
    (suspected,) = cli("mistakes", str(file), "--suspected", "--json").lines
    assert len(every) == 3
    assert [line for line in every if line["suggested"] is not None] == [suspected]
    assert (suspected["index"], suspected["suggested"], suspected["suggested_label"]) == (5, 1, "bat")
    assert "1 of 1 suspected label errors among 6" in cli("mistakes", str(file), "--suspected").out
    np.savez(file, predicted=[0, 1, 1], labels=[0, 0, 1])
    refused = cli("mistakes", str(file), "--suspected")
    assert refused.code == 2
    assert "found no probabilities, expected one for each image and class" in refused.err


@pytest.mark.parametrize(
    ("flags", "key"), [(["--sort", "index", "--ascending"], "index"), (["--sort", "loss"], "loss")]
)
def test_the_order_is_the_one_asked_for(cli, trained: str, flags: list[str], key: str) -> None:
    values = [line[key] for line in cli("mistakes", "--limit", "99", "--json", *flags).lines]
    assert values == sorted(values, reverse="--ascending" not in flags)


@pytest.mark.parametrize("style", ["ascii", "braille"])
def test_pictures_stand_side_by_side_with_true_and_predicted_under_each(cli, trained: str, style: str) -> None:
    said = cli("mistakes", "--limit", "4", "--style", style)
    assert said.code == 0
    captions = [line for line in said.out.splitlines() if "→" in line]
    assert [line.count("→") for line in captions] == [3, 1]
    assert ("⣿" in said.out or "⠀" in said.out) == (style == "braille")
    assert max(map(len, said.out.splitlines())) <= 80


def test_names_from_a_file_never_reach_the_terminal_as_escape_sequences(cli, trained: str) -> None:
    said = cli("mistakes", "--limit", "60")
    table = cli("confusion")
    assert "[/b]" in said.out
    assert "[/b]" in table.out
    assert "\x1b" not in said.out + table.out


def test_half_blocks_without_colours_are_drawn_in_ascii_and_that_is_said(cli, trained: str) -> None:
    said = cli("mistakes", "--limit", "1", "--style", "half")
    assert said.code == 0
    assert "▀" not in said.out
    assert "drawn in ascii instead" in said.err


def test_the_confusion_matrix_counts_every_validation_image_once(cli, trained: str) -> None:
    (whole,) = cli("confusion", "--json").lines
    assert whole["run_id"] == trained
    assert len(whole["labels"]) == 3
    assert sum(map(sum, whole["matrix"])) == 200
    wrong = 200 - sum(whole["matrix"][index][index] for index in range(3))
    assert len(cli("mistakes", "--limit", "999", "--json").lines) == wrong
    first = whole["most_confused"][0]
    cell = cli(
        "mistakes", "--true", str(first["true"]), "--predicted", str(first["predicted"]), "--json", "--limit", "99"
    )
    assert len(cell.lines) == first["count"] == whole["matrix"][first["true"]][first["predicted"]]


def test_people_see_the_matrix_with_labels_and_the_most_confused_pairs(cli, trained: str) -> None:
    said = cli("confusion")
    assert said.code == 0
    assert "0 owl" in said.out
    assert "most confused" in said.out
    assert "of 200 validation images right" in said.out


def test_without_a_run_the_last_that_finished_is_judged_and_named(cli, trained: str, tiny: Path) -> None:
    wild = ("--softmax", "naive", "--loss", "indexing", "--learning-rate", "1e6")
    diverged = cli("train", "--dataset", str(tiny), "--batch-size", "32", *wild)
    assert diverged.code == 1
    said = f"{trained} is the last run that finished. The newest run, r0002, diverged."
    for command in ("mistakes", "confusion", "decide"):
        assert cli(command).out.splitlines()[0] == said
        assert said not in cli(command, trained).out
        scripted = cli(command, "--json")
        assert scripted.err == ""
        (line, *_) = scripted.lines
        assert trained in (line.get("run_id"), *line.get("sources", ()))
    exported = cli("runs", "export")
    assert exported.err == f"{said}\n"
    assert exported.out.startswith("epoch,")
    cli("runs", "delete", trained, "--yes")
    refused = cli("mistakes")
    assert refused.code == 2
    assert "run: found no run that finished, expected such a run or the id of a run: r0002 diverged\n" in refused.err
    assert "No run has finished. The newest run, r0002, diverged." in cli("runs", "show").out
