"""Templates, the large picture and the bars fill what they are given."""

import math

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.widget import Widget

from tests.widgets.ascii_terminal import in_ascii_terminal
from tui.drawing.bars import Bar
from tui.drawing.palette import DARK, MONO
from tui.widgets.bars import Bars
from tui.widgets.picture_view import Image, PictureView, SignedImage
from tui.widgets.signed import SignedPaint
from tui.widgets.signed_scale import range_lines, scale_lines
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


@pytest.mark.parametrize("width", [120, 160])
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
        assert templates.cursor == 29
        shown = "\n".join(screen_lines(pilot.app))
        assert "c29" in shown
        assert f"{31 - templates.shown} to 30 of 30" in shown


async def test_in_a_terminal_of_80_columns_they_are_28_pixels_wide_and_the_others_are_paged() -> None:
    templates = Templates()
    templates.styles.height = 15
    async with OneWidget(templates).run_test(size=(80, 24)) as pilot:
        templates.show(WEIGHTS, NAMES, 28, 28)
        templates.focus()
        await pilot.pause()
        assert templates.shown == 2
        assert screen_lines(pilot.app)[14].split()[:2] == NAMES[:2]
        await pilot.press("right", "right")
        await pilot.pause()
        assert screen_lines(pilot.app)[14].split()[:2] == NAMES[1:3]


async def test_a_scale_says_which_side_is_positive() -> None:
    templates = Templates()
    async with OneWidget(templates).run_test(size=(120, 24)) as pilot:
        templates.show([[-0.5] * 392 + [0.25] * 392], ["one"], 28, 28)
        await pilot.pause()
        scale = next(line for line in templates._strips if "positive" in line.text)
        backgrounds = [segment.style.bgcolor.triplet for segment in scale if segment.style and segment.style.bgcolor]
        negative, positive = DARK["negative"], DARK["positive"]
        assert scale.text.startswith(" negative −0.500 ")
        assert backgrounds.index(negative) < backgrounds.index(positive)


async def test_enter_enlarges_the_chosen_one_with_its_range_and_escape_leads_back() -> None:
    templates = Templates()
    templates.styles.height = 15
    async with OneWidget(templates).run_test(size=(80, 24)) as pilot:
        templates.show([[-0.25, 0.125, math.nan, 0.0] * 196, [0.5, -1.5] * 392], ["first", "second"], 28, 28)
        templates.focus()
        await pilot.press("right", "enter")
        await pilot.pause()
        shown = "\n".join(screen_lines(pilot.app))
        assert "from −1.50" in shown
        assert "to +0.500" in shown
        assert "first" not in shown
        await pilot.press("left")
        await pilot.pause()
        shown = "\n".join(screen_lines(pilot.app))
        assert "from −0.250" in shown
        assert "196 not finite" in shown
        assert "+0.250 positive" in shown
        await pilot.press("escape")
        await pilot.pause()
        assert "second" in "\n".join(screen_lines(pilot.app))


async def test_without_pictures_enter_and_escape_are_left_to_the_pane() -> None:
    templates = Templates()
    async with OneWidget(templates).run_test(size=(80, 24)) as pilot:
        templates.focus()
        await pilot.press("enter")
        assert not templates.large
        assert not templates.check_action("enlarge", (False,))


@pytest.mark.parametrize(("term", "blocks"), [("screen-256color", "▀"), ("xterm-16color", "▓█")])
async def test_with_few_colours_only_two_hues_are_asked_for(
    term: str, blocks: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", term)
    templates = Templates()
    async with OneWidget(templates).run_test(size=(120, 24)) as pilot:
        templates.show([[math.sin(index / 40) for index in range(784)]], ["one"], 28, 28)
        await pilot.pause()
        strips = templates._strips[:5]
        assert set(blocks) <= set("".join(strip.text for strip in strips))
        system = pilot.app.console._color_system
        assert system is not None
        for strip in strips:
            for _, style, _ in strip:
                for color in (style.color, style.bgcolor) if style else ():
                    red, _, blue = color.downgrade(system).get_truecolor() if color else (0, 0, 0)
                    asked = color.get_truecolor() if color else (0, 0, 0)
                    assert (red > blue) == (asked[0] > asked[2]), "what is shown has the sign of what was asked for"


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


def test_a_scale_names_its_positive_end_above_and_its_negative_end_below() -> None:
    lines = [
        "".join(part.text for part in line) for line in scale_lines(0.25, SignedPaint(MONO, "true"), Style(), ["a"], 12)
    ]
    assert [line for line in lines if "0.25" in line] == [lines[0], lines[6]]
    assert "+0.250 positive" in lines[0]
    assert "−0.250 negative" in lines[6]
    assert lines[0].strip().startswith("#")
    assert lines[6].strip().startswith("=")
    assert len(lines) == 12


def test_the_range_of_a_picture_counts_what_is_not_finite() -> None:
    assert range_lines([-1.0, 0.5, math.nan, math.inf]) == ["from −1.00", "to +0.500", "2 not finite"]
    assert range_lines([math.nan]) == ["1 not finite"]
