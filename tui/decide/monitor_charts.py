"""The charts of Monitor: how right and how sure the model is over time, and the martingales that watch it."""

from __future__ import annotations

from engine.contract.monitoring import Alarm, MonitorView
from engine.verdicts.monitor import nothing_changes
from tui.drawing.chart_spec import SHARE, ChartSpec, Series
from tui.drawing.curves import Cell, points

LABELLED, UNLABELLED = "L", "U"  # the letters of the two alarms
_BEYOND = 2.0  # decades above the alarm: there a martingale has said all
_ROOM = 0.3  # decades above what is drawn


def accuracy_chart(view: MonitorView) -> ChartSpec:
    """Accuracy, with its interval, and confidence of the last images, over the images that have come."""
    seen = view.windows
    low, high = 1.0, 0.0
    for interval, sure in zip(seen.accuracy_intervals, seen.confidence, strict=True):
        low, high = min(low, interval.low, sure), max(high, interval.high, sure)
    band = tuple(
        Cell(end, interval.low, accuracy, interval.high)
        for end, interval, accuracy in zip(seen.ends, seen.accuracy_intervals, seen.accuracy, strict=True)
    )
    alarms = [
        Series("", _alarm_point(view, alarm), "marks", "wrong", letter, called=f"alarm {letter}")
        for alarm, letter in ((view.labelled, LABELLED), (view.unlabelled, UNLABELLED))
    ]
    return ChartSpec(
        (
            Series("", band, "faint", "muted", read=False),
            _change(view, low, high),
            Series("accuracy", points(zip(seen.ends, seen.accuracy, strict=True)), "line", "line-1", "a"),
            Series("confidence", points(zip(seen.ends, seen.confidence, strict=True)), "line", "line-2", "c"),
            *alarms,
        ),
        x_range=(0.0, float(view.num_examples)),
        y_within=SHARE,
        x_words=_images,
        empty="no image yet",
    )


def martingale_chart(view: MonitorView) -> ChartSpec:
    """Both martingales on a logarithmic axis, up to two decades above the level of the alarm."""
    level = 1 / view.alpha
    labelled, unlabelled = _capital(view.labelled, level), _capital(view.unlabelled, level)
    values = [cell.mean for cell in (*labelled, *unlabelled)]
    low, high = min(values, default=1.0), max(level, *values)
    low, high = low / 10**_ROOM, high * 10**_ROOM
    ends = (0.0, float(view.num_examples))
    return ChartSpec(
        (
            _change(view, low, high),
            Series("", points((end, level) for end in ends), "line", "wrong", "-", read=False),
            Series("with labels", labelled, "line", "line-1", LABELLED),
            Series("without", unlabelled, "line", "line-2", UNLABELLED, called="without labels"),
        ),
        y_label="martingale",
        y_log=True,
        x_range=ends,
        y_range=(low, high),
        x_words=_images,
        empty="no image yet",
    )


def _change(view: MonitorView, low: float, high: float) -> Series:
    """A vertical line at the moment, where something changes."""
    there = () if nothing_changes(view) else (Cell(float(view.moment), low, high, high),)
    return Series("", there, "line", "muted", "|", read=False)


def _capital(alarm: Alarm, level: float) -> tuple[Cell, ...]:
    """The martingale after so many images, until it has left the chart for the first time."""
    top = level * 10**_BEYOND
    pairs: list[tuple[float, float]] = []
    for end, log10 in zip(alarm.ends, alarm.log10, strict=True):
        pairs.append((float(end), top if log10 > 300 else min(top, 10**log10)))
        if pairs[-1][1] == top:
            break
    return points(pairs)


def _images(place: float) -> str:
    return f"after {place:,.0f} images"


def _alarm_point(view: MonitorView, alarm: Alarm) -> tuple[Cell, ...]:
    """Where the accuracy was when the alarm sounded."""
    seen = view.windows
    return () if alarm.at is None else points([(float(alarm.at), _at(seen.ends, seen.accuracy, alarm.at))])


def _at(ends: tuple[int, ...], values: tuple[float, ...], place: int) -> float:
    """The value of the last window that ends at the place or before, of the first where none does."""
    known = [value for end, value in zip(ends, values, strict=True) if end <= place]
    return known[-1] if known else values[0]
