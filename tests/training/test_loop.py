"""One seed, one result: whoever watches, however often it pauses, stopped and resumed or not."""

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import Diverged, EpochDone, Finished, MinibatchesDone, RunEvent, Started
from engine.contract.run_state import RunState, apply
from engine.data.dataset import Dataset
from engine.training.loop import _learned_next_to_nothing, train
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.verdicts.run_sentence import sentence

CPU = torch.device("cpu")
CONFIGS = {
    "defaults": {},
    "momentum": {"momentum": 0.9, "learning_rate": 0.02},
    "regularised": {"weight_decay": 0.01, "l1": 0.001},
    "batch of one": {"batch_size": 1, "epochs": 1, "learning_rate": 0.01},
    "batch of seven": {"batch_size": 7},
    "larger than the set": {"batch_size": 5000},
    "cosine": {"schedule": "cosine"},
    "steps": {"schedule": "step", "schedule_epochs": 1},
    "smoothing": {"label_smoothing": 0.1},
    "log-sum-exp": {"softmax": "log-sum-exp"},
    "naive": {"softmax": "naive"},
    "clipped": {"loss": "clipped"},
    "definition": {"loss": "definition", "softmax": "global-max"},
    "float64": {"dtype": "float64"},
}


def begin(dataset: Dataset, **settings: object) -> tuple[TrainConfig, ResidentData, TrainingState]:
    config = TrainConfig(**{"epochs": 3, "batch_size": 64} | settings)  # type: ignore[arg-type]
    data = ResidentData.of(dataset, CPU)
    return config, data, TrainingState.initial(config, data.num_features, data.num_classes, dataset.train_size, CPU)


def finish(dataset: Dataset, **settings: object) -> tuple[list[RunEvent], TrainingState]:
    config, data, state = begin(dataset, **settings)
    return list(train(config, data, state, dataset.info)), state


def epochs_of(events: list[RunEvent]) -> list[tuple[float, ...]]:
    return [
        (e.train_loss, e.train_accuracy, e.validation_loss, e.validation_accuracy)
        for e in events
        if isinstance(e, EpochDone)
    ]


def same_bits(left: TrainingState, right: TrainingState) -> bool:
    return torch.equal(left.weight, right.weight) and torch.equal(left.bias, right.bias)


@pytest.mark.parametrize("settings", CONFIGS.values(), ids=CONFIGS.keys())
def test_the_same_config_gives_the_same_bits(small_dataset: Dataset, settings: dict[str, object]) -> None:
    (events, one), (others, other) = finish(small_dataset, **settings), finish(small_dataset, **settings)
    assert same_bits(one, other)
    assert epochs_of(events) == epochs_of(others)


@pytest.mark.parametrize("settings", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("longest", [1, 2, 5])
def test_how_the_stream_is_cut_changes_nothing(
    small_dataset: Dataset, settings: dict[str, object], longest: int
) -> None:
    events, whole = finish(small_dataset, **settings)
    config, data, state = begin(small_dataset, **settings)
    state.longest_run = longest
    cut = list(train(config, data, state, small_dataset.info))
    assert same_bits(whole, state)
    assert epochs_of(events) == epochs_of(cut)
    assert whole.loss_sum == state.loss_sum
    assert losses_of(events) == losses_of(cut)


def losses_of(events: list[RunEvent]) -> tuple[tuple[int, float], ...]:
    run = RunState()
    for event in events:
        run = apply(run, event)
    return tuple((cell.index, cell.last) for cell in run.losses)


@pytest.mark.parametrize("settings", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("minibatches", [1, 9, 16, 17])
def test_stopped_and_resumed_is_never_having_stopped(
    small_dataset: Dataset, settings: dict[str, object], minibatches: int
) -> None:
    events, whole = finish(small_dataset, **settings)
    config, data, state = begin(small_dataset, **settings)
    state.longest_run = 1
    told: list[RunEvent] = []
    for event in train(config, data, state, small_dataset.info):
        told.append(event)
        if state.position >= minibatches:
            break
    resumed = TrainingState.restored(state.checkpoint(), CPU)
    told += list(train(config, data, resumed, small_dataset.info))
    assert same_bits(whole, resumed)
    assert epochs_of(told) == epochs_of(events)


def test_a_run_that_differs_in_the_seed_alone_differs_in_its_bits(small_dataset: Dataset) -> None:
    """The negative control of every comparison above."""
    assert not same_bits(finish(small_dataset, seed=0)[1], finish(small_dataset, seed=1)[1])


def test_a_state_that_forgets_its_momentum_is_found_out(small_dataset: Dataset) -> None:
    _, whole = finish(small_dataset, momentum=0.9)
    config, data, state = begin(small_dataset, momentum=0.9)
    events = train(config, data, state, small_dataset.info)
    while state.epochs_done < 1:
        next(events)
    resumed = TrainingState.restored(state.checkpoint(), CPU)
    assert resumed.weight_velocity is not None
    resumed.weight_velocity.zero_()
    list(train(config, data, resumed, small_dataset.info))
    assert not same_bits(whole, resumed)


def test_the_stream_tells_the_whole_run(small_dataset: Dataset) -> None:
    events, state = finish(small_dataset)
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    run = RunState()
    for event in events:
        run = apply(run, event)
    assert run.position == run.minibatches == state.position == 3 * 16
    assert run.images == 3 * 1000 == state.images
    assert len(run.epochs) == 3
    assert sum(cell.count for cell in run.losses) == 48
    by_hand = sum(event.count for event in events if isinstance(event, MinibatchesDone))
    assert by_hand == 48


def test_train_loss_is_the_mean_over_images_not_over_minibatches(small_dataset: Dataset) -> None:
    """1000 images in minibatches of 300: the last one of 100 weighs a third of the others."""
    events, _ = finish(small_dataset, batch_size=300, epochs=1)
    run = RunState()
    for event in events:
        run = apply(run, event)
    losses = [cell.last for cell in run.losses]
    expected = sum(loss * size for loss, size in zip(losses, (300, 300, 300, 100), strict=True)) / 1000
    assert run.epochs[0].train_loss == pytest.approx(expected, rel=1e-12)


def test_an_abandoned_generator_leaves_the_state_complete_and_no_mode_behind(small_dataset: Dataset) -> None:
    config, data, state = begin(small_dataset, softmax="naive", loss="indexing", gradient="autograd")
    events = train(config, data, state, small_dataset.info)
    next(events)
    next(events)
    assert torch.is_grad_enabled()
    events.close()
    assert torch.is_grad_enabled()
    assert state.minibatch > 0


def test_it_diverges_where_the_naive_softmax_overflows_and_says_why(small_dataset: Dataset) -> None:
    events, state = finish(small_dataset, softmax="naive", loss="indexing", learning_rate=1e6)
    *_, diverged, finished = events
    assert isinstance(diverged, Diverged)
    assert isinstance(finished, Finished)
    assert finished.status == "diverged"
    found = diverged.autopsy
    assert not math.isfinite(found.loss)
    assert len(found.logits) == len(found.exponentials) == len(found.probabilities) == 4
    assert "inf" in found.cause or "nan" in found.cause
    finite = {(remedy.softmax, remedy.loss) for remedy in found.remedies if math.isfinite(remedy.value)}
    assert ("row-max", "from-logits") in finite
    assert state.minibatch == diverged.minibatch - 1
    label = int(small_dataset.train_labels[found.image_index])
    assert found.label == label
    assert found.label_name == small_dataset.label_names[label]


def test_the_minibatch_that_broke_does_not_depend_on_the_length_of_the_stretches(small_dataset: Dataset) -> None:
    settings = {"softmax": "naive", "loss": "indexing", "learning_rate": 60.0, "batch_size": 16}
    events, whole = finish(small_dataset, **settings)
    config, data, state = begin(small_dataset, **settings)
    state.longest_run = 1
    stepped = list(train(config, data, state, small_dataset.info))
    assert isinstance(events[-2], Diverged)
    assert isinstance(stepped[-2], Diverged)
    assert (events[-2].epoch, events[-2].minibatch) == (stepped[-2].epoch, stepped[-2].minibatch)
    assert events[-2].autopsy.image_index == stepped[-2].autopsy.image_index
    assert same_bits(whole, state)


def test_without_stopping_at_nan_the_run_goes_on_to_its_end(small_dataset: Dataset) -> None:
    events, _ = finish(small_dataset, softmax="naive", learning_rate=1e6, stop_on_nan=False)
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "finished"
    assert math.isnan(epochs_of(events)[-1][0])


def test_from_logits_stays_finite_at_a_million_and_is_told_as_worse_than_guessing(small_dataset: Dataset) -> None:
    events, _ = finish(small_dataset, learning_rate=1e6)
    run = RunState()
    for event in events:
        run = apply(run, event)
    assert run.status == "finished"
    assert math.isfinite(run.epochs[-1].validation_loss)
    assert "worse than guessing" in sentence(run)


def test_early_stopping_ends_the_run_and_says_why(small_dataset: Dataset) -> None:
    events, state = finish(small_dataset, epochs=200, learning_rate=3.0, patience=2)
    assert state.epochs_done < 200
    assert isinstance(events[-1], Finished)
    assert events[-1].status == "finished"
    assert "2 epochs" in events[-1].reason


@pytest.mark.parametrize("patience", [1, 2, 3])
def test_early_stopping_comes_after_exactly_so_many_epochs_without_a_better_one(
    small_dataset: Dataset, patience: int
) -> None:
    settings = {"epochs": 60, "learning_rate": 3.0}
    losses = [epoch[2] for epoch in epochs_of(finish(small_dataset, **settings)[0])]
    best = [min(losses[: count + 1]) for count in range(len(losses))]
    expected = next(
        count for count in range(patience + 1, len(losses) + 1) if best[count - 1] == best[count - 1 - patience]
    )
    assert expected < len(losses), "the settings are to stop early"
    _, state = finish(small_dataset, patience=patience, **settings)
    assert state.epochs_done == expected


def test_weights_of_zero_hit_one_in_so_many_at_first(small_dataset: Dataset) -> None:
    events, _ = finish(small_dataset, sigma=0.0, batch_size=1000, epochs=1)
    assert epochs_of(events)[0][1] == pytest.approx(0.25, abs=1e-6)


def test_integer_labels_do_not_learn(small_dataset: Dataset) -> None:
    learnt = epochs_of(finish(small_dataset, learning_rate=0.01, epochs=5)[0])[-1][3]
    slipped = epochs_of(finish(small_dataset, loss="integer-labels", learning_rate=0.01, epochs=5)[0])[-1][3]
    assert learnt > 0.9
    assert slipped < 0.5


def test_a_pair_that_does_not_exist_is_refused(small_dataset: Dataset) -> None:
    with pytest.raises(InputError, match="from-logits"):
        next(iter_events(small_dataset, softmax="naive", loss="from-logits"))


def iter_events(dataset: Dataset, **settings: object) -> Iterator[RunEvent]:
    config, data, state = begin(dataset, **settings)
    return train(config, data, state, dataset.info)


def test_two_threads_are_another_run_but_one_that_repeats(small_dataset: Dataset) -> None:
    assert same_bits(finish(small_dataset, threads=2)[1], finish(small_dataset, threads=2)[1])


@pytest.mark.parametrize(
    ("train_loss", "validation_loss", "loss", "examined"),
    [
        (0.5, 0.6, "auto", False),
        (1.34, 1.2, "auto", True),  # above 95 % of log 4, what guessing costs: 1.317
        (1.30, 1.2, "auto", False),
        (0.5, 1.39, "auto", True),  # worse than to call all classes equally likely
        (0.5, math.nan, "auto", True),
        (1.34, 1.39, "integer-labels", False),  # labels as numbers: no cross-entropy, and nothing to compare with
    ],
)
def test_images_and_labels_are_examined_where_hardly_anything_was_learned(
    small_data: ResidentData, train_loss: float, validation_loss: float, loss: str, examined: bool
) -> None:
    last = EpochDone(
        epoch=1,
        train_loss=train_loss,
        train_accuracy=0.5,
        validation_loss=validation_loss,
        validation_accuracy=0.5,
        seconds=0.1,
        learning_rate=0.1,
    )
    config = TrainConfig(loss=loss)  # type: ignore[arg-type]
    assert _learned_next_to_nothing(last, small_data, config) == examined
    alone = replace(small_data, train_labels=small_data.train_labels[:1])
    assert not _learned_next_to_nothing(last, alone, config), "one image has no second to compare with"
