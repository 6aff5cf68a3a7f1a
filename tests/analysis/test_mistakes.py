"""Six images with three classes, worked by hand: which are asked for, in which order, and all that is said of one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import confusion_matrix as sklearn_confusion_matrix

from engine.analysis.mistakes import (
    Parameters,
    Predictions,
    check_index,
    chosen,
    confusion_matrix,
    example,
    greys,
    predict,
)
from engine.contract.commands import SortKey
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.training.resident import ResidentData

PROBABILITIES = [
    [0.7, 0.2, 0.1],  # right
    [0.1, 0.8, 0.1],  # of class 0, taken for 1
    [0.5, 0.15, 0.35],  # of class 2, taken for 0
    [0.0, 0.55, 0.45],  # of class 2, taken for 1: surer than image 2, by less
    [0.1, 0.8, 0.1],  # of class 0, taken for 1: as image 1
    [0.2, 0.1, 0.7],  # right
]
LABELS = [0, 0, 2, 2, 0, 2]


def predictions() -> Predictions:
    probabilities, labels = torch.tensor(PROBABILITIES), torch.tensor(LABELS)
    logits = probabilities.log()
    losses = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    return Predictions(logits, probabilities, losses, labels, probabilities.argmax(1))


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("index", False, [1, 2, 3, 4]),
        ("index", True, [4, 3, 2, 1]),
        ("loss", True, [1, 4, 2, 3]),  # −log of 0.1, 0.1, 0.35, 0.45
        ("loss", False, [3, 2, 1, 4]),
        ("confidence", True, [1, 4, 3, 2]),  # 0.8, 0.8, 0.55, 0.5
        ("confidence", False, [2, 3, 1, 4]),
        ("margin", False, [3, 2, 1, 4]),  # 0.1, 0.15, 0.7, 0.7
        ("margin", True, [1, 4, 2, 3]),
    ],
)
def test_mistakes_come_in_the_order_asked_for_and_ties_by_their_number(
    sort: SortKey, descending: bool, expected: list[int]
) -> None:
    assert chosen(predictions(), sort, descending).tolist() == expected


def test_many_ties_stay_in_the_order_of_their_numbers() -> None:
    """A sort that is not stable keeps few ties in order, and mixes many."""
    alike = torch.full((3000, 2), 0.5)
    found = Predictions(alike, alike, alike[:, 0], torch.ones(3000).long(), torch.zeros(3000).long())
    for descending in (False, True):
        assert chosen(found, "loss", descending).tolist() == list(range(3000))


@pytest.mark.parametrize(
    ("true", "predicted", "expected"),
    [
        (0, None, [1, 4]),
        (2, None, [2, 3]),
        (1, None, []),
        (None, 0, [2]),
        (None, 1, [1, 3, 4]),
        (0, 1, [1, 4]),
        (2, 1, [3]),
        (0, 0, [0]),  # on the diagonal: what the model gets right
        (2, 2, [5]),
        (1, 1, []),
    ],
)
def test_a_cell_of_the_matrix_gives_its_images(true: int | None, predicted: int | None, expected: list[int]) -> None:
    assert chosen(predictions(), "index", False, true, predicted).tolist() == expected


@pytest.mark.parametrize(("name", "cell"), [("true", (3, None)), ("true", (-1, 0)), ("predicted", (None, 3))])
def test_a_class_that_there_is_not_is_refused(name: str, cell: tuple[int | None, int | None]) -> None:
    found = cell[0] if name == "true" else cell[1]
    with pytest.raises(InputError) as refused:
        chosen(predictions(), "index", False, *cell)
    assert str(refused.value) == f"{name} class: found {found}, expected 0 to 2"


def test_suspected_labels_are_some_of_the_mistakes() -> None:
    """Class 0 counts from (0.7 + 0.1 + 0.1) / 3 on, class 2 from 0.5 on; nothing is labelled 1, so it never counts."""
    found = predictions()
    assert found.suggested.tolist() == [-1, -1, 0, -1, -1, -1]
    assert chosen(found, "index", False, suspected=True).tolist() == [2]
    assert chosen(found, "index", False, true=0, suspected=True).tolist() == []
    assert chosen(found, "index", False, true=2, suspected=True).tolist() == [2]


def test_what_has_no_loss_comes_where_the_greatest_does() -> None:
    found = predictions()
    losses = found.losses.clone()
    losses[3] = torch.nan
    assert chosen(replace(found, losses=losses), "loss", True).tolist() == [3, 1, 4, 2]


def test_the_gradient_is_that_of_autograd_and_the_evidence_adds_up_to_the_logit() -> None:
    weight, bias = torch.randn(3, 4, generator=torch.manual_seed(1)), torch.tensor([0.1, -0.2, 0.3])
    images = torch.tensor([[0, 51, 102, 255], [255, 0, 204, 51]], dtype=torch.uint8)
    logits = ((images / 255) @ weight.T + bias).requires_grad_()
    labels = torch.tensor([int(logits[0].argmin()), 1])
    loss = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    loss[0].backward()
    found = Predictions(logits.detach(), logits.detach().softmax(1), loss.detach(), labels, logits.argmax(1))
    answer = example(7, found, 0, images, Parameters(weight, bias, 1 / 255))
    assert logits.grad is not None
    assert answer.request == 7
    assert answer.gradient == pytest.approx(logits.grad[0].tolist(), abs=1e-6)
    assert found.probabilities[0].sum() == pytest.approx(1), "what the gradient is made of stays as it was"
    evidence = np.frombuffer(answer.evidence, np.float32).reshape(2, 4).sum(1)
    predicted, true = int(found.predicted[0]), int(labels[0])
    for summed, label in zip(evidence, (predicted, true), strict=True):
        assert summed + answer.bias[label] == pytest.approx(answer.logits[label], abs=1e-5)
    said = answer.example
    assert (said.index, said.true, said.predicted) == (0, true, predicted)
    assert said.probability == pytest.approx(max(said.probabilities))
    assert said.probabilities == pytest.approx(found.probabilities[0].tolist())
    assert said.loss == pytest.approx(float(loss[0].detach()))
    assert said.pixels == bytes([0, 51, 102, 255])


def test_of_a_classifier_that_is_not_known_there_is_no_evidence() -> None:
    answer = example(1, predictions(), 2, None, None)
    assert (answer.evidence, answer.bias, answer.example.pixels) == (b"", (), b"")
    assert (answer.example.predicted, answer.example.suggested) == (0, 0)
    images, parameters = torch.zeros(6, 4), Parameters(torch.ones(3, 4), torch.ones(3), 1.0)
    assert example(1, predictions(), 0, images, None).bias == ()
    assert example(1, predictions(), 0, None, parameters).evidence == b""
    assert example(1, predictions(), 0, images, parameters).example.suggested is None


@pytest.mark.parametrize("index", [-1, 6])
def test_an_image_that_there_is_not_is_refused(index: int) -> None:
    with pytest.raises(InputError) as refused:
        example(1, predictions(), index, None, None)
    assert str(refused.value) == f"image: found {index}, expected 0 to 5"
    for there in (0, 5):
        check_index(predictions(), there)


def test_floats_are_stretched_to_bytes() -> None:
    assert greys(torch.tensor([-1.0, 0.0, 1.0])) == bytes([0, 127, 255])
    assert greys(torch.tensor([2.5, 2.5])) == bytes([0, 0])
    assert greys(torch.tensor([3, 200], dtype=torch.uint8)) == bytes([3, 200])


def test_the_matrix_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    labels, predicted = random.integers(0, 4, 200), random.integers(0, 3, 200)  # nothing is taken for the last
    nothing = torch.zeros(200, 4)
    found = Predictions(nothing, nothing, nothing[:, 0], torch.from_numpy(labels), torch.from_numpy(predicted))
    assert confusion_matrix(found) == tuple(map(tuple, sklearn_confusion_matrix(labels, predicted).tolist()))


@pytest.mark.parametrize("part", ["validation", "test"])
@pytest.mark.parametrize("size", [3, 1000, 2001])
def test_a_part_is_judged_block_by_block_as_it_is_at_once(part: str, size: int) -> None:
    random = torch.manual_seed(size)
    parts = [torch.randint(0, 256, (size, 4), generator=random, dtype=torch.uint8) for _ in range(2)]
    labels = [torch.randint(0, 3, (size,), generator=random) for _ in range(2)]
    data = ResidentData(parts[0], labels[0], parts[0], labels[0], 1 / 255, 3, parts[1], labels[1])
    weight, bias = torch.randn(3, 4, generator=random), torch.randn(3, generator=random)
    which = ("validation", "test").index(part)
    logits = (parts[which] / 255) @ weight.T + bias
    for config in (TrainConfig(), TrainConfig(softmax="yours", loss="yours"), TrainConfig(label_smoothing=0.1)):
        found = predict(weight, bias, data, config, part)  # type: ignore[arg-type]
        if part == "validation":
            assert torch.equal(predict(weight, bias, data, config).logits, found.logits), "what is judged unless asked"
        torch.testing.assert_close(found.logits, logits)
        torch.testing.assert_close(found.probabilities, logits.softmax(1))
        smoothed = torch.nn.functional.cross_entropy(
            logits, labels[which], reduction="none", label_smoothing=config.label_smoothing
        )
        torch.testing.assert_close(found.losses, smoothed)
        assert (found.labels == labels[which]).all()
        assert (found.predicted == logits.argmax(1)).all()


def test_losses_and_probabilities_are_those_of_the_runs_own_functions() -> None:
    """Logits of 0 and 200: naively exp overflows, the clipped loss ends at −log ε, the exact one is 200."""
    images, labels = torch.tensor([[0, 200]], dtype=torch.uint8), torch.tensor([0])
    data = ResidentData(images, labels, images, labels, 1.0, 2)
    weight, bias = torch.eye(2), torch.zeros(2)
    naive = predict(weight, bias, data, TrainConfig(softmax="naive", loss="indexing", gradient="autograd"))
    assert naive.probabilities[0, 1].isnan()
    clipped = predict(weight, bias, data, TrainConfig(loss="clipped", clip_epsilon=1e-4, gradient="autograd"))
    assert float(clipped.losses[0]) == pytest.approx(-math.log(1e-4))
    assert float(predict(weight, bias, data, TrainConfig(loss="from-logits")).losses[0]) == 200.0
