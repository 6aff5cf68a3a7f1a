"""The most likely label against the decision of least expected cost."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.analysis.costs import costs_view, expected_costs, least_expected_cost
from engine.analysis.evidence import Evidence
from engine.contract.cost_matrix import CostMatrix, miss_and_false_alarm, preset
from engine.contract.decisions import CostsView
from engine.contract.errors import InputError
from engine.data.brought.costs import parse_cost_matrix, read_cost_matrix

NAMES = ("healthy", "cold", "plague")
COST = st.floats(0, 100)


def rows_of(weights: np.ndarray) -> np.ndarray:
    return (weights + 1e-3) / (weights + 1e-3).sum(1, keepdims=True)


def view_of(probabilities: np.ndarray, labels: np.ndarray, costs: CostMatrix, positive: int = 0) -> CostsView:
    names = tuple(map(str, range(probabilities.shape[1])))
    return costs_view(Evidence.of_probabilities(probabilities, labels, names), costs, positive)


PROBABILITIES = arrays(np.float64, (12, 3), elements=st.floats(0, 1)).map(rows_of)
MATRIX = arrays(np.float64, (3, 3), elements=COST)


@given(PROBABILITIES, MATRIX)
def test_no_decision_is_expected_to_be_cheaper(probabilities: np.ndarray, matrix: np.ndarray) -> None:
    chosen = least_expected_cost(probabilities, matrix)
    for row, decision in enumerate(chosen):
        by_hand = [math.fsum(probabilities[row, true] * matrix[true, other] for true in range(3)) for other in range(3)]
        assert by_hand[decision] <= min(by_hand) + 1e-9
        assert expected_costs(probabilities, matrix)[row, decision] == pytest.approx(by_hand[decision], abs=1e-9)


@given(PROBABILITIES)
def test_equal_costs_for_all_mistakes_give_the_most_likely_label(probabilities: np.ndarray) -> None:
    symmetrical = np.array(preset("symmetrical", 3, 0, "x").rows)
    chosen = least_expected_cost(probabilities, symmetrical)
    np.testing.assert_allclose(probabilities[np.arange(12), chosen], probabilities.max(1), atol=1e-9)


@given(PROBABILITIES, st.floats(0.01, 100), st.floats(0.01, 100))
def test_a_miss_and_a_false_alarm_make_elkans_threshold(
    probabilities: np.ndarray, miss: float, false_alarm: float
) -> None:
    costs = miss_and_false_alarm(3, 2, "plague", miss, false_alarm)
    alarms = least_expected_cost(probabilities, np.array(costs.rows)) == 2
    clear = np.abs(probabilities[:, 2] - costs.threshold) > 1e-9
    np.testing.assert_array_equal(alarms[clear], (probabilities[:, 2] > costs.threshold)[clear])


def test_among_decisions_that_cost_the_same_the_most_likely_is_taken() -> None:
    costs = np.array(miss_and_false_alarm(4, 3, "plague", 50, 1).rows)
    probabilities = np.array([[0.1, 0.2, 0.695, 0.005], [0.3, 0.6, 0.095, 0.005], [0.3, 0.5, 0.1, 0.1]])
    assert least_expected_cost(probabilities, costs).tolist() == [2, 1, 3]
    assert least_expected_cost(probabilities, np.zeros((4, 4))).tolist() == [2, 1, 1]


def test_the_costs_are_means_over_the_images_of_rows_true_and_columns_decided() -> None:
    random = np.random.default_rng(0)
    probabilities, labels = random.dirichlet([1.0, 1.0, 1.0], 500), random.integers(0, 3, 500)
    matrix = random.uniform(0, 10, (3, 3))
    view = view_of(probabilities, labels, CostMatrix(title="", rows=tuple(map(tuple, matrix.tolist()))))
    most_likely, cheapest = probabilities.argmax(1), (probabilities @ matrix).argmin(1)
    assert view.argmax_cost == pytest.approx(sum(matrix[y, d] for y, d in zip(labels, most_likely, strict=True)) / 500)
    assert view.least_expected_cost == pytest.approx(
        sum(matrix[y, d] for y, d in zip(labels, cheapest, strict=True)) / 500
    )
    assert view.saving == pytest.approx(view.argmax_cost - view.least_expected_cost)
    assert view.flipped == tuple(np.flatnonzero(most_likely != cheapest))
    assert sum(flip.count for flip in view.flips) == len(view.flipped)
    first = view.flips[0]
    same = (most_likely == first.most_likely) & (cheapest == first.decision)
    assert first.count == same.sum()
    cheaper = matrix[labels, cheapest] < matrix[labels, most_likely]
    assert first.cheaper == (same & cheaper).sum()
    transposed = view_of(probabilities, labels, CostMatrix(title="", rows=tuple(map(tuple, matrix.T.tolist()))))
    assert transposed.argmax_cost != pytest.approx(view.argmax_cost)


def test_where_the_probabilities_are_true_least_expected_cost_pays_what_it_promised_and_less() -> None:
    random = np.random.default_rng(1)
    probabilities = random.dirichlet([0.5, 0.5, 0.5], 20_000)
    labels = (random.random((20_000, 1)) > probabilities.cumsum(1)).sum(1).clip(0, 2)
    view = view_of(probabilities, labels, preset("lethal", 3, 2, "plague"))
    assert view.saving_interval.low > 0
    assert view.least_expected_cost == pytest.approx(view.predicted_cost, rel=0.05)


def test_every_flip_has_its_kind_and_both_ways_their_outcomes() -> None:
    random = np.random.default_rng(4)
    probabilities, labels = random.dirichlet(np.ones(5), 400), random.integers(0, 5, 400)
    matrix = random.uniform(0, 10, (5, 5)) * (1 - np.eye(5))
    view = view_of(probabilities, labels, CostMatrix(title="", rows=tuple(map(tuple, matrix.tolist()))))
    likely, cheapest = probabilities.argmax(1), (probabilities @ matrix).argmin(1)
    assert view.flipped == tuple(np.flatnonzero(likely != cheapest))
    assert len(view.flips) > 8
    assert [flip.count for flip in view.flips] == sorted((flip.count for flip in view.flips), reverse=True)
    for index, kind in zip(view.flipped, view.kinds, strict=True):
        flip = view.flips[kind]
        assert (flip.most_likely, flip.decision) == (likely[index], cheapest[index])
    assert [view.kinds.count(place) for place in range(len(view.flips))] == [flip.count for flip in view.flips]
    for decided, outcomes in ((likely, view.most_likely), (cheapest, view.cheapest)):
        for label, outcome in enumerate(outcomes):
            assert outcome.missed == ((labels == label) & (decided != label)).sum()
            assert outcome.false_alarms == ((labels != label) & (decided == label)).sum()


def test_the_presets_are_what_they_are_called() -> None:
    assert preset("symmetrical", 3, 0, "x").rows == ((0, 1, 1), (1, 0, 1), (1, 1, 0))
    assert preset("lethal", 3, 2, "boots").rows == ((0, 1, 1), (1, 0, 1), (50, 50, 0))
    assert preset("ordinal", 3, 0, "x").rows == ((0, 1, 2), (1, 0, 1), (2, 1, 0))
    assert miss_and_false_alarm(3, 1, "x", 50, 2).rows == ((0, 2, 0), (50, 0, 50), (0, 2, 0))
    with pytest.raises(InputError, match="expected one of symmetrical, lethal, ordinal"):
        preset("fair", 3, 0, "x")


@pytest.mark.parametrize(
    "text",
    [
        "0,1,2\n3,0,4\n5,6,0\n",
        "0;1;2\r\n\r\n3;0;4\r\n5;6;0",
        "healthy,cold,plague\n0,1,2\n3,0,4\n5,6,0",
        ",healthy,cold,plague\nhealthy,0,1,2\ncold,3,0,4\nplague,5,6,0\n",
        "true\\decision\thealthy\tcold\tplague\nhealthy\t0\t1\t2\ncold\t3\t0\t4\nplague\t5\t6\t0",
        "healthy,0,1,2\ncold,3,0,4\nplague,5,6,0\n",
        "0.0 1.0 2.0\n3 0  4\n5 6 0\n",
        "# costs in euros\n0 1 2\n3 0 4\n5 6 0\n",
        "0,0;1,0;2,0\n3,0;0;4\n5,00;6,0;0\n",
        "0,0\t1,0\t2,0\n3,0\t0\t4\n5\t6\t0\n",
        ",0,1,2\n0,0,1,2\n1,3,0,4\n2,5,6,0\n",
        "\t1\t2\t3\n1\t0\t1\t2\n2\t3\t0\t4\n3\t5\t6\t0\n",
        ";Healthy;COLD;plague\nHealthy;0;1;2\nCold;3;0;4\nplague;5;6;0\n",
        ",plague,cold,healthy\ncold,4,0,3\nhealthy,2,1,0\nplague,0,6,5\n",
        ",cold,plague,healthy\nplague,6,0,5\nhealthy,1,2,0\ncold,0,4,3\n",
        "  healthy cold plague\nhealthy 0 1 2\ncold 3 0 4\nplague 5 6 0\n",
        '"","healthy","cold","plague"\n"healthy",0,1,2\n"cold",3,0,4\n"plague",5,6,0\n',
        '"healthy" "cold" "plague"\n"healthy" 0 1 2\n"cold" 3 0 4\n"plague" 5 6 0\n',
    ],
)
def test_a_cost_matrix_is_read_with_and_without_names(text: str) -> None:
    assert parse_cost_matrix(text, NAMES).rows == ((0, 1, 2), (3, 0, 4), (5, 6, 0))


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("0,1,2\n3,0,4\n5,6,0\n", ""),
        ("0 1 2\n3 0 4\n5 6 0\n", "spaces between the costs"),
        ("0,0\t1,0\t2,0\n3,0\t0\t4\n5\t6\t0\n", "tabs between the costs; decimal commas"),
        ("healthy,cold,plague\n0,1,2\n3,0,4\n5,6,0", "the first row is a header"),
        ("healthy,0,1,2\ncold,3,0,4\nplague,5,6,0\n", "the first column is an index"),
        (",0,1,2\n0,0,1,2\n1,3,0,4\n2,5,6,0\n", "the first row is a header; the first column is an index"),
        (
            ";plague;cold;healthy\ncold;4;0;3\nhealthy;2;1;0\nplague;0;6;5\n",
            "semicolons between the costs; the first row is a header; the first column is an index; "
            "put in the order of the classes",
        ),
    ],
)
def test_what_was_inferred_of_a_cost_matrix_is_said(text: str, taken: str) -> None:
    assert parse_cost_matrix(text, NAMES) == (((0, 1, 2), (3, 0, 4), (5, 6, 0)), taken)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "found 0 rows of costs, expected 3, one for each true class"),
        ("0,1\n1,0\n", "found 2 rows of 2 numbers, expected 3 × 3"),
        ("0\n", "found 1 row of 1 number, expected 3 × 3"),
        ("0,0,1,2\n1,1,0,1\n2,2,1,0\n", "found 3 rows of 4 numbers, expected 3 × 3"),
        ("1;0;1;2\n2;1;0;1\n3;2;1;0\n", "found 3 rows of 4 numbers, expected 3 × 3"),
        ("0 1 2 3\n1 0 1 2\n2 1 0 1\n3 2 1 0\n", "found 4 rows of 4 numbers, expected 3 × 3"),
        ("0,1,2\n3,0\n5,6,0\n", "row 2: found 2 costs, expected 3, one for each decision"),
        ("0,1,2,9\n3,0,9,4\n5,6,0,1\n", "found 3 rows of 4 numbers, expected 3 × 3"),
        ("0,1,2\n3,0,4\n5,6,0\n7,7,7\n", "found 4 rows of costs, expected 3, one for each true class"),
        ("0,1,2\n3,0,x\n5,6,0\n", "row 2, column 3: found 'x', expected a number of at most 1e+12"),
        ("x,1,2\n3,0,4\n5,6,0\n", "row 1, column 1: found 'x', expected a number of at most 1e+12"),
        ("0,1,2\n\n3,0,nan\n5,6,0\n", "row 3, column 3: found 'nan', expected a number of at most 1e+12"),
        ("0,1,2\n3,0,1e400\n5,6,0\n", "row 2, column 3: found '1e400', expected a number of at most 1e+12"),
        ("0,1_000,2\n3,0,4\n5,6,0\n", "row 1, column 2: found '1_000', expected a number of at most 1e+12"),
        ("0,1,2\n3,0,\n5,6,0\n", "row 2, column 3: found '', expected a number of at most 1e+12"),
        (
            "healthy,plague,cold\n0,1,2\n3,0,4\n5,6,0",
            "column 2 of costs is called 'plague', expected 'cold'",
        ),
        (
            "cold,0,1,2\nhealthy,3,0,4\nplague,5,6,0\n",
            "row 1 of costs is called 'cold', expected 'healthy'",
        ),
        (
            "healthy,0,1,2\ncold,3,bad,4\nplague,5,6,0\n",
            "row 2, column 3: found 'bad', expected a number of at most 1e+12",
        ),
    ],
)
def test_a_bad_cost_matrix_is_named_by_row_and_column(text: str, line: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_cost_matrix(text, NAMES)
    assert str(refused.value) == line


def test_a_cost_file_that_cannot_be_one_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "null.csv").write_bytes(b"0,1\n\0,0\n")
    (tmp_path / "short.csv").write_text("0,1,2\n")
    for name, found in {
        "missing.csv": "no such file",
        "": "is not a regular file",
        "null.csv": "byte 4 is 0, expected a text in UTF-8, UTF-16 or Latin-1",
        "short.csv": "found 1 rows of costs, expected 3",
    }.items():
        with pytest.raises(InputError, match=found) as refused:
            read_cost_matrix(tmp_path / name, NAMES)
        assert "\n" not in str(refused.value)
    (tmp_path / "good.csv").write_text("\ufeff0,1,2\n3,0,4\n5,6,0\n", encoding="utf-8")
    assert read_cost_matrix(tmp_path / "good.csv", NAMES).rows[1] == (3, 0, 4)


def test_a_matrix_of_another_size_or_with_a_hole_is_refused() -> None:
    probabilities, labels = np.full((4, 3), 1 / 3), np.zeros(4, dtype=np.int64)
    with pytest.raises(InputError, match=r"found 2 rows of 2 numbers, expected 3 × 3"):
        view_of(probabilities, labels, CostMatrix(title="", rows=((0, 1), (1, 0))))
    with pytest.raises(InputError, match="found nan in row 2, column 1, expected a finite number"):
        view_of(probabilities, labels, CostMatrix(title="", rows=((0, 1, 1), (math.nan, 0, 1), (1, 1, 0))))
