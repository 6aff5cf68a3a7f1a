"""The logits that are played with."""

import math

from engine.numerics.presets import PRESETS
from tui.softmax.sheet import LEAST_CLASSES, MOST_CLASSES, MOST_ROWS, Sheet
from tui.softmax.table import LABEL, LEAST_CELL, columns_for


def test_a_number_goes_under_the_cursor_and_nowhere_else() -> None:
    sheet = Sheet(((1.0, 2.0), (3.0, 4.0))).at(1, 0).with_logit(9.0)
    assert sheet.rows == ((1.0, 2.0), (9.0, 4.0))


def test_the_cursor_stops_at_the_edges() -> None:
    sheet = Sheet(((1.0, 2.0), (3.0, 4.0)))
    assert (sheet.at(-1, 7).row, sheet.at(-1, 7).column) == (0, 1)


def test_a_step_leaves_no_noise_and_does_not_mind_inf_and_nan() -> None:
    assert Sheet(((-102.03, 0.0),)).stepped(1).logit == -101.03
    assert Sheet(((math.inf, 0.0),)).stepped(1).logit == math.inf
    assert math.isnan(Sheet(((math.nan, 0.0),)).stepped(-1).logit)


def test_rows_and_classes_come_and_go_within_their_bounds() -> None:
    sheet = Sheet()
    for _ in range(MOST_ROWS + 2):
        sheet = sheet.with_row()
    for _ in range(MOST_CLASSES + 2):
        sheet = sheet.with_class()
    assert (len(sheet.rows), sheet.classes) == (MOST_ROWS, MOST_CLASSES)
    assert {len(row) for row in sheet.rows} == {MOST_CLASSES}
    assert sheet.with_row() is sheet
    assert sheet.with_class() is sheet
    for _ in range(MOST_CLASSES + 2):
        sheet = sheet.without_row().without_class()
    assert (len(sheet.rows), sheet.classes) == (1, LEAST_CLASSES)
    assert sheet.without_row() is sheet
    assert sheet.without_class() is sheet


def test_deleting_the_last_row_or_class_keeps_the_cursor_on_the_sheet() -> None:
    sheet = Sheet(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))).at(1, 2).without_row().without_class()
    assert (sheet.rows, sheet.row, sheet.column) == (((1.0, 2.0),), 0, 1)


def test_a_new_row_is_a_copy_below_the_cursor() -> None:
    sheet = Sheet(((1.0, 2.0), (3.0, 4.0))).at(0, 1).with_row()
    assert (sheet.rows, sheet.row) == (((1.0, 2.0), (1.0, 2.0), (3.0, 4.0)), 1)


def test_presets_go_round_and_are_named_until_touched() -> None:
    sheet = Sheet()
    assert sheet.untouched is None
    seen = []
    for _ in range(len(PRESETS) + 1):
        sheet = sheet.with_next_preset()
        seen.append(sheet.untouched)
    assert seen == [*PRESETS, PRESETS[0]]
    assert sheet.stepped(1).untouched is None
    assert sheet.with_next_dtype().untouched is None
    assert sheet.stepped(1).stepped(-1).untouched is PRESETS[0]


def test_the_column_under_the_cursor_is_always_shown() -> None:
    for width in (20, 80, 120, 160):
        for total in range(2, 11):
            for cursor in range(total):
                columns = columns_for(width, total, cursor)
                assert cursor in columns.shown
                assert columns.width <= max(width, LABEL + LEAST_CELL + 18)
                assert bool(columns.hidden_words) == (columns.count < total)
                assert columns.at(columns.left_of(cursor)) == cursor
    assert columns_for(80, 5, 0).count == 5
    assert columns_for(120, 10, 0).count == 9
    assert columns_for(160, 10, 0).count == 10
