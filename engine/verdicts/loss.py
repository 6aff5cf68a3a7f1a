"""What a measurement of the losses says, in plain words, and when it says nothing.

Of two times one is called longer only where 1 lies outside the quartiles of their ratio. That is taken round by round,
so that what slowed down a whole round does not count: the quartiles of the times themselves may overlap all the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.loss_lab import YARDSTICK, LossesMeasured, LossMeasured, Phase, Spread
from engine.contract.loss_training import LossTrained
from engine.contract.pairs import YOURS
from engine.verdicts.figures import time_words
from engine.verdicts.listing import listed

# Below this share of a processor, or with quartiles of one and the same time so far apart, the machine was busy.
_LEAST_SHARE, _MOST_SPREAD = 0.9, 1.5
# A loss is a sum of rounded terms: so many epsilon of it are every implementation's right.
_EPSILONS = 16
_EPSILON = {"float16": 2**-10, "bfloat16": 2**-7, "float32": 2**-23, "float64": 2**-52}
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


def longer(ratio: Spread) -> int:
    """1 where a time with this ratio to another is longer than that, −1 where shorter, 0 where the spread hides it.

    By two decimals, as the ratio is shown: nothing is claimed that the figures beside it seem to deny.
    """
    if round(ratio.low, 2) > 1:
        return 1
    return -1 if round(ratio.high, 2) < 1 else 0


def busy(measured: LossesMeasured) -> str:
    """How one sees that the machine did something else meanwhile; "" where one does not."""
    yardstick = measured.of(YARDSTICK)
    if yardstick.processor_share < _LEAST_SHARE:
        return f"only {yardstick.processor_share:.0%} of the time a processor worked on it"
    if yardstick.spread.high > _MOST_SPREAD * yardstick.spread.low:
        times = yardstick.spread.high / yardstick.spread.low
        return f"the same computation took up to {times:.1f} times as long in one round as in another"
    return ""


def why_slower(measured: LossesMeasured) -> str:
    """Whether the definition takes longer than indexing, and what it computes for nothing."""
    definition, indexing = measured.of("definition"), measured.of(YARDSTICK)
    sign = longer(definition.relative)
    at = f"at {measured.question.num_classes:,} classes"
    counts = _counts(definition, indexing)
    if sign > 0:
        said = f"By the definition it takes {_as_long(definition.relative, 'by indexing')} {at}: {counts}."
        said += _largest_part(definition.phases)
    elif sign < 0:
        said = f"It is not slower {at}: it takes {_as_long(definition.relative, 'by indexing')}, although {counts}."
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
    said = f"With the gradient it takes {_as_long(ratio)}."
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
        instead = f" (from-logits says {_value(stable.value)})" if right(stable, measured) else ""
        return f"No: it says {_value(definition.value)} where the loss is {_value(measured.value)}{instead}."
    if measured.question.soft:
        other = (
            f" indexing reads one class of a label only and says {_value(indexing.value)}, which is another loss."
            if not right(indexing, measured)
            else ""
        )
        return f"Yes, or from-logits: for soft labels it is the loss itself, {_value(definition.value)};{other}".rstrip(
            ";"
        )
    same = f"No: with one-hot labels it says what indexing says, {_value(definition.value)},"
    if not right(indexing, measured):
        same = f"It says {_value(definition.value)}, and indexing {_value(indexing.value)};"
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
        said = ", ".join(f"{one.loss} {_value(one.value)}" for one in broken)
        return (
            f"The logarithm wants p > 0, and {_of(measured.zero_probabilities, 'probability', 'probabilities')} 0 in "
            f"{question.dtype}: {said}, where the loss is {_value(measured.value)}."
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
    return f"integer-labels says {_value(slip.value)}: it is not cross-entropy."


def right(one: LossMeasured, measured: LossesMeasured) -> bool:
    """Whether a loss is float64's, as far as its dtype can tell."""
    allowed = _EPSILONS * _EPSILON[measured.question.dtype] * max(1.0, abs(measured.value))
    return abs(one.value - measured.value) <= allowed  # False for nan and for inf against a number


def gradient_right(one: LossMeasured, measured: LossesMeasured) -> bool:
    """Whether a gradient is float64's: an element is a difference of two probabilities over the batch size."""
    return one.gradient_error <= _EPSILONS * _EPSILON[measured.question.dtype] / measured.question.batch_size


def what_yours_says(yours: LossMeasured, measured: LossesMeasured) -> str:
    """Whether a user's own loss is right on this batch, its gradient with it, and what it costs."""
    if right(yours, measured):
        said = f"It says {_value(yours.value)}, as float64 does"
    elif measured.question.soft and _same(yours.value, measured.of(YARDSTICK).value):
        said = f"It says {_value(yours.value)}, as indexing does: it reads one class of a soft label"
    else:
        said = f"It says {_value(yours.value)} where the loss is {_value(measured.value)}"
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
    return f"{said} It takes {_as_long(yours.relative, 'by indexing')}."


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-5 * abs(other)


def where_it_begins_to_hurt(several: Sequence[LossesMeasured]) -> str:
    """Over numbers of classes at one batch size: from where on the definition takes longer."""
    several = sorted(several, key=lambda measured: measured.question.num_classes)
    found = [(measured.question.num_classes, measured.of("definition").relative) for measured in several]
    signs = [longer(ratio) for _, ratio in found]
    classes = listed([f"{count:,}" for count, _ in found])
    disturbed = [f"{one.question.num_classes:,}" for one in several if busy(one)]
    doubt = f" The machine was too busy to tell at {listed(disturbed)} classes: measure again." if disturbed else ""
    if 1 not in signs and len(disturbed) == len(several):
        return doubt.strip()
    if 1 not in signs:
        return f"At {classes} classes the definition takes no longer than indexing that could be measured.{doubt}"
    slower = [(count, ratio) for (count, ratio), sign in zip(found, signs, strict=True) if sign > 0]
    ratios = listed([f"{_ratio(ratio)} at {count:,}" for count, ratio in slower])
    said = f"The definition takes longer than indexing at {len(slower)} of {len(found)} numbers of classes: {ratios}."
    if slower == found[len(found) - len(slower) :]:
        said = f"From {slower[0][0]:,} classes on the definition takes longer than indexing: {ratios}."
    logarithm = next(phase for phase in several[-1].of("definition").phases if phase.name == "logarithm")
    if logarithm.times_zero:
        share = logarithm.times_zero / logarithm.operations
        said += f" {100 * share:.4g} % of its logarithms are then multiplied by zero."
    return said + doubt


def training_sentence(trained: Sequence[LossTrained]) -> str:
    """Whether the choice of the loss shows in a whole training run, in time and in what was learnt."""
    by_name = {one.loss: one for one in trained if one.epochs}
    said = []
    definition, indexing = by_name.get("definition"), by_name.get(YARDSTICK)
    if definition and indexing:
        said.append(_training_times(definition, indexing))
    slip, true = by_name.get("integer-labels"), indexing or definition or by_name.get("from-logits")
    if slip and true:
        said.append(
            f"integer-labels ends at {slip.validation_accuracy:.1%} accuracy, {true.loss} at "
            f"{true.validation_accuracy:.1%}."
        )
    said += [f"{one.loss} {one.status}." for one in trained if one.status not in ("running", "finished", "stopped")]
    return " ".join(said) or "No epoch has ended that could be compared."


def _training_times(definition: LossTrained, indexing: LossTrained) -> str:
    one, other = definition.spread, indexing.spread
    # Of epochs that were not paired: 1 lies outside only where their quartiles stand clear of each other.
    ratio = Spread(one.low / other.high, one.median / other.median, one.high / other.low)
    if min(definition.epochs, indexing.epochs) < 3:
        return "Fewer than three epochs say nothing about the time."
    times = f"an epoch takes between {_range(one)} by the definition, between {_range(other)} by indexing"
    if longer(ratio) == 0 and max(one.high / one.low, other.high / other.low) > _MOST_SPREAD:
        return f"The machine was too busy to tell in training: {times}."
    if longer(ratio) == 0:
        return f"In training no difference can be measured: {times}, in half of the {definition.epochs} epochs."
    return f"In training {times}: {ratio.median:.2f} times as long."


def _as_long(ratio: Spread, than: str = "", of: str = "rounds") -> str:
    compared = f" as {than}" if than else ""
    return f"{ratio.median:.2f} times as long{compared} ({ratio.low:.2f} to {ratio.high:.2f} in half of the {of})"


def _ratio(ratio: Spread) -> str:
    return f"{ratio.median:.2f} times ({ratio.low:.2f} to {ratio.high:.2f})"


def _range(spread: Spread) -> str:
    return f"{time_words(spread.low)} and {time_words(spread.high)}"


def _value(value: float) -> str:
    return f"{value:z.5g}".replace("-", "−")
