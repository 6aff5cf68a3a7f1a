"""A chart comes out whole, whatever the numbers are."""

import dataclasses
import gc
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.drawing.plot import chart_lines, plain_chart
from tui.drawing.plot_layout import laid_out
from tui.drawing.signs import in_ascii
from tui.drawing.spans import text_of
from tui.drawing.zoom import Zoom

FLOATS = st.floats(allow_nan=True, allow_infinity=True)
STYLES = st.sampled_from(["faint", "line", "marks"])


def curve(*values: float, style: str = "line", **more: str) -> Series:
    return Series("curve", points(enumerate(values)), style, **more)  # type: ignore[arg-type]


def rows(spec: ChartSpec, width: int = 60, height: int = 12) -> list[str]:
    lines = chart_lines(spec, width, height)
    assert len(lines) == height
    assert all(sum(cell_len(run.text) for run in line) == width for line in lines)
    return [text_of(line) for line in lines]


@pytest.mark.parametrize("y_log", [False, True])
@pytest.mark.parametrize(
    "values",
    [
        (),
        (1.0,),
        (math.nan, math.nan),
        (math.inf, 1.0, -math.inf),
        (0.0, 0.0, 0.0),
        (-1.0, -2.0),
        (1e308, -1e308),
        (5e-324, 1.7e308),
        (0.1, 0.1 + 1e-17),
    ],
)
def test_awkward_values_are_drawn_or_left_out(values: tuple[float, ...], y_log: bool) -> None:
    for style in ("faint", "line", "marks"):
        shown = rows(ChartSpec((curve(*values, style=style),), y_log=y_log))
        assert any("┤" in row for row in shown)
        assert any("└" in row for row in shown)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(FLOATS, max_size=12), max_size=3), STYLES, st.booleans(), st.integers(0, 90), st.integers(0, 20)
)
def test_no_values_and_no_size_break_a_chart(
    curves: list[list[float]], style: str, y_log: bool, width: int, height: int
) -> None:
    rows(ChartSpec(tuple(curve(*values, style=style) for values in curves), y_log=y_log), width, height)


def test_a_log_axis_can_be_drawn_twice() -> None:
    spec = ChartSpec((curve(100.0, 0.01, 10.0),), y_log=True)
    assert rows(spec) == rows(spec)


def test_nothing_to_draw_is_said() -> None:
    assert any("press space" in row for row in rows(ChartSpec((), empty="press space")))
    assert any("press space" in row for row in rows(ChartSpec((curve(math.nan),), empty="press space")))
    assert not any("press space" in row for row in rows(ChartSpec((curve(1.0, 2.0),), empty="press space")))


def test_values_that_are_not_finite_leave_a_gap() -> None:
    spec = ChartSpec((curve(*[1.0] * 20, *[math.nan] * 20, *[1.0] * 21),), y_range=(0, 2))
    (row,) = [row for row in rows(spec, 70)[1:] if any(0x2800 < ord(character) < 0x2900 for character in row)]
    drawn, gap, *rest = [len(part) for part in re.findall(r"[\u2800-\u28ff]+| +", row[6:])]
    assert len(rest) == 1
    assert 18 < gap < 26
    assert min(drawn, *rest) > 16


def test_a_line_breaks_behind_a_stretch_that_was_not_wholly_finite() -> None:
    def dots(mean: float) -> int:
        cells = (Cell(0, 0, mean, 0), Cell(10, 10, 10, 10))
        shown = "".join(rows(ChartSpec((Series("", cells),))))
        return sum((ord(character) - 0x2800).bit_count() for character in shown if 0x2800 < ord(character) < 0x2900)

    assert dots(0.0) > 20
    assert dots(math.nan) == 2


def test_a_spike_of_one_cell_in_four_thousand_is_seen() -> None:
    calm = [1.0] * 4096
    spiked = [*calm[:2000], 50.0, *calm[2001:]]
    for style in ("faint", "line"):
        shown = rows(ChartSpec((curve(*spiked, style=style),), y_range=(0, 60)), 100, 20)
        flat = rows(ChartSpec((curve(*calm, style=style),), y_range=(0, 60)), 100, 20)
        assert sum(a != b for a, b in zip(shown, flat, strict=True)) > 10


def test_styles_and_marks_differ_without_colour() -> None:
    spec = ChartSpec(
        (
            curve(*[1.0] * 50, style="faint"),
            curve(*[2.0] * 50, style="line"),
            curve(*[3.0] * 50, style="marks"),
            curve(*[4.0] * 50, style="line", mark="×"),
        ),
        y_range=(0, 5),
    )
    drawn = "\n".join(rows(spec)[1:])
    assert "·" in drawn
    assert "●" in drawn
    assert "×" in drawn
    assert any(0x2800 < ord(character) < 0x2900 for character in drawn)


def test_a_mark_lies_on_its_line() -> None:
    cells = points((x / 40, 0.4 + 2 * math.exp(-x / 15)) for x in range(41))
    line = ChartSpec((Series("", cells, "line"),), x_range=(0, 1))
    both = ChartSpec((Series("", cells, "line"), Series("", cells[::4], "marks")), x_range=(0, 1))
    for height in (9, 13, 24):
        before, after = rows(line, 80, height), rows(both, 80, height)
        for old, new in zip(before, after, strict=True):
            for column, character in enumerate(new):
                assert character != "●" or old[column : column + 1] not in ("", " ")


def test_roles_come_back_as_they_were_given() -> None:
    spec = ChartSpec((curve(1.0, 2.0, role="train"), curve(2.0, 1.0, style="marks", role="validation")))
    roles = {run.role for line in chart_lines(spec, 60, 12) for run in line}
    assert {"train", "validation", "axis"} <= roles


def test_ascii_only_draws_nothing_else() -> None:
    spec = ChartSpec(
        (curve(1.0, 2.0, 1.0), curve(1.0, 2.0, style="faint"), curve(1.0, 2.0, style="marks", mark="◆")),
        x_label="époque",
        y_label="loss",
        braille=False,
    )
    assert in_ascii(plain_chart(spec, 60, 12)).isascii()
    assert "?" not in in_ascii(plain_chart(spec, 60, 12))


def test_labels_are_not_obeyed() -> None:
    series = dataclasses.replace(curve(1.0, 2.0), label="[/]\x1b[31m\n日本")
    shown = rows(ChartSpec((series,), y_label="\x1b[2J", x_label="\u202e"))
    assert "\x1b" not in "".join(shown)
    assert "[/]\\x1b[31m\\n" in shown[0]


def test_curves_that_the_legend_has_no_room_for_are_counted() -> None:
    spec = ChartSpec(tuple(dataclasses.replace(curve(1.0), label=f"learning rate {index}") for index in range(9)))
    assert "+7" in rows(spec, 60, 9)[0]
    assert "+4" in rows(spec, 60, 16)[1]  # in short, so that more are seen


def test_a_chart_leaves_nothing_for_the_garbage_collector() -> None:
    spec = ChartSpec((curve(1.0, 2.0, 3.0),))
    rows(spec)
    gc.collect()
    gc.disable()
    try:
        rows(spec)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_the_chart_ends_where_its_ranges_end() -> None:
    spec = ChartSpec((curve(*range(100)),), x_range=(0, 10), y_range=(0, 10))
    last = rows(spec)[-1].split()
    assert last[0] == "0"
    assert last[-1] == "10"


def test_a_line_of_a_log_chart_stands_for_a_value_and_not_for_its_decade() -> None:
    layout = laid_out(ChartSpec((Series("a", points([(0, 1), (1, 100)])),), y_log=True, y_range=(1, 100)), 40, 12)
    assert layout is not None
    top = layout.line_of(layout.square.rows - 1)
    assert layout.y_at(top) == pytest.approx(100)
    assert layout.y_at(layout.line_of(0)) == pytest.approx(1)


def test_without_a_value_a_log_axis_has_no_powers_of_ten() -> None:
    for log, named in ((True, False), (False, True)):
        drawn = plain_chart(ChartSpec((), y_log=log, x_ticks=((0.5, "x"),), empty="nothing"), 40, 12)
        assert any(character.isdigit() for character in drawn) is named


def test_without_braille_a_dot_is_high_or_low_in_its_cell_as_its_value_is() -> None:
    series = Series("a", points([(0, 0), (1, 1)]), "cloud")
    lines = plain_chart(ChartSpec((series,), y_range=(0, 1), braille=False), 40, 12).splitlines()
    assert lines[1].rstrip().endswith("'")
    assert lines[9].rstrip() == "    0┤."


def test_a_part_of_a_chart_stays_within_the_range_of_the_whole() -> None:
    spec = ChartSpec((Series("a", points([(0, 0), (1, 1)])),), y_range=(0, 1))
    part = Zoom(window=(0.0, 0.5)).applied(spec)
    assert (part.x_range, part.y_range, part.y_within) == ((0.0, 0.5), None, (0, 1))
    named = dataclasses.replace(spec, y_ticks=((0.5, "half"),))
    assert Zoom(window=(0.0, 0.5)).applied(named).y_range == (0, 1)


def test_of_two_marks_at_one_place_the_last_stands_there_and_the_other_beside_it() -> None:
    one, other = (Series(name, points([(0.5, 0.5)]), "marks", mark=name) for name in "ab")
    spec = ChartSpec((one, other), x_range=(0, 1), y_range=(0, 1))
    (line,) = [line for line in plain_chart(spec, 40, 12).splitlines()[1:] if "b" in line]
    alone = dataclasses.replace(spec, series=(other,))
    (where,) = [line.index("b") for line in plain_chart(alone, 40, 12).splitlines()[1:] if "b" in line]
    assert line[where : where + 2] == "ba"
