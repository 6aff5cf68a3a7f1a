"""The jobs of a sweep: runs trained together as one stream, or one alone, which may end after so many steps."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence

from engine.contract.events import Diverged, EpochDone, Finished, MinibatchesDone, RunEvent, Started, Status
from engine.contract.history import cell_width, cells_of
from engine.contract.pairs import Pair, resolve_pair
from engine.contract.sweeps import Trial, fits_in_group
from engine.numerics.threads import threads
from engine.training.autopsy import autopsy
from engine.training.devices import described
from engine.training.evaluation import evaluate
from engine.training.group import Group, GroupStretch, Member
from engine.training.loop import train
from engine.training.state import TrainingState

Said = tuple[tuple[int, RunEvent], ...]


def train_unit(trials: Sequence[Trial], members: Sequence[Member | None]) -> Iterator[Said]:
    """Trains the runs of one of `contract.sweeps.units`, None for those that have ended; at least one has not.

    Yields what they say at one moment, each with its place in the unit. Raises what training raises.
    """
    first, steps = trials[0], trials[0].steps
    if fits_in_group(first.config):
        yield from train_together(Group(members, seeds=len({trial.seed for trial in trials})), steps)
        return
    for place, member in enumerate(members):
        if member is not None:
            events = train(member.config, member.data, member.state, member.info)
            for event in up_to(events, member.state, steps) if steps else events:
                yield ((place, event),)


def train_together(group: Group, steps: int = 0) -> Iterator[Said]:
    """Trains the models of a group to the end of their last epoch, or for `steps` minibatches in all.

    Yields what the models say at one moment, each with its place: between two yields all states are complete, and stand
    at the same minibatch. A model whose loss is not finite says so and leaves, as it was before that minibatch; the
    others go on. The same group and states give the same bits on one CPU, however the events are pulled.
    """
    first = next(iter(group.members.values()))
    count = first.config.threads
    epochs, per_epoch = first.config.epochs, group.minibatches_per_epoch
    last = min(steps or epochs * per_epoch, epochs * per_epoch)
    width = cell_width(epochs * per_epoch)
    pair = resolve_pair(first.config.softmax, first.config.loss, first.config.gradient)
    yield tuple((place, _started(group, member, width)) for place, member in group.members.items())
    while group.members and (group.position < last or group.minibatch == per_epoch):
        if group.minibatch == per_epoch:
            with threads(count):
                ends = _end_epoch(group)
            yield ends
            continue
        kept = group.copy_parameters()
        with threads(count):
            stretch = group.stretch(_longest(group, last))
        broken = group.broken_at(stretch)
        if broken is not None:
            # Back to where it started, and again up to the minibatch that broke.
            group.put_back(kept)
            if broken:
                with threads(count):
                    again = group.stretch(broken, math.inf)
                yield _minibatches_done(group, again, width)
            with threads(count):
                diverged = _diverged(group, {place for place in group.members if _breaks(stretch, place, broken)}, pair)
            yield diverged
        else:
            yield _minibatches_done(group, stretch, width)
    reason = _enough(steps) if steps else ""
    yield tuple((place, _finished(member.state, "finished", reason)) for place, member in group.members.items())


def up_to(events: Iterator[RunEvent], state: TrainingState, steps: int) -> Iterator[RunEvent]:
    """The events of `train` over that state until it has done so many minibatches in all.

    The run has just as many epochs as that takes. One that diverges has ended by itself.
    """
    while state.position < steps or state.minibatch == state.minibatches_per_epoch:
        state.longest_run = max(1, steps - state.position)
        event = next(events, None)
        if event is None:
            return
        yield event
    yield _finished(state, "finished", _enough(steps))


def final_figures(member: Member) -> tuple[float, float, float]:
    """The model's loss on the training images, its loss and its accuracy on the validation images, as it is now."""
    state, data, config = member.state, member.data, member.config
    pair = resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)
    splits = ((data.train_images, data.train_labels), (data.validation_images, data.validation_labels))
    with threads(config.threads):
        (train_loss, _), (validation_loss, accuracy) = (
            evaluate(state.weight, state.bias, images, labels, data.pixel_scale, config, pair)
            for images, labels in splits
        )
    return train_loss, validation_loss, accuracy


def _enough(steps: int) -> str:
    return f"{steps:,} steps, as many as the largest batch size takes"


def _longest(group: Group, last: int) -> int:
    """The shortest of what the members' callers allow, and never beyond the last step."""
    wanted = [member.state.longest_run for member in group.members.values() if member.state.longest_run is not None]
    return min([last - group.position, *wanted])


def _breaks(stretch: GroupStretch, place: int, index: int) -> bool:
    return not math.isfinite(stretch.losses[place][index])


def _started(group: Group, member: Member, width: int) -> Started:
    return Started(
        config=member.config,
        device=described(member.data.device),
        dataset=member.info,
        minibatches_per_epoch=group.minibatches_per_epoch,
        cell_width=width,
        epochs_done=group.epochs_done,
        minibatch=group.minibatch,
    )


def _minibatches_done(group: Group, stretch: GroupStretch, width: int) -> Said:
    images = group.add_up(stretch)
    return tuple(
        (
            place,
            MinibatchesDone(
                position=stretch.position,
                count=stretch.count,
                images=images,
                cells=cells_of(stretch.losses[place], stretch.position, width),
            ),
        )
        for place in group.members
    )


def _end_epoch(group: Group) -> Said:
    """Evaluates, and moves every state on to the next epoch, as `loop` does."""
    began = time.perf_counter()
    figures = group.evaluate()
    elapsed = time.perf_counter() - began
    said = []
    for place, member in group.members.items():
        state = member.state
        group.charge(state, elapsed)
        validation_loss, validation_accuracy = figures[place]
        said.append(
            (
                place,
                EpochDone(
                    epoch=state.epochs_done + 1,
                    train_loss=state.loss_sum / state.epoch_images,
                    train_accuracy=state.correct_sum / state.epoch_images,
                    validation_loss=validation_loss,
                    validation_accuracy=validation_accuracy,
                    seconds=state.epoch_seconds,
                    learning_rate=member.config.learning_rate * group.rate_factor(),
                ),
            )
        )
        if validation_loss < state.best_validation_loss:
            state.best_validation_loss, state.epochs_without_better = validation_loss, 0
        else:
            state.epochs_without_better += 1
        state.epochs_done += 1
        state.minibatch, state.epoch_images = 0, 0
        state.loss_sum = state.correct_sum = state.epoch_seconds = 0.0
    group.next_epoch()
    return tuple(said)


def _diverged(group: Group, places: set[int], pair: Pair) -> Said:
    said: list[tuple[int, RunEvent]] = []
    for place in sorted(places):
        indices = group.chunks.images_at(group.seed_of(place), group.epochs_done, group.minibatch)
        member = group.retire(place)
        state, data = member.state, member.data
        images = data.train_images.index_select(0, indices).to(state.weight.dtype) * data.pixel_scale
        labels = data.train_labels.index_select(0, indices)
        found = autopsy(state, images, labels, indices, member.info.label_names, member.config, pair)
        said.append((place, Diverged(epoch=group.epochs_done + 1, minibatch=group.minibatch + 1, autopsy=found)))
        said.append((place, _finished(state, "diverged", "a loss was not finite")))
    return tuple(said)


def _finished(state: TrainingState, status: Status, reason: str) -> Finished:
    return Finished(
        status=status,
        seconds=state.seconds,
        images_per_second=state.images_per_second,
        reason=reason,
    )
