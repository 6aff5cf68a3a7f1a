"""Axes carry round numbers that can be told apart."""

from hypothesis import assume, given
from hypothesis import strategies as st

from tui.drawing.y_axis import linear_ticks, tick_labels


def test_linear_ticks_are_round_and_not_crowded() -> None:
    assert linear_ticks(0, 10, 6) == [0, 2, 4, 6, 8, 10]
    assert linear_ticks(0.0, 0.3, 4) == [0.0, 0.1, 0.2, 0.3]
    assert linear_ticks(-1.1, 1.1, 5) == [-1, 0, 1]


def test_labels_are_as_short_as_tells_them_apart() -> None:
    assert tick_labels([0, 0.5, 1]) == ["0", "0.5", "1"]
    assert tick_labels([0.42, 0.425]) == ["0.42", "0.425"]
    assert tick_labels([1e-8, 1e9]) == ["1e-8", "1e9"]
    assert tick_labels([235, 470]) == ["235", "470"]


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(2, 12))
def test_ticks_lie_within_any_axis(one: float, other: float, most: int) -> None:
    low, high = min(one, other), max(one, other)
    assume(low < high)
    room = (high / 2 - low / 2) * 1e-6 + abs(high) * 1e-9 + abs(low) * 1e-9
    ticks = linear_ticks(low, high, most)
    assert len(ticks) <= 2 * most + 3
    assert all(low - room <= tick <= high + room for tick in ticks)
    assert len(tick_labels(ticks)) == len(ticks)
