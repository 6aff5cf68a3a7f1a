"""What there is to see in a run, in one sentence computed from its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.events import EpochDone
from engine.contract.run_state import RunState
from engine.verdicts.cause_words import cause_words, too_long_steps
from engine.verdicts.figures import change_figure, loss_figure
from engine.verdicts.run_cause import cause_of

_FLAT = 0.005  # of the loss, an epoch: less than this is no progress that a chart would show
_RISE = 0.01  # of the loss, above its minimum: less than this is luck of the order
_SWING = 0.03  # of the loss, up and down again


def sentence(run: RunState) -> str:
    """One plain sentence about the run so far; it says so when the figures carry no conclusion."""
    if run.status is None:
        return "No run has started yet."
    if run.diverged is not None:
        where = f"epoch {run.diverged.epoch}, minibatch {run.diverged.minibatch}"
        return f"Diverged at {where}: {run.diverged.autopsy.cause}."
    if run.finished is not None and run.status == "failed":
        return f"Failed: {run.finished.reason}."
    if not run.epochs:
        return _before_the_first_epoch(run)
    cause = cause_of(run)
    return cause_words(run, cause) if cause else _trend(run.epochs)


def _before_the_first_epoch(run: RunState) -> str:
    if len(run.losses) < 2:
        return "Too early to tell: the first minibatches are still running."
    first, last = run.losses[0], run.losses[-1]
    was, now = loss_figure(first.mean), loss_figure(last.mean)
    if math.isfinite(last.mean) and last.mean > 2 * first.mean:
        return f"The loss rises from {was} to {now} in the first epoch. {too_long_steps(run)}"
    return f"The first epoch is running: the loss was {was} and is {now}."


def _trend(epochs: Sequence[EpochDone]) -> str:
    losses = [epoch.validation_loss for epoch in epochs]
    last = epochs[-1]
    if len(epochs) < 2:
        figure = loss_figure(losses[0])
        return f"After one epoch the validation loss is {figure} and the accuracy is {last.validation_accuracy:.1%}."
    best = min(range(len(losses)), key=losses.__getitem__)
    recent = losses[-5:]
    turns = sum((b - a) * (c - b) < 0 for a, b, c in zip(recent, recent[1:], recent[2:], strict=False))
    swings = turns >= 2 and max(recent) - min(recent) > _SWING * min(recent)
    if swings and sum(recent[-2:]) > sum(recent[:2]) * (1 - _RISE):
        low, high = loss_figure(min(recent)), loss_figure(max(recent))
        return f"Oscillating: the validation loss swings between {low} and {high}. Try a smaller learning rate."
    if len(losses) - 1 - best >= 3 and losses[-1] > losses[best] * (1 + _RISE):
        if last.train_loss < epochs[best].train_loss:
            return (
                f"Overfitting since epoch {best + 1}: the validation loss rises from {loss_figure(losses[best])} to "
                f"{loss_figure(losses[-1])} while the train loss still falls."
            )
        was, now = loss_figure(losses[best]), loss_figure(losses[-1])
        return f"Rising since epoch {best + 1}: the validation loss goes from {was} to {now}."
    return _falling_or_flat(losses, swings)


def _falling_or_flat(losses: Sequence[float], swings: bool) -> str:
    since = _flat_since(losses)
    if since is not None:
        return f"Flat since epoch {since}: the validation loss stays near {loss_figure(losses[-1])}."
    gain = losses[-2] - losses[-1]
    if gain < 0:
        return f"Epoch {len(losses)} raises the validation loss by {change_figure(-gain)}. One epoch alone is no trend."
    slower = len(losses) > 3 and gain < (losses[0] - losses[1]) / 4
    how = ", unevenly" if swings else ", more and more slowly" if slower else ""
    return f"Falling{how}: epoch {len(losses)} lowers the validation loss by {change_figure(gain)}."


def _flat_since(losses: Sequence[float]) -> int | None:
    """The epoch since which the loss stays within a narrow band, if that is three epochs or more."""
    first = len(losses) - 1
    while first > 0 and abs(losses[first - 1] - losses[-1]) <= _FLAT * losses[-1]:
        first -= 1
    return first + 1 if len(losses) - first >= 3 else None
