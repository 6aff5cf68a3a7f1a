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
        said = f"By the definition it takes {as_long(definition.relative, 'by indexing')} {at}: {counts}."
        said += _largest_part(definition.phases)
    elif sign < 0:
        said = f"It is not slower {at}: it takes {as_long(definition.relative, 'by indexing')}, although {counts}."
    elif why := busy(measured):
        said = f"The machine was too busy to tell {at}: {why}. Measure again when it is idle. Still, {counts}."
    else:
        said = (
            f"No difference that can be measured {at}: in half of the {measured.rounds} rounds it takes between "
            f"{definition.relative.low:.2f} and {definition.relative.high:.2f} times as long as by indexing. "
            f"Still, {counts}."
        )
    if sign and (why := busy(measured)):
        said += f" The machine was busy ({why}): measure again."
    return f"{said} {_with_gradient(definition, indexing, bool(busy(measured)))}"


def _counts(definition: LossMeasured, indexing: LossMeasured) -> str:
    logarithm = next(phase for phase in definition.phases if phase.name == "logarithm")
    few = next(phase for phase in indexing.phases if phase.name.startswith("logarithm"))
    zeros = (
        f"multiplies {logarithm.times_zero:,} of them by zero" if logarithm.times_zero else "none is multiplied by zero"
    )
    return f"it takes {_logarithms(logarithm.operations)} and {zeros}, where indexing takes {few.operations:,}"


def _logarithms(count: int) -> str:
    return f"{count:,} logarithm{'s' if count != 1 else ''}"


def _largest_part(phases: Sequence[Phase]) -> str:
    """The part of the loss itself that costs most, where its quartiles stand clear of the next one's."""
    own = sorted((p for p in phases if p.of_loss), key=lambda p: p.seconds.median, reverse=True)
    if len(own) < 2 or own[0].seconds.low <= own[1].seconds.high:
        return ""
    before = "".join(
        f"; the {phase.name} before the loss, which indexing needs too, takes {time_words(phase.seconds.median)}"
        for phase in phases
        if not phase.of_loss
    )
    return f" The largest part of the loss itself is the {own[0].name}: {time_words(own[0].seconds.median)}{before}."


def _with_gradient(definition: LossMeasured, indexing: LossMeasured, machine_busy: bool) -> str:
    ratio = definition.gradient_relative
    sign = longer(ratio)
    if sign == 0:
        return f"With the gradient {'it cannot be told' if machine_busy else 'no difference can be measured'}."
    said = f"With the gradient it takes {as_long(ratio)}."
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
        f"Its own backward pass takes {time_words(sum(_backward(phase).median for phase in own))}, that of indexing "
        f"{time_words(sum(_backward(phase).median for phase in other))}: the {most.name} alone "
        f"{time_words(_backward(most).median)}."
    )


def _backward(phase: Phase) -> Spread:
    assert phase.backward is not None
    return phase.backward


def should_you_use_it(measured: LossesMeasured) -> str:
    """No where it is wrong or the same; yes where labels are distributions."""
    definition, indexing, stable = (measured.of(name) for name in ("definition", YARDSTICK, "from-logits"))
    if not right(definition, measured):
        instead = f" (from-logits says {loss_words(stable.value)})" if right(stable, measured) else ""
        return f"No: it says {loss_words(definition.value)} where the loss is {loss_words(measured.value)}{instead}."
    if measured.question.soft:
        said = f"Yes, or from-logits: for soft labels it is the loss itself, {loss_words(definition.value)}"
        if right(indexing, measured):
            return said
        other = f"indexing reads one class of a label only and says {loss_words(indexing.value)}"
        return f"{said}; {other}, which is another loss."
    same = f"No: with one-hot labels it says what indexing says, {loss_words(definition.value)},"
    if not right(indexing, measured):
        same = f"It says {loss_words(definition.value)}, and indexing {loss_words(indexing.value)};"
    unmeasured = "with more logarithms" if busy(measured) else "with more logarithms, if not in more time"
    price = "and takes longer" if longer(definition.relative) > 0 else unmeasured
    return f"{same} {price}. from-logits says it without a probability that could round to 0."


def when_to_use_it(measured: LossesMeasured) -> str:
    """Soft labels, and what a batch of them shows."""
    cases = "label smoothing, mixed labels, another model's probabilities"
    if not measured.question.soft:
        return f"When a label is a distribution ({cases}): then no class number stands for it. Try smoothing 0.1."
    zeros = next(phase for phase in measured.of("definition").phases if phase.name == "product").times_zero
    wasted = f"only {zeros:,} products are" if zeros else "no product is"
    return f"As here: a label is a distribution ({cases}), and {wasted} a multiplication by zero."


def what_to_be_careful_of(measured: LossesMeasured) -> str:
    """The domain of the logarithm, what clipping hides, and the slip that is no cross-entropy."""
    return " ".join(filter(None, (_domain(measured), _clipping(measured), _slip(measured))))


def _domain(measured: LossesMeasured) -> str:
    question = measured.question
    broken = [one for one in measured.losses if not math.isfinite(one.value) and one.loss != "integer-labels"]
    if broken:
        said = ", ".join(f"{one.loss} {loss_words(one.value)}" for one in broken)
        return (
            f"The logarithm wants p > 0, and {_of(measured.zero_probabilities, 'probability', 'probabilities')} 0 in "
            f"{question.dtype}: {said}, where the loss is {loss_words(measured.value)}."
        )
    if measured.zero_probabilities:
        return (
            f"{_of(measured.zero_probabilities, 'probability', 'probabilities').capitalize()} 0, though every loss "
            "stayed finite: as soon as its class counts, log 0 is −inf."
        )
    return (
        f"Nothing broke here (the smallest probability is {measured.smallest_probability:.2g}); but a logit "
        f"{_TO_ZERO[question.dtype]:g} below the largest has probability 0 in {question.dtype}: log 0 is −inf, and "
        "0 · log 0 nan."
    )


def _of(count: int, one: str, many: str) -> str:
    return f"{count:,} {one} is" if count == 1 else f"{count:,} {many} are"


def _clipping(measured: LossesMeasured) -> str:
    """Where the true class of an image was clipped: its loss and gradient are no longer its own."""
    if not measured.clipped_labels:
        return ""
    clipped, epsilon = measured.of("clipped"), measured.question.epsilon
    return (
        f"Clipping at {epsilon:g} is no cure: {_of(measured.clipped_labels, 'image', 'images')} cut off at "
        f"{-math.log(epsilon):.3g} with a gradient of 0, though most wrong (gradient off by up to "
        f"{clipped.gradient_error:.2g}, the largest there is {measured.largest_gradient:.2g})."
    )


def _slip(measured: LossesMeasured) -> str:
    slip = measured.of("integer-labels")
    if right(slip, measured):
        return ""
    return f"integer-labels says {loss_words(slip.value)}: it is not cross-entropy."


def what_yours_says(yours: LossMeasured, measured: LossesMeasured) -> str:
    """Whether a user's own loss is right on this batch, its gradient with it, and what it costs."""
    if right(yours, measured):
        said = f"It says {loss_words(yours.value)}, as float64 does"
    elif measured.question.soft and _same(yours.value, measured.of(YARDSTICK).value):
        said = f"It says {loss_words(yours.value)}, as indexing does: it reads one class of a soft label"
    else:
        said = f"It says {loss_words(yours.value)} where the loss is {loss_words(measured.value)}"
    if gradient_right(yours, measured):
        said += ", and its gradient is right."
    else:
        said += (
            f"; its gradient is off by up to {yours.gradient_error:.2g}, and the largest there is is "
            f"{measured.largest_gradient:.2g}."
        )
    if busy(measured):
        return f"{said} The machine was too busy to compare its time."
    if longer(yours.relative) == 0:
        return f"{said} No difference in time to indexing can be measured."
    return f"{said} It takes {as_long(yours.relative, 'by indexing')}."


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-5 * abs(other)
