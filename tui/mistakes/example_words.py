"""The large view in words and bars: the distribution, the gradient `p − y`, the loss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.answers import ExampleShown
from tui.drawing.bars import Bar
from tui.drawing.confusions import LONGEST_NAME, SURE, called, name_of


def distribution_bars(shown: ExampleShown, names: Sequence[str], most: int) -> list[Bar]:
    """A bar for each class with its part of the gradient; the true and the predicted class are marked by signs.

    Where there are more than `most` classes: the most probable, and the true one.
    """
    example = shown.example
    labels = list(range(len(example.probabilities)))
    if len(labels) > most > 0:
        labels.sort(key=lambda label: -_finite(example.probabilities[label]))
        if example.true not in labels[:most]:
            labels[most - 1] = example.true
        labels = labels[:most]
    return [
        Bar(
            label=f"{_sign(label, shown)} {name_of(names, label, LONGEST_NAME - 2)}",
            value=example.probabilities[label],
            mark=f"{signed(shown.gradient[label])}{_word(label, shown)}",
            role=_role(label, shown),
        )
        for label in labels
    ]


def _sign(label: int, shown: ExampleShown) -> str:
    if label == shown.example.true:
        return "●"
    return "▶" if label == shown.example.predicted else " "


def _word(label: int, shown: ExampleShown) -> str:
    if label == shown.example.true:
        return " true"
    return " said" if label == shown.example.predicted else ""


def _role(label: int, shown: ExampleShown) -> str:
    if label == shown.example.true:
        return "right"
    return "wrong" if label == shown.example.predicted else "line-1"


def signed(value: float) -> str:
    """`+0.631` or `−0.840`."""
    return f"{value:+.3f}".replace("-", "−")


def example_words(shown: ExampleShown, names: Sequence[str]) -> list[str]:
    """What the model says, what that costs, what a step of gradient descent would do, and what to make of it."""
    example = shown.example
    true, said = (called(names, label) for label in (example.true, example.predicted))
    loss = _loss_words(example.loss, example.probabilities[example.true])
    if example.true == example.predicted:
        return [f"Labelled {true} and recognised.", loss, f"A gradient step raises {true} still."]
    lines = [f"Labelled {true}, taken for {said}.", loss, f"A gradient step raises {true} and lowers {said}."]
    if example.probability >= SURE:
        lines.append(f"So sure of another class: is {true} the right label?")
    return lines


def _loss_words(loss: float, of_true: float) -> str:
    # With label smoothing, and with the exhibits among the losses, it is something else.
    if of_true > 0 and math.isclose(loss, -math.log(of_true), rel_tol=1e-3, abs_tol=1e-4):
        return f"loss = −log {of_true:.4g} = {loss:z.3f}"
    return f"loss {loss:z.4g}"


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0
