"""A gallery can be walked with keys and mouse, and says where it leads."""

from typing import Any

import pytest
from textual.app import App, ComposeResult

from tests.widgets.ascii_terminal import in_ascii_terminal
from tui.drawing.palette import MONO
from tui.widgets.picture_grid import Caption, CaptionedPicture, PictureGrid


def picture(number: int, caption: str | None = None) -> CaptionedPicture:
    pixels = bytes((number * 37 + index * 11) % 256 for index in range(784))
    return CaptionedPicture(pixels, 28, 28, (Caption(caption or f"true {number}", "right"), Caption("said 9", "wrong")))


class GridApp(App[None]):
    """Keeps what the grid says."""

    def __init__(self, count: int = 8, **options: Any) -> None:
        super().__init__()
        self.count = count
        self.options = options
        self.said: list[tuple[str, int]] = []

    def compose(self) -> ComposeResult:
        yield PictureGrid(**self.options)

    def on_mount(self) -> None:
        grid = self.query_one(PictureGrid)
        grid.show([picture(number) for number in range(self.count)])
        grid.focus()

    def on_picture_grid_highlighted(self, message: PictureGrid.Highlighted) -> None:
        self.said.append(("highlighted", message.index))

    def on_picture_grid_opened(self, message: PictureGrid.Opened) -> None:
        self.said.append(("opened", message.index))

    def on_picture_grid_page_wanted(self, message: PictureGrid.PageWanted) -> None:
        self.said.append(("page", message.direction))

    def on_picture_grid_capacity_changed(self, message: PictureGrid.CapacityChanged) -> None:
        self.said.append(("capacity", message.capacity))


def screen_lines(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def test_the_arrow_keys_walk_and_the_ends_ask_for_another_page() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        grid = app.query_one(PictureGrid)
        assert (grid.columns, grid.rows, grid.capacity) == (4, 2, 8)
        app.said.clear()
        await pilot.press("right", "down", "end", "right", "down", "pagedown", "home", "left", "up", "pageup", "enter")
    assert app.said == [
        ("highlighted", 1),
        ("highlighted", 5),
        ("highlighted", 7),
        ("page", 1),
        ("page", 1),
        ("page", 1),
        ("highlighted", 0),
        ("page", -1),
        ("page", -1),
        ("page", -1),
        ("opened", 0),
    ]


async def test_a_small_terminal_gets_smaller_pictures_and_says_how_many() -> None:
    app = GridApp()
    async with app.run_test(size=(80, 20)) as pilot:
        grid = app.query_one(PictureGrid)
        assert grid.capacity >= 8
        assert ("capacity", grid.capacity) in app.said
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert app.said[-1] == ("capacity", grid.capacity)
        assert grid.picture_size == (14, 28)


@pytest.mark.parametrize(("width", "height"), [(80, 17), (80, 16), (57, 34), (120, 34), (80, 11)])
async def test_no_rows_are_left_where_pictures_would_fit_or_could_be_larger(width: int, height: int) -> None:
    app = GridApp(count=60)
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        lines = screen_lines(app)
        grid = app.query_one(PictureGrid)
        empty = max(len(run) for run in "".join("." if line.strip() else " " for line in lines).split("."))
        assert empty <= 2
        assert grid.capacity >= (8 if height > 11 else 1)


async def test_captions_are_not_cut_off_where_fewer_pictures_are_wanted() -> None:
    app = GridApp(wanted=2)
    async with app.run_test(size=(120, 14)) as pilot:
        await pilot.pause()
        assert "said 9" in "\n".join(screen_lines(app))


async def test_captions_have_the_width_that_pictures_leave() -> None:
    app = GridApp()
    async with app.run_test(size=(78, 17)) as pilot:
        grid = app.query_one(PictureGrid)
        name = "n" * grid.caption_size[1]
        assert len(name) > grid.picture_size[1]
        grid.show([picture(number, name) for number in range(8)])
        await pilot.pause()
        assert sum(line.count(name) for line in screen_lines(app)) == 8


async def test_a_click_moves_the_cursor_and_a_double_click_opens() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        app.said.clear()
        await pilot.click(PictureGrid, offset=(35, 20))
        assert app.said == [("highlighted", 5)]
        await pilot.click(PictureGrid, offset=(65, 3), times=2)
        assert app.said[1:] == [("highlighted", 2), ("opened", 2)]
    app = GridApp(count=7)
    async with app.run_test(size=(120, 34)) as pilot:
        app.said.clear()
        await pilot.click(PictureGrid, offset=(119, 33))
        assert app.said == []


async def test_the_cursor_is_seen_without_colour() -> None:
    app = in_ascii_terminal(GridApp(palette=MONO))
    async with app.run_test(size=(120, 34)) as pilot:
        assert screen_lines(app)[14].index("|true 0") == 0
        await pilot.press("right")
        await pilot.pause()
        line = screen_lines(app)[14]
        assert line.index("|true 1") == 30
        assert line.count("|") == 1


async def test_styles_switch_and_ascii_only_wins() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        grid = app.query_one(PictureGrid)
        seen, ramp = [], [""]
        for style in ("ascii", "half", "braille"):
            grid.pixel_style = style
            await pilot.pause()
            seen.append("".join(screen_lines(app)))
            ramp = screen_lines(app) if style == "ascii" else ramp
        assert "▀" not in seen[0]
        assert "▀" in seen[1]
        assert any(0x2800 < ord(character) < 0x2900 for character in seen[2])
    app = in_ascii_terminal(GridApp())
    async with app.run_test(size=(120, 34)) as pilot:
        for style in ("ascii", "half", "braille"):
            app.query_one(PictureGrid).pixel_style = style
            await pilot.pause()
            assert "".join(screen_lines(app)).isascii()
            assert [line[1:29] for line in screen_lines(app)][:14] == [line[1:29] for line in ramp][:14]


async def test_more_pictures_than_fit_scroll_with_the_cursor() -> None:
    app = GridApp(count=20)
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        shown = "\n".join(screen_lines(app))
        assert "true 19" in shown
        assert "true 0 " not in shown
        await pilot.press("pageup", "pageup")
        await pilot.pause()
        assert "true 3 " in "\n".join(screen_lines(app))


async def test_the_cursor_stays_in_sight_when_the_terminal_shrinks() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        await pilot.press("end")
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert any("▌true 7" in line for line in screen_lines(app))


async def test_captions_are_shown_as_they_are_and_cut() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        app.query_one(PictureGrid).show([picture(0, "[/]\x1b[31m日本" + "x" * 60)])
        await pilot.pause()
        assert screen_lines(app)[14].startswith("▌[/]\\x1b[31m日本xxx")
        assert "…" in screen_lines(app)[14]


async def test_no_pictures_are_a_sentence_and_no_trouble() -> None:
    app = GridApp(count=0, empty="Nothing is wrong here.")
    async with app.run_test(size=(80, 20)) as pilot:
        app.said.clear()
        assert "Nothing is wrong here." in screen_lines(app)[0]
        await pilot.press("enter", "home", "end")
        await pilot.click(PictureGrid, offset=(3, 3))
        assert app.said == []


async def test_an_example_without_a_picture_still_has_its_caption() -> None:
    app = GridApp()
    async with app.run_test(size=(120, 34)) as pilot:
        app.query_one(PictureGrid).show([CaptionedPicture(b"", 28, 28, (Caption("no picture"),))])
        await pilot.pause()
        assert "no picture" in screen_lines(app)[14]


async def test_what_is_in_sight_begins_with_the_first_row_that_is_drawn() -> None:
    app = GridApp(count=40)
    async with app.run_test(size=(120, 34)) as pilot:
        grid = app.query_one(PictureGrid)
        assert grid.in_view == range(8)
        await pilot.press("end")
        assert grid.in_view == range(32, 40)
        assert "true 32" in "\n".join(screen_lines(app))
        assert "true 31" not in "\n".join(screen_lines(app))


async def test_a_click_right_of_the_pictures_means_none_of_the_next_row() -> None:
    app = GridApp()
    async with app.run_test(size=(122, 34)) as pilot:
        assert app.query_one(PictureGrid).columns == 4
        app.said.clear()
        await pilot.click(PictureGrid, offset=(121, 3))
        assert app.said == []
