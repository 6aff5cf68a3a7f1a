"""How keys and typing change what Decide asks, and the command that gives the same."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.contract.commands import ShowDecision
from engine.contract.cost_matrix import LARGEST_COST, CostMatrix
from engine.contract.errors import InputError
from tui.decide.query import DecideQuery
from tui.decide.scenario import COST, SETTINGS, CostChoice, Scenario, decide_command, moved, number_typed


@given(st.floats(0, 1), st.booleans())
def test_a_step_up_and_down_moves_and_never_leaves_0_to_1(value: float, coarse: bool) -> None:
    up, down = moved(value, 1, coarse), moved(value, -1, coarse)
    assert 0 <= down <= value <= up <= 1
    assert up > value or value == 1
    assert down < value or value == 0


def test_steps_are_hundredths_and_ever_finer_towards_the_ends() -> None:
    assert [moved(0.5, 1), moved(0.5, -1), moved(0.5, 1, True), moved(0.55, -1, True)] == [0.51, 0.49, 0.6, 0.5]
    assert [moved(0.01, -1), moved(0.005, -1), moved(1e-6, -1), moved(0.0, 1)] == [0.005, 0.002, 0.0, 1e-6]
    assert [moved(0.99, 1), moved(0.995, 1), moved(0.999999, 1)] == [0.995, 0.998, 1.0]
    assert moved(1 / 51, 1) == 0.02


@pytest.mark.parametrize(
    ("text", "share"),
    [("0.001", 0.001), ("1 in 1,000", 0.001), ("1/200", 0.005), ("1:50", 0.02), (" 1 IN 4 ", 0.25), ("1e-3", 0.001)],
)
def test_a_prevalence_may_be_written_as_one_in_so_many(text: str, share: float) -> None:
    assert number_typed(SETTINGS["prevalence"], text) == pytest.approx(share)


@pytest.mark.parametrize("name", [*SETTINGS, "cost"])
@pytest.mark.parametrize("text", ["", "much", "1e999", "nan", "inf", str(2 * LARGEST_COST), "1 in 0", "\x1b[2J"])
def test_what_is_no_number_within_its_bounds_is_one_line(name: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        number_typed(COST if name == "cost" else SETTINGS[name], text)
    assert "expected" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", list(SETTINGS))
def test_no_probability_and_no_price_is_negative(name: str) -> None:
    with pytest.raises(InputError):
        number_typed(SETTINGS[name], "-1")
    assert number_typed(COST, "-1") == -1  # a gain


def test_odds_are_for_the_prevalence_alone() -> None:
    with pytest.raises(InputError):
        number_typed(SETTINGS["threshold"], "1 in 2")


def test_the_scenario_is_told_until_something_of_it_is_changed() -> None:
    assert Scenario(positive=3, source="r0001", referral=0.5).told
    assert not Scenario(threshold=0.4).told
    assert not Scenario(prevalence=0.1).told
    assert not Scenario(costs=CostChoice(miss=2)).told


def test_the_command_names_everything_that_was_chosen() -> None:
    scenario = Scenario(source="a run", members=("r0002", "x.npz"), positive=4, threshold=1 / 51)
    assert shlex.split(decide_command(scenario)) == [
        *("softmax-tui", "decide", "a run", "--positive", "4", "--threshold", "0.0196078431", "--prevalence", "0.001"),
        *("--referral", "0.2", "--miss", "50", "--false-alarm", "1", "--ensemble", "r0002", "x.npz"),
    ]
    assert "--cost-matrix ordinal" in decide_command(Scenario(costs=CostChoice(preset="ordinal")))


def test_a_matrix_from_a_file_is_named_and_one_edited_is_written_first() -> None:
    matrix = CostMatrix(title="costs from c.csv", rows=((0.0, 1.5), (2.0, 0.0)))
    read = CostChoice().with_file(matrix, "my costs/c.csv")
    assert decide_command(Scenario(costs=read), matrix.rows).endswith("--cost-matrix 'my costs/c.csv'")
    edited = read.with_cell(matrix, 1, 0, -3.0)
    rows = edited.matrix(2, 1, "b").rows
    assert rows == ((0.0, 1.5), (-3.0, 0.0))
    command = decide_command(Scenario(costs=edited), rows)
    assert command.startswith("printf '%s\\n' '0.0,1.5\n-3.0,0.0' > softmax-tui-costs.csv && softmax-tui decide")
    assert command.endswith("--cost-matrix softmax-tui-costs.csv")


def test_presets_go_around_and_leave_what_was_edited() -> None:
    costs, names = CostChoice(miss=7), []
    for _ in range(6):
        names.append(costs.name)
        costs = costs.next_preset()
    assert names == ["miss and false alarm", "symmetrical", "lethal", "ordinal", "squared", "miss and false alarm"]
    edited = costs.with_cell(costs.matrix(3, 2, "c"), 0, 1, 9.0)
    assert edited.name == "edited"
    assert edited.next_preset() == CostChoice(miss=7)
    assert CostChoice(preset="lethal").with_prices(3, 4) == CostChoice(miss=3, false_alarm=4)


def test_the_command_names_the_part_that_is_judged_on() -> None:
    assert "--part" not in decide_command(Scenario(source="r0001"))
    assert "--part test" in decide_command(Scenario(source="r0001", part="test"))


def test_another_part_is_another_question() -> None:
    query = DecideQuery()
    query.look_at("r0001", None)
    first = query.next_command()
    query.look_at("r0001", None, (), "test")
    second = query.next_command()
    assert isinstance(first, ShowDecision)
    assert isinstance(second, ShowDecision)
    assert (first.part, second.part) == ("validation", "test")
    assert second.fresh
