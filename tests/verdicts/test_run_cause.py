"""What a run that does badly is blamed on: what is known comes before the learning rate."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import DatasetInfo, EpochDone, InputRange, LabelsExamined
from engine.contract.history import cells_of
from engine.contract.run_state import RunState
from engine.verdicts.figures import bytes_words, change_figure, loss_figure
from engine.verdicts.inputs import notice_of, times_as_large
from engine.verdicts.run_cause import cause_of, least_loss
from engine.verdicts.run_sentence import sentence

USUAL = InputRange(low=0, high=1, typical=0.4)
BYTES = InputRange(low=0, high=255, typical=100)


def info(train: InputRange = USUAL, validation: InputRange = USUAL, classes: int = 10) -> DatasetInfo:
    return DatasetInfo(
        name="t",
        train_size=1300,
        validation_size=497,
        num_features=64,
        num_classes=classes,
        image_height=8,
        image_width=8,
        label_names=tuple(map(str, range(classes))),
        checksum="0",
        train_inputs=train,
        validation_inputs=validation,
    )


def run_of(
    train: list[float],
    validation: list[float],
    accuracy: float = 0.1,
    train_accuracy: float = 0.1,
    dataset: DatasetInfo | None = None,
    examined: str = "",
    minibatches: list[float] | None = None,
    **settings: float,
) -> RunState:
    """Ten minibatches an epoch, each with its epoch's loss where no others are given."""
    epochs = tuple(
        EpochDone(
            epoch=number,
            train_loss=losses[0],
            train_accuracy=train_accuracy,
            validation_loss=losses[1],
            validation_accuracy=accuracy,
            seconds=1,
            learning_rate=0.1,
        )
        for number, losses in enumerate(zip(train, validation, strict=True), 1)
    )
    each = minibatches or [math.log(10), *(loss for loss in train for _ in range(10))][: 10 * len(train)]
    found = LabelsExamined(
        images=1300,
        accuracy=0.92 if examined == "related" else 0.1,
        low=0.9 if examined == "related" else 0.08,
        high=0.94 if examined == "related" else 0.12,
        chance=0.1,
        guessing_loss=math.log(10),
        verdict=examined or "unclear",  # type: ignore[arg-type]
    )
    return RunState(
        status="running",
        config=TrainConfig(loss="from-logits", **settings),  # type: ignore[arg-type]
        dataset=dataset or info(),
        minibatches_per_epoch=10,
        position=10 * len(train),
        losses=cells_of(each, 0, 1),
        epochs=epochs,
        examined=found if examined else None,
    )


@pytest.mark.parametrize(
    ("run", "cause"),
    [
        (run_of([2.27], [12.9], 0.42, 0.3, info(validation=BYTES)), "other validation inputs"),
        (run_of([7381], [13070], 0.157, 0.25, info(BYTES, BYTES)), "large inputs"),
        (run_of([50.0, 20.0], [30.0, 12.0], examined="related"), "learning rate"),
        (run_of([2.31, 2.30], [2.31, 2.31], examined="unrelated"), "unrelated"),
        (run_of([2.31, 9.0], [2.31, 12.0], examined="unrelated", learning_rate=10), "unrelated"),
        (run_of([2.30], [2.31], examined="related"), "too few steps"),
        (run_of([2.30], [2.31], examined="unclear"), "untold"),
        (run_of([2.30], [2.31]), "untold"),
        (run_of([2.2], [2.4], label_noise=1.0), "label noise"),
        (run_of([2.3], [2.31], examined="unrelated", label_noise=0.8), "label noise"),
        (run_of([1.0, 0.3], [4.0, 5.0], 0.1, 0.95, examined="related"), "training images only"),
        (run_of([2.0, 1.9], [8.0, 9.0], 0.83, 0.8, examined="related"), "learning rate"),
        (run_of([7.0, 4.0], [5.0, 3.5], minibatches=[9.0, *[4.0] * 19], examined="related"), "bad start"),
        (run_of([0.5], [0.4], 0.9, 0.9), ""),
        (run_of([0.9, 0.7], [0.8, 2.5], 0.7, 0.8), ""),  # it was better before: the course says more
    ],
)
def test_the_cause_is_what_is_known_and_the_learning_rate_last(run: RunState, cause: str) -> None:
    assert cause_of(run) == cause
    said = sentence(run)
    assert ("learning rate" in said and "too large" in said) == (cause == "learning rate")
    assert ("labels do not match" in said) == (cause == "unrelated")


def test_both_ranges_and_their_factor_are_named() -> None:
    said = sentence(run_of([2.27], [12.9], 0.42, 0.3, info(validation=BYTES)))
    assert "The train loss falls to 2.270" in said
    assert "Training pixels go from 0 to 1, validation pixels from 0 to 255: 255 times as large." in said
    still = sentence(run_of([2.31], [12.9], 0.42, 0.3, info(validation=BYTES), minibatches=[2.3] * 10))
    assert "Training pixels go from 0 to 1" in still
    assert "falls" not in still


def test_the_loss_is_worse_than_guessing_the_answers_are_not() -> None:
    said = sentence(run_of([60.0], [12345.678], 0.801, 0.8, examined="related"))
    assert "The validation loss of 12,345.678 is worse than guessing (log 10 = 2.303)" in said
    assert "but 80.1% of the answers are right" in said
    assert "the answers are not" not in sentence(run_of([60.0], [50.0], 0.15, 0.2))


def test_label_noise_that_was_asked_for_is_named() -> None:
    assert "Label noise 1 makes every training label wrong" in sentence(run_of([2.2], [2.4], label_noise=1.0))
    assert "leaves 10.0% of the training labels true" in sentence(run_of([2.3], [2.4], label_noise=0.9))
    assert "Label noise 0.3 makes 30% of the training labels wrong" in sentence(run_of([60.0], [50.0], label_noise=0.3))


def test_the_least_loss_under_label_noise_is_the_entropy_of_the_noisy_label() -> None:
    wrong = [0.3 / 9] * 9
    entropy = -sum(share * math.log(share) for share in (0.7, *wrong))
    assert least_loss(run_of([2.0], [2.0], label_noise=0.3)) == pytest.approx(entropy)
    assert least_loss(run_of([2.0], [2.0], label_noise=1.0)) == pytest.approx(math.log(9))


@pytest.mark.parametrize("loss", ["integer-labels", "yours"])
def test_log_k_is_no_yardstick_for_what_need_not_be_a_cross_entropy(loss: str) -> None:
    run = run_of([80.0, 70.0], [90.0, 75.0])
    assert cause_of(replace(run, config=replace(run.config, loss=loss))) == ""


def test_a_single_outlier_is_no_other_scale() -> None:
    assert times_as_large(InputRange(low=0, high=9, typical=0.41), USUAL) == 1
    assert times_as_large(BYTES, USUAL) == 255
    assert times_as_large(USUAL, BYTES) == pytest.approx(1 / 255)
    assert times_as_large(None, USUAL) == 1


@pytest.mark.parametrize(
    ("train", "validation", "said"),
    [
        (USUAL, USUAL, ""),
        (InputRange(low=-255, high=1, typical=100),) * 2
        + ("Pixels go from −255 to 1, expected about 1. Floats are not rescaled: divide the pixels by 255",),
        (InputRange(low=-2.1, high=2.6, typical=1), InputRange(low=-2.1, high=2.6, typical=1), ""),
        (BYTES, BYTES, "Pixels go from 0 to 255, expected about 1."),
        (USUAL, BYTES, "Training pixels go from 0 to 1, validation pixels from 0 to 255: 255 times as large."),
        (BYTES, USUAL, "255 times smaller"),
        (InputRange(low=0, high=16 / 255, typical=0.03),) * 2 + ("from 0 to 0.0627 only, expected about 1",),
    ],
)
def test_unusual_ranges_are_said_before_the_run(train: InputRange, validation: InputRange, said: str) -> None:
    notice = notice_of("pixels", train, validation)
    assert said in notice
    assert bool(said) == bool(notice)


def test_figures_are_quoted_in_full() -> None:
    figures = (-0.0, -1e-9, 0.4471, 12345.678, 1234567.8, 1.5e12, math.inf)
    assert [loss_figure(one) for one in figures] == [
        *("0.000", "0.000", "0.447", "12,345.678", "1,234,568", "1.5e+12", "inf")
    ]
    assert [change_figure(one) for one in (0.05, 0.0003, 0.0)] == ["0.050", "0.0003", "0.000"]
    counts = (40, 512_000, 34e6, 999e6, 1.04e9, 8.25e9, 41.2e9, 139.6e9)
    assert [bytes_words(int(one)) for one in counts] == [
        *("40 B", "512 kB", "34 MB", "999 MB", "1.0 GB", "8.2 GB", "41.2 GB", "140 GB")
    ]
