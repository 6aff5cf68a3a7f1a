"""The confusion matrix can be walked in and read at 80 columns."""

import pytest
from textual.app import App, ComposeResult

from tui.drawing.palette import DARK, MONO, Palette
from tui.mistakes.heatmap import Heatmap

NAMES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle[/]"]


class HeatmapApp(App[None]):
    def __init__(self, size: int = 10, palette: Palette = DARK) -> None:
        super().__init__()
        self.heatmap = Heatmap(palette=palette)
        self.labels = NAMES if size == 10 else [f"class {index}" for index in range(size)]
        self.said: list[tuple[str, int, int]] = []

    def compose(self) -> ComposeResult:
        yield self.heatmap

    def on_mount(self) -> None:
        size = len(self.labels)
        counts = [[size * row + column for column in range(size)] for row in range(size)]
        self.heatmap.show(counts, self.labels)
        self.heatmap.focus()

    def on_heatmap_cell_highlighted(self, message: Heatmap.CellHighlighted) -> None:
        self.said.append(("highlighted", message.row, message.column))

    def on_heatmap_cell_chosen(self, message: Heatmap.CellChosen) -> None:
        self.said.append(("chosen", message.row, message.column))


def screen_lines(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("palette", [DARK, MONO])
async def test_ten_classes_are_all_seen_and_the_cursor_without_colour(palette: Palette) -> None:
    app = HeatmapApp(palette=palette)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "right", "right")
        await pilot.pause()
        lines = screen_lines(app)
        assert all(name[:4] in lines[0] for name in NAMES)
        assert [line.split()[0] for line in lines[1:11]] == [name.split()[0] for name in NAMES]
        assert "12]" in lines[2]
        assert [line.count("[") for line in lines[1:10]] == [0, 1, 0, 0, 0, 0, 0, 0, 0]
        assert "Trouser taken for Pullover: 12 of 145 (8.3 %)" in lines[11]


async def test_keys_walk_within_the_matrix_and_enter_chooses() -> None:
    app = HeatmapApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("up", "left", "down", "end", "right", "home", "pagedown", "enter")
    assert app.said == [
        ("highlighted", 1, 0),
        ("highlighted", 1, 9),
        ("highlighted", 1, 0),
        ("highlighted", 9, 0),
        ("chosen", 9, 0),
    ]


async def test_a_click_highlights_and_a_double_click_chooses() -> None:
    app = HeatmapApp()
    async with app.run_test(size=(80, 24)) as pilot:
        line = screen_lines(app)[4]
        await pilot.click(Heatmap, offset=(line.index(" 34") + 1, 4))
        assert app.said == [("highlighted", 3, 4)]
        await pilot.click(Heatmap, offset=(line.index(" 37") + 1, 4), times=2)
        assert app.said[1:] == [("highlighted", 3, 7), ("chosen", 3, 7)]
        await pilot.click(Heatmap, offset=(2, 4))
        await pilot.click(Heatmap, offset=(40, 0))
        assert len(app.said) == 3


async def test_what_is_drawn_after_moving_is_what_would_be_drawn_afresh() -> None:
    app = HeatmapApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "right", "up")
        await pilot.pause()
        moved = screen_lines(app)
        app.heatmap.refresh()
        await pilot.pause()
        assert screen_lines(app) == moved
        assert [line.count("[") for line in moved[1:4]] == [0, 1, 0]


async def test_a_hundred_classes_scroll_with_the_cursor() -> None:
    app = HeatmapApp(100)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("end", *["pagedown"] * 6)
        await pilot.pause()
        lines = screen_lines(app)
        assert app.heatmap.cursor == (99, 99)
        assert any("[9999]" in line for line in lines)
        assert any("100 classes" in line for line in lines)


async def test_new_counts_leave_the_cursor_where_it_is_or_as_near_as_can_be() -> None:
    app = HeatmapApp()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "down")
        app.heatmap.show([[1, 2], [3, 4]], ["a", "b"])
        await pilot.pause()
        assert app.heatmap.cursor == (1, 0)
        app.heatmap.show([], [])
        await pilot.pause()
        await pilot.press("down", "enter", "end")
        assert "no counts yet" in screen_lines(app)[0]
