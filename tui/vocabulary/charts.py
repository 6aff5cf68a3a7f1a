"""Memory and time against the number of words, and perplexity against the seconds of training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured
from engine.verdicts.vocabulary_memory import parameter_bytes, predicted_bytes
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.vocabulary.figures import LETTERS, ROLES, STOPS, shards, size_words
from tui.vocabulary.results import Race

_MEGABYTE = 1e6
_MILLISECONDS = 1e3
_MARGIN = 0.1  # decades
_X_TICKS = tuple(
    (math.log10(words), size_words(words)) for power in range(7) for words in (10**power, 2 * 10**power, 5 * 10**power)
)
_DECADE_TICKS = _X_TICKS[::3]


def memory_chart(
    question: VocabularyQuestion,
    stops: Sequence[int],
    chosen: Sequence[Method],
    measured: Sequence[VocabularyMeasured],
    available: int | None,
    ranks: int = 1,
) -> ChartSpec:
    """Lines are predicted and end in their letter, capitals are measured; dots are what is free beside parameters."""
    series: list[Series] = []
    places, (low, high) = sorted({*stops, *STOPS}), _x_range(stops)
    for method in chosen:
        predicted = (
            (_x(words), predicted_bytes(method, question, words, shards(method, ranks)) / _MEGABYTE) for words in places
        )
        cells = points(predicted)
        name = f"{method} predicted"
        series.append(Series("", cells, role=ROLES[method], spare=LETTERS[method], called=name))
        series.append(Series("", cells[-1:], style="marks", role=ROLES[method], mark=LETTERS[method]))
    for method in chosen:
        found = ((words, one.peak_bytes / _MEGABYTE) for words, one in _of(method, measured) if one.peak_bytes)
        cells = points((_x(words), value) for words, value in found)
        series.append(_marked(method, cells, f"{method} measured"))
    if available is not None:
        dots = (low + step * (high - low) / 40 for step in range(41))
        free = ((x, available - parameter_bytes("full", question, round(10**x))) for x in dots)
        cells = points((x, level / _MEGABYTE) for x, level in free if level >= available / 100)
        series.append(Series("free", cells, style="marks", role="wrong", mark="·", read=False))
    return _over_words((low, high), series, "memory in MB", _memory_at, "every method is switched off")


def time_chart(stops: Sequence[int], chosen: Sequence[Method], measured: Sequence[VocabularyMeasured]) -> ChartSpec:
    """Forward and backward together; nothing predicts them, so that there are measured points alone."""
    series: list[Series] = []
    for method in chosen:
        pairs = [(_x(words), _MILLISECONDS * _seconds(one)) for words, one in _of(method, measured)]
        cells = points((x, value) for x, value in pairs if math.isfinite(value))
        series.append(Series("", cells, role=ROLES[method], spare=LETTERS[method]))
        series.append(_marked(method, cells, method))
    return _over_words(
        _x_range(stops, stops[-1]), series, "ms of a minibatch", _time_at, "space measures; memory is known before"
    )


def perplexity_chart(race: Race | None, running: bool) -> ChartSpec:
    """On held-out words, against the seconds that each method was trained."""
    series = tuple(
        Series(
            "",
            points((one.seconds, one.perplexity) for one in told),
            role=ROLES[method],
            mark=LETTERS[method],
            called=method,
        )
        for method, told in (race.told.items() if race is not None else ())
    )
    return ChartSpec(
        series,
        x_label="seconds trained",
        y_label="perplexity, held out",
        y_log=True,
        empty="the curves appear with the first words" if running else "space trains the methods in turns",
    )


def _of(method: Method, measured: Sequence[VocabularyMeasured]) -> Iterator[tuple[int, VocabularyMeasured]]:
    return ((one.vocabulary_size, one) for one in measured if one.method == method)


def _seconds(one: VocabularyMeasured) -> float:
    if one.forward_seconds is None or one.backward_seconds is None:
        return math.nan
    return one.forward_seconds + one.backward_seconds


def _x_range(stops: Sequence[int], largest: int = STOPS[-1]) -> tuple[float, float]:
    """From 1k, and from further down for a text with fewer words, to the largest that there is something about."""
    return _x(min(stops[0], STOPS[0])) - _MARGIN, _x(largest) + _MARGIN


def _ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """The decades; within one of them, finer ones and the end."""
    if high - low > 1:
        return tuple(tick for tick in _DECADE_TICKS if low <= tick[0] <= high)
    end = high - _MARGIN
    within = (tick for tick in _X_TICKS if low <= tick[0] < end - _MARGIN / 2)
    return (*within, (end, size_words(round(10**end))))


def _over_words(
    x_range: tuple[float, float],
    series: Sequence[Series],
    y_label: str,
    x_words: Callable[[float], str],
    empty: str,
) -> ChartSpec:
    return ChartSpec(
        tuple(series),
        x_label="words",
        y_label=y_label,
        y_log=True,
        x_range=x_range,
        x_ticks=_ticks(*x_range),
        x_words=x_words,
        empty=empty,
    )


def _marked(method: Method, cells: tuple[Cell, ...], called: str) -> Series:
    """What was measured, a capital each."""
    return Series("", cells, style="marks", role=ROLES[method], mark=LETTERS[method].upper(), called=called)


def _memory_at(x: float) -> str:
    return f"MB at V = {round(10**x):,}"


def _time_at(x: float) -> str:
    return f"ms at V = {round(10**x):,}"


def _x(words: int) -> float:
    return math.log10(words)
