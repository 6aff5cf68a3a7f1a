"""Suspected label errors beside cleanlab's, on labels that were corrupted on purpose."""

import zlib

import numpy as np
import pytest
import torch

from engine.analysis.label_errors import class_thresholds, suggested_classes
from engine.analysis.mistakes import Predictions, chosen
from engine.contract.errors import InputError

IMAGES, SHARE = 3000, 0.05

# What cleanlab 2.9.0 finds by `find_label_issues(labels, probabilities, filter_by="confident_learning")`:
# how many labels, the CRC-32 of their numbers as int64, and how many of them were corrupted.
CLEANLAB = {
    "clear": (161, 2034279193, 134),
    "hard": (770, 3898661398, 112),
    "two": (150, 587026181, 150),
    "absent": (445, 1943481562, 112),
    "rounded": (181, 3627967324, 129),
    "unequal": (250, 1942833425, 125),
}


def corrupted(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities (n, classes), labels (n,) of which 5 % are wrong, and which those are."""
    random = np.random.RandomState(sum(map(ord, kind)))
    classes, spread = {"clear": (5, 0.7), "hard": (8, 1.6), "two": (2, 1.0)}.get(kind, (6, 1.0))
    shares = random.dirichlet(np.full(classes, 3.0))
    true = random.choice(classes, IMAGES, p=shares)
    centres = random.normal(0, 2, (classes, 4))
    seen = centres[true] + random.normal(0, spread, (IMAGES, 4))
    logits = np.log(shares) - ((seen[:, None] - centres) ** 2).sum(2) / (2 * spread**2)
    if kind == "absent":  # the model has a class more than the labels
        logits = np.column_stack([logits, logits.max(1) - 1])
    probabilities = np.exp(logits - logits.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    if kind == "rounded":  # ties and zeros
        probabilities = probabilities.round(2)
    labels = true.copy()
    wrong = random.permutation(IMAGES)[: int(SHARE * IMAGES)]
    labels[wrong] = (true[wrong] + random.randint(1, classes, len(wrong))) % classes
    return probabilities, labels, np.isin(np.arange(IMAGES), wrong)


def as_cleanlab(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The loop of cleanlab's documentation, image by image; with it, the stored figures name images."""
    classes = range(probabilities.shape[1])
    thresholds = np.array([probabilities[labels == k, k].mean() if (labels == k).any() else 2.0 for k in classes])
    found = []
    for image, row in enumerate(probabilities):
        confident = row >= thresholds - 1e-6
        guess = row.argmax() if confident.sum() > 1 else confident.argmax()
        if confident.any() and guess != labels[image] and row.argmax() != labels[image]:
            found.append(image)
    return np.array(found)


def suspected(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    tensors = torch.from_numpy(probabilities), torch.from_numpy(labels)
    suggested = suggested_classes(*tensors, tensors[0].argmax(1))
    assert (suggested != tensors[1]).all()
    return np.flatnonzero(suggested.numpy() >= 0)


@pytest.mark.parametrize("kind", CLEANLAB)
def test_the_suspected_labels_are_those_of_cleanlab(kind: str) -> None:
    probabilities, labels, wrong = corrupted(kind)
    found, theirs = suspected(probabilities, labels), as_cleanlab(probabilities, labels)
    assert (len(theirs), zlib.crc32(theirs.tobytes()), int(wrong[theirs].sum())) == CLEANLAB[kind]
    assert np.isin(found, theirs).all()
    # The paper counts an image for the most probable of the classes that reach their thresholds. cleanlab takes the
    # most probable of all classes where two reach theirs, so it suspects a label that is the better of the two.
    others = np.setdiff1d(theirs, found)
    assert len(others) == (4 if kind == "hard" else 0)
    assert not wrong[others].any()
    thresholds = class_thresholds(torch.from_numpy(probabilities), torch.from_numpy(labels)).numpy()
    reached = np.where(probabilities >= thresholds, probabilities, 0)[others]
    assert (reached.argmax(1) == labels[others]).all()


def test_most_corrupted_labels_of_clear_classes_are_found_and_few_right_labels_are_suspected() -> None:
    probabilities, labels, wrong = corrupted("clear")
    found = suspected(probabilities, labels)
    precision, recall = wrong[found].mean(), wrong[found].sum() / wrong.sum()
    assert precision > 0.8
    assert recall > 0.85
    mistaken = probabilities.argmax(1) != labels
    assert wrong[mistaken].mean() < precision, "better than to suspect every mistake"


def test_a_class_counts_from_its_own_threshold_on() -> None:
    probabilities = torch.tensor([[0.9, 0.1], [0.5, 0.5], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]])
    labels = torch.tensor([0, 0, 1, 1, 0])
    expected = torch.tensor([(0.9 + 0.5 + 0.3) / 3, 0.7], dtype=torch.float64)
    torch.testing.assert_close(class_thresholds(probabilities, labels), expected, atol=1e-6, rtol=0)
    # The last 0.7 is the mean of 0.6 and 0.8, up to the rounding of float32; the other image of class 0 has 0.5.
    assert suggested_classes(probabilities, labels, probabilities.argmax(1)).tolist() == [-1, -1, -1, -1, 1]


def test_without_probabilities_no_label_can_be_suspected() -> None:
    unknown = torch.full((3, 2), torch.nan)
    labels = torch.tensor([0, 1, 1])
    assert suggested_classes(unknown, labels, 1 - labels).tolist() == [-1, -1, -1]
    predictions = Predictions(unknown, unknown, unknown[:, 0], labels, 1 - labels)
    with pytest.raises(InputError, match="found no probabilities"):
        chosen(predictions, "loss", True, suspected=True)
