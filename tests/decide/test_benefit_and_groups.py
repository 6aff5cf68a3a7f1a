"""Net benefit and groups: in the view Threshold, by the command, as lines and sentences."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from engine.analysis.decisions import decide
from engine.analysis.evidence import Evidence
from engine.analysis.grouping import Grouping, grouping_of
from engine.contract.commands import MoveThreshold, ShowDecision
from engine.contract.cost_matrix import miss_and_false_alarm, preset
from engine.contract.decisions import DecideQuestion, Decision
from engine.contract.groups import Gap
from engine.contract.interval import Interval
from engine.contract.net_benefit import BestRange, NetBenefit
from engine.data.brought.predictions import Groups
from engine.verdicts.groups import groups_sentence, groups_title
from engine.verdicts.net_benefit import net_benefit_sentence
from tests.app.at_rest import at_rest
from tests.decide.test_pane import HOSTILE, SIZES, FilesEngine, at_each_size, keys, opened
from tests.mistakes.test_pane import screen_text
from tui.cli.main import main
from tui.decide.benefit import benefit_lines, decision_curve_chart
from tui.decide.group_lines import group_lines
from tui.drawing.plot import plain_chart
from tui.drawing.spans import text_of
from tui.widgets.readable_chart import ReadableChart

NAMES = ("healthy", "cold", "plague")
SITES = (*HOSTILE, "a hospital with a name that is very long", "")


def evidence(images: int = 900, worse: np.ndarray | None = None) -> Evidence:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, images)
    logits = random.normal(0, 1.3, (images, 3))
    logits[np.arange(images), labels] += 2
    if worse is not None:
        logits[worse, 2] -= 2
    return Evidence.of_logits(logits, labels, NAMES)


def decision(groups: Grouping | None = None, threshold: float = 0.5, worse: np.ndarray | None = None) -> Decision:
    costs = miss_and_false_alarm(3, 2, "plague", 50, 1)
    grouping = grouping_of(None, None, None) if groups is None else groups
    return decide(evidence(worse=worse), DecideQuestion(positive=2, threshold=threshold, costs=costs), (), grouping)


def sites(many: int) -> Grouping:
    numbers = np.arange(900) % many
    names = SITES if many == len(SITES) else tuple(f"site {number:02}" for number in range(many))
    return Grouping("file", ("file", "none"), names, numbers)


def said(lines: Any) -> str:
    return "\n".join(map(text_of, lines))


@pytest.fixture
def engine(tmp_path: Path) -> FilesEngine:
    return FilesEngine(tmp_path)


def saved(path: Path, groups: bool = False, images: bool = False, many: int = len(SITES)) -> Path:
    """900 images; where there are groups, those of group 1 have the plague found more rarely."""
    numbers = np.arange(900) % many
    found = evidence(worse=numbers == 1)
    arrays: dict[str, Any] = {"logits": found.logits, "labels": found.labels, "label_names": np.array(NAMES)}
    if groups:
        arrays["groups"] = np.array(sites(many).names)[numbers]
    if images:
        arrays["images"] = np.random.default_rng(2).integers(0, 256, (900, 6, 6), dtype=np.uint8)
    np.savez(path, **arrays)
    return path


# In the pane


async def test_h_brings_rates_net_benefit_and_groups_to_the_front_and_where_there_is_room_changes_the_sentence(
    engine: FilesEngine, tmp_path: Path
) -> None:
    file = saved(tmp_path / "p.npz", groups=True)
    shown = {"curves": "average precision", "benefit": "avoided per 100", "groups": "false pos., 95 %"}
    sentences = []
    async with opened(engine, file, SIZES[0]) as (pilot, pane):
        async for size in at_each_size(pilot):
            for front, word in shown.items():
                text = screen_text(pilot)
                assert pane.board.threshold.figures == front, size
                words = list(shown.values()) if size == (160, 50) else [word]
                assert [other for other in shown.values() if other in text] == words, size
                if size == (160, 50):
                    assert all(word in text for word in ("ROC", "P–R", "─a─ all"))
                    sentences.append(" ".join(text.split()))
                await keys(pilot, "h")
            assert pane.board.threshold.figures == "curves", size
            await keys(pilot, "k", "h")  # from another view: to the figures that were in front
            assert "average precision" in screen_text(pilot), size
    assert "Imagine plague is a disease" in sentences[0]
    assert "Net benefit at 0.5" in sentences[1]
    assert "more than luck, of" in sentences[2]


async def test_a_moved_threshold_moves_both_and_sends_no_decision(engine: FilesEngine, tmp_path: Path) -> None:
    async with opened(engine, saved(tmp_path / "p.npz", groups=True)) as (pilot, pane):
        await keys(pilot, "h", "left")
        assert "Net benefit at 0.49" in screen_text(pilot)
        before = pane.model_query.decision
        await keys(pilot, "h", "shift+left")
        after = pane.model_query.decision
        assert before is not None
        assert after is not None
        assert before.groups.groups[0].true_positive < after.groups.groups[0].true_positive
        assert before.groups.thresholds == after.groups.thresholds
        assert before.threshold.net_benefit.curve == after.threshold.net_benefit.curve
        assert sum(isinstance(command, ShowDecision) for command in engine.asked) == 1
        assert sum(isinstance(command, MoveThreshold) for command in engine.asked) == 2


async def test_the_decision_curve_is_read_off(engine: FilesEngine, tmp_path: Path) -> None:
    async with opened(engine, saved(tmp_path / "p.npz"), (80, 24)) as (pilot, pane):
        await keys(pilot, "h", "tab", "home", "right")
        chart = pane.query_one("#decision-curve", ReadableChart)
        assert pilot.app.focused is chart
        assert chart.read is not None
        found = pane.model_query.decision
        assert found is not None
        assert chart.read.x == 0.02
        assert f"─ model  {found.threshold.net_benefit.curve.model[1]:.4f}" in screen_text(pilot)
        assert "threshold 0.02" in screen_text(pilot)


async def test_l_goes_through_what_groups_are_made_by(engine: FilesEngine, tmp_path: Path) -> None:
    file = saved(tmp_path / "p.npz", groups=True, images=True)
    async with opened(engine, file) as (pilot, pane):
        await keys(pilot, "h", "h")
        assert f"{len(SITES)} groups as the file names them (l)" in screen_text(pilot)
        for by, word in (
            ("brightness", "dark third"),
            ("size", "small third"),
            ("none", "No groups are compared"),
        ):
            await keys(pilot, "l")
            assert pane.model_query.question.groups == by
            assert word in screen_text(pilot)
            assert pane.headless_command().endswith(f"--groups {by}")
            assert ("stand-in" in screen_text(pilot)) == (by != "none")
        await keys(pilot, "left", "l")
        assert pane.model_query.question.groups == "file"
        assert "as the file names them" in screen_text(pilot)


async def test_without_groups_and_images_l_says_so(engine: FilesEngine, tmp_path: Path) -> None:
    async with opened(engine, saved(tmp_path / "p.npz"), (80, 24)) as (pilot, _pane):
        await keys(pilot, "h", "h")
        assert "no images to make some of" in " ".join(screen_text(pilot).split())
        await keys(pilot, "l")
        assert "No groups: the predictions name none" in " ".join(screen_text(pilot).split())


async def test_names_from_outside_are_text_and_fifty_groups_fold(engine: FilesEngine, tmp_path: Path) -> None:
    async with opened(engine, saved(tmp_path / "p.npz", groups=True), (80, 24)) as (pilot, pane):
        await keys(pilot, "h", "h")
        text = screen_text(pilot)
        assert "[/b]" in text
        assert "(no name)" in text
        assert not {"\x1b", "\x00", "\u202e"} & set(text)
        pane.look_at(str(saved(tmp_path / "q.npz", groups=True, many=25)))
        await at_rest(pilot)
        text = screen_text(pilot)
        assert "site 01" in text  # the one with the gap
        assert "other groups, none with a gap" in text
        assert "one threshold for all" in text


# Lines and charts


@pytest.mark.parametrize("width", [78, 80, 100, 126, 160])
@pytest.mark.parametrize("many", [2, 5, 100])
def test_every_line_fits_whatever_the_width(width: int, many: int) -> None:
    found = decision(sites(many))
    lines = group_lines(found.groups, found.costs, width, 12, "l")
    assert len(lines) <= 12
    assert "site" in said(lines) or "hospital" in said(lines)
    table = [line for line in said(lines).splitlines() if "images" in line or "–" in line][:4]
    assert len({cell_len(line[: line.index("–")]) for line in table if "–" in line}) == 1  # the columns stand evenly
    for line in (*lines, *benefit_lines(found.threshold, width)):
        assert len(text_of(line)) <= width
        assert "\x1b" not in text_of(line)


def test_groups_with_a_gap_are_never_folded_before_others() -> None:
    grouping = sites(60)
    assert grouping.numbers is not None
    found = decision(grouping)
    gap = Gap(group=17, rate="sensitivity", value=0.3, others=0.7, interval=Interval(-0.6, -0.1))
    gaps = (gap, replace(gap, group=58))
    lines = said(group_lines(replace(found.groups, gaps=gaps), found.costs, 80, 10))
    assert "site 17" in lines
    assert "site 58" in lines
    assert "and 5" in lines
    assert "none with a gap" in lines


def test_the_table_has_the_figures_of_the_view() -> None:
    found = decision(sites(2), threshold=0.2)
    lines = said(group_lines(found.groups, found.costs, 160, 12))
    for group in found.groups.groups:
        for value in (group.sensitivity, group.specificity, group.false_positive_rate, group.precision):
            assert f"{value:.3f}" in lines
    thresholds = found.groups.thresholds
    assert thresholds is not None
    assert f"one threshold for all {thresholds.shared_cost:.3g}" in lines


def test_a_group_for_which_no_alarm_pays_has_never_for_its_threshold() -> None:
    found = decision(sites(2))
    thresholds = found.groups.thresholds
    assert thresholds is not None
    told = replace(found.groups, thresholds=replace(thresholds, own=(float("inf"), 0.25)))
    rows = said(group_lines(told, found.costs, 160, 12)).splitlines()
    assert [row.split()[-1] for row in rows if row.startswith(" site ")] == ["never", "0.25"]


def test_the_chart_shows_three_ways_and_leaves_out_what_lies_far_below() -> None:
    view = decision().threshold
    drawn = plain_chart(decision_curve_chart(view), 78, 16)
    for sign in ("─-─ none", "─a─ all", "model", "● here", "threshold →"):
        assert sign in drawn
    spec = decision_curve_chart(view)
    assert spec.y_range is not None
    assert spec.y_range[0] > min(view.net_benefit.curve.treat_all)
    assert all(cell.mean >= spec.y_range[0] for series in spec.series for cell in series.cells)


def test_of_many_ranges_the_widest_are_shown_and_the_others_counted() -> None:
    view = decision().threshold
    edges = (0.01, 0.02, 0.3, 0.32, 0.6, 0.61, 0.99)
    ranges = tuple(BestRange(low, high, ("model",)) for low, high in pairwise(edges))
    curve = replace(view.net_benefit.curve, ranges=ranges)
    lines = said(benefit_lines(replace(view, net_benefit=replace(view.net_benefit, curve=curve)), 70))
    for wide in ("0.02–0.3", "0.32–0.6", "0.61–0.99"):
        assert wide in lines
    assert "0.3–0.32" not in lines
    assert "and 3 narrower ranges" in lines


# Sentences


def test_the_sentence_has_the_figures_and_the_widest_ranges() -> None:
    view = decision(threshold=0.3).threshold
    here = view.net_benefit.here
    words = net_benefit_sentence(view)
    assert words.startswith(f"Net benefit at 0.3: {here.model:.3f} (")
    sure = [one for one in view.net_benefit.curve.ranges if one.options == ("model",)]
    assert f"The model is best at thresholds from {sure[0].low:g} to {sure[0].high:g}." in words
    assert f"Prevalence as in the data: {view.prevalence:.1%}." in words
    assert f"spares {here.avoided:.3g} of 100 people an intervention" in words


def test_ranges_are_told_from_low_to_high_however_wide_they_are() -> None:
    view = decision().threshold
    told = (("all",), 0.01, 0.1), (("model", "all"), 0.1, 0.2), (("model",), 0.2, 0.9), (("none",), 0.9, 0.99)
    ranges = tuple(BestRange(low, high, options) for options, low, high in told)  # type: ignore[arg-type]
    curve = replace(view.net_benefit.curve, ranges=ranges)
    words = net_benefit_sentence(replace(view, net_benefit=replace(view.net_benefit, curve=curve)))
    assert (
        "Treating all is best at thresholds from 0.01 to 0.1. The model is best at thresholds from 0.2 to 0.9. "
        "Treating none is best at thresholds from 0.9 to 0.99. Elsewhere there is no clear winner."
    ) in words


def test_where_nothing_is_clear_no_conclusion_is_drawn() -> None:
    view = decision().threshold
    unclear = (BestRange(0.01, 0.99, ("model", "all", "none")),)
    here = replace(view.net_benefit.here, options=("model", "none"), avoided_interval=Interval(-1.0, 2.0))
    curve = replace(view.net_benefit.curve, ranges=unclear)
    words = net_benefit_sentence(replace(view, net_benefit=NetBenefit(curve=curve, here=here)))
    assert "No clear winner here: the model or treating none." in words
    assert "No option is clearly best at any threshold: no conclusion." in words
    assert "avoids" not in words
    absent = replace(curve, prevalence=0.0)
    assert net_benefit_sentence(replace(view, net_benefit=NetBenefit(curve=absent, here=here))) == (
        "No image is truly plague, so a decision curve says nothing."
    )
    end = net_benefit_sentence(decision(threshold=1.0).threshold)
    assert end.startswith("At a threshold of 1 nothing outweighs a false alarm")


def test_the_sentence_about_groups_names_the_gap_and_what_own_thresholds_cost() -> None:
    grouping = sites(4)
    assert grouping.numbers is not None
    found = decision(grouping, threshold=0.3, worse=grouping.numbers == 1)
    words = groups_sentence(found.groups)
    gap = found.groups.gaps[0]
    assert f"site 01: sensitivity {gap.value:.1%}" in words
    assert f"points less than the others ({gap.others:.1%})." in words
    assert "A threshold for each group costs" in words
    assert groups_title(found.groups) == "4 groups as the file names them"
    assert groups_title(replace(found.groups, smaller=2)) == "6 groups as the file names them"
    calm = groups_sentence(decision(sites(3)).groups)
    assert "No gap is more than luck, of 9 comparisons." in calm
    small = groups_sentence(decision(sites(100)).groups)
    assert "There is nothing to compare" in small
    assert "100 groups of fewer than 30 images carry no conclusion." in small


def test_a_stand_in_is_said_to_be_one() -> None:
    images = np.random.default_rng(3).integers(0, 256, (900, 16), dtype=np.uint8)
    words = groups_sentence(decision(grouping_of("size", None, images)).groups)
    assert words.startswith("The groups are a stand-in made of the images, by the number of lit pixels.")
    named = groups_sentence(decision(grouping_of(None, Groups(("a", "b"), np.arange(900) % 2), images)).groups)
    assert "stand-in" not in named


def test_costs_without_a_single_threshold_are_said_to_have_none() -> None:
    question = DecideQuestion(positive=2, costs=preset("ordinal", 3, 2, "plague"))
    found = decide(evidence(), question, (), sites(3))
    assert found.groups.thresholds is None
    assert "No single threshold is cheapest at these costs" in said(group_lines(found.groups, found.costs, 80, 12))
    assert "A threshold for each group" not in groups_sentence(found.groups)


# The command


def test_the_command_prints_and_gives_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = saved(tmp_path / "p.npz", groups=True, images=True)
    assert main(["decide", str(file)]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "net benefit at 0.5" in words
    assert f"{len(SITES)} groups as the file names them" in words
    assert main(["decide", str(file), "--groups", "size", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["views"]["groups"]["by"] == "size"
    assert found["views"]["groups"]["groups"][0]["name"] == "small third"
    curve = found["views"]["threshold"]["net_benefit"]["curve"]
    assert len(curve["thresholds"]) == len(curve["model"]) == len(curve["model_low"]) == 99
    assert main(["decide", str(file), "--groups", "none", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["views"]["groups"]["groups"] == []


@pytest.mark.parametrize(
    ("by", "line"),
    [
        ("colour", "--groups: found 'colour', expected one of file, brightness, size, none"),
        ("size", "groups: found size, expected file or none; there are no images"),
    ],
)
def test_groups_that_there_are_not_are_one_line(
    by: str, line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["decide", str(saved(tmp_path / "p.npz", groups=True)), "--groups", by]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.strip() == f"softmax-tui: {line}"
