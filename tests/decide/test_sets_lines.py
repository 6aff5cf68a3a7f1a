"""The view Sets as lines: they fit, they are aligned, and they leave nothing out without saying so."""

from __future__ import annotations

import numpy as np
import pytest
from rich.cells import cell_len

from engine.analysis.conformal import sets_of
from engine.analysis.evidence import Evidence
from engine.contract.conformal import SetImage, SetMethod, SetsView
from tui.decide.set_pictures import set_words
from tui.decide.sets_lines import class_lines, sets_lines, size_rows
from tui.drawing.spans import text_of

NAMES = ("well", "[/b]\x1b[2J", "猫と犬の写真を撮る人", "never")


def view(method: SetMethod = "lac", level: float = 0.9, classes: int = 4, images: int = 900) -> SetsView:
    random = np.random.default_rng(5)
    labels = random.integers(0, max(2, classes - 1), images)
    logits = random.normal(0, 1, (images, classes))
    logits[np.arange(images), labels] += np.where(labels == 1, 0.2, 3.0)
    names = (*NAMES, *map(str, range(classes)))[:classes]
    return sets_of(Evidence.of_logits(logits, labels, names), method, level)


@pytest.mark.parametrize("width", [38, 47, 80, 120, 160])
@pytest.mark.parametrize("level", [0.0, 0.1, 0.9, 0.995, 1.0])
@pytest.mark.parametrize("method", ["lac", "class-conditional", "aps"])
def test_every_line_fits_its_width(method: SetMethod, level: float, width: int) -> None:
    one = view(method, level)
    lines = [*map(text_of, sets_lines(one, width)), *map(text_of, class_lines(one, NAMES, width, 20))]
    heading, rows = size_rows(one, width)
    for line in (*lines, heading, *rows):
        assert cell_len(line) <= width, line
        assert "\x1b" not in line


def test_classes_are_sorted_from_the_least_covered_and_the_absent_come_last() -> None:
    one = view()
    lines = [text_of(line) for line in class_lines(one, NAMES, 80, 20)]
    assert lines[1].startswith(" [/b]\\x1b[2J")
    assert "!" in lines[1][:32]
    assert lines[-1].split()[:2] == ["never", "-"]
    shares = [float(line.split("%")[0].split()[-1]) for line in lines[1:-1]]
    assert shares == sorted(shares)


def test_the_level_stands_in_the_same_column_on_every_line_but_where_the_coverage_is() -> None:
    lines = [text_of(line) for line in class_lines(view(level=0.8), NAMES, 100, 20)]
    columns = {len(line.split("│")[0]) for line in lines[2:] if "│" in line and "猫" not in line}
    assert len(columns) == 1
    middle = lines[0].index("80%") + 1
    assert abs(middle - columns.pop()) <= 1


def test_what_finds_no_room_is_counted() -> None:
    one = view(classes=30)
    names = tuple(f"kind {label}" for label in range(30))
    for height in (0, 1, 2, 5, 12, 30, 31, 32):
        lines = [text_of(line) for line in class_lines(one, names, 80, height)]
        shown = sum("kind" in line for line in lines)
        if shown < 30:
            assert lines[-1].strip() == f"and {30 - shown} more classes"
            assert len(lines) <= max(2, height)
        else:
            assert len(lines) == 31


def test_the_table_of_sizes_adds_up() -> None:
    one = view("aps", 0.8, classes=30)
    _, rows = size_rows(one, 60)
    counts = [int(row.split()[1].replace(",", "")) for row in rows]
    assert counts[0] == sum(counts[1:]) == one.judged
    assert sum("█" in row or "▏" in row for row in rows) == sum(count > 0 for count in counts[1:])


@pytest.mark.parametrize("width", [8, 12, 20, 40])
def test_a_set_names_as_many_classes_as_there_is_room_for(width: int) -> None:
    for size in (0, 1, 2, 3, 30):
        one = SetImage(index=0, size=size, labels=tuple(range(min(size, 8))), covered=True)
        names = tuple(f"kind {label}" for label in range(30))
        words = set_words(one, names, width)
        assert cell_len(words) <= width
        named = words.count("kind") if width > 10 else 0
        if size and width > 10:
            assert named + (int(words.split("+")[1]) if "+" in words else 0) == size


def test_the_rule_names_the_least_probability_that_is_in_a_set() -> None:
    one = view()
    rule = text_of(sets_lines(one, 120)[1])
    assert rule == f" in the set: classes of at least {1 - one.quantile:.3g} probability"
    assert one.quantile > 0.5  # so that it is not the same the other way round
