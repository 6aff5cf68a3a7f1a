"""The chart of errors as an offset slides along the logits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from engine.contract.trace import SoftmaxTrace
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.drawing.numbers import MINUS

_FARTHEST = 1000.0
_LINEAR = 10.0  # up to here the axis is about linear, beyond it about logarithmic
_EACH_SIDE = 200
_TICKS = (-1000, -300, -100, -30, -10, 0, 10, 30, 100, 300, 1000)
_ROLES = ("line-6", "line-2", "line-1", "line-3", "line-4")


def place(offset: float) -> float:
    """Where an offset stands on the axis: asinh, because what breaks near ±100 would hide on a linear one."""
    return math.asinh(offset / _LINEAR) / math.asinh(_FARTHEST / _LINEAR)


def _offset(place: float) -> float:
    return _LINEAR * math.sinh(place * math.asinh(_FARTHEST / _LINEAR))


# Evenly spaced on the axis, 0 and both ends among them.
OFFSETS: tuple[float, ...] = tuple(round(_offset(step / _EACH_SIDE), 3) for step in range(-_EACH_SIDE, _EACH_SIDE + 1))


def offset_chart(
    trace: SoftmaxTrace, offsets: Sequence[float], errors: Mapping[str, Sequence[float]], wide: bool, rows: int
) -> ChartSpec:
    """One line an implementation; where it is nan a row of its sign above 100 %. `rows` is the chart's height.

    Errors below a tenth of the dtype's epsilon are drawn there, and those above 100 % at 100 %.
    """
    epsilon = trace.smallest / trace.smallest_normal
    floor = math.floor(math.log10(epsilon)) - 1
    broken = [name for name, values in errors.items() if not all(map(math.isfinite, values))]
    # A row of characters for each that breaks; three rows are heading, axis and its labels.
    share = min(0.27, 1.1 / max(1, rows - 3))
    apart = -floor * share / (1 - share * len(broken))
    places = [place(offset) for offset in offsets]
    lines = [
        Series(
            name,
            points((x, _clamped(error, floor)) for x, error in zip(places, values, strict=True)),
            role=_ROLES[index % len(_ROLES)],
            mark=name[0],
        )
        for index, (name, values) in enumerate(errors.items())
    ]
    roles = {series.label: series.role for series in lines}
    tops = {name: 10 ** (apart * (index + 1)) for index, name in enumerate(broken)}
    nans = [Series("", _nans(places, errors[name], tops[name]), "marks", roles[name], name[0]) for name in broken]
    # Its label would fall onto another's where there is no row between 100 % and the floor.
    middle = [round(floor / 2)] if rows - 3 - len(broken) > 2 else []
    of_row = "row 1" if len(trace.logits) > 1 else "every logit"
    return ChartSpec(
        series=(*lines, *nans),
        x_label=f"offset to {of_row}, not to scale" if wide else "offset",
        y_label="relative error" if wide else "error",
        y_log=True,
        x_range=(-1.0, 1.0),
        y_range=(10.0**floor, 10 ** (apart * len(broken))),
        x_ticks=tuple((place(tick), f"{tick:+d}".replace("-", MINUS) if tick else "0") for tick in _shown(wide)),
        y_ticks=(
            *((top, "nan") for top in tops.values()),
            (1.0, "100 %"),
            *((10.0**power, f"1e{MINUS}{-power}") for power in (*middle, floor)),
        ),
    )


def _shown(wide: bool) -> Sequence[int]:
    return _TICKS if wide else [tick for tick in _TICKS if str(tick).strip("-").startswith(("1", "0"))]


def _clamped(error: float, floor: int) -> float:
    return min(1.0, max(10.0**floor, error)) if math.isfinite(error) else math.nan


def _nans(places: Sequence[float], errors: Sequence[float], top: float) -> tuple[Cell, ...]:
    return points((x, top) for x, error in zip(places, errors, strict=True) if not math.isfinite(error))
