"""The autopsy is of the first image of the minibatch that broke, whichever others broke as well."""

import re

import pytest
import torch

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged, Finished
from engine.contract.pairs import resolve_pair
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
