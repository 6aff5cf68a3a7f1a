"""Why a run does badly, as far as its figures tell: one cause, which the sentence and the advice share.

What is known is looked at first: label noise that was asked for, what the look at the labels said, the ranges of the
inputs. The learning rate is blamed where the training loss is above where it began, and nothing known explains that.
"""

from __future__ import annotations

import math
from typing import Literal

from engine.contract.run_state import RunState
from engine.verdicts.inputs import is_large, times_as_large

Cause = Literal[
    "",  # nothing is wrong that these figures tell
    "label noise",
    "unrelated",
    "large inputs",
    "learning rate",
    "other validation inputs",
    "bad start",
    "training images only",
    "too few steps",
    "untold",
]

NO_CROSS_ENTROPY = ("integer-labels", "yours")  # or not known to be: log K is no yardstick for them
HARDLY_LEARNED = 0.95  # of the loss of guessing: a training loss above it has learned next to nothing
_LEARNED = 0.9  # of it: below, the training images are learned
_ABOVE = 1.001  # times the loss of guessing is worse than guessing
_RISEN = 1.02  # times what a training loss began with: beyond the luck of the minibatches
_AS_GOOD = 0.8  # of the training accuracy: with so many right it is no matter of other images
_OVERSHOT = 1.2  # times what it began with, or guessing costs: a minibatch of `_MANY` images or more
_MANY = 32


def guessing_loss(run: RunState) -> float:
    """What answering every class with 1/K costs: log K, nan where K is not known."""
    classes = run.dataset.num_classes if run.dataset is not None else 0
    return math.log(classes) if classes > 1 else math.nan


def worse_than_guessing(run: RunState) -> bool:
    """Whether the latest validation loss, a cross-entropy, is above log K."""
    guessing = guessing_loss(run)
    if not run.epochs or math.isnan(guessing) or run.config.loss in NO_CROSS_ENTROPY:
        return False
    return not run.epochs[-1].validation_loss <= guessing * _ABOVE


def first_loss(run: RunState) -> float:
    """The training loss that the run began with, log K where that is not known; of a cell of several the least."""
    return run.losses[0].low if run.losses and math.isfinite(run.losses[0].low) else guessing_loss(run)


def labels_tell_nothing(run: RunState) -> bool:
    """Whether the label noise that was asked for leaves no more true labels than chance would."""
    classes = run.dataset.num_classes if run.dataset is not None else 0
    return classes > 1 and run.config.label_noise * classes >= classes - 1 - 1e-9


def least_loss(run: RunState) -> float:
    """What a model that knows every true label would pay for training labels with the noise that was asked for."""
    noise = run.config.label_noise
    if not noise or run.dataset is None or run.dataset.num_classes < 2:
        return 0.0
    wrong = noise * math.log((run.dataset.num_classes - 1) / noise)
    return wrong - ((1 - noise) * math.log(1 - noise) if noise < 1 else 0.0)


def cause_of(run: RunState) -> Cause:
    """The cause after the epochs so far; "" where the run has none, or does well enough."""
    if run.epochs and labels_tell_nothing(run):
        return "label noise"
    if not run.epochs or math.isnan(guessing_loss(run)) or run.config.loss in NO_CROSS_ENTROPY:
        return ""
    if run.examined is not None and run.examined.verdict == "unrelated":
        return "label noise" if run.config.label_noise else "unrelated"
    if not run.epochs[-1].train_loss <= max(guessing_loss(run), first_loss(run)) * _RISEN:
        return _too_long_steps(run)
    return _of_the_validation(run) if worse_than_guessing(run) else _of_little(run)


def _too_long_steps(run: RunState) -> Cause:
    return "large inputs" if run.dataset is not None and is_large(run.dataset.train_inputs) else "learning rate"


def _of_the_validation(run: RunState) -> Cause:
    """Of a validation loss above log K where the training loss has not risen."""
    last, guessing = run.epochs[-1], guessing_loss(run)
    if run.dataset is not None and times_as_large(run.dataset.validation_inputs, run.dataset.train_inputs) != 1:
        return "other validation inputs"
    if _overshoots(run, max(guessing, first_loss(run))):
        return _too_long_steps(run)
    if last.train_loss > guessing * _RISEN:
        return "bad start" if _too_long_steps(run) == "learning rate" else "large inputs"
    if min(epoch.validation_loss for epoch in run.epochs) <= guessing:
        return ""  # it was better before: the course of the losses says more
    if last.train_loss >= _LEARNED * guessing:
        return _of_little(run) or "untold"
    as_good = last.validation_accuracy >= _AS_GOOD * last.train_accuracy
    return _too_long_steps(run) if as_good else "training images only"


def _of_little(run: RunState) -> Cause:
    """Of a training loss that has hardly fallen, once the labels have been looked at."""
    examined, last = run.examined, run.epochs[-1]
    if examined is None:
        return ""
    least = least_loss(run)
    if last.train_loss <= least + HARDLY_LEARNED * (examined.guessing_loss - least):
        return ""
    if examined.verdict != "related":
        return "untold"
    return "too few steps" if last.train_accuracy < examined.low else ""  # else as much as there is to learn


def _overshoots(run: RunState, began: float) -> bool:
    """Whether a minibatch in the second half of the run was answered worse than the first."""
    begins = len(run.epochs) / 2 * run.minibatches_per_epoch
    late = [cell for cell in run.losses if cell.index * run.cell_width >= begins]
    return run.config.batch_size >= _MANY and any(cell.mean > _OVERSHOT * began for cell in late)
