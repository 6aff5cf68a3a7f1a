"""`softmax-tui decide` on predictions as people bring them: with probabilities of 0, sorted, few, in any float."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import brier_score_loss, log_loss
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

FLOATS = ("float64", "float32", "float16")
Arrays = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def neighbours() -> Arrays:
    """What ten nearest neighbours say of noisy digits: tenths, and some labels that no neighbour has."""
    digits, noise = load_digits(), np.random.default_rng(1)
    train_x, x, train_y, y = train_test_split(digits.data, digits.target, random_state=0)
    near = KNeighborsClassifier(10).fit(train_x + noise.normal(0, 8, train_x.shape), train_y)
    return {"probabilities": near.predict_proba(x + noise.normal(0, 8, x.shape)), "labels": y}


def saved(folder: Path, arrays: Arrays, kind: str = "float64") -> str:
    np.savez(folder / f"{kind}.npz", probabilities=arrays["probabilities"].astype(kind), labels=arrays["labels"])
    return str(folder / f"{kind}.npz")


def decided(cli: Any, *arguments: str) -> dict[str, Any]:
    said = cli("decide", *arguments, "--json")
    assert (said.code, said.err) == (0, "")
    (found,) = said.lines
    return dict(found)


@pytest.mark.parametrize("threshold", [number / 10 for number in range(11)])
def test_the_same_tenths_in_any_float_are_decided_alike(
    cli: Any, tmp_path: Path, neighbours: Arrays, threshold: float
) -> None:
    asked = ("--positive", "0", "--threshold", str(threshold), "--miss", "7", "--false-alarm", "3")
    found = [decided(cli, saved(tmp_path, neighbours, kind), *asked) for kind in FLOATS]
    tenths, labels = (10 * neighbours["probabilities"]).round(), neighbours["labels"]
    alarm = tenths[:, 0] >= round(10 * threshold)
    for one in found:
        assert one["true_positive"] == (alarm & (labels == 0)).sum()
        assert one["false_positive"] == (alarm & (labels != 0)).sum()
        exact = ("auc", "average_precision", "argmax_cost", "least_expected_cost", "flipped", "zero_probability_labels")
        assert [one[key] for key in exact] == pytest.approx([found[0][key] for key in exact], rel=1e-12)
        for key in ("ece", "brier"):
            assert one[key] == pytest.approx(found[0][key], abs=1e-3)
            assert one["views"]["trust"][key] == pytest.approx(found[0]["views"]["trust"][key], abs=1e-3)
        assert one["views"]["costs"]["flipped"] == found[0]["views"]["costs"]["flipped"]
        assert one["views"]["trust"]["abstention"]["coverage"] == found[0]["views"]["trust"]["abstention"]["coverage"]


@pytest.mark.parametrize("kind", FLOATS)
def test_labels_of_probability_0_are_counted_and_no_temperature_is_fitted(
    cli: Any, tmp_path: Path, neighbours: Arrays, kind: str
) -> None:
    file, labels = saved(tmp_path, neighbours, kind), neighbours["labels"]
    found = decided(cli, file, "--positive", "0", "--threshold", "0.7")
    impossible = int((neighbours["probabilities"][np.arange(len(labels)), labels] == 0).sum())
    assert found["zero_probability_labels"] == impossible == 19
    assert found["true_positive"] == 17
    assert found["loss"] is found["temperature"] is None
    trust = found["views"]["trust"]
    assert trust["loss_after"] is trust["ece_after"] is None
    assert found["brier"] == pytest.approx(
        brier_score_loss(labels, neighbours["probabilities"], scale_by_half=False), abs=1e-3
    )
    page = cli("decide", file).out
    assert "19 of 450 true labels have probability 0" in " ".join(page.split())
    assert "none is fitted" in " ".join(page.split())
    assert "at temperature" not in page
    assert "nan" not in page
    assert all(len(line) <= 80 for line in page.splitlines())
    mistakes = cli("mistakes", file, "--json").lines
    assert [one["loss"] for one in mistakes[:8]] == [None] * 8  # the worst first


def test_a_finite_loss_is_that_of_scikit_learn_over_all_rows(cli: Any, tmp_path: Path, neighbours: Arrays) -> None:
    possible = neighbours["probabilities"][np.arange(450), neighbours["labels"]] > 0
    rows = {key: values[possible] for key, values in neighbours.items()}
    found = decided(cli, saved(tmp_path, rows))
    assert found["zero_probability_labels"] == 0
    assert found["loss"] == pytest.approx(log_loss(rows["labels"], rows["probabilities"]))
    assert found["temperature"] == found["views"]["trust"]["temperature"] > 0
    assert found["views"]["trust"]["size"] == 215


def test_an_ensemble_of_neighbours_is_compared_by_what_is_finite(cli: Any, tmp_path: Path, neighbours: Arrays) -> None:
    one = saved(tmp_path, neighbours)
    other = saved(tmp_path, {**neighbours, "probabilities": np.roll(neighbours["probabilities"], 1, axis=1)}, "float32")
    gain = decided(cli, one, "--ensemble", other)["views"]["trust"]["ensemble"]
    assert gain["member_loss"] is None
    assert gain["zero_probability_labels"] > 19
    assert gain["brier_gain_interval"]["low"] is not None
    page = " ".join(cli("decide", one, "--ensemble", other).out.split())
    assert "have probability 0 in a model. That loss is infinite, so no loss is compared." in page


def alternating() -> Arrays:
    """Labels 0, 1, 0, 1, …: 0 is always recognised, 1 mostly missed, with confidence."""
    random = np.random.default_rng(2)
    labels = np.arange(400) % 2
    missed = (labels == 1) & (random.random(400) < 0.6)
    first = np.where(labels == 0, 0.97, np.where(missed, 0.9, 0.1))
    return {"probabilities": np.stack([first, 1 - first], axis=1), "labels": labels}


def test_sorted_rows_have_the_verdict_of_the_same_rows_in_any_order(cli: Any, tmp_path: Path) -> None:
    rows = alternating()
    verdicts, errors = set(), []
    for seed in range(4):
        order = np.random.default_rng(seed).permutation(400) if seed else np.arange(400)
        file = saved(tmp_path, {key: values[order] for key, values in rows.items()})
        found, page = decided(cli, file), " ".join(cli("decide", file).out.split())
        verdicts.add((round(found["ece"], 9), round(found["brier"], 9), round(found["loss"], 9)))
        errors.append(found["views"]["trust"]["ece"])
        assert found["views"]["trust"]["size"] == 200
        assert "overconfident: mean confidence 93.5%, accuracy 69.5%, calibration error 0.270" in page
        assert "fitted on one half (drawn by class, seed 0)" in page
        assert "lowers the calibration error" in page
    assert len(verdicts) == 1
    assert errors == pytest.approx([0.27] * 4, abs=0.05)  # three standard errors of the drawn half


def test_a_perfect_order_of_five_and_five_is_not_certain(cli: Any, tmp_path: Path) -> None:
    rows = {"probabilities": np.array([[0.9, 0.1]] * 5 + [[0.1, 0.9]] * 5), "labels": np.repeat([0, 1], 5)}
    file = saved(tmp_path, rows)
    found = decided(cli, file)
    interval = found["views"]["threshold"]["auc_interval"]
    assert (found["auc"], interval["high"]) == (1.0, 1.0)
    assert interval["low"] == pytest.approx(0.643, abs=0.001)
    assert "0.643–1.000" in cli("decide", file).out


@pytest.mark.parametrize(("miss", "false_alarm"), [(3, 7), (1, 1), (9, 1)])
def test_the_cheapest_from_a_threshold_on_is_what_that_threshold_gives(
    cli: Any, tmp_path: Path, neighbours: Arrays, miss: int, false_alarm: int
) -> None:
    file = saved(tmp_path, neighbours, "float32")
    prices = ("--miss", str(miss), "--false-alarm", str(false_alarm), "--positive", "4")
    costs = decided(cli, file, *prices)["views"]["costs"]
    found = decided(cli, file, *prices, "--threshold", str(costs["costs"]["threshold"]))
    assert (neighbours["probabilities"][:, 4] == costs["costs"]["threshold"]).sum() > 0  # ties
    assert costs["cheapest"][4] == {"missed": found["false_negative"], "false_alarms": found["false_positive"]}


@pytest.mark.parametrize("labels", [[0, 1], [1, 1], [0, 1, 2], [0, 0, 0, 0, 0]])
def test_few_rows_or_one_class_are_judged(cli: Any, tmp_path: Path, labels: list[int]) -> None:
    rows = {"probabilities": np.tile([0.5, 0.25, 0.25], (len(labels), 1)), "labels": np.array(labels)}
    file = saved(tmp_path, rows)
    assert decided(cli, file)["views"]["trust"]["size"] == len(labels) // 2
    assert cli("decide", file).code == 0
