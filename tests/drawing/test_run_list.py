"""The list of stored runs: grouped, narrowed by words, in columns that fit."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.stored_runs import name_in_comparison, name_in_sweep
from tests.train.script import DATASET, summary
from tui.drawing.run_list import Group, Offer, Row, RunList
from tui.drawing.run_table import RunTable
from tui.drawing.spans import text_of
from tui.train.lines import earlier_lines

SWEEP = tuple(
    replace(
        summary(f"r{10 + place:04d}", rate=rate),
        name=name_in_sweep("s0001", place, f"learning-rate {rate:g}", seed),
        validation_loss=rate,
    )
    for place, (rate, seed) in enumerate((rate, seed) for rate in (0.5, 0.01) for seed in (0, 1))
)
LOSSES = tuple(
    replace(summary(f"r{20 + place:04d}"), name=name_in_comparison("r0020", loss))
    for place, loss in enumerate(("indexing", "clipped"))
)
ALONE = (replace(summary("r0009", "diverged"), name="wild"), summary("r0002", rate=0.5), summary("r0001"))


def listed(*runs: RunSummary, offers: Sequence[Offer] = ()) -> RunList:
    made = RunList(offers=offers)
    made.know(runs)
    return made


def shown(rows: Sequence[Row]) -> list[str]:
    names = []
    for row in rows:
        name = row.name if isinstance(row, Group) else row.run_id if isinstance(row, RunSummary) else row.source
        names.append(f"{name}+" if isinstance(row, Group) and row.opened else name)
    return names


def test_what_a_sweep_or_a_comparison_has_made_lies_under_one_row_which_opens() -> None:
    runs = listed(*LOSSES, *SWEEP, *ALONE)
    assert shown(runs.rows) == ["losses r0020", "s0001", "r0009", "r0002", "r0001"]
    runs.turn("s0001")
    assert shown(runs.rows) == ["losses r0020", "s0001+", "r0010", "r0011", "r0012", "r0013", "r0009", "r0002", "r0001"]
    runs.turn("s0001")
    assert shown(runs.rows)[1:3] == ["s0001", "r0009"]
    assert runs.reveal("r0012") == 4
    assert shown(runs.rows)[1] == "s0001+"
    assert runs.reveal("r0404") == 0


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("s0001", ["s0001"]),  # all of it: it stays folded
        ("RATE 0.5", ["s0001+", "r0010", "r0011", "r0002"]),  # some of it: these are seen
        ("seed 1", ["s0001+", "r0011", "r0013"]),  # and no rate of 0.01
        ("clipped", ["losses r0020+", "r0021"]),
        ("wild", ["r0009"]),
        ("diverged", ["r0009"]),
        ("r0001", ["r0001"]),
        ("the file", ["f"]),
        ("nothing like it", []),
        (" ", ["f", "losses r0020", "s0001", "r0009", "r0002", "r0001"]),
    ],
)
def test_each_word_that_is_typed_narrows_the_list(words: str, left: list[str]) -> None:
    runs = listed(*LOSSES, *SWEEP, *ALONE, offers=[Offer("f", "f.npz, the file")])
    runs.seek(words)
    assert shown(runs.rows) == left


def test_rows_tell_settings_losses_and_state() -> None:
    odd = replace(
        summary("r0003"),
        config=TrainConfig(softmax="naive", loss="from-logits", gradient="closed-form"),
        validation_loss=math.nan,
    )
    runs = listed(*LOSSES, *SWEEP, *ALONE, odd)
    runs.turn("s0001")
    table = RunTable(runs, 80)
    lines = [" ".join(table.line(row).split()) for row in runs.rows]
    assert lines[0] == "+ losses losses side by side: 2 runs best 0.480 83.0% finished"
    assert lines[1] == "- s0001 a sweep of rate: 4 runs best 0.010 83.0% finished"
    assert lines[2] == "r0010 rate 0.5 seed 0 0.450 0.500 83.0% finished"
    assert lines[6] == "r0009 wild the defaults 0.450 0.480 83.0% diverged"
    assert lines[-1].startswith("r0003 softmax naive")  # a pair that no run can begin with
    assert " - " in lines[-1]
    runs.seek("0.01")
    assert "a sweep of rate: 2 of 4 runs" in RunTable(runs, 74).line(runs.rows[0])


def test_the_data_are_named_where_the_runs_have_not_all_the_same() -> None:
    other = replace(summary("r0003"), dataset=replace(DATASET, name="/home/x/mine\x1b[2J.npz"))
    assert "fashion-mnist" not in RunTable(listed(*ALONE), 100).line(ALONE[2])
    runs = listed(other, *ALONE)
    assert "fashion-mnist  rate 0.5" in RunTable(runs, 100).line(ALONE[1])
    assert "mine\\x1b[2J.npz  the defaults" in RunTable(runs, 100).line(other)
    assert "\x1b" not in runs.about(other)


@given(st.text(max_size=30), st.integers(20, 170), st.floats())
def test_every_line_fits_whatever_a_run_is_called(name: str, width: int, loss: float) -> None:
    odd = replace(ALONE[1], name=name, train_loss=loss, validation_loss=loss)
    runs = listed(odd, *SWEEP, offers=[Offer("f", name)])
    table = RunTable(runs, width)
    least = 20 + 36 + (18 if width >= 110 else 0)  # the figures and the state stand whole
    for line in (table.heading, *map(table.line, runs.rows)):
        assert cell_len(line) <= max(width, least)
        assert line.isprintable()


def test_the_list_beside_the_charts_has_one_line_for_a_sweep() -> None:
    lines = [text_of(line) for line in earlier_lines(listed(*SWEEP, *ALONE).rows, ("r0002",), 30, 9)][1:]
    assert [" ".join(line.split()) for line in lines] == [
        "s0001: 4 runs 0.010",
        "wild 0.480",
        "◆ r0002 0.480",
        "r0001 0.480",
    ]


def test_settings_name_their_data_as_soon_as_another_run_has_other_data() -> None:
    one = summary("r0001", rate=0.5)
    runs = listed(one)
    assert runs.settings(one) == "rate 0.5"
    runs.know((replace(one, run_id="r0002", dataset=replace(DATASET, name="/data/mine.npz")), one))
    assert runs.settings(one) == "fashion-mnist  rate 0.5"


def test_a_filter_opens_the_groups_that_it_narrows_whatever_was_opened_by_hand_before() -> None:
    runs = listed(*SWEEP)
    runs.turn("s0001")
    runs.seek("rate 0.5")
    assert shown(runs.rows) == ["s0001+", "r0010", "r0011"]
    runs.seek("")
    assert shown(runs.rows) == ["s0001"]


def test_a_group_counts_the_runs_that_have_finished_and_a_run_without_an_epoch_has_dashes() -> None:
    stopped = replace(SWEEP[0], status="stopped")
    young = replace(ALONE[2], train_loss=math.nan, validation_loss=math.nan, validation_accuracy=math.nan)
    for runs, state in (((*SWEEP[:2],), "  finished"), ((stopped, SWEEP[1]), "  1 finished")):
        made = listed(*runs, young)
        group, alone = (RunTable(made, 120).line(row) for row in made.rows)
        assert state in group
        assert "nan" not in alone
        assert alone.count(" -") == 3
