"""What to try next in the Loss pane, by what is in front and what is known."""

from __future__ import annotations

from functools import partial

from engine.contract.loss_lab import CLASS_COUNTS, LossesMeasured
from tui.loss.runs import LossRuns
from tui.loss.words import Doing, View
from tui.pane.hints import Hint, Offer, Press, Put, registered
from tui.pane.tour import Tour

_hint = partial(registered, "loss")
_GO, _SOFTEN, _SMOOTH = Press("go"), Press("soften"), Put("smoothing", "0.1", "label smoothing")

QUEUED = _hint(
    "queued",
    "a start waits for the engine",
    "{do} shows −log p near p = 0. {go} cancels the start.",
    Press("show_slider"),
)
MEASURING = _hint(
    "measuring",
    "the losses are being measured, nothing was measured before",
    "{do} shows −log p near p = 0. {go} stops measuring.",
    Press("show_slider"),
)
TO_ZERO = _hint(
    "to-zero",
    "the slider stands above p = 0",
    "{do} takes p to 0. {slide(1)} goes step by step, {clip(1)} {clip(-1)} move the clipping.",
    Press("slide_to_end(-1)"),
)
SLOPE = _hint(
    "slope", "the slider stands at p = 0", "{do} shows the gradient beside the loss.", Press("toggle_gradient")
)
WHILE_TRAINING = _hint(
    "while-training",
    "each loss is being trained with",
    "{do} changes between loss and accuracy. {go} stops and keeps the runs.",
    Press("toggle_accuracy"),
)
TRAIN = _hint(
    "train", "training in front, nothing trained", "{do} trains with each loss, everything else the same.", _GO
)
TRAIN_SOFT = _hint(
    "train-soft", "training in front, each loss was trained with", "{do}: the same with soft labels.", _SMOOTH, _GO
)
OVER_CLASSES = _hint(
    "over-classes",
    "classes in front, not all measured",
    "{do} measures 10, 100, 1,000 and 10,000 classes in turn.",
    _GO,
)
IN_TRAINING = _hint(
    "in-training",
    "classes in front, all measured; or soft labels measured",
    "{do} shows whole training runs with each loss.",
    Press("show_training"),
)
MEASURE = _hint("measure", "nothing was measured", "{do} measures the losses.", _GO)
SOFT = _hint("soft", "hard labels measured", "{do}: with soft labels no product is wasted on zeros.", _SOFTEN)
SLIDER = _hint("slider", "measured, log 0 was not looked at", "{do} shows −log p near p = 0.", Press("show_slider"))
TABLE = _hint(
    "table",
    "the slider stands at p = 0, or was trained with soft labels, and the exercise has more to answer",
    "{do} shows the table: value, gradient and time of each loss.",
    Press("show_table"),
)
TO_CLASSES = _hint(
    "to-classes",
    "measured for one number of classes",
    "{do} goes to 10,000 classes. {show_time} shows where the time goes.",
    Press("show_classes"),
)
EXAMPLE = _hint(
    "example", "measured, also over classes", "{do} takes an example in which a loss breaks.", Press("next_preset")
)


def next_to_try(
    view: View,
    measured: LossesMeasured | None,
    scaled: int,
    runs: LossRuns,
    probability: float,
    doing: Doing,
    tour: Tour | None = None,
    *,
    soft: bool = False,
) -> Offer:
    """The hint for the view in front. `scaled` numbers of classes were measured; `soft`: with soft labels."""
    tour = tour or Tour()
    onward, still = tour.onward("loss"), tour.open_in("loss")
    if view == "slider":
        if probability > 0:
            return TO_ZERO.offer()
        return onward or (IN_TRAINING if still == ["2a"] else TABLE if still else SLOPE).offer()
    if doing.queued:
        return QUEUED.offer()
    if doing.measuring is not None and (measured is None or view in ("classes", "training")):
        return MEASURING.offer()
    if view == "training":
        if doing.training:
            return WHILE_TRAINING.offer()
        if not runs.status:
            return TRAIN.offer()
        return onward or (TABLE if soft else TRAIN_SOFT).offer()
    if view == "classes":
        return (OVER_CLASSES if scaled < len(CLASS_COUNTS) else IN_TRAINING).offer()
    if measured is None:
        return MEASURE.offer()
    return onward or _after_measuring(measured, scaled, still).offer()


def _after_measuring(measured: LossesMeasured, scaled: int, still: list[str]) -> Hint:
    """With the table or the times in front; what the exercise has `still` to answer comes first."""
    question = measured.question
    if "2c" in still and not question.soft and not question.preset:
        return SOFT
    if "2d" in still or question.preset:
        return SLIDER
    if question.soft or "2a" in still:
        return IN_TRAINING
    return EXAMPLE if scaled else TO_CLASSES
