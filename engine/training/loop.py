"""The job: training as a generator of events over states that its caller owns, one model or several as one stream.

Pausing is not pulling the next event, stopping is to stop pulling and save the state, resuming is to hand a saved state
in. At every `yield` the states are complete.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

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
from engine.contract.pairs import pair_of
from engine.contract.sweeps import Trial, fits_in_group
from engine.numerics.threads import threads
from engine.training.autopsy import autopsy
from engine.training.devices import described
from engine.training.evaluation import evaluate
from engine.training.group import Group
from engine.training.minibatch import Alone
from engine.training.relation import examine, guessing_loss
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.walk import Member, Stretch, Walk
from engine.verdicts.run_cause import HARDLY_LEARNED, NO_CROSS_ENTROPY

Said = tuple[tuple[int, RunEvent], ...]


def train(
    config: TrainConfig, data: ResidentData, state: TrainingState, info: DatasetInfo, steps: int = 0
) -> Iterator[RunEvent]:
    """Trains one model from wherever the state is to the end of its last epoch, or for `steps` minibatches in all.

    `config` is resolved: nothing in it is `auto`. The same config and state give the same bits on one CPU, however the
    events are pulled. Where hardly anything was learned, images and labels are examined before the end.

    Raises:
        InputError: for a pair of softmax and loss that does not exist.
    """
    last: EpochDone | None = None
    for said in train_together(Alone(Member(config, data, info, state)), steps):
        for _, event in said:
            if isinstance(event, EpochDone):
                last = event
            ends = isinstance(event, Finished) and event.status == "finished" and not steps
            if ends and last is not None and _learned_next_to_nothing(last, data, config):
                with threads(config.threads):
                    examined = examine(data, config.seed)
                yield examined
            yield event


def train_together(walk: Walk, steps: int = 0) -> Iterator[Said]:
    """Trains the models of a walk to the end of their last epoch, or for `steps` minibatches in all.

    Yields what the models say at one moment, each with its place: between two yields all states are complete, and stand
    at the same minibatch. A model whose loss is not finite says so and leaves, as it was before that minibatch; the
    others go on. The same walk and states give the same bits on one CPU, however the events are pulled.
    """
    config = next(iter(walk.members.values())).config
    total = config.epochs * walk.minibatches_per_epoch
    last, width = min(steps or total, total), cell_width(total)
    yield tuple((place, _started(walk, member, width)) for place, member in walk.members.items())
    while any(not _gave_up(member) for member in walk.members.values()):
        if walk.minibatch == walk.minibatches_per_epoch:
            with threads(config.threads):
                ends = _end_epoch(walk)
            yield ends
            continue
        if walk.position >= last:
            break
        kept = walk.copy_parameters()
        with threads(config.threads):
            stretch = walk.stretch(_longest(walk, last))
        walk.charge(stretch.seconds)
        broken = walk.broken_at(stretch)
        if broken is None:
            yield _minibatches_done(walk, stretch, width)
            continue
        # Back to where it started, and again up to the minibatch that broke.
        walk.put_back(kept)
        if broken:
            with threads(config.threads):
                again = walk.stretch(broken, math.inf)
            walk.charge(again.seconds)
            yield _minibatches_done(walk, again, width)
        with threads(config.threads):
            diverged = _diverged(walk, [place for place in walk.members if stretch.breaks(place, broken)])
        yield diverged
    yield tuple(
        (place, _finished(member.state, "finished", _why_ended(member, steps)))
        for place, member in walk.members.items()
    )


def _gave_up(member: Member) -> bool:
    return 0 < member.config.patience <= member.state.epochs_without_better


def _why_ended(member: Member, steps: int) -> str:
    if _gave_up(member):
        return f"no better validation loss for {member.config.patience} epochs"
    return f"{steps:,} steps, as many as the largest batch size takes" if steps else ""


def _learned_next_to_nothing(last: EpochDone, data: ResidentData, config: TrainConfig) -> bool:
    """Whether the figures raise the question if images and labels go together."""
    if len(data.train_labels) < 2 or pair_of(config).loss in NO_CROSS_ENTROPY:
        return False
    little = last.train_loss > HARDLY_LEARNED * guessing_loss(data.train_labels, data.num_classes)
    return little or not last.validation_loss <= math.log(data.num_classes)


def _longest(walk: Walk, last: int) -> int:
    """The shortest of what the members' callers allow, and never beyond the last step."""
    wanted = [member.state.longest_run for member in walk.members.values() if member.state.longest_run is not None]
    return min([last - walk.position, *wanted])


def _started(walk: Walk, member: Member, width: int) -> Started:
    return Started(
        config=member.config,
        device=described(member.data.device),
        dataset=member.info,
        minibatches_per_epoch=walk.minibatches_per_epoch,
        cell_width=width,
        epochs_done=walk.epochs_done,
        minibatch=walk.minibatch,
    )


def _minibatches_done(walk: Walk, stretch: Stretch, width: int) -> Said:
    images, position, count = walk.add_up(stretch), stretch.position, stretch.count
    cells = {place: cells_of(stretch.losses[place], position, width) for place in walk.members}
    return tuple(
        (place, MinibatchesDone(position=position, count=count, images=images, cells=cells[place])) for place in cells
    )


def _end_epoch(walk: Walk) -> Said:
    """Evaluates, and moves every state on to the next epoch."""
    began = time.perf_counter()
    figures = walk.evaluate()
    walk.charge(time.perf_counter() - began)
    said = []
    for place, member in walk.members.items():
        state = member.state
        validation_loss, validation_accuracy = figures[place]
        done = EpochDone(
            epoch=state.epochs_done + 1,
            train_loss=state.loss_sum / state.epoch_images,
            train_accuracy=state.correct_sum / state.epoch_images,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            seconds=state.epoch_seconds,
            learning_rate=member.config.learning_rate * walk.rate_factor(),
        )
        said.append((place, done))
        state.end_epoch(validation_loss)
    walk.next_epoch()
    return tuple(said)


def _diverged(walk: Walk, places: list[int]) -> Said:
    said: list[tuple[int, RunEvent]] = []
    for place in places:
        indices = walk.chunks.images_at(place, walk.epochs_done, walk.minibatch)
        member = walk.retire(place)
        data, state, config = member.data, member.state, member.config
        images = data.train_images.index_select(0, indices).to(state.weight.dtype) * data.pixel_scale
        labels = data.train_labels.index_select(0, indices)
        found = autopsy(state, images, labels, indices, member.info.label_names, config, pair_of(config))
        said.append((place, Diverged(epoch=walk.epochs_done + 1, minibatch=walk.minibatch + 1, autopsy=found)))
        said.append((place, _finished(state, "diverged", "a loss was not finite")))
    return tuple(said)


def _finished(state: TrainingState, status: Status, reason: str) -> Finished:
    return Finished(status=status, seconds=state.seconds, images_per_second=state.images_per_second, reason=reason)


def train_unit(trials: Sequence[Trial], members: Sequence[Member | None]) -> Iterator[Said]:
    """Trains the runs of one of `contract.sweeps.units`, None for those that have ended; at least one has not.

    Yields what they say at one moment, each with its place in the unit. Raises what training raises.
    """
    steps = trials[0].steps
    if fits_in_group(trials[0].config):
        yield from train_together(Group(members, seeds=len({trial.seed for trial in trials})), steps)
        return
    for place, member in enumerate(members):
        if member is not None:
            for event in train(member.config, member.data, member.state, member.info, steps):
                yield ((place, event),)


def final_figures(member: Member) -> tuple[float, float, float]:
    """The model's loss on the training images, its loss and its accuracy on the validation images, as it is now."""
    state, data, config = member.state, member.data, member.config
    splits = ((data.train_images, data.train_labels), (data.validation_images, data.validation_labels))
    with threads(config.threads):
        (train_loss, _), (validation_loss, accuracy) = (
            evaluate(state.weight, state.bias, images, labels, data.pixel_scale, config, pair_of(config))
            for images, labels in splits
        )
    return train_loss, validation_loss, accuracy
