"""Templates, the large picture and the bars fill what they are given."""

import math

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.widgets.ascii_terminal import in_ascii_terminal
from tui.drawing.bars import Bar
from tui.drawing.palette import DARK, MONO
from tui.widgets.bars import Bars
from tui.widgets.picture_view import Image, PictureView, SignedImage
from tui.widgets.templates import Templates


class OneWidget(App[None]):
    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self.widget = widget

    def compose(self) -> ComposeResult:
        yield self.widget


def screen_lines(app: App[None]) -> list[str]:
    return [strip.text for strip in app.screen._compositor.render_strips()]


WEIGHTS = [[math.sin(index / 40 + number) for index in range(784)] for number in range(10)]
NAMES = [f"class{number}" for number in range(10)]


@pytest.mark.parametrize("width", [80, 120, 160])
async def test_ten_templates_share_the_width_with_their_labels(width: int) -> None:
    templates = Templates()
    async with OneWidget(templates).run_test(size=(width, 24)) as pilot:
        templates.show(WEIGHTS, NAMES, 28, 28)
        await pilot.pause()
        lines = screen_lines(pilot.app)
        labels = next(line for line in lines if "class0" in line)
        assert labels.split() == NAMES
        assert all("▀" in line for line in lines[: lines.index(labels)])


async def test_templates_without_colours_are_signs() -> None:
    templates = Templates(palette=MONO)
    async with in_ascii_terminal(OneWidget(templates)).run_test(size=(80, 24)) as pilot:
        templates.show(WEIGHTS, NAMES, 28, 28)
        await pilot.pause()
        shown = "".join(screen_lines(pilot.app))
        assert shown.isascii()
        assert set("#+=-") <= set(shown)


async def test_more_templates_than_fit_are_reached_with_the_arrow_keys() -> None:
    templates = Templates()
    async with OneWidget(templates).run_test(size=(80, 24)) as pilot:
        templates.show(WEIGHTS * 3, [f"c{number}" for number in range(30)], 28, 28)
        templates.focus()
        await pilot.press("left", *["right"] * 40)
        await pilot.pause()
        assert templates.first == 30 - templates.shown
        shown = "\n".join(screen_lines(pilot.app))
        assert "c29" in shown
        assert "of 30" in shown


async def test_weights_that_are_not_finite_are_drawn_as_unknown() -> None:
    templates = Templates(palette=MONO)
    async with OneWidget(templates).run_test(size=(80, 24)) as pilot:
        templates.show([[math.nan] * 784], ["broken"], 28, 28)
        await pilot.pause()
        assert "???" in "".join(screen_lines(pilot.app))


async def test_no_weights_are_a_sentence() -> None:
    async with OneWidget(Templates()).run_test(size=(80, 24)) as pilot:
        assert "no weights yet" in screen_lines(pilot.app)[0]


async def test_the_large_picture_fills_its_height_undistorted() -> None:
    view = PictureView(palette=DARK, pixel_style="ascii")
    async with OneWidget(view).run_test(size=(80, 29)) as pilot:
        view.show(Image(bytes([255] * 784), 28, 28), "[/] Shirt")
        await pilot.pause()
        lines = screen_lines(pilot.app)
        assert lines[0].rstrip() == "[/] Shirt"
        assert {line.rstrip() for line in lines[1:]} == {"@" * 56}


async def test_evidence_is_drawn_against_its_limit() -> None:
    view = PictureView(palette=MONO)
    async with in_ascii_terminal(OneWidget(view)).run_test(size=(8, 3)) as pilot:
        view.show(SignedImage([1.0, -1.0] * 2, 2, 2))
        await pilot.pause()
        assert screen_lines(pilot.app)[1].rstrip() == "##=="
        view.show(SignedImage([1.0, -1.0] * 2, 2, 2, limit=3.0))
        await pilot.pause()
        assert screen_lines(pilot.app)[1].rstrip() == "++--"
        view.show(None, "no picture")
        await pilot.pause()
        assert screen_lines(pilot.app)[0].rstrip() == "no pict…".replace("…", "~")


async def test_bars_follow_size_and_content() -> None:
    bars = Bars()
    async with OneWidget(bars).run_test(size=(50, 6)) as pilot:
        bars.show([Bar(f"class{number}", number / 45, "true" if number == 3 else "") for number in range(10)], 1.0)
        await pilot.pause()
        assert "true" in screen_lines(pilot.app)[3]
        assert "5 more" in screen_lines(pilot.app)[5]
        await pilot.resize_terminal(50, 12)
        await pilot.pause()
        assert "class9" in screen_lines(pilot.app)[9]
