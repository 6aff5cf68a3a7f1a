"""The large view in words and bars: the distribution, the gradient, the loss, and the evidence: weight times input."""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Literal

from engine.contract.answers import ExampleShown
from tui.drawing.bars import Bar
from tui.drawing.confusions import LONGEST_NAME, called, name_of

Side = Literal["predicted", "true", "difference"]
SIDES: tuple[Side, ...] = ("difference", "predicted", "true")


def evidence_of(shown: ExampleShown, side: Side) -> list[float]:
    """Weight times input for one class, or for the predicted class minus the true one; (features,).

    Its sum and the bias are the logit, or the difference of the two logits.
    """
    values = array("f")
    values.frombytes(shown.evidence)
    features = len(values) // 2
    predicted, true = values[:features].tolist(), values[features:].tolist()
    if side == "predicted":
        return predicted
    if side == "true":
        return true
    return [one - other for one, other in zip(predicted, true, strict=True)]


def evidence_picture(shown: ExampleShown, side: Side, pixels: int) -> list[float]:
    """The evidence of each pixel, (pixels,): that of its colours together."""
    evidence = evidence_of(shown, side)
    channels = len(evidence) // pixels
    return (
        evidence
        if channels == 1
        else list(map(sum, zip(*(evidence[n::channels] for n in range(channels)), strict=True)))
    )


def sides_of(shown: ExampleShown) -> tuple[Side, ...]:
    """What there is to see; of an image that is right the two classes are one. None where no weights are known."""
    if not shown.evidence:
        return ()
    return ("predicted",) if shown.example.true == shown.example.predicted else SIDES


def strongest(evidence: Sequence[float], limit: int) -> list[tuple[int, float]]:
    """The features of the largest evidence, for or against, as (feature, evidence)."""
    return sorted(enumerate(evidence), key=lambda found: -abs(found[1]))[:limit]


def evidence_title(shown: ExampleShown, side: Side, names: Sequence[str]) -> str:
    """What a picture of the evidence shows, and what it adds up to with the bias."""
    said, true = _both(shown, names, 11)
    total = sum(evidence_of(shown, side)) + _bias(shown, side)
    what = {"difference": f"{said} minus {true}", "predicted": f"for {said}", "true": f"for {true}"}[side]
    return f"{what}: {_signed(total)}"


def evidence_words(shown: ExampleShown, side: Side) -> str:
    """What speaks for a class and what against it, or for the predicted one rather than the true one."""
    evidence, bias = evidence_of(shown, side), _bias(shown, side)
    up = _signed(sum(value for value in evidence if value > 0))
    down = _signed(sum(value for value in evidence if value < 0))
    return f"Pixels for {up}, against {down}, bias {_signed(bias)}."


def _bias(shown: ExampleShown, side: Side) -> float:
    said, true = shown.bias[shown.example.predicted], shown.bias[shown.example.true]
    return {"difference": said - true, "predicted": said, "true": true}[side]


def _both(shown: ExampleShown, names: Sequence[str], width: int) -> tuple[str, str]:
    example = shown.example
    said = name_of(names, example.predicted, width)
    return said, name_of(names, example.true, width)


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


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
    if not example.is_scored:
        right = example.true == example.predicted
        taken = f"Labelled {true} and predicted right." if right else f"Labelled {true}, taken for {said}."
        return [taken, "The file holds predicted labels only, so probabilities and the loss are unknown."]
    loss = _loss_words(example.loss, example.probabilities[example.true])
    if example.true == example.predicted:
        return [f"Labelled {true} and predicted right.", loss, f"A gradient step raises {true} further."]
    lines = [f"Labelled {true}, taken for {said}.", loss, f"A gradient step raises {true} and lowers {said}."]
    if example.suggested is not None:
        lines.append(f"Suspected label error. Is {called(names, example.suggested)} right?")
    return lines


def _loss_words(loss: float, of_true: float) -> str:
    # With label smoothing, and with the exhibits among the losses, it is something else.
    if of_true > 0 and math.isclose(loss, -math.log(of_true), rel_tol=1e-3, abs_tol=1e-4):
        return f"loss = −log {of_true:.4g} = {loss:z.3f}"
    return f"loss {loss:z.4g}"


def _finite(value: float) -> float:
    return value if math.isfinite(value) else -1.0
