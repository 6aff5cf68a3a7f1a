"""Memory and time against the number of words, and perplexity against the seconds of training."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured
from engine.contract.vocabulary_memory import predicted_bytes
from tui.drawing.curves import Cell, points
from tui.drawing.plot import ChartSpec, Series
from tui.drawing.vocabulary_figures import LETTERS, ROLES, STOPS, size_words
from tui.drawing.vocabulary_results import Race

_MEGABYTE = 1e6
_MILLISECONDS = 1e3
_MARGIN = 0.1  # decades
_X_RANGE = (math.log10(STOPS[0]) - _MARGIN, math.log10(STOPS[-1]) + _MARGIN)
_X_TICKS = tuple((float(power), size_words(10**power)) for power in range(3, 7))


def memory_chart(
    question: VocabularyQuestion,
    chosen: Sequence[Method],
    measured: Sequence[VocabularyMeasured],
    available: int | None,
) -> ChartSpec:
    """Lines are predicted and end in their letter, capitals are measured; dots are what is free."""
    series: list[Series] = []
    for method in chosen:
        predicted = ((_x(words), predicted_bytes(method, question, words) / _MEGABYTE) for words in STOPS)
        cells = points(predicted)
        series.append(Series("", cells, role=ROLES[method]))
        series.append(Series("", cells[-1:], style="marks", role=ROLES[method], mark=LETTERS[method]))
    for method in chosen:
        found = ((words, one.peak_bytes / _MEGABYTE) for words, one in _of(method, measured) if one.peak_bytes)
        series.append(_marked(method, points((_x(words), value) for words, value in found)))
    if available is not None:
        level = available / _MEGABYTE
        places = [_X_RANGE[0] + step * (_X_RANGE[1] - _X_RANGE[0]) / 40 for step in range(41)]
        series.append(Series("free", points((x, level) for x in places), style="marks", role="wrong", mark="·"))
    return ChartSpec(
        tuple(series),
        x_label="words",
        y_label="MB, big = measured",
        y_log=True,
        x_range=_X_RANGE,
        x_ticks=_X_TICKS,
        empty="every method is switched off",
    )


def time_chart(chosen: Sequence[Method], measured: Sequence[VocabularyMeasured]) -> ChartSpec:
    """Forward and backward together; nothing predicts them, so that there are measured points alone."""
    series: list[Series] = []
    for method in chosen:
        pairs = [(_x(words), _MILLISECONDS * _seconds(one)) for words, one in _of(method, measured)]
        cells = points((x, value) for x, value in pairs if math.isfinite(value))
        series.append(Series("", cells, role=ROLES[method]))
        series.append(_marked(method, cells))
    return ChartSpec(
        tuple(series),
        x_label="words",
        y_label="ms of a minibatch",
        y_log=True,
        x_range=_X_RANGE,
        x_ticks=_X_TICKS,
        empty="space measures; memory is known before",
    )


def perplexity_chart(race: Race | None, running: bool) -> ChartSpec:
    """On held-out words, against the seconds that each method was trained."""
    series = tuple(
        Series(
            "",
            points((one.seconds, one.perplexity) for one in told),
            role=ROLES[method],
            mark=LETTERS[method],
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


def _marked(method: Method, cells: tuple[Cell, ...]) -> Series:
    """What was measured, a capital each."""
    return Series("", cells, style="marks", role=ROLES[method], mark=LETTERS[method].upper())


def _x(words: int) -> float:
    return math.log10(words)
