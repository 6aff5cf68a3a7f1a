"""The sentence under the chart says what the numbers say, and no more."""

import math

import pytest

from engine.contract.config import TrainConfig
from engine.contract.events import Autopsy, Diverged, EpochDone
from engine.contract.history import cells_of
from engine.contract.run_state import RunState
from engine.verdicts.run_sentence import sentence
from tests.contract.test_history import DATASET


def run_with(validation: list[float], train: list[float] | None = None) -> RunState:
    epochs = tuple(
        EpochDone(
            epoch=number,
            train_loss=(train or validation)[number - 1],
            train_accuracy=0.8,
            validation_loss=loss,
            validation_accuracy=0.8,
            seconds=1.0,
            learning_rate=0.1,
        )
        for number, loss in enumerate(validation, 1)
    )
    return RunState(status="running", config=TrainConfig(), dataset=DATASET, epochs=epochs)


@pytest.mark.parametrize(
    ("validation", "train", "expected"),
    [
        ([0.6, 0.5, 0.45], None, "Falling: epoch 3 lowers the validation loss by 0.050"),
        ([0.6, 0.5, 0.47, 0.46], None, "more and more slowly"),
        ([0.6, 0.5, 0.5, 0.5005, 0.4999], None, "Flat since epoch 2"),
        ([0.6, 0.5, 0.55, 0.6, 0.65], [0.6, 0.5, 0.4, 0.3, 0.2], "Overfitting since epoch 2"),
        ([0.6, 0.5, 0.55, 0.6, 0.65], None, "Rising since epoch 2"),
        ([0.6, 0.5, 0.55, 0.6], [0.6, 0.5, 0.4, 0.3], "Epoch 4 raises the validation loss by 0.050"),
        ([0.6, 0.5, 0.65, 0.5, 0.64], None, "Oscillating"),
        (
            [0.52, 0.51, 0.523, 0.49, 0.5, 0.506, 0.479],
            None,
            "Falling, unevenly: epoch 7 lowers the validation loss by 0.027",
        ),
        ([0.6, 0.5, 0.502], None, "One epoch alone is no trend"),
        ([0.6], None, "After one epoch"),
        ([5.0, 4.0], None, "Worse than guessing"),
    ],
)
def test_each_shape_of_a_run_gets_its_sentence(
    validation: list[float], train: list[float] | None, expected: str
) -> None:
    assert expected in sentence(run_with(validation, train))


def test_guessing_is_measured_by_the_number_of_classes() -> None:
    assert "Worse than guessing" not in sentence(run_with([math.log(2) * 0.99, math.log(2) * 0.98]))


def test_a_divergence_names_the_step_and_the_cause() -> None:
    autopsy = Autopsy(
        image_index=3,
        label=1,
        label_name="b",
        logits=(1.0, 2.0),
        exponentials=(1.0, 2.0),
        partition=3.0,
        probabilities=(0.3, 0.7),
        loss=math.nan,
        cause="exp(100) is too large",
        remedies=(),
    )
    run = RunState(status="diverged", diverged=Diverged(epoch=1, minibatch=2, autopsy=autopsy))
    assert sentence(run) == "Diverged at epoch 1, minibatch 2: exp(100) is too large."


def test_before_the_first_epoch_it_claims_nothing() -> None:
    assert sentence(RunState()) == "No run has started yet."
    run = RunState(status="running", losses=cells_of([2.3, 1.9], 0, 1))
    assert "was 2.300 and is 1.900" in sentence(run)
