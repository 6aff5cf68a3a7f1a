"""A sweep as charts: every value's curve over the epochs, and the final losses against the value."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.contract.sweeps import Number, SweepConfig, SweepResult, trials
from engine.verdicts.paired import average
from engine.verdicts.sweep import compared
from engine.verdicts.sweep_sentence import point_words, value_words
from tui.drawing.chart_spec import LOSS, ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.sweep.state import SweepState
from tui.sweep.table import letter

CHART_ROWS = 14  # of one that is printed
_LOG_FROM = 3.0  # the largest loss over the smallest; less is seen as well on a linear axis
_ROLES = tuple(f"line-{number}" for number in range(1, 9))
_DIVERGED = "wrong"


def places_of(values: Sequence[Number]) -> list[float]:
    """Where values stand along the axis: their decades where all are above 0."""
    return [math.log10(value) for value in values] if min(values) > 0 else [float(value) for value in values]


def value_ticks(values: Sequence[Number], columns: int = 80) -> tuple[tuple[float, str], ...]:
    """The values in ascending order along so many columns, without those that would run into the one before."""
    ticks: list[tuple[float, str]] = []
    places = places_of(values)
    width = places[-1] - places[0] or 1.0
    free_from = -math.inf
    words = value_words(values)
    for place, value in zip(places, values, strict=True):
        label = words[value]
        middle = (place - places[0]) / width * columns
        if middle - len(label) / 2 >= free_from:
            ticks.append((place, label))
            free_from = middle + len(label) / 2 + 1.5
    return tuple(ticks)


def final_chart(
    config: SweepConfig,
    results: Sequence[SweepResult],
    *,
    columns: int = 80,
    sketch: Sequence[tuple[Number, float]] = (),
) -> ChartSpec | None:
    """Final losses against the value, on a log axis where all are above 0; a stroke from the least seed's to the most.

    A value of which not all seeds have ended has a point for each seed, and no part in the lines. None for a grid, or
    without two values.
    """
    if config.second_parameter or len(config.values) < 2:
        return None
    values = sorted(config.values)
    x_of = dict(zip(values, places_of(values), strict=True))
    whole = compared(config, results)
    ended = [one for one in whole if one.status == "finished" and math.isfinite(one.validation_loss)]
    train = _by_value(((one.value, one.train_loss) for one in ended), x_of)
    validation = _by_value(((one.value, one.validation_loss) for one in ended), x_of)
    alone = _alone(results, {one.value for one in whole}, x_of)
    cells = (*train, *validation, *(cell for seed in alone for cell in seed))
    losses = [end for cell in cells for end in (cell.low, cell.high) if math.isfinite(end)]
    losses += [loss for _, loss in sketch]
    top = max(losses, default=1.0)
    broken = sorted({one.value for one in results if one.status == "diverged"})
    spreads = [Series("", cells, "faint", role) for cells, role in ((train, "line-1"), (validation, "line-2"))]
    series = [
        *(spreads if config.seeds > 1 else ()),
        Series("", _means(train), "line", "line-1", spare="●"),
        Series("", _means(validation), "line", "line-2", spare="×"),
        Series("train", _means(train), "marks", "line-1", "●"),
        Series("validation", _means(validation), "marks", "line-2", "×"),
    ]
    for index, seed in enumerate(alone):
        series.append(Series("" if index else "single seeds", seed, "marks", "line-2", "◆", called="a single seed"))
    if sketch:
        drawn = points((x_of[value], loss) for value, loss in sketch if value in x_of)
        series.append(Series("", drawn, "line", "line-5", spare="?"))
        series.append(Series("your sketch", drawn, "marks", "line-5", "?"))
    if broken:
        series.append(
            Series("diverged", points((x_of[value], top) for value in broken), "marks", _DIVERGED, "!", read=False)
        )
    return ChartSpec(
        tuple(series),
        x_label=config.parameter.replace("_", " "),
        y_label="loss",
        y_within=LOSS,
        y_log=bool(losses) and min(losses) > 0 and top / min(losses) > _LOG_FROM,
        x_range=(x_of[values[0]], x_of[values[-1]]),
        x_ticks=value_ticks(values, columns),
        x_words=ValueWords(config.parameter, tuple(values)),
        empty="every run diverged" if broken else "no epoch has ended yet",
    )


@dataclass(frozen=True)
class ValueWords:
    """Names the value that stands at a place of the axis."""

    parameter: str
    values: tuple[Number, ...]

    def __call__(self, x: float) -> str:
        places = places_of(self.values)
        nearest = min(range(len(places)), key=lambda index: abs(places[index] - x))
        return f"{self.parameter.replace('_', ' ')} {value_words(self.values)[self.values[nearest]]}"


def curves_chart(sweep: SweepState, *, log: bool = True, chosen: int | None = None, seconds: bool = False) -> ChartSpec:
    """The validation loss of every value over the epochs, or the steps where those are equal; or over the seconds that
    a run has taken, the mean of its seeds.

    The seeds of a value are one line, their mean, with a letter that tells which value it is; how far they lie apart
    is dotted around the `chosen` one. Of more values than a chart can hold those around that one are drawn.
    """
    config = sweep.config
    if config is None:
        empty = "space starts: a curve for each value appears here"
        return ChartSpec((), x_label="epoch", y_label="validation", y_log=log, x_range=(1, 20), empty=empty)
    by_steps = config.question == "steps" and not seconds
    series = []
    for number in _drawn(len(config.points), chosen):
        point = config.points[number]
        label = " ".join(point_words(config, point))
        role = _ROLES[number % len(_ROLES)]
        curve = _curve_over_seconds(sweep, point) if seconds else _curve(sweep, point, by_steps)
        if number == chosen and config.seeds > 1:
            series.append(Series("", curve, "faint", role))
        series.append(Series(label, _means(curve), "line", role, letter(number)))
    ends = [cell.x for one in series for cell in one.cells[-1:]]
    measured = by_steps or seconds or "epochs" in config.parameters
    last = max(ends, default=1.0) if measured else config.base.epochs
    return ChartSpec(
        tuple(series),
        x_label="seconds of computing" if seconds else "step" if by_steps else "epoch",
        y_label="validation",
        y_log=log,
        y_within=LOSS,
        robust=True,
        x_range=(0.0 if by_steps or seconds or last < 2 else 1.0, float(last)),
        empty="no epoch has ended yet",
    )


def _means(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """What a line goes through: one that went from the least to the most would stand upright at every value."""
    return tuple(Cell(cell.x, cell.mean, cell.mean, cell.mean) for cell in cells)


def summary_chart(config: SweepConfig, results: Sequence[SweepResult]) -> ChartSpec | None:
    """The final losses of what has ended, None where there is no chart or nothing to draw."""
    return final_chart(config, results) if len({one.value for one in results}) > 1 else None


def _drawn(count: int, chosen: int | None, most: int = 24) -> range:
    """Which of the values are drawn."""
    if count <= most:
        return range(count)
    start = min(max(0, (chosen or 0) - most // 2), count - most)
    return range(start, start + most)


def _curve(sweep: SweepState, point: tuple[Number, ...], by_steps: bool) -> tuple[Cell, ...]:
    steps = _steps(sweep) if by_steps else 0
    told: dict[float, list[float]] = {}
    for (values, _), member in sweep.members.items():
        if values != point:
            continue
        width = member.minibatches_per_epoch if by_steps else 1
        for epoch in member.epochs:
            told.setdefault(float(epoch.epoch * width), []).append(epoch.validation_loss)
        # At equal steps a run may end within an epoch, which then has told nothing.
        if steps and member.result is not None and member.result.status == "finished" and (not width or steps % width):
            told.setdefault(float(steps), []).append(member.result.validation_loss)
    return tuple(_spread_cell(x, losses) for x, losses in sorted(told.items()))


def _curve_over_seconds(sweep: SweepState, point: tuple[Number, ...]) -> tuple[Cell, ...]:
    members = [member for (values, _), member in sweep.members.items() if values == point]
    told: dict[int, list[tuple[float, float]]] = {}
    for member in members:
        ends = accumulate(epoch.seconds for epoch in member.epochs)
        for epoch, end in zip(member.epochs, ends, strict=True):
            told.setdefault(epoch.epoch, []).append((end, epoch.validation_loss))
    return tuple(
        _spread_cell(average([end for end, _ in epochs]), [loss for _, loss in epochs])
        for _, epochs in sorted(told.items())
    )


def _steps(sweep: SweepState) -> int:
    """How many minibatches each run takes at equal steps; 0 where that is not known yet."""
    if sweep.config is None or sweep.dataset is None:
        return 0
    return trials(sweep.config, sweep.dataset.train_size)[0].steps


def _by_value(told: Iterable[tuple[Number, float]], x_of: dict[Number, float]) -> tuple[Cell, ...]:
    grouped: dict[float, list[float]] = {}
    for value, loss in told:
        grouped.setdefault(x_of[value], []).append(loss)
    return tuple(_spread_cell(x, losses) for x, losses in sorted(grouped.items()))


def _alone(
    results: Sequence[SweepResult], whole: Collection[Number], x_of: dict[Number, float]
) -> list[tuple[Cell, ...]]:
    """The validation losses of the other values, a curve a seed: those of one curve that meet become a mean."""
    by_seed: dict[int, list[tuple[float, float]]] = {}
    for one in results:
        if one.value not in whole and math.isfinite(one.validation_loss):
            by_seed.setdefault(one.seed, []).append((x_of[one.value], one.validation_loss))
    return [points(sorted(told)) for told in by_seed.values()]


def _spread_cell(x: float, losses: Sequence[float]) -> Cell:
    finite = [loss for loss in losses if math.isfinite(loss)]
    if len(finite) < len(losses) or not finite:
        return Cell(x, min(finite, default=math.nan), math.nan, max(finite, default=math.nan))
    return Cell(x, min(finite), average(finite), max(finite))
