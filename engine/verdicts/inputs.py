"""What is said of the range of a dataset's inputs where it is not the usual one."""

from __future__ import annotations

from engine.contract.events import DatasetInfo, InputRange

USUAL = "expected about 1"
_LARGE, _SMALL = 4.0, 0.1  # standardised pixels reach 3; bytes of 0 to 16, divided by 255, reach 0.06
_OTHER_SCALE = 2.0  # times as large, by the largest and by the typical input


def is_large(inputs: InputRange | None) -> bool:
    """Whether inputs reach far beyond 1, so that the usual learning rates are too large for them."""
    return inputs is not None and inputs.largest > _LARGE


def is_small(inputs: InputRange | None) -> bool:
    """Whether inputs stay so far below 1 that the usual learning rates are too small for them."""
    return inputs is not None and inputs.largest < _SMALL


def times_as_large(validation: InputRange | None, train: InputRange | None) -> float:
    """By how much the validation inputs are larger than the training inputs; 1 where both are of one scale.

    Of one scale they are unless the largest and the typical input both say otherwise: one outlier is no other scale.
    """
    if validation is None or train is None or not min(train.largest, validation.largest, train.typical) > 0:
        return 1.0
    if not validation.typical > 0:
        return 1.0
    ratios = (validation.largest / train.largest, validation.typical / train.typical)
    if min(ratios) >= _OTHER_SCALE or max(ratios) <= 1 / _OTHER_SCALE:
        return ratios[0]
    return 1.0


def scales_words(noun: str, train: InputRange, validation: InputRange) -> str:
    """ "Training pixels go from 0 to 1, validation pixels from 0 to 255: 255 times as large"."""
    times = times_as_large(validation, train)
    compared = f"{times:,.3g} times as large" if times >= 1 else f"{1 / times:,.3g} times smaller"
    return f"Training {noun} go {train.words}, validation {noun} {validation.words}: {compared}"


def inputs_noun(info: DatasetInfo | None) -> str:
    """What the inputs of a dataset are called."""
    return "inputs" if info is not None and not info.image_height else "pixels"


def inputs_notice(info: DatasetInfo) -> str:
    """That pixels, or inputs that are no pictures, have an unusual range; "" where they have the usual one."""
    return notice_of(inputs_noun(info), info.train_inputs, info.validation_inputs)


def notice_of(noun: str, train: InputRange | None, validation: InputRange | None) -> str:
    """What is to be said of the inputs (`noun` in the plural) before a run; "" where they are as usual."""
    if train is None or validation is None:
        return ""
    if train.low == train.high:
        return f"All training {noun} are {train.low:g}: all images are the same, and there is nothing to learn."
    if times_as_large(validation, train) != 1:
        return f"{scales_words(noun, train, validation)}. Bring both to the same range."
    if is_large(train):
        return (
            f"{noun.capitalize()} go {train.words}, {USUAL}. Floats are not rescaled: "
            f"divide the {noun} by {train.largest:.4g}, or use a much smaller learning rate."
        )
    if is_small(train):
        return f"{noun.capitalize()} go {train.words} only, {USUAL}: use a larger learning rate."
    return ""
