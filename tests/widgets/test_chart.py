"""A chart sends what changed and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.geometry import Region

from tests.widgets.ascii_terminal import in_ascii_terminal
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.palette import DARK, LIGHT, MONO
from tui.widgets.chart import Chart


def spec(last: float = 1.0, label: str = "loss") -> ChartSpec:
    cells = points([*((x, 1.0 + x % 3) for x in range(20)), (20, last)])
    return ChartSpec((Series(label, cells),), x_range=(0, 20), y_range=(0, 5))


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        with Vertical():
            yield Chart(spec())


@contextmanager
def refreshed(chart: Chart) -> Iterator[list[Region]]:
    """The regions that the chart asks to be drawn again; the whole of it as one region."""
    regions: list[Region] = []
    refresh = chart.refresh

    def record(*changed: Region, **options: bool) -> Chart:
        regions.extend(changed or [chart.size.region])
        return refresh(*changed, **options)

    with patch.object(chart, "refresh", record):
        yield regions


def screen_text(app: App[None]) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_the_same_picture_refreshes_nothing() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        chart = pilot.app.query_one(Chart)
        with refreshed(chart) as regions:
            chart.show(spec())
            # Equal to look at, not equal as data: half a thousandth moves no dot.
            chart.show(spec(1.0005))
        assert regions == []


async def test_a_new_point_refreshes_the_stretch_around_it() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        chart = pilot.app.query_one(Chart)
        with refreshed(chart) as regions:
            chart.show(spec(4.9))
        assert regions
        assert all(region.height == 1 and region.x > 40 for region in regions)
        await pilot.pause()
        shown = screen_text(pilot.app)
    async with ChartApp().run_test(size=(60, 15)) as fresh:
        fresh.app.query_one(Chart).show(spec(4.9))
        await fresh.pause()
        assert screen_text(fresh.app) == shown


async def test_a_hidden_chart_is_built_when_it_is_seen_again() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        chart = pilot.app.query_one(Chart)
        container = pilot.app.query_one(Vertical)
        container.display = False
        await pilot.pause()
        with patch("tui.widgets.chart.chart_lines", side_effect=AssertionError("built while hidden")):
            chart.show(spec(label="validation"))
            await pilot.pause()
        container.display = True
        await pilot.pause()
        assert "validation" in screen_text(pilot.app)


async def test_a_new_size_builds_a_new_chart() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        lines = screen_text(pilot.app).splitlines()
        assert lines[-2].count("─") > 80


async def test_a_theme_changes_colours_without_building_again() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        chart = pilot.app.query_one(Chart)
        before = screen_text(pilot.app)
        for palette in (LIGHT, MONO, DARK):
            chart.palette = palette
            await pilot.pause()
            assert screen_text(pilot.app) == before
        with patch("tui.widgets.chart.chart_lines", side_effect=AssertionError("built again")):
            pilot.app.theme = "textual-light"
            await pilot.pause()
        assert screen_text(pilot.app) == before


async def test_ascii_only_leaves_nothing_else_on_the_screen() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        assert not screen_text(pilot.app).isascii()
    async with in_ascii_terminal(ChartApp()).run_test(size=(60, 15)) as pilot:
        assert screen_text(pilot.app).isascii()
        assert "**" in screen_text(pilot.app)  # the line has a sign of its own


async def test_a_label_with_markup_or_wide_letters_is_shown_as_it_is() -> None:
    async with ChartApp().run_test(size=(60, 15)) as pilot:
        chart = pilot.app.query_one(Chart)
        chart.show(spec(label="[/red]日本"))
        await pilot.pause()
        chart.show(spec(label="[/red]日x本"))
        await pilot.pause()
        assert "[/red]日x本" in screen_text(pilot.app)
