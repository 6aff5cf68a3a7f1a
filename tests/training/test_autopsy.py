"""The autopsy is of the first image of the minibatch that broke, whichever others broke as well."""

import math
import re

import pytest
import torch
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import Autopsy, Diverged, Finished
from engine.contract.pairs import Pair, resolve_pair
from engine.data.dataset import Dataset
from engine.training.autopsy import autopsy
from engine.training.chunks import Chunks, SeedSource
from engine.training.randomness import epoch_order
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from tests.training.test_loop import finish


@pytest.mark.parametrize("broken", [(0,), (2, 4), (1, 2, 3, 5), (5,)])
@pytest.mark.parametrize(("softmax", "loss"), [("naive", "indexing"), ("naive", "definition")])
def test_the_first_image_that_broke_is_named(broken: tuple[int, ...], softmax: str, loss: str) -> None:
    config = TrainConfig(softmax=softmax, loss=loss)
    state = TrainingState.initial(config, 3, 3, 6, torch.device("cpu"))
    state.weight.copy_(torch.eye(3))
    images = torch.eye(3).repeat(2, 1)
    for number, place in enumerate(broken):
        images[place] = torch.tensor([0.0, 100.0 + number, 0.0])  # exp(100) is larger than float32's largest
    labels, indices = torch.tensor([0, 1, 2, 0, 1, 2]), torch.tensor([70, 20, 50, 10, 60, 30])
    pair = resolve_pair(softmax, loss, "auto", 0.0)
    found = autopsy(state, images, labels, indices, ("a", "b", "c"), config, pair)
    first = broken[0]
    assert found.image_index == int(indices[first])
    assert (found.label, found.label_name) == (int(labels[first]), "abc"[int(labels[first])])
    assert found.logits == (0.0, 100.0, 0.0)


def test_the_numbers_of_the_images_of_a_minibatch_are_those_of_the_order_of_its_epoch(small_data: ResidentData) -> None:
    seeds, size = (3, 8), len(small_data.train_labels)
    chunks = Chunks([SeedSource(small_data, seed) for seed in seeds], 64, torch.float32, small_data.num_features + 1, 2)
    for epoch, minibatch in ((0, 0), (0, 7), (2, 3), (1, size // 64)):
        for place in range(2 * len(seeds)):  # two rates of each seed
            order = epoch_order(seeds[place // 2], epoch, size)
            expected = order[64 * minibatch : 64 * (minibatch + 1)]
            assert chunks.images_at(place, epoch, minibatch).tolist() == expected.tolist(), (place, epoch, minibatch)


@pytest.mark.parametrize(("softmax", "loss"), [("naive", "indexing"), ("global-max", "definition")])
def test_a_run_is_cut_open_at_the_image_and_with_the_weights_that_broke_it(
    small_dataset: Dataset, softmax: str, loss: str
) -> None:
    settings = {"softmax": softmax, "loss": loss, "learning_rate": 3.0, "momentum": 0.9, "batch_size": 16, "seed": 0}
    events, state = finish(small_dataset, **settings)
    diverged = events[-2]
    assert isinstance(diverged, Diverged)
    assert diverged.minibatch > 2
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "a loss was not finite"
    found = diverged.autopsy
    first = 16 * (diverged.minibatch - 1)
    order = epoch_order(0, diverged.epoch - 1, small_dataset.train_size)
    assert found.image_index in order[first : first + 16].tolist()
    images = torch.from_numpy(small_dataset.train_images).flatten(1).float() * small_dataset.pixel_scale
    logits = images @ state.weight.T + state.bias
    assert torch.allclose(torch.tensor(found.logits), logits[found.image_index], rtol=1e-4)
    # global-max subtracts the largest logit of the minibatch, whichever image has it
    shift = float(logits[order[first : first + 16]].max()) if softmax == "global-max" else 0.0
    exponent = re.search(r"exp\(([-\d.]+)\)", found.cause)
    assert exponent is not None, found.cause
    assert any(float(exponent[1]) == pytest.approx(logit - shift, rel=1e-4) for logit in found.logits)


OWN = """
import torch

def softmax(X):
    e = torch.exp(X)
    return e / e.sum(1, keepdim=True)

def cross_entropy(y_hat, y):
    return -torch.log(y_hat[range(len(y)), y]).mean()
"""


def examined(config: TrainConfig, pair: Pair, images: list[list[float]], labels: list[int]) -> Autopsy:
    state = TrainingState.initial(config, 3, 3, 6, torch.device("cpu"))
    state.weight.copy_(torch.eye(3))
    numbers = torch.arange(len(images)) + 10
    return autopsy(state, torch.tensor(images), torch.tensor(labels), numbers, ("a", "b", "c"), config, pair)


def test_ones_own_functions_are_followed_as_the_engines_are() -> None:
    """The loss is a mean over the minibatch, and still one image is named."""
    config = TrainConfig(softmax="yours", loss="yours", mine=OWN)
    pair = replace(resolve_pair("yours", "yours", "auto", 0.0), source=OWN)
    found = examined(config, pair, [[1.0, 2.0, 3.0], [0.0, 100.0, 0.0], [0.0, 200.0, 0.0]], [0, 1, 2])
    assert (found.image_index, found.label_name) == (11, "b")
    assert math.isnan(found.loss)
    assert math.isnan(found.probabilities[1])
    assert (found.exponentials, math.isnan(found.partition)) == ((), True)  # what a function computes within is its own
    exact = next(one for one in found.remedies if (one.softmax, one.loss) == ("row-max", "from-logits"))
    assert exact.value == pytest.approx(0.0, abs=1e-6)
    assert len(found.remedies) == len({(one.softmax, one.loss) for one in found.remedies}) > 10


def test_ones_own_loss_of_the_engines_probabilities_is_asked_image_by_image() -> None:
    source = "def cross_entropy(y_hat, y):\n    return (y_hat[range(len(y)), y] - 0.9).log().mean()\n"
    config = TrainConfig(softmax="row-max", loss="yours", mine=source)
    pair = replace(resolve_pair("row-max", "yours", "auto", 0.0), source=source)
    found = examined(config, pair, [[9.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 0.0, 9.0]], [0, 1, 2])
    assert found.image_index == 11
    assert found.cause == "the probabilities are finite, but the loss of your cross_entropy is not"
    assert found.partition == pytest.approx(sum(found.exponentials))


@pytest.mark.parametrize(
    ("softmax", "loss", "image", "cause"),
    [
        (
            "row-max",
            "indexing",
            [0.0, 200.0, 0.0],
            "the probability of the true class 0 underflowed to 0, and log 0 is −inf",
        ),
        (
            "row-max",
            "definition",
            [200.0, 0.0, 0.0],
            "a probability is exactly 0 and definition multiplies its logarithm by 0: 0 · log 0 is nan",
        ),
        (
            "row-max",
            "indexing",
            [0.0, math.inf, 0.0],
            "the logits are not finite because the weights have overflowed, so no softmax can help",
        ),
    ],
)
def test_the_cause_is_the_first_number_that_went_wrong(softmax: str, loss: str, image: list[float], cause: str) -> None:
    config = TrainConfig(softmax=softmax, loss=loss)  # type: ignore[arg-type]
    assert examined(config, resolve_pair(softmax, loss, "auto", 0.0), [image], [0]).cause == cause


def test_remedies_are_losses_of_the_runs_own_settings() -> None:
    config = TrainConfig(softmax="naive", loss="definition", label_smoothing=0.1, clip_epsilon=1e-3)
    pair = resolve_pair("naive", "definition", "auto", 0.1)
    found = examined(config, pair, [[0.0, 100.0, 0.0]], [0])
    values = {(one.softmax, one.loss): one.value for one in found.remedies}
    logits = torch.tensor([[0.0, 100.0, 0.0]])
    smoothed = torch.nn.functional.cross_entropy(logits, torch.tensor([0]), label_smoothing=0.1)
    assert values["row-max", "from-logits"] == pytest.approx(float(smoothed))
    target = torch.tensor([0.1 / 3] * 3) + torch.tensor([0.9, 0.0, 0.0])
    clipped = -(target * logits.softmax(1)[0].clamp(min=1e-3).log()).sum()
    assert values["row-max", "clipped"] == pytest.approx(float(clipped))
    assert ("naive", "definition") not in values
    assert not any(loss == "indexing" for _, loss in values), "smoothed labels are no numbers"
