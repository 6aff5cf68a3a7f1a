"""The cause of a run that does badly in words: first what is known, then the figures that carry it."""

from __future__ import annotations

import math

from engine.contract.events import DatasetInfo, EpochDone, LabelsExamined
from engine.contract.run_state import RunState
from engine.verdicts.figures import loss_figure
from engine.verdicts.inputs import inputs_noun, is_large, scales_words, times_as_large
from engine.verdicts.run_cause import Cause, first_loss, guessing_loss, labels_tell_nothing, worse_than_guessing

_CLEARLY = 0.25  # of the way from chance to no mistake
_Z = 2.576  # standard deviations: by luck alone a share is so far off once in a hundred times


def cause_words(run: RunState, cause: Cause) -> str:
    """Sentences on a run whose cause is not ""."""
    said = {
        "label noise": _label_noise,
        "unrelated": _unrelated,
        "large inputs": too_long_steps,
        "learning rate": too_long_steps,
        "other validation inputs": _other_inputs,
        "bad start": _bad_start,
        "training images only": _training_images_only,
        "too few steps": _too_few_steps,
        "untold": _untold,
    }[cause](run)
    if cause in ("label noise", "unrelated"):
        return said
    return " ".join(filter(None, (_worse(run), said, _noise_beside(run))))


def too_long_steps(run: RunState) -> str:
    """Why the loss has risen: inputs that reach far beyond 1, else the learning rate."""
    info, rate = run.dataset, f"{run.config.learning_rate:g}"
    if info is None or info.train_inputs is None or not is_large(info.train_inputs):
        return f"The learning rate of {rate} is too large for this loss."
    noun, largest = inputs_noun(info), f"{info.train_inputs.largest:.4g}"
    if times_as_large(info.validation_inputs, info.train_inputs) != 1:
        noun = f"training {noun}"
    return (
        f"{noun.capitalize()} reach {largest}, expected about 1. "
        f"Divide the {noun} by {largest} before you change the learning rate of {rate}."
    )


def _worse(run: RunState) -> str:
    """That the loss is worse than guessing's, and whether the answers are, too; "" where the loss is not."""
    if not worse_than_guessing(run) or run.dataset is None:
        return ""
    last, classes = run.epochs[-1], run.dataset.num_classes
    loss, guessing = loss_figure(last.validation_loss), f"log {classes} = {guessing_loss(run):.3f}"
    if _answers_better(last, run.dataset):
        return (
            f"The validation loss of {loss} is worse than guessing ({guessing}), but "
            f"{last.validation_accuracy:.1%} of the answers are right."
        )
    return f"Worse than guessing: the validation loss is {loss}, and guessing costs {guessing}."


def _answers_better(last: EpochDone, info: DatasetInfo) -> bool:
    """Clearly, that is: one class for every image is right more often than 1/K where classes differ in size."""
    chance = 1 / info.num_classes
    luck = _Z * math.sqrt(chance * (1 - chance) / max(1, info.validation_size))
    return last.validation_accuracy > chance + max(luck, _CLEARLY * (1 - chance))


def _noise_beside(run: RunState) -> str:
    """Label noise that leaves something to learn, where it was asked for."""
    noise = run.config.label_noise
    return f"Label noise {noise:g} makes {100 * noise:.4g}% of the training labels wrong." if noise else ""


def _label_noise(run: RunState) -> str:
    noise = run.config.label_noise
    classes = run.dataset.num_classes if run.dataset is not None else 0
    if noise == 1:
        return f"Label noise 1 makes every training label wrong. {_costs(run)}."
    left = f"Label noise {noise:g} leaves {1 - noise:.1%} of the training labels true"
    if run.examined is not None and not labels_tell_nothing(run):
        return f"{left}, too few to learn from these images. {_the_look(run.examined)}"
    return f"{left}, no more than chance ({1 / classes:.1%}). {_costs(run)}."


def _costs(run: RunState) -> str:
    loss = loss_figure(run.epochs[-1].validation_loss)
    guessing = f"{guessing_loss(run):.3f}"
    return f"The model cannot learn the true labels: the validation loss is {loss}, and guessing costs {guessing}"


def _unrelated(run: RunState) -> str:
    assert run.examined is not None
    inputs = run.dataset.train_inputs if run.dataset is not None else None
    if inputs is not None and inputs.low == inputs.high:
        return f"All images are the same: every value is {inputs.low:g}. There is nothing to learn."
    return f"Images and labels do not match. {_the_look(run.examined)}"


def _the_look(examined: LabelsExamined) -> str:
    return (
        f"A linear model, fitted on half of {examined.images:,} training images, is right on "
        f"{examined.accuracy:.1%} of the other half (99 % interval {examined.low:.1%} to {examined.high:.1%}); "
        f"chance is {examined.chance:.1%}."
    )


def _other_inputs(run: RunState) -> str:
    info, last = run.dataset, run.epochs[-1]
    assert info is not None
    assert info.train_inputs is not None
    assert info.validation_inputs is not None
    fell = last.train_loss < first_loss(run)
    falls = f"The train loss falls to {loss_figure(last.train_loss)}, so the validation data differ. " if fell else ""
    return f"{falls}{scales_words(inputs_noun(info), info.train_inputs, info.validation_inputs)}."


def _bad_start(run: RunState) -> str:
    last = run.epochs[-1]
    return (
        f"The train loss falls from {loss_figure(first_loss(run))} to {loss_figure(last.train_loss)}, but "
        f"the first weights (sigma {run.config.sigma:g}) are worse than guessing."
    )


def _training_images_only(run: RunState) -> str:
    return (
        f"The train loss falls to {loss_figure(run.epochs[-1].train_loss)}, but the model works for the training "
        "images only. The validation data differ, or there are too few training images."
    )


def _too_few_steps(run: RunState) -> str:
    assert run.examined is not None
    return (
        f"{_steps(run)}: too few or too small steps. Images and labels match: a linear model fitted on half of "
        f"the training images is right on {run.examined.accuracy:.1%} of the other half."
    )


def _untold(run: RunState) -> str:
    said = f"{_steps(run)}: too few steps to name a cause."
    if run.examined is None:
        return said
    return f"{said} {run.examined.images:,} images are too few to check whether images and labels match."


def _steps(run: RunState) -> str:
    steps = run.position or len(run.epochs) * run.minibatches_per_epoch
    loss = loss_figure(run.epochs[-1].train_loss)
    return f"The train loss is {loss} after {steps:,} steps with a learning rate of {run.config.learning_rate:g}"
