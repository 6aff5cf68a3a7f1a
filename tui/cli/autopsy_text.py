"""The autopsy of a diverged run, for people."""

from __future__ import annotations

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged
from engine.contract.pairs import ENGINES_LOSSES, ENGINES_SOFTMAXES
from tui.drawing.tables import table

_MOST_CLASSES = 12


def autopsy_lines(diverged: Diverged, label_names: tuple[str, ...], config: TrainConfig) -> list[tuple[str, str]]:
    """Where it broke, why, the numbers on the way there, and what every other pair gives for the same image."""
    from tui.cli.page import wrapped

    autopsy = diverged.autopsy
    cause = f"Diverged at epoch {diverged.epoch}, minibatch {diverged.minibatch}: {autopsy.cause}."
    lines = [(line, "bold") for line in wrapped(cause, 79)]
    lines += [
        ("", ""),
        (f"training image {autopsy.image_index}, class {autopsy.label} ({autopsy.label_name})", ""),
        *((line, "") for line in _numbers(diverged, label_names)),
        (f"partition {number(autopsy.partition)}   loss {number(autopsy.loss)}", ""),
        ("", ""),
        ("the loss of this image with each softmax (rows) and loss (columns)", ""),
        *((line, "") for line in _remedies(diverged, config)),
    ]
    return lines


def _numbers(diverged: Diverged, label_names: tuple[str, ...]) -> list[str]:
    autopsy = diverged.autopsy
    columns = (autopsy.logits, autopsy.exponentials, autopsy.probabilities)
    shown = list(range(len(autopsy.logits)))
    if len(shown) > _MOST_CLASSES:
        # the ones that decide: the largest logits, and the true class
        shown = sorted({autopsy.label, *sorted(shown, key=lambda c: -_rank(autopsy.logits[c]))[: _MOST_CLASSES - 1]})
    rows = [
        (
            f"{'>' if index == autopsy.label else ' '} {index} {label_names[index] if label_names else ''}",
            *(number(column[index]) if column else "" for column in columns),
        )
        for index in shown
    ]
    lines = table(("  class", "logit", "exponential", "probability"), rows)
    left_out = len(autopsy.logits) - len(shown)
    return [*lines, f"  and {left_out} classes with smaller logits"] if left_out else lines


def _rank(logit: float) -> float:
    """nan first: it is what one looks for."""
    return logit if logit == logit else float("inf")


def _remedies(diverged: Diverged, config: TrainConfig) -> list[str]:
    autopsy = diverged.autopsy
    values = {(remedy.softmax, remedy.loss): number(remedy.value) for remedy in autopsy.remedies}
    values[config.softmax, config.loss] = f"[{number(autopsy.loss)}]"
    losses = tuple(dict.fromkeys((*ENGINES_LOSSES, config.loss)))
    softmaxes = dict.fromkeys((*ENGINES_SOFTMAXES, config.softmax))
    rows = [(softmax, *(values.get((softmax, loss), "-") for loss in losses)) for softmax in softmaxes]
    return [*table(("", *losses), rows), "[ ] this run   - no such pair"]


def number(value: float) -> str:
    """Six significant digits."""
    return f"{value:z.6g}"
