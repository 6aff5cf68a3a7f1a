"""The job: training as a generator of events over a state that its caller owns.

Pausing is not pulling the next event, stopping is to stop pulling and save the state, resuming is to hand a saved state
in. At every `yield` the state is complete.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from engine.contract.config import TrainConfig
from engine.contract.events import (
    DatasetInfo,
    Diverged,
    EpochDone,
    Finished,
    MinibatchesDone,
    RunEvent,
    Started,
    Status,
)
from engine.contract.history import cell_width, cells_of
from engine.contract.pairs import Pair, pair_of
from engine.numerics.threads import threads
from engine.training.autopsy import autopsy
from engine.training.devices import described
from engine.training.evaluation import evaluate
from engine.training.relation import examine, guessing_loss
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.walk import Walk
from engine.verdicts.run_cause import HARDLY_LEARNED, NO_CROSS_ENTROPY


def train(config: TrainConfig, data: ResidentData, state: TrainingState, info: DatasetInfo) -> Iterator[RunEvent]:
    """Trains from wherever the state is to the end of the config's last epoch.

    `config` is resolved: nothing in it is `auto`. The same config and state give the same bits on one CPU, however the
    events are pulled.

    Raises:
        InputError: for a pair of softmax and loss that does not exist.
    """
    pair = pair_of(config)
    walk = Walk(config, pair, data, state)
    width = cell_width(config.epochs * state.minibatches_per_epoch)
    yield Started(
        config=config,
        device=described(data.device),
        dataset=info,
        minibatches_per_epoch=state.minibatches_per_epoch,
        cell_width=width,
        epochs_done=state.epochs_done,
        minibatch=state.minibatch,
    )
    last: EpochDone | None = None
    while state.epochs_done < config.epochs and not _gave_up(config, state):
        while state.minibatch < state.minibatches_per_epoch:
            before, kept = state.minibatch, state.copy_parameters()
            sums = (state.loss_sum, state.correct_sum, state.epoch_images, state.images)
            with threads(config.threads):
                stretch = walk.stretch(state.longest_run)
            broken = next((i for i, loss in enumerate(stretch.losses) if not math.isfinite(loss)), None)
            if broken is not None and config.stop_on_nan:
                # Back to where it started, and again up to the minibatch that broke.
                state.put_back(kept)
                state.minibatch = before
                state.loss_sum, state.correct_sum, state.epoch_images, state.images = sums
                if broken:
                    with threads(config.threads):
                        done = walk.stretch(broken, math.inf)
                    yield _minibatches_done(done.position, done.losses, done.images, width)
                with threads(config.threads):
                    diverged = _diverged(config, pair, data, state, walk, info)
                yield diverged
                yield _finished(state, "diverged", "a loss was not finite")
                return
            yield _minibatches_done(stretch.position, stretch.losses, stretch.images, width)
        with threads(config.threads):
            last = _end_epoch(config, pair, data, state, walk)
        yield last
    if last is not None and _learned_next_to_nothing(last, data) and pair.loss not in NO_CROSS_ENTROPY:
        with threads(config.threads):
            examined = examine(data, config.seed)
        yield examined
    gave_up = _gave_up(config, state)
    yield _finished(state, "finished", f"no better validation loss for {config.patience} epochs" if gave_up else "")


def _gave_up(config: TrainConfig, state: TrainingState) -> bool:
    return 0 < config.patience <= state.epochs_without_better


def _learned_next_to_nothing(last: EpochDone, data: ResidentData) -> bool:
    """Whether the figures raise the question if images and labels go together."""
    if len(data.train_labels) < 2:
        return False
    little = last.train_loss > HARDLY_LEARNED * guessing_loss(data.train_labels, data.num_classes)
    return little or not last.validation_loss <= math.log(data.num_classes)


def _minibatches_done(position: int, losses: list[float], images: int, width: int) -> MinibatchesDone:
    return MinibatchesDone(position=position, count=len(losses), images=images, cells=cells_of(losses, position, width))


def _end_epoch(config: TrainConfig, pair: Pair, data: ResidentData, state: TrainingState, walk: Walk) -> EpochDone:
    """Evaluates, and moves the state on to the next epoch."""
    began = time.perf_counter()
    validation_loss, validation_accuracy = evaluate(
        state.weight,
        state.bias,
        data.validation_images,
        data.validation_labels,
        data.pixel_scale,
        config,
        pair,
    )
    elapsed = time.perf_counter() - began
    state.seconds += elapsed
    event = EpochDone(
        epoch=state.epochs_done + 1,
        train_loss=state.loss_sum / state.epoch_images,
        train_accuracy=state.correct_sum / state.epoch_images,
        validation_loss=validation_loss,
        validation_accuracy=validation_accuracy,
        seconds=state.epoch_seconds + elapsed,
        learning_rate=walk.learning_rate(),
    )
    if validation_loss < state.best_validation_loss:
        state.best_validation_loss, state.epochs_without_better = validation_loss, 0
    else:
        state.epochs_without_better += 1
    state.epochs_done += 1
    state.minibatch, state.epoch_images = 0, 0
    state.loss_sum = state.correct_sum = state.epoch_seconds = 0.0
    return event


def _diverged(
    config: TrainConfig, pair: Pair, data: ResidentData, state: TrainingState, walk: Walk, info: DatasetInfo
) -> Diverged:
    indices = walk.chunks.images_at(state.epochs_done, state.minibatch)
    images = data.train_images.index_select(0, indices).to(state.weight.dtype) * data.pixel_scale
    labels = data.train_labels.index_select(0, indices)
    return Diverged(
        epoch=state.epochs_done + 1,
        minibatch=state.minibatch + 1,
        autopsy=autopsy(state, images, labels, indices, info.label_names, config, pair),
    )


def _finished(state: TrainingState, status: Status, reason: str) -> Finished:
    return Finished(
        status=status,
        seconds=state.seconds,
        images_per_second=state.images_per_second,
        reason=reason,
    )
