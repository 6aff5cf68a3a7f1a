"""The jobs of a sweep: runs trained together as one stream, or one alone, which may end after so many steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.contract.pairs import pair_of
from engine.contract.sweeps import Trial, fits_in_group
from engine.numerics.threads import threads
from engine.training.evaluation import evaluate
from engine.training.group import Group
from engine.training.loop import Said, train, train_together
from engine.training.walk import Member


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
