"""The pane Decide: what it asks, what it shows, and where its keys lead."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from msgspec.structs import replace
from textual.events import Key
from textual.pilot import Pilot

from engine.contract.answers import RunsListed, RunSummary
from engine.contract.commands import Command, ListRuns, MoveThreshold, ShowDecision, ShowImages
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Ready
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.run_state import RunState
from engine.contract.stories import CHEST, RETINA
from engine.contract.wire import Reply
from engine.jobs.recorded_run import Places, Session
from engine.processes.client import EngineGone
from engine.worker.answers import Answers
from tests.app.at_rest import at_rest
from tests.app.sizes import at_each
from tests.mistakes.scripted import READY, dataset_of, live_run, stored_run
from tests.mistakes.test_pane import screen_text
from tests.pane.host import Host
from tui.cli.main import main
from tui.decide.cost_grid import CostGrid
from tui.decide.pane import DecidePane
from tui.decide.scenario import TWO_PRICES, CostChoice
from tui.pane.base import DisplayOptions
from tui.pane.engine_link import EngineLink
from tui.pane.live_run import LiveRun
from tui.widgets.entry import Entry
from tui.widgets.field import Field
from tui.widgets.picture_grid import PictureGrid
from tui.widgets.row_list import RowList

HOSTILE = ("[/b]\x1b[2J", "مرحبا\u202e👩‍👩‍👧", "\x00\n\t{}")
SIZES = [(80, 24), (120, 40), (160, 50)]


def predictions(path: Path, names: tuple[str, ...] = ("healthy", "cold", "plague"), pictures: bool = True) -> Path:
    """500 images; a file of any name has the same labels, and logits of its own."""
    labels = np.random.default_rng(9).integers(0, len(names), 500)
    random = np.random.default_rng(len(path.name))
    logits = random.normal(0, 1.5, (500, len(names)))
    logits[np.arange(500), labels] += 1.5
    images: dict[str, Any] = {"images": random.integers(0, 256, (500, 6, 6), dtype=np.uint8)} if pictures else {}
    np.savez(path, logits=logits, labels=labels, label_names=np.array(names), **images)
    return path


class FilesEngine:
    """Answers from the engine's own analysis of predictions files; a run's id stands for one of them."""

    judged = None

    def __init__(self, folder: Path, **runs: Path) -> None:
        self._answers = Answers(Session(Places(folder / "data", folder / "store")))
        self._files = {run_id: str(path) for run_id, path in runs.items()}
        self.runs: tuple[RunSummary, ...] = ()
        self.asked: list[Command] = []
        self.refusal = ""
        self.ready: Ready | None = READY
        self.gone: EngineGone | None = None

    async def ask(self, command: Command) -> Reply:
        self.asked.append(command)
        if self.gone is not None:
            raise self.gone
        if isinstance(command, ListRuns):
            return RunsListed(0, self.runs)
        if self.refusal:
            raise InputError(self.refusal)
        if isinstance(command, ShowDecision):
            members = tuple(self._files.get(member, member) for member in command.members)
            command = replace(command, source=self._files.get(command.source, command.source), members=members)
        return cast(Reply, list(self._answers.to(command, None))[-1])

    def decisions(self) -> list[ShowDecision]:
        return [command for command in self.asked if isinstance(command, ShowDecision)]


@asynccontextmanager
async def opened(
    engine: FilesEngine, file: Path | None, size: tuple[int, int] = (120, 40), options: DisplayOptions | None = None
) -> AsyncIterator[tuple[Pilot[None], DecidePane]]:
    options = options or DisplayOptions(opened="" if file is None else str(file))
    pane = DecidePane(cast(EngineLink, engine), options, LiveRun())
    async with Host(pane, options.ascii_only).run_test(size=size) as pilot:
        pane.redraw()
        pane.shown()
        pane.focus()
        await at_rest(pilot)
        yield pilot, pane


async def keys(pilot: Pilot[None], *names: str) -> None:
    await pilot.press(*names)
    await at_rest(pilot)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return predictions(tmp_path / "p.npz")


@pytest.fixture
def engine(tmp_path: Path) -> FilesEngine:
    return FilesEngine(tmp_path)


# The scenario and the threshold


async def at_each_size(pilot: Pilot[None]) -> AsyncIterator[tuple[int, int]]:
    """The app was opened at the first of them."""
    async for size in at_each(pilot, *SIZES):
        await at_rest(pilot)
        yield size


async def test_it_opens_on_a_disease_that_must_not_be_missed_and_every_view_says_what_to_try_next(
    engine: FilesEngine, file: Path
) -> None:
    async with opened(engine, file, SIZES[0]) as (pilot, pane):
        decision = pane.model_query.decision
        assert decision is not None
        likely = decision.costs.most_likely[2]
        assert engine.decisions() == [ShowDecision(source=str(file))]
        async for size in at_each_size(pilot):
            text = screen_text(pilot)
            assert "Imagine plague is a disease. The most likely label misses" in " ".join(text.split()), size
            assert f"The most likely label misses {likely.missed}" in " ".join(text.split()), size
            assert "Next (g): a takes the threshold" in text, size
            assert not isinstance(pilot.app.focused, Entry), size
            for view in range(3):
                lines = screen_text(pilot).splitlines()
                assert lines[-1].startswith(" Next (g): "), (size, view)
                assert all(len(line) <= size[0] for line in lines), (size, view)
                await keys(pilot, "v")
            await keys(pilot, "t")


async def test_in_another_size_the_sentences_are_wrapped_anew_though_the_engine_is_silent(
    engine: FilesEngine, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silence(_: Command) -> Reply:
        await asyncio.sleep(60)
        raise AssertionError

    async with opened(engine, file) as (pilot, _):
        before = " ".join(screen_text(pilot).split())
        said = before[before.index("Imagine plague is a disease.") : before.index("Next (g)")]
        monkeypatch.setattr(engine, "ask", silence)
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert said in " ".join(screen_text(pilot).split())


async def test_arrows_move_the_threshold_and_what_it_finds(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        for key, threshold in (("left", 0.49), ("shift+left", 0.4), ("right", 0.41), ("pageup", 0.5), ("right", 0.51)):
            await keys(pilot, key)
            assert pane.model_query.question.threshold == threshold
            decision = pane.model_query.decision
            assert decision is not None
            assert decision.threshold.threshold == threshold
            assert pane.query_one("#field-threshold", Field).text == f"{threshold:g}"
            said = f"At a threshold of {threshold:g} the test finds {decision.threshold.true_positive} of"
            assert (said if threshold != 0.5 else "Imagine plague") in screen_text(pilot)
        assert [one.fresh for one in engine.decisions()] == [True]
        assert sum(isinstance(command, MoveThreshold) for command in engine.asked) == 5  # none resends the flips


async def test_keys_that_come_faster_than_answers_are_all_counted(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        for _ in range(20):
            pilot.app.post_message(Key("right", None))
        await at_rest(pilot)
        assert pane.model_query.question.threshold == 0.7
        assert pane.model_query.settled


async def test_a_takes_the_threshold_that_is_cheapest(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "a")
        assert pane.model_query.question.threshold == 1 / 51  # not what the field has room for
        assert "At a threshold of 0.0196078" in screen_text(pilot)
        assert "a miss costs 50, a false alarm 1 (d)" in screen_text(pilot)
        await keys(pilot, "d")
        assert "every mistake costs 1 (d): no single cheapest threshold" in screen_text(pilot)
        await keys(pilot, "a")
        assert pane.model_query.question.threshold == pytest.approx(1 / 51)


async def test_p_goes_through_the_classes_and_the_story_follows(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        for key, name in (("p", "healthy"), ("p", "cold"), ("P", "healthy"), ("P", "plague")):
            await keys(pilot, key)
            assert f"Imagine {name} is a disease" in screen_text(pilot)
            assert pane.query_one("#field-positive", Field).text == name
        await pilot.click("#field-positive")
        await at_rest(pilot)
        assert "Imagine healthy is a disease" in screen_text(pilot)


async def write_at_once(pilot: Pilot[None], field: Field, text: str) -> None:
    """1e999 begins with a 1."""
    field.edit()
    await pilot.pause()
    field.query_one(Entry).value = text
    await at_rest(pilot)


async def test_a_number_is_typed_and_kept_where_refused_until_a_key_changes_what_it_stands_for(
    engine: FilesEngine, file: Path
) -> None:
    async with opened(engine, file) as (pilot, pane):
        field = pane.query_one("#field-threshold", Field)
        await write_at_once(pilot, field, "half")
        await keys(pilot, "enter", "p")
        assert field.text == "half"
        assert "found 'half', expected a number" in screen_text(pilot)
        await keys(pilot, "right")
        assert field.text == "0.51"
        assert field.message == ""
        await keys(pilot, "e", "ctrl+u", *"0.25")
        assert pane.model_query.question.threshold == 0.25
        await keys(pilot, "tab", "ctrl+u", *"1 in 50", "enter")
        assert pane.model_query.question.prevalence == 0.02
        assert "precision at 1 in 50" in screen_text(pilot)
        assert pilot.app.focused is pane


async def test_a_number_that_is_none_is_said_at_its_field_and_asks_nothing(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        for view, names in {"": ("threshold", "prevalence"), "v": ("miss", "false_alarm"), "u": ("referral",)}.items():
            await keys(pilot, *view)
            for name in names:
                field = pane.query_one(f"#field-{name}", Field)
                before = pane.model_query.question
                for text in ["", "abc", "-1", "1e999", "nan"] + ["1000000000"] * (view != "v"):
                    await write_at_once(pilot, field, text)
                    assert field.message.startswith("found "), (name, text)
                    assert "expected a number" in field.message, (name, text)
                    assert pane.model_query.question == before, (name, text)
                    await keys(pilot, "enter")
                    assert not field.editing, (name, text)
                    assert pane.model_query.question == before, (name, text)
                    assert field.text == text, name  # kept, with its line
                    assert field.message.startswith("found "), (name, text)
                if view == "v":
                    await write_at_once(pilot, field, "1000000000")
                    assert pane.model_query.question.costs.name == TWO_PRICES, name
                    assert field.message == "", name


async def test_labels_of_probability_0_are_said_in_trust_as_by_the_command(
    engine: FilesEngine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    votes = np.random.default_rng(1).multinomial(10, [0.5, 0.3, 0.2], 300)
    labels = np.random.default_rng(2).integers(0, 3, 300)
    file = tmp_path / "votes.npz"
    np.savez(file, probabilities=(votes / 10).astype(np.float16), labels=labels)
    impossible = (votes[np.arange(300), labels] == 0).sum()
    async with opened(engine, file, (80, 24)) as (pilot, _pane):
        await keys(pilot, "u")
        words = " ".join(screen_text(pilot).split())
        assert "of 300 images all refer below" in words
        assert "loss inf" in words
        said = f"{impossible} of 300 true labels have probability 0, so the loss is infinite."
        assert said in words
        assert "T=" not in words
        assert "nan" not in words
    assert main(["decide", str(file)]) == 0
    assert said in " ".join(capsys.readouterr().out.split())


async def test_the_figures_of_trust_are_those_of_the_command_and_arrows_price_a_referral(
    engine: FilesEngine, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decide", str(file), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    trust = found["views"]["trust"]
    async with opened(engine, file, (80, 24)) as (pilot, pane):
        await keys(pilot, "u")
        words = " ".join(screen_text(pilot).split())
        assert f"of 500 images all half T={trust['temperature']:.3g}" in words
        for name, key in (("calibration error", "ece"), ("Brier score", "brier"), ("loss", "loss")):
            overall, half, after = found[key], trust[key], trust[f"{key}_after"]
            assert f"{name} {overall:.3f} {half:.3f} {after:.3f}" in words
        await keys(pilot, "shift+right")
        decision = pane.model_query.decision
        assert decision is not None
        assert pane.model_query.question.referral == decision.trust.abstention.referral == 0.3
        assert "refer below a confidence of 0.7" in screen_text(pilot)
        assert f"{decision.trust.ece:.3f}" in screen_text(pilot)


# Costs


async def test_the_matrix_is_edited_in_place_digits_switch_no_pane_and_z_takes_back(
    engine: FilesEngine, file: Path
) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "v")
        grid = pane.query_one(CostGrid)
        assert pilot.app.focused is grid
        assert grid.cursor == (2, 0)
        await keys(pilot, "enter", *"1234")
        assert grid.field.value == "1234"
        assert "esc" in grid.field.typing_hint
        await keys(pilot, "down", "escape")
        assert pane.model_query.matrix is not None
        assert pane.model_query.matrix.rows[2][0] == 1234
        await keys(pilot, "z", "home", "up", "enter", "7", "enter", "8", "escape")
        matrix = pane.model_query.matrix
        assert matrix is not None
        assert matrix.rows == ((0, 0, 1), (7, 0, 1), (50, 50, 0))  # the 8 was left, not entered
        assert pane.model_query.settled
        assert "costs edited by hand" in screen_text(pilot)
        assert engine.decisions()[-1].costs == matrix
        await keys(pilot, "z")
        assert pane.model_query.question.costs.name == TWO_PRICES
        await keys(pilot, "z")
        assert pane.model_query.question.costs.name == TWO_PRICES


async def test_a_cost_that_is_none_stays_at_its_cell_and_is_said_below_the_matrix(
    engine: FilesEngine, file: Path
) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "v")
        before = pane.model_query.question
        grid = pane.query_one(CostGrid)
        for text in ("", "abc", "1e999", "nan", "-1e13"):
            await keys(pilot, "enter")
            grid.field.value = text
            await keys(pilot, "enter")
            assert "expected a number at least -1e+12, at most 1e+12" in grid.complaint, text
            assert "! found " in screen_text(pilot), text
            assert pane.model_query.question == before, text
            for name in ("escape", "enter"):  # left, and looked at again
                await keys(pilot, name)
                assert grid.complaint.startswith("found "), (text, name)
            assert grid.field.value == text
            await keys(pilot, "escape")  # untouched: it is given up
            assert grid.complaint == "", text
            assert pane.model_query.question == before, text


async def test_a_refused_cost_waits_at_its_cell_until_it_is_typed_over(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file, (80, 24)) as (pilot, pane):
        await keys(pilot, "v", "enter", *"5O", "enter", "escape", "right")
        grid = pane.query_one(CostGrid)
        assert grid.complaint == ""
        assert "Deciding for cold" in screen_text(pilot)
        assert "!5O" in screen_text(pilot)
        await keys(pilot, "enter", "9", "enter", "escape")  # another cell does not disturb it
        await keys(pilot, "home", "down")
        assert "! found '5O', expected a number" in screen_text(pilot)
        await keys(pilot, "enter", "end", "backspace", "0", "enter", "escape")
        assert "!5O" not in screen_text(pilot)
        assert pane.model_query.matrix is not None
        assert pane.model_query.matrix.rows[2] == (50, 9, 0)


async def test_what_was_typed_in_a_cell_is_not_lost_by_a_click_elsewhere(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "v")
        grid = pane.query_one(CostGrid)
        for text, cost, complaint in (("", 50, ""), ("x", 50, "found 'x'"), ("7", 7, "")):
            grid.focus()
            await keys(pilot, "enter")
            grid.field.value = text
            pane.query_one("#kinds", RowList).focus()
            await at_rest(pilot)
            assert not grid.field.display, text
            assert pane.model_query.matrix is not None
            assert pane.model_query.matrix.rows[2][0] == cost, text
            assert grid.complaint.startswith(complaint), text
            assert bool(grid.complaint) == bool(complaint), text


async def test_presets_are_gone_through_and_prices_typed(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "v", "d")
        assert "every mistake costs 1" in screen_text(pilot)
        assert "No decision flips" in screen_text(pilot)
        await keys(pilot, "d")
        assert "to miss plague costs 50, every other mistake 1" in screen_text(pilot)
        await keys(pilot, "d", "e", "ctrl+u", *"30", "enter")
        assert pane.model_query.question.costs.miss == 30
        await keys(pilot, "t")
        assert "a miss costs 30, a false alarm 1 (d)" in screen_text(pilot)
        await keys(pilot, "k", "z")  # what was typed character by character is one change
        assert pane.model_query.question.costs.preset == "ordinal"


async def test_a_matrix_is_read_from_a_file_and_a_bad_one_is_said_at_the_field(
    engine: FilesEngine, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "good.csv").write_text("0,1,2\n3,0,4\n5,6,0\n")
    (tmp_path / "bad.csv").write_text("0,1,2\n3,0,much\n5,6,0\n")
    async with opened(engine, file) as (pilot, pane):
        for name, line in (
            ("bad.csv", "row 2, column 3: found 'much'"),
            ("missing.csv", "no such file"),
            ("", "expected the name of a CSV file"),
        ):
            await keys(pilot, "r")
            pane.board.costs.file.query_one("_Name").value = str(tmp_path / name) if name else ""  # type: ignore[attr-defined]
            await keys(pilot, "enter")
            assert line in " ".join(screen_text(pilot).split())
            assert pane.model_query.question.costs.name == TWO_PRICES
            await keys(pilot, "escape")
        await keys(pilot, "r")
        pane.board.costs.file.query_one("_Name").value = str(tmp_path / "good.csv")  # type: ignore[attr-defined]
        await keys(pilot, "enter")
        assert pane.model_query.matrix is not None
        assert pane.model_query.matrix.rows == ((0, 1, 2), (3, 0, 4), (5, 6, 0))
        assert pilot.app.focused is pane.query_one(CostGrid)
        assert pane.headless_command().endswith(f"--cost-matrix {tmp_path / 'good.csv'}")


async def test_the_images_that_flip_are_seen_filtered_by_kind_and_answer_the_exercise(
    engine: FilesEngine, file: Path
) -> None:
    async with opened(engine, file) as (pilot, pane):
        assert pane.tour.answers == set()  # the threshold answers none
        await keys(pilot, "v")
        decision = pane.model_query.decision
        assert decision is not None
        grid = pane.query_one(PictureGrid)
        assert len(grid._pictures) == len(decision.costs.flipped)
        assert any(isinstance(command, ShowImages) for command in engine.asked)
        assert pane.answers_seen() == pane.tour.answers == {"3"}
        shown = grid._pictures[0]
        assert shown.pixels
        pane.query_one("#kinds", RowList).focus()
        await keys(pilot, "down")
        first = decision.costs.flips[0]
        assert len(grid._pictures) == first.count
        words = f"{decision.label_names[first.most_likely]} → {decision.label_names[first.decision]}"
        assert all(picture.captions[0].text == words for picture in grid._pictures[: grid.capacity])
        await keys(pilot, "up")
        assert len(grid._pictures) == len(decision.costs.flipped)


async def test_in_a_small_terminal_matrix_and_pictures_take_turns(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file, (80, 24)) as (pilot, _):
        await keys(pilot, "v")
        assert not any(isinstance(command, ShowImages) for command in engine.asked)  # nobody sees them
        await keys(pilot, "m")
        assert isinstance(pilot.app.focused, PictureGrid)
        assert "truly" in screen_text(pilot)
        await keys(pilot, "end", "right", "escape")
        assert isinstance(pilot.app.focused, CostGrid)
        assert "true\\say" in screen_text(pilot)


async def test_a_file_without_pictures_has_a_table_instead(engine: FilesEngine, tmp_path: Path) -> None:
    bare = predictions(tmp_path / "bare.npz", pictures=False)
    async with opened(engine, bare, (80, 24)) as (pilot, pane):
        await keys(pilot, "v", "m")
        assert pilot.app.focused is pane.query_one("#rows", RowList)
        assert "flips               truly" in screen_text(pilot)
        await keys(pilot, *["pagedown"] * 4)
        assert pane.model_query.cursor > 20
        assert "..." not in screen_text(pilot)


# Seeds


def seeds(dataset: DatasetInfo, *run_ids: str) -> tuple[RunSummary, ...]:
    return tuple(
        replace(
            stored_run(run_id, f"s0001/{seed} learning-rate 0.1 seed {seed}", dataset), config=TrainConfig(seed=seed)
        )
        for seed, run_id in enumerate(run_ids)
    )


async def test_s_asks_the_seeds_of_a_sweep_together_and_then_one_alone_again(tmp_path: Path) -> None:
    files = [predictions(tmp_path / name) for name in ("a.npz", "bb.npz", "ccc.npz")]
    engine = FilesEngine(tmp_path, r0001=files[0], r0002=files[1], r0003=files[2])
    engine.runs = seeds(replace(dataset_of(), checksum=""), "r0001", "r0002", "r0003")
    async with opened(engine, None) as (pilot, pane):
        await keys(pilot, "u")
        assert "r0001 (s0001 0.1 seed 0), last finished" in screen_text(pilot)
        await keys(pilot, "s")
        assert engine.decisions()[-1].source == "r0001"
        assert engine.decisions()[-1].members == ("r0002", "r0003")
        text = screen_text(pilot)
        assert "s0001 learning-rate 0.1: 3 seeds together" in text
        assert "s: s0001 learning-rate 0.1: 3 seeds" in text  # a label longer than the one before it
        assert "3 models instead of one: accuracy" in text
        assert "--ensemble r0002 r0003" in pane.headless_command()
        await keys(pilot, "s")
        assert engine.decisions()[-1].members == ()
        assert "one model alone" in screen_text(pilot)


async def test_without_seeds_s_says_where_they_come_from_and_is_not_offered(tmp_path: Path) -> None:
    engine = FilesEngine(tmp_path, r0001=predictions(tmp_path / "a.npz"))
    engine.runs = seeds(replace(dataset_of(), checksum=""), "r0001")
    async with opened(engine, None) as (pilot, pane):
        await keys(pilot, "u")
        assert not pane.query_one("#seeds").display
        assert "s asks all seeds" not in screen_text(pilot)
        await keys(pilot, "s")
        assert pane.model_query.question.members == ()
        assert any("a sweep makes some" in note.message for note in pilot.app._notifications)


async def test_a_predictions_file_is_one_model_and_offered_no_ensemble(tmp_path: Path, file: Path) -> None:
    files = [predictions(tmp_path / name) for name in ("a.npz", "bb.npz")]
    engine = FilesEngine(tmp_path, r0001=files[0], r0002=files[1])
    engine.runs = seeds(replace(dataset_of(), checksum=""), "r0001", "r0002")  # on images of the same checksum, none
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "u")
        assert not pane.query_one("#seeds").display
        assert "s asks all seeds" not in screen_text(pilot)
        await keys(pilot, "s")
        assert pane.model_query.question.members == ()
        assert pane.model_query.question.source == str(file)
        assert any("A predictions file holds one model" in note.message for note in pilot.app._notifications)
        await keys(pilot, "o", "down", "enter", "down", "enter")  # the runs of the sweep lie under it
        assert pane.query_one("#seeds").display
        assert "s asks all seeds of a sweep" in screen_text(pilot)


# Sources


async def test_o_goes_from_the_file_to_stored_runs_and_keeps_what_fits(tmp_path: Path) -> None:
    file, other = predictions(tmp_path / "p.npz"), predictions(tmp_path / "q.npz", ("a", "b"))
    engine = FilesEngine(tmp_path, r0007=other)
    engine.runs = (stored_run("r0007"),)
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "p", "p", "v", "enter", "5", "enter", "escape")
        assert pane.model_query.positive == 1
        await keys(pilot, "u", "o", "down", "enter")
        assert pane.model_query.question.source == "r0007"
        assert pane.model_query.names == ("a", "b")
        assert pane.model_query.positive == 1
        assert pane.model_query.question.costs.name == TWO_PRICES  # a matrix of three classes means nothing for two
        assert "r0007, stored" in screen_text(pilot)
        await keys(pilot, "o", "up", "enter")
        assert pane.model_query.question.source == str(file)
        assert "p.npz" in screen_text(pilot)


async def test_a_preset_stays_chosen_for_other_classes(tmp_path: Path) -> None:
    file, other = predictions(tmp_path / "p.npz"), predictions(tmp_path / "q.npz", ("a", "b", "c", "d"))
    engine = FilesEngine(tmp_path, r0007=other)
    engine.runs = (stored_run("r0007"),)
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "v", "d", "d", "d", "o", "down", "enter")
        assert pane.model_query.names == ("a", "b", "c", "d")
        decision = pane.model_query.decision
        assert decision is not None
        assert decision.costs.costs.rows == ((0, 1, 2, 3), (1, 0, 1, 2), (2, 1, 0, 1), (3, 2, 1, 0))
        assert pane.model_query.settled


async def test_a_live_run_is_asked_again_when_it_has_moved_unless_frozen(tmp_path: Path) -> None:
    engine = FilesEngine(tmp_path, r0001=predictions(tmp_path / "p.npz"))
    async with opened(engine, None) as (pilot, pane):
        assert "No run has been started yet, so there are no decisions to look at." in screen_text(pilot)
        pane.live.state = live_run(position=10)
        pane.redraw()
        await at_rest(pilot)
        assert len(engine.decisions()) == 1
        pane.follow()
        await at_rest(pilot)
        assert len(engine.decisions()) == 1
        pane.live.state = live_run(position=20)
        pane.redraw()
        pane.follow()
        await at_rest(pilot)
        assert [one.fresh for one in engine.decisions()] == [True, True]
        await keys(pilot, "f")
        assert "FROZEN" in screen_text(pilot)
        pane.live.state = live_run(position=30)
        pane.redraw()
        pane.follow()
        await at_rest(pilot)
        assert len(engine.decisions()) == 2


async def test_a_refusal_is_shown_and_asked_again_only_after_a_change(engine: FilesEngine, file: Path) -> None:
    engine.refusal = "p.npz: [/b] no such\x1b file"
    async with opened(engine, file) as (pilot, _):
        assert "p.npz: [/b] no such\\x1b file" in screen_text(pilot)
        assert len(engine.decisions()) == 1


async def test_an_engine_that_is_gone_is_said_and_its_successor_asked(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        engine.gone = EngineGone(1, [])
        await keys(pilot, "right")
        assert "ctrl+r restarts it" in screen_text(pilot)
        assert "Imagine" not in screen_text(pilot)
        engine.gone = None
        pane.live.state = RunState()
        pane.on_engine_event(READY)
        await at_rest(pilot)
        assert "At a threshold of 0.51" in screen_text(pilot)
        assert engine.decisions()[-1].fresh


async def test_nothing_is_asked_while_the_pane_is_hidden(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        pane.display = False
        asked = len(engine.asked)
        pane.live.state = RunState()
        pane.on_engine_event(READY)
        pane.follow()
        await at_rest(pilot)
        assert not any(isinstance(command, ShowDecision) for command in engine.asked[asked:])


# Looks


@pytest.mark.parametrize("pictures", [True, False])
async def test_names_from_outside_are_text_and_nothing_else(tmp_path: Path, pictures: bool) -> None:
    file = predictions(tmp_path / "hostile.npz", HOSTILE, pictures)
    async with opened(FilesEngine(tmp_path), file, SIZES[0]) as (pilot, _):
        async for size in at_each_size(pilot):
            await keys(pilot, "t")
            for key in ("v", "m", "v", "v", "p"):
                await keys(pilot, key)
                assert not set(screen_text(pilot)) & set("\x1b\x00\u202e\t"), (size, key)


async def test_a_terminal_without_unicode_gets_none(tmp_path: Path) -> None:
    file = predictions(tmp_path / "p.npz", ("école", "b", "c"))
    options = DisplayOptions(ascii_only=True, opened=str(file))
    async with opened(FilesEngine(tmp_path), file, SIZES[0], options) as (pilot, _):
        async for size in at_each_size(pilot):
            await keys(pilot, "t")
            for key in ("v", "m", "v", "v"):
                await keys(pilot, key)
                assert screen_text(pilot).isascii(), (size, key, [c for c in screen_text(pilot) if not c.isascii()])


async def test_views_are_chosen_by_the_mouse(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file) as (pilot, pane):
        await pilot.click("ViewNames", offset=(18, 0))
        await at_rest(pilot)
        assert "most likely to cheapest" in screen_text(pilot)
        await pilot.click("#preset")
        await at_rest(pilot)
        assert pane.model_query.question.costs.preset == "symmetrical"
        await pilot.click(CostGrid, offset=(14, 1))
        assert pane.query_one(CostGrid).cursor[0] == 0
        await pilot.click("ViewNames", offset=(28, 0))
        await at_rest(pilot)
        assert "calibration error" in screen_text(pilot)


async def test_the_command_that_is_copied_says_the_same(
    engine: FilesEngine, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "p", "left", "v", "d", "d", "u", "shift+left")
        decision: Any = pane.model_query.decision
        command = shlex.split(pane.headless_command())
    assert command[0] == "softmax-tui"
    capsys.readouterr()
    assert main([*command[1:], "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["threshold"] == pytest.approx(decision.threshold.threshold)
    assert found["true_positive"] == decision.threshold.true_positive
    assert found["least_expected_cost"] == pytest.approx(decision.costs.least_expected_cost)
    assert found["flipped"] == len(decision.costs.flipped)


async def test_diseases_and_grades_open_on_their_own_class_and_costs(engine: FilesEngine, tmp_path: Path) -> None:
    ill = predictions(tmp_path / "ill.npz", names=CHEST)
    async with opened(engine, ill, (80, 24)) as (pilot, pane):
        text = " ".join(screen_text(pilot).split())
        assert "The class to find is pneumonia. The most likely label misses" in text
        assert "For teaching, not for diagnosis." in text
        assert pane.model_query.positive == 1
    graded = predictions(tmp_path / "graded.npz", names=RETINA)
    async with opened(engine, graded, (80, 24)) as (pilot, pane):
        assert "a mistake costs the squared distance" in screen_text(pilot)
        assert pane.model_query.settled
        await keys(pilot, "k")
        assert "d: squared" in screen_text(pilot)
        assert pane.model_query.matrix is not None
        assert pane.model_query.matrix.rows[0] == (0, 1, 4, 9, 16)
        await keys(pilot, "d")
        assert pane.model_query.question.costs == CostChoice()
        assert "a miss costs" in screen_text(pilot)
        assert pane.model_query.matrix.rows[4] == (50, 50, 50, 50, 0)


async def test_tab_reads_the_curves_off_and_leaves_the_threshold_alone(engine: FilesEngine, file: Path) -> None:
    async with opened(engine, file, SIZES[0]) as (pilot, pane):
        decision = pane.model_query.decision
        assert decision is not None
        async for size in at_each_size(pilot):
            await keys(pilot, "tab", "end")
            assert pilot.app.focused is pane.query_one("#roc"), size
            text = " ".join(screen_text(pilot).split())
            assert "false alarms 1 " in text, size
            assert f"ROC {decision.threshold.roc.y[-1]:g} " in text, size
            await keys(pilot, "left", "left", "tab", "home")
            assert pilot.app.focused is pane.query_one("#precision-recall"), size
            assert "P–R" in screen_text(pilot), size
            assert pane.model_query.question.threshold == 0.5, size
            await keys(pilot, "escape")
            assert pane.has_focus, size
