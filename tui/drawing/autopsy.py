"""What is known of the image at which a run diverged, as lines: where, every number on the way, what others give."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.config import TrainConfig
from engine.contract.events import Autopsy, Diverged
from engine.verdicts.naming import class_said
from tui.drawing.numbers import five_digits
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import wrap

_MOST_CLASSES = 12


def autopsy_lines(diverged: Diverged, label_names: Sequence[str], config: TrainConfig, width: int) -> list[Line]:
    """Lines of at most `width` cells. What is not finite, and the true class, carry a sign besides their colour."""
    autopsy = diverged.autopsy
    where = f"Epoch {diverged.epoch}, minibatch {diverged.minibatch}: the loss is {five_digits(autopsy.loss)}."
    named = class_said(autopsy.label_name, autopsy.label)
    of_class = f"a {plain(named, 30)} (class {autopsy.label})" if named == autopsy.label_name.strip() else f"of {named}"
    image = f"Training image {autopsy.image_index:,}, {of_class}."
    lines: list[Line] = [_said(where, "wrong"), _said(image, "text")]
    lines += [_said(line, "text") for line in wrap(f"Why: {plain(autopsy.cause)}.", max(20, width - 1))]
    lines += [_said("", "text"), *_numbers(autopsy, label_names, width), _said("", "text")]
    lines += _others(autopsy, config)
    return lines


def _numbers(autopsy: Autopsy, label_names: Sequence[str], width: int) -> list[Line]:
    names = max(8, min(16, width - 3 * 13 - 3))
    lines: list[Line] = [
        _said(f"  {'class':<{names}}{'logit':>13}{'exponential':>13}{'probability':>13}", "muted"),
    ]
    for index in _shown(autopsy):
        true = index == autopsy.label
        runs = [
            Run(" > " if true else "   ", "accent"),
            Run(padded(label_names[index] if index < len(label_names) else str(index), names), "text"),
        ]
        for column in (autopsy.logits, autopsy.exponentials, autopsy.probabilities):
            runs.append(_number(column[index]) if index < len(column) else Run(" " * 13, "text"))
        lines.append(tuple(runs))
    left_out = len(autopsy.logits) - len(_shown(autopsy))
    if left_out:
        lines.append(_said(f"  and {left_out} classes with smaller logits", "muted"))
    lines.append((Run(f"   {'partition, their sum':<{names + 13}}", "text"), _number(autopsy.partition)))
    return lines


def _shown(autopsy: Autopsy) -> list[int]:
    """The classes that decide: all where they are few, else the largest logits and the true one."""
    classes = range(len(autopsy.logits))
    if len(classes) <= _MOST_CLASSES:
        return list(classes)
    ranked = sorted(
        classes, key=lambda index: -autopsy.logits[index] if autopsy.logits[index] == autopsy.logits[index] else 0
    )
    return sorted({autopsy.label, *ranked[: _MOST_CLASSES - 1]})


def _others(autopsy: Autopsy, config: TrainConfig) -> list[Line]:
    values = {(remedy.softmax, remedy.loss): remedy.value for remedy in autopsy.remedies}
    here = (config.softmax, config.loss)
    values[here] = autopsy.loss
    softmaxes = list(dict.fromkeys(softmax for softmax, _ in values))
    losses = list(dict.fromkeys(loss for _, loss in values))
    lines: list[Line] = [
        _said("Its loss with each softmax and each loss (> marks this run):", "text"),
        _said(f"  {'':<12}" + "".join(f"{softmax:>13}" for softmax in softmaxes), "muted"),
    ]
    for loss in losses:
        runs = [Run(f"   {loss:<14}"[:15], "text")]
        for softmax in softmaxes:
            if (softmax, loss) in values:
                runs.append(_number(values[softmax, loss], ">" if (softmax, loss) == here else ""))
            else:
                runs.append(Run(f"{'-':>13}", "muted"))
        lines.append(tuple(runs))
    return lines


def _number(value: float, sign: str = "") -> Run:
    """Thirteen cells; what is not finite stands out without colour too."""
    broken = value != value or value in (float("inf"), float("-inf"))
    return Run(f"{sign + ('!' if broken else '') + five_digits(value):>13}", "wrong" if broken else "text")


def _said(text: str, role: str) -> Line:
    return (Run(f" {text}" if text else " ", role),)
