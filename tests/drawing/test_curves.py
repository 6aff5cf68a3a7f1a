"""Curves keep their shape whatever is done to draw them."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.drawing.curves import Cell, decimated, logarithmic, points, recent, smoothed, value_range

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


def test_a_spike_of_one_minibatch_survives_decimation() -> None:
    values = [1.0] * 4096
    values[1777], values[3001] = 9.0, -4.0
    columns = decimated(points(enumerate(values)), 0, 4095, 100)
    assert len(columns) <= 100
    assert max(cell.high for cell in columns) == 9.0
    assert min(cell.low for cell in columns) == -4.0
    (spiked,) = (cell for cell in columns if cell.high == 9.0)
    assert abs(spiked.x - 1777) < 4096 / 100


def test_few_points_are_left_as_they_are() -> None:
    cells = points([(0, 1.0), (5, 2.0), (10, 3.0)])
    assert decimated(cells, 0, 10, 100) == list(cells)


def test_what_lies_outside_the_window_is_left_out() -> None:
    cells = points((x, float(x)) for x in range(100))
    assert [cell.x for cell in decimated(cells, 40, 49, 1000)] == list(range(40, 50))


def test_a_column_with_something_not_finite_breaks_the_line_and_keeps_its_range() -> None:
    (column,) = decimated(points([(0, 1.0), (0.1, math.nan), (0.2, 3.0)]), 0, 100, 10)
    assert (column.low, column.high) == (1.0, 3.0)
    assert math.isnan(column.mean)


def test_a_column_without_anything_finite_is_a_gap() -> None:
    (column,) = decimated(points([(0, math.inf), (0.1, math.nan)]), 0, 100, 10)
    assert all(math.isnan(value) for value in column[1:])


@given(st.lists(FLOATS, max_size=60), st.integers(1, 40))
@example([0.0] * 37, 15)  # a cell on the edge between two columns, which rounding gave a column of its own
def test_decimation_never_loses_an_extreme(values: list[float], columns: int) -> None:
    cells = points(enumerate(values))
    found = decimated(cells, 0, max(1, len(values) - 1), columns)
    assert len(found) <= max(1, columns)
    assert value_range(found) == value_range(cells)


def test_a_constant_stays_what_it_is_when_smoothed() -> None:
    assert [cell.mean for cell in smoothed(points((x, 2.5) for x in range(1, 9)), 3)] == pytest.approx([2.5] * 8)


def test_smoothing_is_the_normalised_exponential_average() -> None:
    values = [3.0, 1.0, 4.0, 1.0, 5.0]
    keep = math.exp(-1 / 2.0)
    last = smoothed(points((x + 1, value) for x, value in enumerate(values)), 2.0)[-1].mean
    weights = [keep ** (4 - index) for index in range(5)]
    assert last == pytest.approx(sum(w * v for w, v in zip(weights, values, strict=True)) / sum(weights))


def test_smoothing_does_not_depend_on_how_the_stream_was_cut() -> None:
    whole = smoothed(points([(4, 2.0), (8, 1.0), (12, 0.5)]), 5)
    halves = smoothed(points([(2, 2.0), (4, 2.0), (6, 1.0), (8, 1.0), (9, 0.5), (12, 0.5)]), 5)
    assert [cell.mean for cell in halves if cell.x in (4, 8, 12)] == pytest.approx([cell.mean for cell in whole])


def test_smoothing_leaves_a_gap_and_goes_on_unharmed() -> None:
    means = [cell.mean for cell in smoothed(points([(1, 1.0), (2, math.nan), (3, math.inf), (4, 1.0)]), 2)]
    assert [math.isnan(mean) for mean in means] == [False, True, True, False]
    assert means[3] == pytest.approx(1.0)


def test_a_first_point_at_the_start_is_smoothed_to_itself() -> None:
    assert smoothed(points([(0, 7.0)]), 2)[0].mean == 7.0


def test_recent_keeps_the_last_stretch() -> None:
    cells = points((x, 0.0) for x in range(10))
    assert [cell.x for cell in recent(cells, 3)] == [6, 7, 8, 9]
    assert recent((), 3) == ()


def test_a_log_axis_has_gaps_where_there_is_no_logarithm() -> None:
    (cell,) = logarithmic([Cell(0, 0.0, -1.0, 100.0)])
    assert math.isnan(cell.low)
    assert math.isnan(cell.mean)
    assert cell.high == 2.0


def test_a_column_that_holds_an_infinite_mean_has_none() -> None:
    (one,) = decimated([Cell(0.0, 1.0, 1.0, 1.0), Cell(0.1, 2.0, math.inf, math.inf)], 0.0, 1.0, 2)
    assert (one.low, one.high) == (1.0, 2.0)
    assert math.isnan(one.mean)
