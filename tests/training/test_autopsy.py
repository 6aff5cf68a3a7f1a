"""The autopsy is of the first image of the minibatch that broke, whichever others broke as well."""

import pytest
import torch

from engine.contract.config import TrainConfig
from engine.contract.pairs import resolve_pair
from engine.training.autopsy import autopsy
from engine.training.state import TrainingState


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
