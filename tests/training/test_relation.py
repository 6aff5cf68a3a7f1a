"""Whether images and labels go together: by simulation, where the truth is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from scipy.stats import binomtest
from sklearn.linear_model import Ridge

from engine.contract.events import LabelsExamined
from engine.training.relation import _most_images, _predicted, examine, guessing_loss
from engine.training.resident import ResidentData

SEEDS = range(25)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Products so small wait longer for a second thread than they take."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def drawn(seed: int, images: int, classes: int, signal: float, shares: list[float] | None = None) -> ResidentData:
    """Inputs of a scale of 50 around class means that stand `signal` apart; with 0 the labels are unrelated."""
    random = np.random.default_rng(seed)
    labels = random.choice(classes, size=images, p=shares)
    means = random.normal(size=(classes, 30)) / np.sqrt(30)
    inputs = 50 * (signal * means[labels] + random.normal(size=(images, 30)))
    return resident(inputs.astype(np.float32), labels, classes)


def resident(inputs: np.ndarray, labels: np.ndarray, classes: int) -> ResidentData:
    images_nf, labels_n = torch.from_numpy(inputs), torch.from_numpy(labels)
    return ResidentData(images_nf, labels_n, images_nf[:1], labels_n[:1], 1.0, classes)


def verdicts(images: int, classes: int, signal: float, shares: list[float] | None = None) -> Counter[str]:
    return Counter(examine(drawn(seed, images, classes, signal, shares), seed).verdict for seed in SEEDS)


@pytest.mark.parametrize(
    ("images", "classes", "shares"), [(1300, 10, None), (2000, 3, None), (1500, 4, [0.85, 0.05, 0.05, 0.05])]
)
def test_labels_without_a_relation_are_told_from_those_with_one(
    images: int, classes: int, shares: list[float] | None
) -> None:
    without, strong = verdicts(images, classes, 0, shares), verdicts(images, classes, 2, shares)
    assert without["unrelated"] >= 0.9 * len(SEEDS)
    assert without["related"] <= 1
    assert strong == {"related": len(SEEDS)}


def test_a_weak_relation_is_seldom_taken_for_none() -> None:
    assert verdicts(1300, 10, 0.75)["unrelated"] <= 1  # a linear model gets some 19 % of ten classes right


def test_too_few_images_say_nothing() -> None:
    assert verdicts(60, 10, 0)["unclear"] >= len(SEEDS) - 1
    assert verdicts(150, 2, 0)["unrelated"] <= 0.2 * len(SEEDS)
    two = resident(np.eye(2, dtype=np.float32), np.array([0, 1]), 2)
    assert examine(two, 0).verdict == "unclear"


def test_the_scale_of_the_pixels_does_not_matter() -> None:
    data = drawn(3, 800, 5, 1)
    larger = resident(data.train_images.numpy() * 255 + 1000, data.train_labels.numpy(), 5)
    assert examine(larger, 0).accuracy == pytest.approx(examine(data, 0).accuracy, abs=0.01)


def test_more_features_than_images_give_what_fewer_do() -> None:
    data = drawn(4, 400, 4, 2)
    padded = np.concatenate([data.train_images.numpy()] * 20, axis=1)  # the same 30 features twenty times over
    assert examine(resident(padded, data.train_labels.numpy(), 4), 0).verdict == "related"


def test_the_interval_is_wilsons_of_99_per_cent_and_the_figures_repeat() -> None:
    data = drawn(5, 900, 3, 0.5)
    found = examine(data, 7)
    right = round(found.accuracy * found.images)
    interval = binomtest(right, found.images).proportion_ci(0.99, method="wilson")
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert isinstance(found, LabelsExamined)
    assert examine(data, 7) == found


def test_guessing_costs_the_entropy_of_the_classes() -> None:
    labels = torch.tensor([0] * 90 + [1] * 10)
    assert guessing_loss(labels, 3) == pytest.approx(-0.9 * np.log(0.9) - 0.1 * np.log(0.1))


@pytest.mark.parametrize("power", [-100, 100, 119])
def test_the_scale_of_the_images_changes_nothing(power: int) -> None:
    """At the last one squares are beyond float32, and the images just within it."""
    data = drawn(0, 600, 3, 1.0)
    scaled = resident(np.ldexp(data.train_images.numpy(), power), data.train_labels.numpy(), 3)
    assert np.isfinite(scaled.train_images.numpy()).all()
    assert examine(scaled, 0) == examine(data, 0)


@pytest.mark.parametrize("features", [5, 300])
@pytest.mark.parametrize("present", [[0, 1, 2, 3], [0, 2]])
def test_the_fit_is_the_ridge_regression_of_scikit_learn(features: int, present: list[int]) -> None:
    """With few features and with more than images; classes of unequal size, one of a single image, two absent."""
    random = np.random.default_rng(features)
    labels = random.choice(present, size=200, p=[0.6] + [0.4 / (len(present) - 1)] * (len(present) - 1))
    labels[:2] = 0, present[-1]
    inputs = random.normal(labels[:, None] * random.normal(size=features), 3.0) * 7 + 100
    inputs[:, 0] = 4.0  # a pixel that never changes
    fitted, scored = inputs[:120].astype(np.float32), inputs[120:].astype(np.float32)
    scaled = (fitted - fitted.mean(0)) / np.where(fitted.std(0) > 0, fitted.std(0), 1)
    others = (scored - fitted.mean(0)) / np.where(fitted.std(0) > 0, fitted.std(0), 1)
    counts = np.bincount(labels[:120], minlength=4)
    weights = 120 / ((counts > 0).sum() * counts[labels[:120]])
    targets = np.eye(4)[labels[:120]] - 1 / (counts > 0).sum()
    ridge = Ridge(alpha=120, fit_intercept=False).fit(scaled, targets, sample_weight=weights)
    logits = ridge.predict(others)
    logits[:, counts == 0] = -np.inf
    found = _predicted(torch.from_numpy(fitted), torch.from_numpy(labels[:120]), torch.from_numpy(scored), 4)
    assert found.tolist() == logits.argmax(1).tolist()
    assert set(found.tolist()) <= set(present)
    assert len(set(found.tolist())) > 1


def test_a_fit_of_as_many_images_as_it_can_afford_takes_no_longer_than_it_may() -> None:
    def work(half: int, features: int) -> int:
        return half * features**2 if features <= half else half**2 * features

    for features in (1, 30, 500, 784, 887, 888, 1000, 3072, 100_000):
        images = _most_images(features)
        assert work(images // 2, features) <= 7e8
        assert images == 4000 or work(images // 2 + 1, features) > 7e8
    assert [_most_images(features) for features in (1, 784, 3072)] == [4000, 2276, 954]


def test_of_a_perfect_relation_the_chance_is_that_of_the_classes_shares() -> None:
    data = resident(np.array([[0.0], [0.0], [1.0], [1.0]], np.float32), np.array([0, 0, 1, 1]), 2)
    found = [examine(data, seed) for seed in range(20)]
    assert {(one.accuracy, one.chance) for one in found if one.accuracy == 1} == {(1.0, 0.5)}
    assert found[0].guessing_loss == pytest.approx(np.log(2))
    assert {one.images for one in found} == {4}
