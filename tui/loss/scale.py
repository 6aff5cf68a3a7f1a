"""The losses over numbers of classes: where the definition begins to hurt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from engine.contract.loss_lab import CLASS_COUNTS, LossesMeasured
from engine.verdicts.figures import time_words
from engine.verdicts.loss_figures import busy, longer
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.loss.figures import LETTERS, ROLES, ratio_words

_MICROSECONDS = 1e6
_COMPARED = 2  # indexing and the definition, the first of the losses


def classes_chart(several: Sequence[LossesMeasured], with_gradient: bool, busy: str = "") -> ChartSpec:
    """Time against the number of classes, both logarithmic, a line for each loss; `busy` where space would stop."""
    names = [one.loss for one in several[0].losses] if several else []
    series = []
    for name in names:
        pairs = []
        for measured in several:
            one = measured.of(name)
            seconds = one.gradient_seconds if with_gradient else one.seconds
            pairs.append((math.log10(measured.question.num_classes), _MICROSECONDS * seconds))
        series.append(Series(name, points(pairs), role=ROLES[name], mark=LETTERS[name]))
    # The two that are compared are named first, and drawn once more over the others, which would hide them.
    series += [replace(one, label="") for one in reversed(series[:_COMPARED])]
    low, high = math.log10(CLASS_COUNTS[0]), math.log10(CLASS_COUNTS[-1])
    return ChartSpec(
        tuple(series),
        x_label="classes",
        y_label="µs with gradient" if with_gradient else "µs",
        y_log=True,
        x_range=(low - 0.1, high + 0.1),
        x_ticks=tuple((math.log10(count), f"{count:,}") for count in CLASS_COUNTS),
        empty=busy or "space measures 10, 100, 1,000 and 10,000 classes",
    )


def classes_lines(several: Sequence[LossesMeasured], with_gradient: bool, width: int) -> list[Line]:
    """Under each other the numbers of classes: the definition's time beside indexing's, and what it multiplies by 0."""
    if not several:
        return []
    rows = []
    signs = []
    for measured in several:
        definition, indexing = measured.of("definition"), measured.of("indexing")
        own, other, ratio = definition.seconds, indexing.seconds, definition.relative
        if with_gradient:
            own, other, ratio = definition.gradient_seconds, indexing.gradient_seconds, definition.gradient_relative
        logarithm = next(phase for phase in definition.phases if phase.name == "logarithm")
        signs.append(longer(ratio))
        rows.append(
            (
                f"{measured.question.num_classes:,}",
                time_words(other),
                time_words(own),
                ratio_words(ratio),
                {1: "slower", 0: "too busy" if busy(measured) else "no diff.", -1: "quicker"}[signs[-1]],
                f"{logarithm.times_zero:,}",
            )
        )
    header = ("classes", "indexing", "definition", "times indexing", "measured", "logarithms × 0")
    head, *body = table(header, rows, left=0, gap="   " if width >= 86 else "  ")
    return [
        (Run(f" {head}", "muted"),),
        *((Run(f" {text}", "validation" if sign > 0 else "text"),) for text, sign in zip(body, signs, strict=True)),
    ]
