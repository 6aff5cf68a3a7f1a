"""The view Sets: what it asks and when, where its keys lead, its pictures, and the command that says the same."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from textual.events import Key

from engine.contract.commands import Command, MoveThreshold, ShowDecision, ShowImages, ShowSets
from engine.contract.wire import Reply
from tests.app.at_rest import at_rest
from tests.decide.test_pane import HOSTILE, FilesEngine, keys, opened, predictions
from tests.mistakes.test_pane import screen_text
from tui.cli.main import main
from tui.widgets.field import Field
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return predictions(tmp_path / "p.npz")


@pytest.fixture
def engine(tmp_path: Path) -> FilesEngine:
    return FilesEngine(tmp_path)


def asked(engine: FilesEngine) -> list[tuple[float, str]]:
    return [(one.level, one.method) for one in engine.asked if isinstance(one, ShowSets)]


async def test_sets_are_asked_for_once_their_view_is_in_front(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file, (80, 24)) as (pilot, pane):
        assert asked(engine) == []
        await keys(pilot, "n")
        assert asked(engine) == [(0.9, "lac")]
        view = pane.model_query.sets.view
        assert view is not None
        words = " ".join(screen_text(pilot).split())
        assert f"At a level of 90% the true class is in {view.coverage:.1%} of the sets (between" in words
        assert "calibrated on 250, judged on 250 images (seed 0)" in words
        assert "│" in screen_text(pilot)
        assert "classes images covered" in words
        await keys(pilot, "t", "right", "n")
        assert asked(engine) == [(0.9, "lac")]  # a moved threshold changes no set
        assert sum(isinstance(command, MoveThreshold) for command in engine.asked) == 1
        # In a small terminal classes and pictures take turns.
        assert "true class" in screen_text(pilot).split("judged")[1].split("classes images")[0]
        assert not any(isinstance(command, ShowImages) for command in engine.asked)
        await keys(pilot, "m")
        assert "truly" in screen_text(pilot)
        assert pilot.app.focused is pane.board.sets.gallery
        await keys(pilot, "m", "right")
        assert pane.model_query.sets.question.level == 0.91


async def test_arrows_and_typing_move_the_level_and_nothing_else(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "n", "right", "shift+left", "left", "pageup")
        assert asked(engine) == [(0.9, "lac"), (0.91, "lac"), (0.9, "lac"), (0.89, "lac"), (0.9, "lac")]
        await keys(pilot, "e", "ctrl+u", *"0.5", "enter")
        view = pane.model_query.sets.view
        assert view is not None
        assert (view.level, pane.query_one("#field-level", Field).text) == (0.5, "0.5")
        assert "At a level of 50%" in screen_text(pilot)
        assert pilot.app.focused is pane
        assert len(engine.decisions()) == 1
        before = asked(engine)
        await keys(pilot, "e", "ctrl+u", *"2", "enter")
        assert "found '2', expected a number" in screen_text(pilot)
        assert asked(engine) == before
        await keys(pilot, "escape")
        for _ in range(20):  # faster than answers
            pilot.app.post_message(Key("left", None))
        await at_rest(pilot)
        assert pane.model_query.sets.question.level == 0.3
        assert pane.model_query.sets.settled
        assert "At a level of 30%" in screen_text(pilot)


async def test_b_goes_through_the_methods_from_wherever_it_is_pressed(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, _):
        await keys(pilot, "b")
        assert asked(engine) == [(0.9, "lac")]  # it only leads there
        for words in ("b: class-conditional", "b: APS", "b: LAC"):
            await keys(pilot, "b")
            assert words in screen_text(pilot)
        await pilot.click("#method")
        await at_rest(pilot)
        assert "each class from a probability of its own" in screen_text(pilot)
        assert [method for _, method in asked(engine)] == [
            "lac",
            "class-conditional",
            "aps",
            "lac",
            "class-conditional",
        ]


async def test_another_source_is_asked_for_its_own_sets(engine: FilesEngine, file: Path, tmp_path: Path) -> None:
    other = predictions(tmp_path / "another.npz")
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "n")
        first = pane.model_query.sets.view
        pane.look_at(str(other))
        await at_rest(pilot)
        assert len(asked(engine)) == 2
        second = pane.model_query.sets.view
        assert second is not None
        assert second != first
        pane.model_query.refresh()  # the model has moved on
        pane._fetch()
        await at_rest(pilot)
        assert len(asked(engine)) == 3


async def test_a_refused_question_is_asked_again_once_the_level_is_another(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, _):
        engine.refusal = "there is no room"
        await keys(pilot, "n")
        assert "! there is no room" in screen_text(pilot)
        assert "The sets are being computed." in screen_text(pilot)
        engine.refusal = ""
        await keys(pilot, "right")
        assert "At a level of 91%" in screen_text(pilot)


async def test_sets_of_other_classes_than_the_decision_are_refused_in_one_line(
    engine: FilesEngine, file: Path, tmp_path: Path
) -> None:
    other = FilesEngine(tmp_path / "other")
    await other.ask(ShowDecision(source=str(predictions(tmp_path / "four.npz", names=("a", "b", "c", "d")))))
    theirs = await other.ask(ShowSets())

    async def mixed_up(command: Command) -> Reply:
        return theirs if isinstance(command, ShowSets) else await ask(command)

    ask, engine.ask = engine.ask, mixed_up  # type: ignore[method-assign]
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "n")
        assert "! sets: found 4 classes, expected 3" in screen_text(pilot)
        assert pane.model_query.sets.view is None


async def test_images_with_sets_of_each_size_are_looked_at(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "n")
        view = pane.model_query.sets.view
        assert view is not None
        grid = pane.board.sets.query_one(PictureGrid)
        assert len(grid._pictures) == len(view.images)
        for row, size in enumerate((0, 1, 2), start=1):
            await keys(pilot, "down")
            assert pane.board.sets.query_one("#sizes", RowList).cursor == row
            wanted = [image for image in view.images if image.size == size]
            assert len(grid._pictures) == len(wanted)
            for picture, image in list(zip(grid._pictures, wanted, strict=True))[: grid.capacity]:
                names = (
                    "no class" if not size else ", ".join(("healthy", "cold", "plague")[one] for one in image.labels)
                )
                assert picture.captions[0].text == names
                assert picture.captions[1].text.startswith("+ truly" if image.covered else "- truly")
        assert any(isinstance(command, ShowImages) for command in engine.asked)
        await keys(pilot, "up", "up", "up")
        assert len(grid._pictures) == len(view.images)
        await keys(pilot, "m", "end")
        assert pilot.app.focused is grid
        assert pane.model_query.sets.cursor == len(view.images) - 1
        assert pane.model_query.cursor == 0  # that of Costs
        await keys(pilot, "escape")
        assert pilot.app.focused is pane


async def test_a_file_without_pictures_has_a_table_instead(engine: FilesEngine, tmp_path: Path) -> None:
    bare = predictions(tmp_path / "bare.npz", pictures=False)
    async with opened(engine, bare, (80, 24)) as (pilot, pane):
        await keys(pilot, "n", "m")
        assert pilot.app.focused is pane.board.sets.gallery
        assert "index set" in screen_text(pilot)
        await keys(pilot, *["pagedown"] * 4)
        assert pane.model_query.sets.cursor > 20
        assert "..." not in screen_text(pilot)


async def test_names_from_outside_reach_the_screen_as_text(engine: FilesEngine, tmp_path: Path) -> None:
    file = predictions(tmp_path / "h.npz", names=HOSTILE)
    async with opened(engine, file, (80, 24)) as (pilot, _):
        await keys(pilot, "n", "m", "down", "b")
        text = screen_text(pilot)
        assert "\x1b" not in text
        assert "[/b]\\x1b[2J" in text


async def test_many_classes_find_room_and_the_rest_is_counted(engine: FilesEngine, tmp_path: Path) -> None:
    file = predictions(tmp_path / "m.npz", names=tuple(f"kind {number}" for number in range(60)))
    async with opened(engine, file, (80, 24)) as (pilot, pane):
        await keys(pilot, "n")
        text = screen_text(pilot)
        assert " more classes" in text
        shown = sum(line.startswith(" kind ") for line in text.splitlines())
        assert f"and {60 - shown} more classes" in text
        assert "51–60" in text or "21–50" in text
        assert pane.offer is not None
        assert pane.offer.line()[:20] in " ".join(text.split())


async def test_the_copied_command_says_the_same(
    engine: FilesEngine, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with opened(engine, file) as (pilot, pane):
        assert "--level" not in pane.headless_command()
        await keys(pilot, "n", "b", "left", "left")
        view = pane.model_query.sets.view
        assert view is not None
        command = shlex.split(pane.headless_command())
    assert command[-4:] == ["--level", "0.88", "--sets", "class-conditional"]
    assert main([*command[1:], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["views"]["sets"]
    assert (found["level"], found["method"], found["covered"]) == (0.88, "class-conditional", view.covered)
    assert [one["coverage"] for one in found["classes"]] == [one.coverage for one in view.classes]
    assert [one["images"] for one in found["sizes"]] == [one.images for one in view.sizes]


# The command


def test_the_command_prints_a_section_with_the_figures_of_its_json(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decide", str(file), "--level", "0.8", "--sets", "aps", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["views"]["sets"]
    assert main(["decide", str(file), "--level", "0.8", "--sets", "aps"]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "Sets: labels that hold the true class 80% of the time" in words
    assert f"until their sum exceeds {found['quantile']:.4g}" in words
    assert f"true class in {found['coverage']:.1%} of the sets" in words
    assert f"At a level of 80% the true class is in {found['coverage']:.1%} of the sets" in words
    for one in found["sizes"]:
        assert f"{one['size']} {one['images']} {one['covered'] / one['images']:.1%}" in words
    for name, one in zip(("healthy", "cold", "plague"), found["classes"], strict=True):
        assert f"{name} {one['coverage']:.1%}" in words


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (("--level", "1.5"), "--level: found '1.5', expected a number at least 0, at most 1"),
        (("--level", "nan"), "--level: found 'nan', expected a number"),
        (("--sets", "raps"), "--sets: found 'raps', expected lac, class-conditional, aps"),
        (("--sets", "\x1b[2J"), "--sets: found '\\x1b[2J', expected lac"),
    ],
)
def test_bad_input_is_one_line_before_anything_is_read(
    flags: tuple[str, str], line: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decide", str(file), *flags]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert line in err


def test_where_nothing_can_be_calibrated_json_has_null_and_people_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np

    file = tmp_path / "few.npz"
    np.savez(file, probabilities=np.full((10, 2), 0.5), labels=np.arange(10) % 2)
    assert main(["decide", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["views"]["sets"]
    assert found["quantile"] is None
    assert found["sizes"] == [{"size": 2, "images": 5, "covered": 5}]
    assert main(["decide", str(file)]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "A level of 90% needs 9 calibrating images. There are fewer, so each set has all 2 classes." in words
