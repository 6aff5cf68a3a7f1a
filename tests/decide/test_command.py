"""`softmax-tui decide` on predictions files and on a stored run."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from sklearn.metrics import average_precision_score, brier_score_loss, confusion_matrix, log_loss, roc_auc_score

from engine.analysis.trust import halves
from engine.contract.stories import RETINA
from tui.cli.main import main

NAMES = ("healthy", "cold", "plague")
KEYS = (
    "positive",
    "threshold",
    "true_positive",
    "false_positive",
    "true_negative",
    "false_negative",
    "auc",
    "average_precision",
    "argmax_cost",
    "least_expected_cost",
    "flipped",
    "ece",
    "brier",
    "loss",
    "zero_probability_labels",
    "temperature",
)


def softmax(logits: np.ndarray) -> np.ndarray:
    exponentials = np.exp(logits - logits.max(1, keepdims=True))
    return exponentials / exponentials.sum(1, keepdims=True)


@pytest.fixture
def predictions(tmp_path: Path) -> Path:
    """1,000 images of three classes, three times as sure as it should be."""
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, (1000, 3)) + np.log([0.6, 0.3, 0.1])
    labels = (random.random((1000, 1)) > softmax(logits).cumsum(1)).sum(1).clip(0, 2)
    file = tmp_path / "predictions.npz"
    np.savez(file, probabilities=softmax(3 * logits), labels=labels, label_names=np.array(NAMES))
    return file


@pytest.fixture
def costs(tmp_path: Path) -> Path:
    file = tmp_path / "costs.csv"
    file.write_text("0,1,3\n2,0,5\n40,30,0\n")
    return file


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert main(["decide", *map(str, arguments), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.count("\n") == 1
    found: dict[str, Any] = json.loads(out)
    return found


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main(["decide", *map(str, arguments)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err


def by_width(sure: np.ndarray, right: np.ndarray) -> float:
    bins = np.ceil(sure * 15)
    return float(
        sum((bins == b).mean() * abs(right[bins == b].mean() - sure[bins == b].mean()) for b in np.unique(bins))
    )


def test_every_figure_is_the_referees(predictions: Path, costs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, predictions, "--positive", "plague", "--threshold", 0.3, "--cost-matrix", costs)
    assert set(KEYS) <= found.keys()
    with np.load(predictions) as arrays:
        p, y = arrays["probabilities"], arrays["labels"]
    assert (found["positive"], found["threshold"]) == (2, 0.3)
    counted = confusion_matrix(y == 2, p[:, 2] >= 0.3).ravel().tolist()
    assert [found[key] for key in ("true_negative", "false_positive", "false_negative", "true_positive")] == counted
    assert found["auc"] == pytest.approx(roc_auc_score(y == 2, p[:, 2]))
    assert found["average_precision"] == pytest.approx(average_precision_score(y == 2, p[:, 2]))
    matrix = np.array([[0, 1, 3], [2, 0, 5], [40, 30, 0]])
    likely, cheapest = p.argmax(1), (p @ matrix).argmin(1)
    assert found["argmax_cost"] == pytest.approx(matrix[y, likely].mean())
    assert found["least_expected_cost"] == pytest.approx(matrix[y, cheapest].mean())
    assert found["flipped"] == (likely != cheapest).sum() > 0
    assert found["views"]["costs"]["flipped"] == np.flatnonzero(likely != cheapest).tolist()
    assert found["ece"] == pytest.approx(by_width(p.max(1), p.argmax(1) == y))
    assert found["brier"] == pytest.approx(brier_score_loss(y, p, scale_by_half=False))
    assert found["loss"] == pytest.approx(log_loss(y, p))
    assert found["zero_probability_labels"] == 0


def test_the_temperature_is_judged_on_the_other_half(predictions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = answer(capsys, predictions)
    trust = found["views"]["trust"]
    with np.load(predictions) as arrays:
        p, y = arrays["probabilities"], arrays["labels"]
    fitted, judged = halves(y)
    assert trust["size"] == len(judged) == 500

    def loss(temperature: float) -> float:
        return log_loss(y[fitted], softmax(np.log(p[fitted]) / temperature))

    referee = minimize_scalar(loss, bounds=(0.1, 20), method="bounded", options={"xatol": 1e-8})
    assert found["temperature"] == trust["temperature"] == pytest.approx(referee.x, rel=1e-5)
    cooled = softmax(np.log(p[judged]) / referee.x)
    for after, of_half in (("", p[judged]), ("_after", cooled)):
        assert trust["ece" + after] == pytest.approx(by_width(of_half.max(1), of_half.argmax(1) == y[judged]), abs=1e-5)
        assert trust["brier" + after] == pytest.approx(brier_score_loss(y[judged], of_half, scale_by_half=False))
        assert trust["loss" + after] == pytest.approx(log_loss(y[judged], of_half))
    assert trust["ece_after"] < trust["ece"]


def test_the_positive_class_goes_by_number_or_name_and_is_the_last_without_either(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, predictions)["positive"] == 2
    assert answer(capsys, predictions, "--positive", "1") == answer(capsys, predictions, "--positive", "cold")


def test_the_scenario_is_a_miss_that_costs_fifty_false_alarms(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, predictions) == answer(capsys, predictions, "--miss", 50, "--false-alarm", 1)
    found = answer(capsys, predictions, "--miss", 1, "--false-alarm", 3)
    assert found["views"]["costs"]["costs"]["rows"] == [[0, 0, 3], [0, 0, 3], [1, 1, 0]]
    assert found["views"]["costs"]["costs"]["threshold"] == 0.75
    assert answer(capsys, predictions, "--cost-matrix", "symmetrical")["flipped"] == 0


def test_prevalence_changes_what_an_alarm_means_and_nothing_else(
    predictions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rare, common = (answer(capsys, predictions, "--prevalence", p) for p in (0.001, 0.5))
    meanings = [found["views"]["threshold"].pop("shift")["positive_predictive_value"] for found in (rare, common)]
    assert meanings[0] < 0.2 < 0.8 < meanings[1]
    assert rare == common


def test_an_absent_class_has_null_for_what_it_cannot_have(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "few.npz", logits=np.zeros((4, 2)), labels=np.zeros(4, dtype=int))
    found = answer(capsys, tmp_path / "few.npz")
    assert found["auc"] is None
    assert found["average_precision"] is None
    assert found["true_negative"] == 0
    assert found["false_positive"] == 4
    assert found["temperature"] == 1.0


def test_several_predictions_are_judged_as_their_mean(
    predictions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(predictions) as arrays:
        p, y = arrays["probabilities"], arrays["labels"]
    np.savez(tmp_path / "other.npz", probabilities=np.roll(p, 1, axis=0), labels=y)
    found = answer(capsys, predictions, "--ensemble", tmp_path / "other.npz")
    mean = (p + np.roll(p, 1, axis=0)) / 2
    assert found["auc"] == pytest.approx(roc_auc_score(y == 2, mean[:, 2]))
    assert found["views"]["trust"]["ensemble"]["members"] == 2


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--positive", "9"), "--positive: found '9', expected 0 to 2 or one of healthy, cold, plague"),
        (("--threshold", "1.5"), "--threshold: found '1.5', expected a number at least 0, at most 1"),
        (("--threshold", "nan"), "--threshold: found 'nan', expected a number at least 0, at most 1"),
        (("--prevalence", "x"), "--prevalence: found 'x', expected a number at least 0, at most 1"),
        (("--miss", "-1"), "--miss: found '-1', expected a number at least 0"),
        (("--miss", "5", "--cost-matrix", "ordinal"), "--cost-matrix: found --miss or --false-alarm as well"),
        (("--cost-matrix", "/nowhere/costs.csv"), "/nowhere/costs.csv: no such file; expected a text file"),
        (("--ensemble", "nowhere.npz"), "nowhere.npz: no such file; expected an .npz file of predictions"),
        (("--thresold", "0.5"), "no option is called '--thresold'; the nearest option is --threshold"),
    ],
)
def test_bad_input_is_one_line_and_exits_with_2(
    predictions: Path, arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert line in refusal(capsys, predictions, *arguments)


def test_a_bad_file_or_cost_matrix_is_one_line(
    predictions: Path, costs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.npz").write_text("no\narchive")
    assert "expected an intact .npz file" in refusal(capsys, tmp_path / "bad.npz")
    costs.write_text("0,1,3\n2,0,much\n40,30,0\n")
    assert "row 2, column 3: found 'much'" in refusal(capsys, predictions, "--cost-matrix", costs)


def test_for_people_there_are_three_sections_in_plain_ascii_where_it_must_be(
    predictions: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    assert main(["decide", str(predictions)]) == 0
    page = capsys.readouterr().out
    for part in ("Threshold: is it plague?", "Costs: plague: a miss costs 50", "Trust: can the", "overconfident", "⠊"):
        assert part in page
    assert all(len(line) <= 80 for line in page.splitlines())
    monkeypatch.setenv("LC_ALL", "C")
    assert main(["decide", str(predictions)]) == 0
    assert capsys.readouterr().out.isascii()


def test_names_in_a_file_are_text_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = np.array(["[/bold]", "\x1b]0;owned\x07"])
    random = np.random.default_rng(0)
    np.savez(tmp_path / "x.npz", logits=random.normal(size=(50, 2)), labels=np.arange(50) % 2, label_names=names)
    assert main(["decide", str(tmp_path / "x.npz")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_a_stored_run_is_decided_on_and_agrees_with_its_confusion(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = ["--store", str(tmp_path / "store"), "--data-dir", str(tmp_path / "data")]
    small = ["--dataset", "silhouettes", "--train-size", "500", "--validation-size", "300", "--epochs", "2"]
    assert main(["train", *small, *places, "--json"]) == 0
    run_id = json.loads(capsys.readouterr().out.splitlines()[0])["run_id"]
    found = answer(capsys, *places, "--cost-matrix", "symmetrical")
    assert found["sources"] == [run_id]
    assert found["positive_label"] == "ankle boot"
    assert main(["confusion", *places, "--json"]) == 0
    confusion = json.loads(capsys.readouterr().out)
    assert found["argmax_cost"] == pytest.approx(1 - confusion["accuracy"])
    assert found["true_positive"] + found["false_negative"] == sum(confusion["matrix"][9])
    assert "found 'nobody'" in refusal(capsys, "nobody", *places)


@pytest.mark.parametrize(
    ("names", "positive", "title", "caution"),
    [
        (("malignant", "normal or benign"), 0, "malignant: a miss costs 50, a false alarm 1", True),
        (RETINA, 4, "a mistake costs the squared distance of the classes", True),
        (("malignant", "benign"), 1, "benign: a miss costs 50, a false alarm 1", True),
        (NAMES, 2, "plague: a miss costs 50, a false alarm 1", False),
    ],
)
def test_the_class_to_find_and_the_costs_follow_the_classes(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    names: tuple[str, ...],
    positive: int,
    title: str,
    caution: bool,
) -> None:
    random, predictions = np.random.default_rng(2), tmp_path / "theirs.npz"
    logits, labels = random.normal(0, 1, (200, len(names))), random.integers(0, len(names), 200)
    np.savez(predictions, probabilities=softmax(logits), labels=labels, label_names=np.array(names))
    found = answer(capsys, predictions)
    assert found["positive"] == positive
    assert found["views"]["costs"]["costs"]["title"] == title
    assert main(["decide", str(predictions)]) == 0
    assert ("For teaching, not for diagnosis." in capsys.readouterr().out) == caution
    typed = answer(capsys, predictions, "--miss", 3)
    assert typed["views"]["costs"]["costs"]["title"].endswith("a miss costs 3, a false alarm 1")


def test_equal_costs_of_two_classes_change_no_decision_for_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    even = np.full((40, 2), 0.5)  # a tie goes to the most likely label, not to the class to find
    np.savez(tmp_path / "even.npz", probabilities=even, labels=np.arange(40) % 2)
    assert answer(capsys, tmp_path / "even.npz", "--cost-matrix", "symmetrical")["flipped"] == 0
    assert main(["decide", str(tmp_path / "even.npz"), "--cost-matrix", "symmetrical"]) == 0
    assert "a miss costs 1, a false alarm 1   0.500 per image, least at 0.5" in capsys.readouterr().out
