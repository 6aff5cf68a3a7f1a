"""Runs that take turns, an epoch each, and what came of them."""

import math
from collections.abc import Iterator

import pytest

from engine.contract.events import EpochDone, Finished, MinibatchesDone, RunEvent
from engine.contract.loss_lab import LossQuestion
from engine.contract.loss_training import LossTrained
from engine.contract.pairs import resolve_pair
from engine.contract.settings import check
from engine.labs.loss.training import configs, side_by_side


def epoch(number: int, seconds: float = 1.0) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=1 / number,
        train_accuracy=0.5,
        validation_loss=2 / number,
        validation_accuracy=0.6,
        seconds=seconds,
        learning_rate=0.1,
    )


def finished(status: str = "finished") -> Finished:
    return Finished(status=status, seconds=3.0, images_per_second=1.0)  # type: ignore[arg-type]


def run(epochs: int) -> Iterator[RunEvent]:
    for number in range(1, epochs + 1):
        yield MinibatchesDone(position=0, count=1, images=1, cells=())
        yield epoch(number)
    yield finished()


def test_runs_take_turns_an_epoch_each_until_each_has_finished() -> None:
    events = list(side_by_side({"a": run(2), "b": run(3)}))
    turns = [(name, event.epoch) for name, event in events if isinstance(event, EpochDone)]
    assert turns == [("a", 1), ("b", 1), ("a", 2), ("b", 2), ("b", 3)]
    assert [name for name, event in events if isinstance(event, Finished)] == ["a", "b"]


def test_every_config_can_be_trained_and_differs_in_its_loss_alone() -> None:
    made = configs(LossQuestion(batch_size=32, seed=3, epsilon=1e-5), "silhouettes", 7)
    assert list(made) == ["indexing", "definition", "clipped", "integer-labels", "from-logits"]
    for name, config in made.items():
        check(config)
        assert resolve_pair(config.softmax, config.loss, config.gradient).loss == name
        assert (config.batch_size, config.seed, config.epochs, config.gradient) == (32, 3, 7, "autograd")
        assert config.clip_epsilon == 1e-5


def test_losses_that_read_a_number_are_left_out_where_labels_are_smoothed() -> None:
    made = configs(LossQuestion(smoothing=0.1), "silhouettes", 7)
    assert list(made) == ["definition", "clipped", "from-logits"]
    for config in made.values():
        resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)


def test_a_run_is_summed_up_by_its_last_epoch_and_the_spread_of_their_seconds() -> None:
    found = LossTrained.of(
        "definition", "r1", "finished", [epoch(1, 5.0), epoch(2, 1.0), epoch(3, 2.0)], finished().seconds
    )
    assert (found.epochs, found.train_loss, found.seconds) == (3, pytest.approx(1 / 3), 3)
    assert (found.spread.low, found.spread.median, found.spread.high) == (1.5, 2, 3.5)
    early = LossTrained.of("integer-labels", "r2", "diverged", [], finished().seconds)
    assert (early.status, early.epochs) == ("diverged", 0)
    assert math.isnan(early.validation_loss)
    assert math.isnan(early.spread.median)
