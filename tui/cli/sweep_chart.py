"""A sweep as a table and as a chart of the losses against the value."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.sweep_verdict import Summary, effects, summaries
from engine.contract.sweeps import Number, SweepConfig, SweepResult
from tui.cli.run_text import figure
from tui.drawing.curves import points
from tui.drawing.plot import ChartSpec, Series, chart_lines
from tui.drawing.runs import Line, text_of

_HEIGHT = 14
_LOG_FROM = 3.0  # the largest loss over the smallest; less is seen as well on a linear axis
_STYLES = {"axis": "dim", "muted": "dim", "line-1": "blue", "line-2": "yellow", "line-4": "red"}


def summary_table(config: SweepConfig, results: Sequence[SweepResult]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: a row a value with the means over the seeds, and how far the seeds lie apart."""
    summarised = summaries(config, results)
    found = effects(config, summarised)
    header = [name.replace("_", " ") for name in config.parameters]
    header += ["seeds", "train loss", "spread", "validation loss", "spread", "accuracy", "effect"]
    return header, [_row(one, found.get(one.values, "")) for one in summarised]


def _row(one: Summary, effect: str) -> list[str]:
    return [
        *(value_label(value) for value in one.values),
        str(one.seeds),
        _figure(one.train_loss),
        _figure(one.train_spread),
        _figure(one.validation_loss),
        _figure(one.validation_spread),
        f"{one.validation_accuracy:.1%}" if one.seeds else "-",
        f"{one.diverged} diverged" if one.diverged else effect or "-",
    ]


def chart(config: SweepConfig, results: Sequence[SweepResult], ascii_only: bool) -> ChartSpec | None:
    """Final losses against the value, on a log axis where all are above 0. None for a grid, or without two values."""
    summarised = sorted(summaries(config, results), key=lambda one: one.values)
    if config.second_parameter or len(summarised) < 2:
        return None
    log = summarised[0].values[0] > 0
    places = [math.log10(one.values[0]) if log else float(one.values[0]) for one in summarised]
    losses = [loss for one in summarised for loss in (one.train_loss, one.validation_loss) if math.isfinite(loss)]
    top = max(losses, default=1.0)
    train = points((x, one.train_loss) for x, one in zip(places, summarised, strict=True))
    validation = points((x, one.validation_loss) for x, one in zip(places, summarised, strict=True))
    diverged = points((x, top) for x, one in zip(places, summarised, strict=True) if one.diverged)
    series = [Series("train", train, "line", "line-1", "●"), Series("validation", validation, "line", "line-2", "×")]
    if diverged:
        series.append(Series("diverged", diverged, "marks", "line-4", "!"))
    return ChartSpec(
        tuple(series),
        x_label=config.parameter.replace("_", " "),
        y_label="loss",
        y_log=bool(losses) and min(losses) > 0 and top / min(losses) > _LOG_FROM,
        x_ticks=_ticks([one.values[0] for one in summarised], places),
        empty="every run diverged",
        ascii_only=ascii_only,
    )


def chart_rows(config: SweepConfig, results: Sequence[SweepResult], width: int, ascii_only: bool) -> list[Line]:
    spec = chart(config, results, ascii_only)
    return chart_lines(spec, min(width - 1, 100), _HEIGHT) if spec else []


def chart_text(config: SweepConfig, results: Sequence[SweepResult], width: int) -> str:
    """The chart without colour, "" where there is none."""
    return "\n".join(text_of(line) for line in chart_rows(config, results, width, False))


def style_of(role: str) -> str:
    return _STYLES.get(role, "")


def value_label(value: Number) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _ticks(values: Sequence[Number], places: Sequence[float]) -> tuple[tuple[float, str], ...]:
    """Every value, or every so-manieth where their labels would run into each other."""
    every = -(-len(values) // 12)
    return tuple((place, value_label(value)) for place, value in zip(places, values, strict=True))[::every]


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.4f}" if abs(value) < 100 else figure(value)
