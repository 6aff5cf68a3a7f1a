"""Predicting before it is revealed: a loss sketched for every value, and how well it agrees with what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from engine.contract.sweeps import Number, SweepConfig, SweepResult
from engine.verdicts.sweep import Summary, compared, summaries
from engine.verdicts.sweep_sentence import point_named, value_words
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.plot_layout import laid_out
from tui.sweep.charts import places_of, value_ticks

LOWEST, HIGHEST = 0.3, 5.0  # losses that can be sketched: a very good one, and worse than guessing among ten
_STEPS = 40  # from one to the other
_START = 0.7
_TICKS = (0.3, 0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True)
class Sketch:
    """A loss for each of `config`'s values, ascending. The cursor stands at one of them while it is `open`."""

    config: SweepConfig
    values: tuple[Number, ...]
    losses: tuple[float, ...]
    cursor: int = 0
    open: bool = True

    @classmethod
    def of(cls, config: SweepConfig) -> Sketch:
        """A flat line: no effect at all, until somebody thinks of one."""
        values = tuple(sorted(config.values))
        return cls(config, values, (_START,) * len(values))

    def moved(self, step: int) -> Sketch:
        """The cursor so many values on, as far as there are any."""
        return replace(self, cursor=max(0, min(self.cursor + step, len(self.values) - 1)))

    def raised(self, steps: int) -> Sketch:
        """The mark under the cursor so many steps up."""
        factor = (HIGHEST / LOWEST) ** (steps / _STEPS)
        return self.at(self.cursor, self.losses[self.cursor] * factor)

    def at(self, index: int, loss: float) -> Sketch:
        """The mark of value number `index` at a loss, within what can be sketched."""
        loss = max(LOWEST, min(HIGHEST, loss))
        return replace(self, cursor=index, losses=(*self.losses[:index], loss, *self.losses[index + 1 :]))

    @property
    def marks(self) -> tuple[tuple[Number, float], ...]:
        """Each value with the loss that is predicted for it."""
        return tuple(zip(self.values, self.losses, strict=True))


def sketch_chart(sketch: Sketch) -> ChartSpec:
    """The sketch alone, on an axis that stays: nothing of what was measured is given away."""
    places = places_of(sketch.values)
    here = sketch.cursor
    cells = points(zip(places, sketch.losses, strict=True))
    return ChartSpec(
        (
            Series("", cells, "line", "line-5", spare="?"),
            Series("your sketch", (*cells[:here], *cells[here + 1 :]), "marks", "line-5", "?"),
            Series(
                f"{value_words(sketch.values)[sketch.values[here]]}: {sketch.losses[here]:.2f}",
                cells[here : here + 1],
                "marks",
                "accent",
                "◆",
            ),
        ),
        x_label=sketch.config.parameter.replace("_", " "),
        y_label="validation loss",
        y_log=True,
        x_range=(places[0], places[-1]),
        y_range=(LOWEST, HIGHEST),
        x_ticks=value_ticks(sketch.values),
        y_ticks=tuple((tick, f"{tick:g}") for tick in _TICKS),
    )


def pointed_at(sketch: Sketch, x: int, y: int, width: int, height: int) -> Sketch:
    """The sketch after a click on cell (`x`, `y`) of its chart of that size."""
    layout = laid_out(sketch_chart(sketch), width, height)
    if layout is None or not layout.holds(x, y):
        return sketch
    places, place = places_of(sketch.values), layout.x_at(x)
    index = min(range(len(places)), key=lambda one: abs(places[one] - place))
    return sketch.at(index, layout.y_at(y))


def judgement(sketch: Sketch, results: Sequence[SweepResult]) -> str:
    """How well the sketch agrees: in the order of the values' losses, and where it is most off. "" with too little.

    The agreement in order is Kendall's tau: pairs in the right order less those in the wrong one, over all pairs
    (Kendall 1938). A value that diverged counts as worse than all that did not.
    """
    config = sketch.config
    ended = summaries(config, compared(config, results))
    measured = {one.values[0]: _loss(one) for one in ended if one.seeds or one.diverged}
    known = [(value, loss, measured[value]) for value, loss in sketch.marks if value in measured]
    pairs = [pair for pair in combinations(known, 2) if pair[0][2] != pair[1][2]]
    if not pairs:
        return ""
    signs = [_sign(one[1] - other[1]) * _sign(one[2] - other[2]) for one, other in pairs]
    right = sum(sign > 0 for sign in signs)
    tau = sum(signs) / len(signs)
    said = f"Your sketch has {right} of {len(pairs)} pairs in the right order (rank agreement {tau:+.2f})"
    return f"{said}; {_most_off(sketch.config, known)}."


def _most_off(config: SweepConfig, known: Sequence[tuple[Number, float, float]]) -> str:
    finite = [one for one in known if math.isfinite(one[2])]
    broken, words = [value for value, _, loss in known if math.isinf(loss)], value_words(config.values)
    if not finite:
        return "every value diverged"
    value, sketched, loss = max(finite, key=lambda one: abs(math.log(one[1] / max(one[2], 1e-9))))
    off = abs(sketched - loss) / loss if loss > 0 else math.inf
    said = f"the largest error is at {point_named(config, (value,))}: sketched {sketched:.2f}, measured {loss:.3g}"
    if off < 0.1:
        said = f"the largest error is at most {max(1, math.ceil(100 * off))} %"
    return said + (f"; {', '.join(words[value] for value in broken)} diverged" if broken else "")


def _loss(one: Summary) -> float:
    return one.validation_loss if one.seeds else math.inf


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)
