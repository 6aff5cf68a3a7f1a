"""What a measurement of the losses says, in plain words, and when it says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.loss_lab import YARDSTICK, LossesMeasured, LossMeasured, Phase, Spread
from engine.contract.pairs import YOURS
from engine.verdicts.figures import time_words
from engine.verdicts.loss_figures import as_long, busy, gradient_right, longer, loss_words, right

# A logit so far below the largest of its row has a probability that rounds to 0.
_TO_ZERO = {"float16": 17.4, "bfloat16": 93, "float32": 104, "float64": 746}


def verdicts(measured: LossesMeasured) -> tuple[tuple[str, str], ...]:
    """The exercise's questions with the answers that this measurement gives."""
    yours = next((one for one in measured.losses if one.loss == YOURS), None)
    return (
        ("Why slower?", why_slower(measured)),
        ("Should you use it?", should_you_use_it(measured)),
        ("When?", when_to_use_it(measured)),
        ("Careful", what_to_be_careful_of(measured)),
        *((("And yours?", what_yours_says(yours, measured)),) if yours else ()),
    )


def why_slower(measured: LossesMeasured) -> str:
    """Whether the definition takes longer than indexing, and what it computes for nothing."""
    definition, indexing = measured.of("definition"), measured.of(YARDSTICK)
    sign = longer(definition.relative)
    at = f"at {measured.question.num_classes:,} classes"
    counts = _counts(definition, indexing)
    if sign > 0:
        said = (
            f"The definition takes {as_long(definition.relative, 'indexing')} {at}. {counts[:1].upper()}{counts[1:]}."
        )
        said += _largest_part(definition.phases)
    elif sign < 0:
        said = f"Not slower {at}: the definition takes {as_long(definition.relative, 'indexing')}. Still, {counts}."
    elif why := busy(measured):
        said = f"The machine was too busy to tell {at}: {why}. Measure again when the machine is idle. Still, {counts}."
    else:
        said = (
            f"No difference can be measured {at}: in half of the {measured.rounds} rounds the definition takes "
            f"{definition.relative.low:.2f} to {definition.relative.high:.2f} times as long as indexing. "
            f"Still, {counts}."
        )
    if sign and (why := busy(measured)):
        said += f" The machine was busy ({why}): measure again."
    return f"{said} {_with_gradient(definition, indexing, bool(busy(measured)))}"


def _counts(definition: LossMeasured, indexing: LossMeasured) -> str:
    logarithm = next(phase for phase in definition.phases if phase.name == "logarithm")
    few = next(phase for phase in indexing.phases if phase.name.startswith("logarithm"))
    zeros = (
        f"multiplies {logarithm.times_zero:,} of them by zero" if logarithm.times_zero else "multiplies none by zero"
    )
    return (
        f"the definition computes {_logarithms(logarithm.operations)} and {zeros}; indexing computes {few.operations:,}"
    )


def _logarithms(count: int) -> str:
    return f"{count:,} logarithm{'s' if count != 1 else ''}"


def _largest_part(phases: Sequence[Phase]) -> str:
    """The part of the loss itself that costs most, where its quartiles stand clear of the next one's."""
    own = sorted((p for p in phases if p.of_loss), key=lambda p: p.seconds.median, reverse=True)
    if len(own) < 2 or own[0].seconds.low <= own[1].seconds.high:
        return ""
    before = "".join(
        f". The {phase.name} before the loss takes {time_words(phase.seconds.median)}, also for indexing"
        for phase in phases
        if not phase.of_loss
    )
    return f" The largest part of this loss is the {own[0].name}: {time_words(own[0].seconds.median)}{before}."


def _with_gradient(definition: LossMeasured, indexing: LossMeasured, machine_busy: bool) -> str:
    ratio = definition.gradient_relative
    sign = longer(ratio)
    if sign == 0:
        return (
            f"With the gradient {'the times cannot be compared' if machine_busy else 'no difference can be measured'}."
        )
    said = f"With the gradient: {as_long(ratio)}."
    return f"{said} {_turned(definition, indexing)}".rstrip() if sign < 0 else said


def _turned(definition: LossMeasured, indexing: LossMeasured) -> str:
    """Why the definition is the quicker one with its gradient: where the backward passes of the parts show that."""
    own, other = ([p for p in one.phases if p.of_loss and p.backward is not None] for one in (definition, indexing))
    if not own or not other:
        return ""
    most = max(other, key=lambda phase: _backward(phase).median)
    if sum(_backward(phase).high for phase in own) >= sum(_backward(phase).low for phase in other):
        return ""
    return (
        f"The backward pass of the definition takes {time_words(sum(_backward(phase).median for phase in own))}, the "
        f"backward pass of indexing {time_words(sum(_backward(phase).median for phase in other))}, of which the "
        f"{most.name} takes {time_words(_backward(most).median)}."
    )


def _backward(phase: Phase) -> Spread:
    assert phase.backward is not None
    return phase.backward


def should_you_use_it(measured: LossesMeasured) -> str:
    """No where it is wrong or the same; yes where labels are distributions."""
    definition, indexing, stable = (measured.of(name) for name in ("definition", YARDSTICK, "from-logits"))
    if not right(definition, measured):
        instead = f" (from-logits gives {loss_words(stable.value)})" if right(stable, measured) else ""
        value, true = loss_words(definition.value), loss_words(measured.value)
        return f"No: the definition gives {value}, but the loss is {true}{instead}."
    if measured.question.soft:
        said = f"Yes, or from-logits: for soft labels the definition gives the loss, {loss_words(definition.value)}."
        if right(indexing, measured):
            return said
        other = f"Indexing reads only one class of a label and gives {loss_words(indexing.value)}"
        return f"{said} {other}, a different loss."
    same = f"No: with one-hot labels the definition gives the same loss as indexing, {loss_words(definition.value)},"
    if not right(indexing, measured):
        same = f"The definition gives {loss_words(definition.value)}, indexing {loss_words(indexing.value)},"
    unmeasured = "with more logarithms" if busy(measured) else "with more logarithms, but no measurable extra time"
    price = "but takes longer" if longer(definition.relative) > 0 else unmeasured
    return f"{same} {price}. from-logits computes no probability, so none can round to 0."


def when_to_use_it(measured: LossesMeasured) -> str:
    """Soft labels, and what a batch of them shows."""
    cases = "label smoothing, mixed labels, another model's probabilities"
    if not measured.question.soft:
        return f"When a label is a distribution ({cases}) and not one class number. Try smoothing 0.1."
    zeros = next(phase for phase in measured.of("definition").phases if phase.name == "product").times_zero
    wasted = f"only {zeros:,} products multiply" if zeros else "no product multiplies"
    return f"Here: a label is a distribution ({cases}), and {wasted} by zero."


def what_to_be_careful_of(measured: LossesMeasured) -> str:
    """The domain of the logarithm, what clipping hides, and the slip that is no cross-entropy."""
    return " ".join(filter(None, (_domain(measured), _clipping(measured), _slip(measured))))


def _domain(measured: LossesMeasured) -> str:
    question = measured.question
    broken = [one for one in measured.losses if not math.isfinite(one.value) and one.loss != "integer-labels"]
    if broken:
        said = ", ".join(f"{one.loss} gives {loss_words(one.value)}" for one in broken)
        return (
            f"The logarithm needs p > 0, but {_of(measured.zero_probabilities, 'probability', 'probabilities')} 0 in "
            f"{question.dtype}: {said}; the loss is {loss_words(measured.value)}."
        )
    if measured.zero_probabilities:
        return (
            f"{_of(measured.zero_probabilities, 'probability', 'probabilities').capitalize()} 0, but every loss "
            "stays finite. When such a class is the true class, log 0 is −inf."
        )
    return (
        f"No loss breaks here (the smallest probability is {measured.smallest_probability:.2g}). But a logit "
        f"{_TO_ZERO[question.dtype]:g} below the largest has probability 0 in {question.dtype}: log 0 is −inf, and "
        "0 · log 0 is nan."
    )


def _of(count: int, one: str, many: str) -> str:
    return f"{count:,} {one} is" if count == 1 else f"{count:,} {many} are"


def _clipping(measured: LossesMeasured) -> str:
    """Where the true class of an image was clipped: its loss and gradient are no longer its own."""
    if not measured.clipped_labels:
        return ""
    clipped, epsilon = measured.of("clipped"), measured.question.epsilon
    return (
        f"Clipping at {epsilon:g} does not help: {_of(measured.clipped_labels, 'loss', 'losses')} cut off at "
        f"{-math.log(epsilon):.3g} with a gradient of 0, where the model is most wrong (gradient error up to "
        f"{clipped.gradient_error:.2g}, largest gradient {measured.largest_gradient:.2g})."
    )


def _slip(measured: LossesMeasured) -> str:
    slip = measured.of("integer-labels")
    if right(slip, measured):
        return ""
    return f"integer-labels gives {loss_words(slip.value)}: integer-labels is not cross-entropy."


def what_yours_says(yours: LossMeasured, measured: LossesMeasured) -> str:
    """Whether a user's own loss is right on this batch, its gradient with it, and what it costs."""
    if right(yours, measured):
        said = f"Your loss is {loss_words(yours.value)}, as in float64"
    elif measured.question.soft and _same(yours.value, measured.of(YARDSTICK).value):
        said = f"Your loss is {loss_words(yours.value)}, as by indexing: it reads only one class of a soft label"
    else:
        said = f"Your loss gives {loss_words(yours.value)}, but the loss is {loss_words(measured.value)}"
    if gradient_right(yours, measured):
        said += ", and its gradient is right."
    else:
        said += (
            f"; its gradient is off by up to {yours.gradient_error:.2g} (largest gradient "
            f"{measured.largest_gradient:.2g})."
        )
    if busy(measured):
        return f"{said} The machine was too busy to compare times."
    if longer(yours.relative) == 0:
        return f"{said} No time difference to indexing can be measured."
    return f"{said} Your loss takes {as_long(yours.relative, 'indexing')}."


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-5 * abs(other)
