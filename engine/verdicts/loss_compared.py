"""What the loss lab says over several numbers of classes, and of whole training runs."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.loss_lab import YARDSTICK, LossesMeasured, Spread
from engine.contract.loss_training import LossTrained
from engine.verdicts.loss_figures import MOST_SPREAD, busy, longer, range_words, ratio_words
from engine.verdicts.naming import listed


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
        return f"At {classes} classes no extra time of the definition can be measured.{doubt}"
    slower = [(count, ratio) for (count, ratio), sign in zip(found, signs, strict=True) if sign > 0]
    ratios = listed([f"{ratio_words(ratio)} at {count:,}" for count, ratio in slower])
    said = f"The definition takes longer than indexing at {len(slower)} of {len(found)} numbers of classes: {ratios}."
    if slower == found[len(found) - len(slower) :]:
        said = f"From {slower[0][0]:,} classes on the definition takes longer than indexing: {ratios}."
    logarithm = next(phase for phase in several[-1].of("definition").phases if phase.name == "logarithm")
    if logarithm.times_zero:
        share = logarithm.times_zero / logarithm.operations
        most = several[-1].question.num_classes
        said += f" At {most:,} classes {100 * share:.4g} % of its logarithms are multiplied by zero."
    return said + doubt


def training_sentence(trained: Sequence[LossTrained]) -> str:
    """Whether the choice of the loss shows in a whole training run, in time and in what was learned."""
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
    if not indexing and len(by_name) > 1:  # soft labels: indexing cannot be trained with them
        ends = listed([f"{one.loss} at {one.validation_accuracy:.1%}" for one in by_name.values()])
        said.append(f"With soft labels the losses end at these accuracies: {ends}.")
    said += [f"{one.loss} {one.status}." for one in trained if one.status not in ("running", "finished", "stopped")]
    return " ".join(said) or "No epoch has ended, so nothing can be compared."


def _training_times(definition: LossTrained, indexing: LossTrained) -> str:
    one, other = definition.spread, indexing.spread
    # Of epochs that were not paired: 1 lies outside only where their quartiles stand clear of each other.
    ratio = Spread(one.low / other.high, one.median / other.median, one.high / other.low)
    if min(definition.epochs, indexing.epochs) < 3:
        return "Fewer than three epochs are too few to compare times."
    times = f"an epoch takes between {range_words(one)} by the definition, between {range_words(other)} by indexing"
    if longer(ratio) == 0 and max(one.high / one.low, other.high / other.low) > MOST_SPREAD:
        return f"The machine was too busy to tell in training: {times}."
    if longer(ratio) == 0:
        return f"In training no difference can be measured: {times}, in half of the {definition.epochs} epochs."
    return f"In training {times}: {ratio.median:.2f} times as long."
