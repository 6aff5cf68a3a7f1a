"""What a cross-hair stands at is what the data have there."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.crosshair import reading, stops, with_crosshair
from tui.drawing.curves import Cell, points
from tui.drawing.plot import drawn
from tui.drawing.plot_layout import Layout, laid_out
from tui.drawing.spans import text_of
from tui.drawing.zoom import Zoom

EPOCHS = Series("validation", points((epoch, 1 / epoch) for epoch in range(1, 11)), "marks", mark="●")
LINE = Series("train", points(((1, 1.0), (5, 3.0), (10, 2.0))), "line")
CLOUD = Series("minibatch", points((step / 50, 2 - step / 500) for step in range(1, 501)), "cloud")
SPEC = ChartSpec((CLOUD, LINE, EPOCHS), x_label="epoch", x_range=(0, 10))


def layout_of(spec: ChartSpec, width: int = 80, height: int = 16) -> Layout:
    layout = laid_out(spec, width, height)
    assert layout is not None
    return layout


def test_every_column_that_holds_a_value_is_a_stop_and_the_epoch_goes_before_a_minibatch() -> None:
    layout = layout_of(SPEC)
    found = stops(SPEC, layout.square)
    assert len(found) == len({layout.square.column(cell.x) for one in SPEC.series for cell in one.cells})
    assert found == sorted(found)
    assert set(range(1, 11)) <= set(found)


def test_the_values_of_all_curves_are_those_of_the_data() -> None:
    layout = layout_of(SPEC)
    for epoch in (1, 4, 10):
        read = reading(SPEC, layout.square, float(epoch))
        by_name = {value.name: value for value in read.values}
        assert by_name["validation"].low == by_name["validation"].high == 1 / epoch
        column = layout.square.column(float(epoch))
        here = [cell.mean for cell in CLOUD.cells if layout.square.column(cell.x) == column]
        assert (by_name["minibatch"].low, by_name["minibatch"].high) == (min(here), max(here))
        assert read.place == f"epoch {epoch}"
    between = {value.name: value for value in reading(SPEC, layout.square, 3.0).values}
    assert between["train"].between
    assert between["train"].low == pytest.approx(2.0)  # half of the way from 1 at 1 to 3 at 5
    assert between["train"].words.startswith("≈")
    assert "validation" not in {value.name for value in reading(SPEC, layout.square, 3.5).values}


def test_on_a_log_axis_a_line_is_read_off_as_it_is_drawn() -> None:
    spec = ChartSpec((Series("a", points(((0, 1.0), (10, 100.0)))),), y_log=True)
    (value,) = reading(spec, layout_of(spec).square, 5.0).values
    assert value.low == pytest.approx(10.0)


def test_what_has_no_name_is_not_read_off_and_what_is_not_finite_is_no_value() -> None:
    spec = ChartSpec(
        (
            Series("", points(((0, 0.0), (1, 1.0)))),
            Series("a", points(((0, math.nan), (1, 2.0)))),
            Series("b", points(((0, 5.0),)), read=False),
        )
    )
    square = layout_of(spec).square
    assert stops(spec, square) == [1]
    assert [value.name for value in reading(spec, square, 1.0).values] == ["a"]
    assert reading(spec, square, 0.0).values == ()


@pytest.mark.parametrize("curves", [1, 3, 12, 24])
@pytest.mark.parametrize(("width", "height"), [(20, 5), (40, 8), (80, 12), (120, 30)])
def test_the_cross_hair_and_its_values_leave_the_chart_its_size(curves: int, width: int, height: int) -> None:
    spec = ChartSpec(
        tuple(Series(f"curve {n}", points((x, x + n) for x in range(10)), mark=chr(97 + n)) for n in range(curves))
    )
    layout = layout_of(spec, width, height)
    lines = drawn(layout)
    for x in stops(spec, layout.square):
        shown = with_crosshair(lines, layout, reading(spec, layout.square, x))
        assert [sum(len(run.text) for run in line) for line in shown] == [width] * height
        assert shown[: len(layout.heading)] == lines[: len(layout.heading)]
        assert any("┼" in text_of(line) for line in shown)
        if width >= 80 and curves <= 12:
            text = " ".join(" ".join(text_of(line).split()) for line in shown)
            assert all(f"curve {n} {x + n:.0f}" in text for n in range(curves))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(allow_nan=True)), min_size=1, max_size=20),
    st.booleans(),
    st.integers(20, 100),
    st.integers(5, 30),
)
def test_no_values_break_it(pairs: list[tuple[float, float]], log: bool, width: int, height: int) -> None:
    cells = points(sorted(pairs, key=lambda pair: pair[0]))
    spec = ChartSpec((Series("a", cells), Series("b", cells, "cloud"), Series("c", cells, "marks")), y_log=log)
    layout = layout_of(spec, width, height)
    for x in stops(spec, layout.square):
        with_crosshair(drawn(layout), layout, reading(spec, layout.square, x))


def test_a_cell_leads_back_to_its_place() -> None:
    layout = layout_of(SPEC)
    for column in range(layout.square.columns):
        assert layout.square.column(layout.x_at(layout.left + column)) == column
    for row in range(layout.square.rows):
        place = layout.square.cell(5.0, layout.y_at(layout.line_of(row)))
        assert place is not None
        assert place[1] == row


def test_zooming_halves_what_is_seen_stays_within_the_whole_and_0_gives_all_back() -> None:
    whole = (0.0, 10.0)
    closer = Zoom().closer(whole, 4.0)
    assert closer.window == (1.5, 6.5)
    assert closer.closer(whole, 10.0).window == (7.5, 10.0)
    assert closer.farther(whole, 4.0) == Zoom()
    assert closer.around(whole, 9.0).window == (5.0, 10.0)
    assert closer.around(whole, 6.5) is closer
    assert closer.all() == Zoom()
    assert Zoom().all().all() == Zoom()
    zoomed = laid_out(closer.applied(SPEC), 80, 16)
    assert zoomed is not None
    assert zoomed.square.x_range == (1.5, 6.5)
    assert zoomed.square.y_range[1] < layout_of(SPEC).square.y_range[1] or zoomed.limits != layout_of(SPEC).limits


def test_signs_of_curves_that_run_together_do_not_cover_each_other() -> None:
    same = points((x, 1.0) for x in range(30))
    lines = tuple(Series(f"{n}", same, mark=chr(97 + n)) for n in range(12))
    shown = "\n".join(text_of(line) for line in drawn(layout_of(ChartSpec(lines), 80, 14))[2:])
    assert all(shown.count(chr(97 + n)) >= 2 for n in range(12))
    two = points(((0, 1.0), (1, 1.0)))
    brief = ChartSpec(tuple(Series(f"{n}", two, mark=chr(97 + n)) for n in range(12)))
    shown = "\n".join(text_of(line) for line in drawn(layout_of(brief, 80, 14))[2:])
    assert all(shown.count(chr(97 + n)) >= 1 for n in range(12))
    ends = tuple(Series("", points([(5, 1.0)]), "marks", mark=chr(97 + n)) for n in range(5))
    beside = "\n".join(text_of(line) for line in drawn(layout_of(ChartSpec(ends, x_range=(0, 10)), 80, 14)))
    assert all(chr(97 + n) in beside for n in range(5))


def test_the_dots_of_a_cloud_stand_at_their_values_and_in_no_rows() -> None:
    values = [0.5 + 0.2 * math.sin(7.3 * step) * math.cos(step) for step in range(400)]
    spec = ChartSpec((Series("", points(enumerate(values)), "cloud"),), y_range=(0.0, 1.0))
    layout = layout_of(spec, 100, 20)
    heights: dict[int, int] = {}
    dots = 0
    for line, text in enumerate(drawn(layout)[len(layout.heading) : -2]):
        for run in text:
            for character in run.text:
                if 0x2800 < ord(character) < 0x2900:
                    bits = ord(character) - 0x2800
                    assert bits.bit_count() == 1
                    row = next(r for r, both in enumerate((0x09, 0x12, 0x24, 0xC0)) if bits & both)
                    heights[4 * line + row] = heights.get(4 * line + row, 0) + 1
                    dots += 1
    assert dots > 100
    assert max(heights.values()) < dots / 6  # dots at the same height of their cells would be three or four rows
    first = replace(spec, series=(Series("", (Cell(0, 0.2, 0.2, 0.2),), "cloud"),), x_range=(0, 1))
    (line,) = [
        n for n, text in enumerate(drawn(layout_of(first))) if any(0x2800 < ord(c) < 0x2900 for c in text_of(text))
    ]
    assert layout_of(first).y_at(line) == pytest.approx(0.2, abs=1 / layout_of(first).square.rows)
