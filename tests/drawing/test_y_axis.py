"""What is marked on a y axis stands evenly on the rows that there are."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tui.drawing.chart_spec import LOSS, SHARE, ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.plot import plain_chart
from tui.drawing.plot_layout import y_range_of
from tui.drawing.square import Range, nearest_row
from tui.drawing.y_axis import linear_limits, linear_marks, log_limits, log_marks

ROWS = st.integers(3, 40)


def gaps(places: Sequence[float], limits: Range, rows: int) -> list[int]:
    on = [nearest_row(place, limits, rows) for place in places]
    return [after - before for before, after in pairwise(on)]


def marked_rows(spec: ChartSpec, height: int) -> list[int]:
    """Which lines of the chart, counted from the top, carry a value of the y axis."""
    return [index for index, line in enumerate(plain_chart(spec, 40, height).splitlines()) if "┤" in line]


@given(st.floats(0, 100), st.floats(1e-3, 1e4), ROWS)
def test_the_values_of_a_linear_axis_are_evenly_apart_on_the_screen(low: float, room: float, rows: int) -> None:
    limits = linear_limits(low, low + room, rows)
    marks = linear_marks(limits, rows, max(3, rows // 2))
    between = gaps(marks, limits, rows)
    steps = [after - before for before, after in pairwise(marks)]
    assert limits[0] <= low + room * 1e-6
    assert limits[1] >= low + room * (1 - 1e-6)
    assert between
    assert min(between) >= 1
    assert max(between) - min(between) <= (1 if rows > 12 else 0)
    assert steps == pytest.approx([steps[0]] * len(steps), rel=1e-6)


@given(st.floats(-3, 3), st.floats(1e-3, 4), ROWS)
def test_no_two_values_of_a_log_axis_share_a_row(low: float, room: float, rows: int) -> None:
    limits = log_limits(low, low + room, rows)
    marks = log_marks(limits, rows, max(3, rows // 2))
    assert limits[0] <= low + 1e-6
    assert limits[1] >= low + room - 1e-6
    assert len(marks) >= (2 if rows > 3 else 1)
    assert all(gap >= 1 for gap in gaps([math.log10(mark) for mark in marks], limits, rows))


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0.36, 2.4, [0.5, 1, 2]), (0.05, 2.4, [0.1, 0.3, 1]), (1e-3, 1e3, [1e-3, 1e-2, 0.1, 1, 10, 100, 1000])],
)
def test_a_log_axis_is_marked_1_2_5_or_1_3_or_in_decades(low: float, high: float, marks: list[float]) -> None:
    limits = log_limits(math.log10(low), math.log10(high), 14)
    shown = log_marks(limits, 14, 7)
    assert [mark for mark in shown if low <= mark <= high] == pytest.approx(marks)
    between = gaps([math.log10(mark) for mark in shown], limits, 14)
    assert max(between) - min(between) <= 1


def test_many_decades_are_thinned_and_few_per_cent_are_marked_in_round_steps() -> None:
    assert 2 <= len(log_marks((-300, 300), 12, 5)) <= 5
    assert log_marks((math.log10(0.40), math.log10(0.44)), 12, 6) == pytest.approx([0.40, 0.41, 0.42, 0.43, 0.44])


@pytest.mark.parametrize("height", range(6, 25))
@pytest.mark.parametrize("y_log", [False, True])
def test_a_small_chart_marks_rows_that_look_evenly_apart(height: int, y_log: bool) -> None:
    spec = ChartSpec((Series("", points(enumerate((2.3, 1.0, 0.6, 0.44)))),), y_log=y_log)
    on = marked_rows(spec, height)
    between = [after - before for before, after in pairwise(on)]
    assert between
    assert max(between) - min(between) <= (1 if y_log else 0)


@pytest.mark.parametrize("height", range(6, 25))
def test_a_share_of_a_small_chart_is_never_marked_one_row_above_and_two_below(height: int) -> None:
    spec = ChartSpec((Series("", points(enumerate((0.0, 0.4, 1.0)))),), y_range=(0.0, 1.0))
    on = marked_rows(spec, height)
    between = [after - before for before, after in pairwise(on)]
    assert sum(between) == on[-1] - on[0] == height - 4  # from 0 to 1
    assert max(between) - min(between) <= (1 if max(between) > 3 else 0)


def test_an_axis_stays_still_while_its_values_move_a_little() -> None:
    assert linear_limits(0.41, 2.31, 12) == linear_limits(0.43, 2.29, 12)
    assert log_limits(math.log10(0.41), math.log10(2.31), 12) == log_limits(math.log10(0.415), math.log10(2.29), 12)
    low, high = linear_limits(3.0, 3.0, 12)
    assert low < 3.0 < high


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), ROWS)
def test_no_values_are_too_far_apart_or_too_close(one: float, other: float, rows: int) -> None:
    low, high = min(one, other), max(one, other)
    assume(low < high)
    limits = linear_limits(low, high, rows)
    assert limits[0] < limits[1]
    assert linear_marks(limits, rows, 8)


@given(st.floats(0, 1), st.floats(0, 1), ROWS)
def test_the_axis_of_a_share_stays_within_0_and_1_and_of_a_loss_above_0(one: float, other: float, rows: int) -> None:
    data = min(one, other), max(one, other)
    low, high = y_range_of(ChartSpec((), y_within=SHARE), data, rows)
    assert 0 <= low <= data[0] + 1e-6
    assert data[1] - 1e-6 <= high <= 1
    assert low < high
    assert y_range_of(ChartSpec((), y_within=LOSS), data, rows)[0] >= 0


def test_the_axis_of_no_error_at_all_and_of_nothing_but_right_answers() -> None:
    for share in (0.0, 1.0):
        spec = ChartSpec((Series("", points([(0, share), (1, share)])),), y_within=SHARE)
        labels = [float(line.split("┤")[0]) for line in plain_chart(spec, 40, 12).splitlines() if "┤" in line]
        assert min(labels) >= 0
        assert max(labels) <= 1
    below = ChartSpec((), y_within=LOSS)  # a minus that is missing makes a loss negative
    assert y_range_of(below, (-2.0, 1.0), 8)[0] <= -2
