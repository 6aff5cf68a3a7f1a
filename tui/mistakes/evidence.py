"""Why the model answers as it does: weight times input, pixel by pixel."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Literal

from engine.contract.answers import ExampleShown
from tui.drawing.confusions import name_of

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
