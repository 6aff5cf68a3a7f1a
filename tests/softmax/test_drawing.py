"""The playground's tables, sentences and chart, made from what the engine's trace really says."""

import math
from itertools import pairwise

import pytest
import torch

from engine.contract.trace import DTYPES, Rows, SoftmaxTrace
from engine.numerics.presets import PRESETS
from engine.numerics.trace import offset_errors, trace
from tui.drawing.plot import plain_chart
from tui.drawing.spans import Line, text_of
from tui.softmax.charts import OFFSETS, offset_chart, place
from tui.softmax.hints import next_to_try
from tui.softmax.sheet import Sheet
from tui.softmax.table import columns_for, heading_line, implementation_lines, logit_lines, step_lines
from tui.softmax.words import explanation, first_wrong, legend, verdict, way_of_one, where_it_holds

NAMED = {preset.name: index for index, preset in enumerate(PRESETS)}


def traced(rows: Rows, dtype: str = "float32") -> SoftmaxTrace:
    return trace(torch.tensor(rows, dtype=torch.float64), dtype)


def of_preset(name: str) -> tuple[Sheet, SoftmaxTrace]:
    sheet = Sheet().with_preset(NAMED[name])
    return sheet, traced(sheet.rows, sheet.dtype)


def role_of(lines: list[Line], text: str) -> set[str]:
    return {run.role for line in lines for run in line if run.text.strip() == text}


def test_the_first_bad_number_is_highlighted_in_both_tables() -> None:
    sheet, seen = of_preset("input-of-100")
    columns = columns_for(80, 3, 0)
    assert role_of(implementation_lines(seen, sheet, columns, "naive"), "!nan") == {"first-bad"}
    steps = step_lines(seen, "naive", 0, columns)
    assert role_of(steps, "!inf") == {"first-bad"}
    assert "first-bad" not in {run.role for line in step_lines(seen, "row-max", 0, columns) for run in line}


def test_a_number_that_is_wrong_but_finite_has_a_sign_of_its_own() -> None:
    sheet, seen = of_preset("near-minus-102")
    columns = columns_for(80, 5, 0)
    naive, *others = [text_of(line) for line in implementation_lines(seen, sheet, columns, "naive")]
    assert naive.split() == ["▸naive", "≠0.0909", "≠0.2727", "≠0.3636", "≠0.0909", "≠0.1818", "1.0000", "32", "%"]
    assert not any("≠" in line for line in others)
    assert "≠ wrong" in legend(implementation_lines(seen, sheet, columns, "naive"))
    said = legend(implementation_lines(seen, sheet, columns, "naive"), seen, 80)
    assert said.endswith("worst = |p − p64| ÷ max(p64, 1.2e−38)")
    assert "worst" not in legend(implementation_lines(seen, sheet, columns, "naive"), seen, 30)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_line_fits_into_80_columns(preset: object, dtype: str) -> None:
    sheet = Sheet().with_preset(PRESETS.index(preset))  # type: ignore[arg-type]
    seen = traced(sheet.rows, dtype)
    columns = columns_for(80, sheet.classes, 0)
    heading = len(text_of(heading_line(columns, 0)))
    for row in range(len(sheet.rows)):
        at_row = sheet.at(row, 0)
        lines = [*logit_lines(at_row, columns), *implementation_lines(seen, at_row, columns, "naive")]
        for name in seen.implementations:
            lines += step_lines(seen, name, row, columns)
            lines += [way_of_one(seen, name, row, column, 80) for column in range(sheet.classes)]
            assert len(explanation(seen, name)) <= 2 * 74
        assert max(len(text_of(line)) for line in lines) <= 80
        assert all(len(text_of(line)) == heading for line in step_lines(seen, "naive", row, columns)[1:-1])


def test_the_default_explanation_is_of_the_first_that_is_wrong() -> None:
    assert first_wrong(of_preset("rows-far-apart")[1]) == "global-max"
    assert first_wrong(traced(((2.0, 1.0, 0.1),))) == "naive"
    assert explanation(of_preset("input-of-100")[1], "naive").startswith("naive: exp(100) = 2.7e43 is larger")
    assert "exactly 1" in explanation(of_preset("input-of-100")[1], "row-max")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (((2.0, 1.0, 0.1),), "All four agree with float64"),
        (((100.0, 0.97, 1.01),), "naive gives nan; global-max, row-max and log-sum-exp are right."),
        (PRESETS[1].rows, "Wrong without a nan: naive sums to 1 but is 32 % off."),
        (((math.nan, 0.0),), "All four give nan"),
        (((-110.0, -110.5), (50.0, 51.0)), "naive and global-max give nan; row-max and log-sum-exp are right."),
    ],
)
def test_the_verdict_tells_a_loud_failure_from_a_silent_one(rows: Rows, said: str) -> None:
    assert verdict(traced(rows)).startswith(said)


def test_the_offsets_between_which_each_holds_are_said() -> None:
    rows = ((0.0, 1.0, 2.0),)
    seen, errors = traced(rows), offset_errors(torch.tensor(rows), "float32", OFFSETS)
    said = where_it_holds(seen, OFFSETS, errors)
    assert said.startswith("Right at these offsets: naive −9")
    assert said.endswith((" to 84.", " to 85.", " to 86."))
    assert "row-max" not in said
    assert where_it_holds(seen, OFFSETS, {"row-max": errors["row-max"]}) == ""
    broken = dict.fromkeys(("naive",), [math.nan] * len(OFFSETS))
    assert where_it_holds(seen, OFFSETS, broken) == "Right at these offsets: naive nowhere."


def test_the_axis_of_offsets_has_both_ends_and_the_logits_as_they_are() -> None:
    assert (OFFSETS[0], OFFSETS[len(OFFSETS) // 2], OFFSETS[-1]) == (-1000.0, 0.0, 1000.0)
    gaps = [place(right) - place(left) for left, right in pairwise(OFFSETS)]
    assert max(gaps) < 1.02 * min(gaps)


@pytest.mark.parametrize("height", [5, 7, 12, 26])
def test_the_chart_has_a_row_of_signs_for_each_that_ends_in_nan(height: int) -> None:
    sheet, seen = of_preset("rows-far-apart")
    errors = offset_errors(torch.tensor(sheet.rows, dtype=torch.float64), sheet.dtype, OFFSETS)
    lines = plain_chart(offset_chart(seen, OFFSETS, errors, True, height), 120, height).splitlines()
    assert "naive" in lines[0]
    assert "row 1, not to scale" in lines[0]
    assert lines[1].startswith("  nan┤ggg")
    if height >= 7:
        assert lines[2].startswith("  nan┤nnn")
        assert "100 %" in lines[3]
    assert "−1000" in lines[-1]
    assert "+1000" in lines[-1]
    assert not any(line.startswith("  nan") for line in lines[3:])


def test_every_preset_has_something_to_try_next() -> None:
    for index in range(-1, len(PRESETS)):
        sheet = Sheet().with_preset(index) if index >= 0 else Sheet()
        said = next_to_try(sheet).line()
        assert said.startswith("Next (g): ")
        assert len(said) <= 78
