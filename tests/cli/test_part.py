"""The third part of a dataset: never trained on, never stopped by, judged on when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.answers import DecisionShown, ImagesShown, MistakesShown
from engine.contract.commands import ShowDecision, ShowImages, ShowMistakes
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers
from tests.data import brought, scored

HARDER = 255 - brought.XT  # so that whoever looks at the test part ends elsewhere


def saved(folder: Path, **test: np.ndarray) -> str:
    folder.mkdir()
    return str(brought.plain(**test)(folder))


@pytest.fixture
def both(cli: Any, tmp_path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last epochs of two runs that stop early: with a third part, and without."""
    found = []
    third = {"test_images": HARDER, "test_labels": brought.YT}
    for name, test in (("two", {}), ("three", third)):
        file = saved(tmp_path / name, **test)
        said = cli("train", "--dataset", file, "--epochs", "30", "--patience", "2", "--learning-rate", "2", "--json")
        assert said.code == 0, said.err
        found.append([line for line in said.lines if line["type"] == "epoch"][-1])
    return found[0], found[1]


def test_a_third_part_changes_no_bit_of_training_and_no_early_stop(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    two, three = both
    assert two["epoch"] == three["epoch"] < 30
    for key in ("train_loss", "validation_loss", "validation_accuracy"):
        assert two[key] == three[key]


@pytest.mark.usefixtures("both")
def test_commands_judge_on_the_part_that_is_asked_for(cli: Any, tmp_path: Path) -> None:
    # The same weights, with the test part in the place of the validation part, are what `--part test` has to give.
    judged_on_test = saved(tmp_path / "swapped", validation_images=HARDER, validation_labels=brought.YT)
    epochs = str(len(cli("runs", "show", "r0002", "--json").lines) - 1)
    assert cli("train", "--dataset", judged_on_test, "--epochs", epochs, "--learning-rate", "2").code == 0
    for command in (("confusion",), ("decide",), ("mistakes", "--limit", "100")):
        (asked, expected) = (
            cli(*command, *words, "--json").lines for words in (("r0002", "--part", "test"), ("r0003",))
        )
        for line in (*asked, *expected):
            line.pop("run_id", None)
            line.pop("sources", None)
        assert asked == expected
        assert asked != cli(*command, "r0002", "--json").lines
    assert "among 24 test images" in cli("mistakes", "r0002", "--part", "test").out
    assert "of 24 test images right" in cli("confusion", "r0002", "--part", "test").out


@pytest.mark.usefixtures("both")
def test_a_part_that_there_is_not_is_one_line(cli: Any, tmp_path: Path) -> None:
    file = str(scored.SAME_SAID["score"](tmp_path))
    for words, said in (
        (("r0001", "--part", "test"), "part: found no test part in this dataset"),
        (("r0002", "--part", "x"), "--part: found 'x', expected validation or test"),
        ((file, "--part", "test"), "found part test, expected a run: a predictions file has one part"),
    ):
        for command in ("decide", "mistakes", "confusion"):
            refused = cli(command, *words)
            assert refused.code == 2
            assert said in refused.err.splitlines()[-1]


@pytest.mark.usefixtures("both")
def test_the_app_is_answered_about_the_part_that_is_asked_for(tmp_path: Path) -> None:
    answers = Answers(Session(Places(tmp_path / "data", tmp_path / "store")))
    for part, size in (("validation", 30), ("test", 24)):
        shown = list(answers.to(ShowMistakes(run_id="r0002", part=part), None))[-1]  # type: ignore[arg-type]
        assert isinstance(shown, MistakesShown)
        assert shown.part == part
        assert sum(map(sum, shown.confusion)) == size
        decision = list(answers.to(ShowDecision(source="r0002", part=part), None))[-1]  # type: ignore[arg-type]
        assert isinstance(decision, DecisionShown)
        assert decision.decision.num_examples == size
        images = list(answers.to(ShowImages(indices=(0, size - 1)), None))[-1]
        assert isinstance(images, ImagesShown)
        assert images.part == part
        if part == "test":
            assert images.images[0].pixels == HARDER[0].tobytes()
