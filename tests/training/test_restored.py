"""A checkpoint that is none of this run is refused with what was found in it; one that is comes back to the bit."""

from __future__ import annotations

import math

import pytest
import torch
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.store.safetensors_file import Checkpoint
from engine.training.resident import ResidentData
from engine.training.state import TrainingState, restored

CONFIG = TrainConfig(batch_size=50, momentum=0.9)
CPU = torch.device("cpu")


@pytest.fixture
def checkpoint(small_data: ResidentData) -> Checkpoint:
    data = small_data
    return TrainingState.initial(CONFIG, data.num_features, data.num_classes, len(data.train_labels), CPU).checkpoint()


@pytest.mark.parametrize(
    "name", ["minibatches_per_epoch", "epoch_images", "epochs_without_better", "images", "epoch_seconds", "seconds"]
)
@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf, 2.0**53, None])
def test_what_is_counted_and_time_are_finite_and_not_below_0(
    checkpoint: Checkpoint, small_data: ResidentData, name: str, number: float | None
) -> None:
    numbers = {key: value for key, value in checkpoint.numbers.items() if key != name}
    if number is not None:
        numbers[name] = number
    with pytest.raises(InputError) as refused:
        restored("r0007", replace(checkpoint, numbers=numbers), CONFIG, small_data, CPU)
    assert str(refused.value) == f"r0007: found {number} as {name} in its checkpoint, expected a number of a run"


@pytest.mark.parametrize("name", ["loss_sum", "best_validation_loss"])
def test_sums_of_losses_may_be_infinite(checkpoint: Checkpoint, small_data: ResidentData, name: str) -> None:
    numbers = {**checkpoint.numbers, name: math.inf}
    state = restored("r0007", replace(checkpoint, numbers=numbers), CONFIG, small_data, CPU)
    assert getattr(state, name) == math.inf


def test_a_number_that_no_run_has_is_refused(checkpoint: Checkpoint, small_data: ResidentData) -> None:
    numbers = {**checkpoint.numbers, "temperature": 1.0}
    with pytest.raises(InputError, match=r"r0007: found 1.0 as temperature in its checkpoint"):
        restored("r0007", replace(checkpoint, numbers=numbers), CONFIG, small_data, CPU)


def test_a_tensor_of_another_shape_and_one_too_many_are_named(checkpoint: Checkpoint, small_data: ResidentData) -> None:
    wide = replace(checkpoint.tensors["weight"], shape=(2, 72))
    other = "found 2 × 72 of float32 as weight in its checkpoint, expected 4 × 36"
    for tensors, found in (
        ({**checkpoint.tensors, "weight": wide}, other),
        ({**checkpoint.tensors, "scale": replace(wide, shape=())}, "found one number of float32 as scale"),
        ({key: value for key, value in checkpoint.tensors.items() if key != "bias"}, "found nothing as bias"),
    ):
        with pytest.raises(InputError, match=f"r0007: {found}"):
            restored("r0007", replace(checkpoint, tensors=tensors), CONFIG, small_data, CPU)


def test_a_place_that_the_data_do_not_have_is_refused(checkpoint: Checkpoint, small_data: ResidentData) -> None:
    numbers = {**checkpoint.numbers, "minibatches_per_epoch": 7.0}
    with pytest.raises(InputError) as refused:
        restored("r0007", replace(checkpoint, numbers=numbers), CONFIG, small_data, CPU)
    assert str(refused.value) == (
        "r0007: found 7 minibatches an epoch and position 0 in its checkpoint, expected 20 and 0"
    )
