"""The figures and sentences of Decide as a person reads them."""

import math

import numpy as np
import pytest
from msgspec.structs import replace

from engine.analysis.decisions import decide
from engine.analysis.evidence import Evidence
from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.cost_matrix import PRESET_NAMES, CostMatrix, cheapest_threshold, miss_and_false_alarm, preset
from engine.contract.decisions import DecideQuestion, Decision, Flip
from engine.contract.events import DatasetInfo
from engine.verdicts.decision import scenario_sentence
from tests.mistakes.scripted import dataset_of, mistake, stored_run
from tui.decide.charts import precision_recall_chart, roc_chart
from tui.decide.cost_cells import cell_words, cost_lines, cost_text, cost_view
from tui.decide.flips import FlipTiles
from tui.decide.hints import next_to_try
from tui.decide.lines import (
    class_words,
    costs_lines,
    counts_lines,
    figure,
    kinds_heading,
    kinds_of,
    prices_line,
    rates_lines,
    title_line,
    trust_lines,
)
from tui.decide.scenario import Scenario
from tui.decide.sets_query import SetsAnswer
from tui.decide.source import seeds_among
from tui.decide.words import VIEWS, sentence
from tui.drawing.plain import plain
from tui.drawing.plot import plain_chart
from tui.drawing.spans import text_of

NAMES = ("well", "cold", "[/b]\x1b[2J")


def drawn(images: int = 400, shift: float = 1.5) -> Evidence:
    random = np.random.default_rng(1)
    labels = random.integers(0, 3, images)
    logits = random.normal(0, 1.5, (images, 3))
    logits[np.arange(images), labels] += shift
    return Evidence.of_logits(logits, labels, NAMES)


def asked(threshold: float, positive: int = 2) -> DecideQuestion:
    costs = miss_and_false_alarm(3, positive, NAMES[positive], 50, 1)
    return DecideQuestion(positive=positive, threshold=threshold, costs=costs)


def decision(positive: int = 2, threshold: float = 0.5, images: int = 400, shift: float = 1.5) -> Decision:
    return decide(drawn(images, shift), asked(threshold, positive))


@pytest.mark.parametrize("width", [60, 78, 120])
def test_every_line_fits_and_nothing_from_outside_is_interpreted(width: int) -> None:
    view = decision()
    lines = [
        *counts_lines(view.threshold, width),
        *rates_lines(view.threshold, width),
        *trust_lines(view.trust, width),
        *costs_lines(view.costs, width),
        title_line(view.costs.costs, width),
        prices_line(view.threshold, view.costs, width, "d"),
    ]
    for line in lines:
        assert len(text_of(line)) <= max(width, 78)
        assert "\x1b" not in text_of(line)


def test_counts_and_rates_are_those_of_the_decision() -> None:
    view = decision().threshold
    table = "\n".join(map(text_of, [*counts_lines(view, 80), *rates_lines(view, 80)]))
    for number in (view.true_positive, view.false_positive, view.true_negative, view.false_negative):
        assert f" {number:,}" in table
    interval = view.sensitivity_interval
    assert f"{view.sensitivity:.3f}  {interval.low:.3f}–{interval.high:.3f}" in table
    assert "precision at 1 in 1,000" in table
    precision = view.precision_interval
    assert precision.low < view.precision < precision.high


def test_figures_take_seven_cells_at_most_and_a_missing_one_is_a_dash() -> None:
    assert [figure(value) for value in (0.12345, 123.45, 1234.5, 1e12, math.nan, -0.5)] == [
        *("0.123", "123.5", "1,234", "1.00e12", "-", "-0.500"),
    ]


@pytest.mark.parametrize(("miss", "alarm", "threshold"), [(50.0, 1.0, 0.5), (1.0, 3.0, 0.2), (7.0, 7.0, 0.9)])
def test_the_prices_come_to_what_the_labels_say_at_the_threshold(miss: float, alarm: float, threshold: float) -> None:
    costs = miss_and_false_alarm(3, 2, NAMES[2], miss, alarm)
    evidence = drawn()
    view = decide(evidence, DecideQuestion(positive=2, threshold=threshold, costs=costs))
    line = text_of(prices_line(view.threshold, view.costs, 78, "d"))
    alarms, ill = evidence.probabilities[:, 2] >= threshold, evidence.labels == 2
    price = (miss * (ill & ~alarms).sum() + alarm * (~ill & alarms).sum()) / len(ill)
    assert f"a miss costs {miss:g}, a false alarm {alarm:g} (d)" in line
    assert line.endswith(f"   {price:.3f} per image, least at {alarm / (miss + alarm):.4g}")


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_costs_without_a_cheapest_threshold_are_named_where_the_threshold_is(name: str) -> None:
    costs = preset(name, 3, 2, "plague")
    view = decide(drawn(), DecideQuestion(positive=2, costs=costs))
    line = text_of(prices_line(view.threshold, view.costs, 78, "d"))
    assert line == f" {plain(costs.title, 43)} (d): no single cheapest threshold"
    assert text_of(title_line(costs, 78)).strip() == costs.title


@pytest.mark.parametrize("positive", [0, 1])
def test_any_costs_of_two_classes_have_a_cheapest_threshold(positive: int) -> None:
    read = CostMatrix(title="costs from c.csv", rows=((0.0, 1.0), (50.0, 0.0)))
    assert cheapest_threshold(read, positive) == pytest.approx((50 if positive == 0 else 1) / 51)
    assert cheapest_threshold(preset("symmetrical", 2, positive, "x"), positive) == 0.5
    for other in (((0.0, 1.0), (50.0, 2.0)), ((0.0, -1.0), (50.0, 0.0)), ((0.0, 0.0), (0.0, 0.0))):
        assert math.isnan(cheapest_threshold(CostMatrix(title="", rows=other), positive))


@pytest.mark.parametrize("labels", [(0, 1), (2,)])
def test_no_curve_is_drawn_where_one_class_is_absent(labels: tuple[int, ...]) -> None:
    """A diagonal alone would be read as the curve of a model that guesses."""
    some = drawn()
    here = np.isin(some.labels, labels)
    evidence = Evidence.of_logits(some.logits[here], some.labels[here], NAMES)
    spec = roc_chart(decide(evidence, asked(0.5)).threshold)
    assert not any(series.cells for series in spec.series)
    assert "one class is absent" in plain_chart(spec, 60, 12)


def test_the_kinds_of_flips_add_up() -> None:
    costs = decision().costs
    rows = kinds_of(costs.flips, len(costs.flipped), NAMES, 40)
    assert rows[0].split()[0] == str(len(costs.flipped))
    assert sum(int(row.split()[0]) for row in rows[1:]) == len(costs.flipped)
    assert sum(int(row.split()[1]) for row in rows[1:]) == int(rows[0].split()[1])


def test_classes_of_one_name_are_told_apart() -> None:
    assert class_words(["a", "b", "a"]) == ["a (0)", "b", "a (2)"]


def test_the_scenario_tells_both_ways_and_what_becomes_of_them_where_the_disease_is_rare() -> None:
    view = decision()
    said = scenario_sentence(view.threshold, view.costs)
    likely, cheapest = view.costs.most_likely[2], view.costs.cheapest[2]
    ill = view.threshold.true_positive + view.threshold.false_negative
    assert f"The most likely label misses {likely.missed} of {ill} ill, with {likely.false_alarms} false alarms" in said
    assert f"least-cost decision misses {cheapest.missed}, with {cheapest.false_alarms}" in said
    assert cheapest.missed < likely.missed
    saved = view.costs.saving / view.costs.argmax_cost
    assert f"{saved:.0%} cheaper" in said
    well = 400 - ill
    there = [50 * one.missed / ill + 999 * one.false_alarms / well for one in (likely, cheapest)]
    assert f"least-cost decision costs more: {there[1]:.4g} instead of {there[0]:.4g} per 1,000 people" in said
    assert said.endswith(f"learned where {ill / 400:.1%} are ill, so its probabilities are too high.")


def test_the_scenario_claims_no_difference_that_the_figures_do_not_carry() -> None:
    view = decision(images=12, shift=0.2)
    interval = view.costs.saving_interval
    assert interval.low <= 0 <= interval.high
    said = scenario_sentence(view.threshold, view.costs)
    assert "cannot be distinguished from guessing: no conclusion" in said  # no story from such a ranking


def test_without_a_single_ill_one_there_is_no_story() -> None:
    evidence = Evidence.of_logits(np.zeros((4, 3)), np.zeros(4, dtype=np.int64), NAMES)
    found = decide(evidence, DecideQuestion(positive=1, costs=miss_and_false_alarm(3, 1, "cold", 50, 1)))
    assert scenario_sentence(found.threshold, found.costs).startswith("No image is truly cold")


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_says_something_and_offers_the_next_thing_to_try(view: str) -> None:
    for question in (Scenario(), Scenario(threshold=0.1)):
        assert len(sentence(view, decision(), question)) > 40  # type: ignore[arg-type]
        assert next_to_try(view, decision(), question, pictures=False, seeds=False).line()  # type: ignore[arg-type]


def test_a_moved_threshold_ends_the_story() -> None:
    assert sentence("threshold", decision(), Scenario()).startswith("Imagine")
    assert sentence("threshold", decision(threshold=0.1), Scenario(threshold=0.1)).startswith("At a threshold of 0.1")


def test_a_matrix_that_does_not_fit_is_shown_around_the_cursor() -> None:
    names = [f"class {index}" for index in range(300)]
    rows = preset("ordinal", 300, 0, "").rows
    view = cost_view(rows, names, (60, 10), (250, 120), (0, 0))
    assert view.top <= 250 < view.top + view.rows
    assert view.left <= 120 < view.left + view.columns
    lines = cost_lines(rows, names, view)
    assert all(sum(len(cell.text) for cell in line) <= 60 for line in lines)
    assert {(cell.row, cell.column): cell.text.strip() for line in lines for cell in line}[250, 120] == "130"


def test_a_cost_takes_nine_cells_at_most() -> None:
    assert [cost_text(cost) for cost in (0, 1.5, -1e12, 123456.789, 1e-7 / 3)] == [
        *("0", "1.5", "-1e+12", "123457", "3.3e-08"),
    ]
    assert (
        cell_words(((0.0, 2.5), (1.0, 0.0)), ("a", "b\n"), 0, 1)
        == "Deciding for class b costs 2.5 if the truth is class a"
    )


def run(run_id: str, name: str, seed: int, **changes: object) -> RunSummary:
    summary = stored_run(run_id, name)
    return replace(
        summary, config=TrainConfig(seed=seed, learning_rate=float(str(changes.pop("rate", 0.1)))), **changes
    )


def test_the_seeds_of_one_value_are_an_ensemble_and_nothing_else_is() -> None:
    here: DatasetInfo = dataset_of()
    stored = [
        run("r9", "s0001/0 learning-rate 0.1 seed 0", 0),
        run("r8", "s0001/1 learning-rate 0.1 seed 1", 1),
        run("r7", "s0001/2 learning-rate 0.3 seed 0", 0, rate=0.3),
        run("r6", "s0001/3 learning-rate 0.3 seed 1", 1, rate=0.3),
        run("r5", "s0001/4 learning-rate 0.3 seed 2", 2, rate=0.3, status="running"),
        run("r4", "mine", 3),
        run("r3", "s0002/0 learning-rate 0.1 seed 7", 7),
        run("r2", "s0001/5 learning-rate 1 seed 0", 0, rate=1.0, dataset=replace(here, checksum="other")),
        run("r1", "s0001/6 learning-rate 1 seed 1", 1, rate=1.0),
    ]
    groups = seeds_among(stored, here)
    assert [(group.run_ids, group.words) for group in groups] == [
        (("r9", "r8"), "s0001 learning-rate 0.1: 2 seeds"),
        (("r7", "r6"), "s0001 learning-rate 0.3: 2 seeds"),
    ]
    assert seeds_among(stored, here, first="r6")[0].run_ids == ("r7", "r6")
    assert seeds_among(stored, replace(here, checksum="")) == []


def test_the_heading_of_the_kinds_is_shorter_where_there_is_less_room() -> None:
    assert kinds_heading(99, 60).endswith("most likely to cheapest")
    for width in (12, 20, 30, 35):
        assert len(kinds_heading(99, width).rstrip()) <= max(12, width)
    assert kinds_heading(99, 30).endswith("  from to")


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
def test_the_mark_of_the_threshold_stands_on_both_curves(threshold: float) -> None:
    view = decision(threshold=threshold).threshold
    for spec in (roc_chart(view), precision_recall_chart(view)):
        *_, curve, here = spec.series
        ((x, *_, y),) = here.cells
        assert min(math.dist((x, y), (cell.x, cell.mean)) for cell in curve.cells) < 0.02, spec.y_label
    false_alarms = view.false_positive / (view.false_positive + view.true_negative)
    assert roc_chart(view).series[-1].cells[0].x == pytest.approx(false_alarms)


def test_a_flip_is_better_where_it_leads_to_the_truth_whatever_the_kind_came_to() -> None:
    flips = [(index, Flip(0, 1, 5, 0)) for index in range(3)]
    images = {index: mistake(index, true, 0) for index, true in enumerate((1, 0, 2))}
    tiles = FlipTiles(flips, images, dataset_of(), 40)
    signs = [tiles[rank].captions[1].text[:1] for rank in range(3)]
    assert signs == ["+", "-", " "]


def test_what_all_images_cost_is_what_they_cost_and_not_what_was_forecast() -> None:
    view = replace(decision().costs, least_expected_cost=0.5, predicted_cost=0.25, argmax_cost=2.0, num_examples=400)
    rows = [text_of(line).split() for line in costs_lines(view, 120)]
    assert rows[1][-2:] == ["2.000", "800"]
    assert rows[2][2:5] == ["0.500", "200", "0.250"]


def test_of_two_runs_of_one_seed_the_newest_is_in_the_ensemble() -> None:
    stored = [run("r9", "", 0), run("r8", "", 0), run("r7", "", 1)]  # the newest first
    assert [group.run_ids for group in seeds_among(stored, dataset_of())] == [("r9", "r7")]


def test_a_view_that_was_refused_an_answer_asks_again_once_something_else_is_decided() -> None:
    answer = SetsAnswer()
    assert answer.wanted() is not None
    answer.refusal = "no"
    assert answer.wanted() is None
    answer.ask_again()
    assert answer.wanted() is not None
