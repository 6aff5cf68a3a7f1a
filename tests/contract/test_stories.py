"""Which class must not be missed, and what mistakes cost, told from the names of the classes."""

import pytest

from engine.contract.stories import Story, graded, story_of, usual_costs
from engine.data.medical import MEDICAL

FOUND = {  # as the datasets' own papers have it
    "pneumoniamnist": Story(1, disease=True),
    "breastmnist": Story(0, disease=True),
    "dermamnist": Story(4, disease=True),
    "octmnist": Story(0, disease=True),
    "pathmnist": Story(8, disease=True),
    "retinamnist": Story(4, disease=True, costs="squared"),
    "bloodmnist": Story(7),
    "tissuemnist": Story(7),
    "organamnist": Story(10),
    "organcmnist": Story(10),
    "organsmnist": Story(10),
}


@pytest.mark.parametrize("one", MEDICAL, ids=[one.name for one in MEDICAL])
def test_medical_datasets_open_on_their_disease(one: object) -> None:
    assert story_of(one.label_names) == FOUND[one.name]  # type: ignore[attr-defined]


def test_a_file_of_ones_own_opens_on_the_disease_too() -> None:
    assert story_of(("benign", " Malignant ")) == Story(1, disease=True)
    assert story_of(("well", "cold", "plague")) == Story(2)


def test_grades_cost_the_square_of_the_distance() -> None:
    names = tuple(f"Stage {number}" for number in range(1, 5))
    assert graded(names)
    assert usual_costs(names, 3).rows == ((0, 1, 4, 9), (1, 0, 1, 4), (4, 1, 0, 1), (9, 4, 1, 0))
    for other in (("grade 0", "grade 1"), ("grade 2", "grade 1", "grade 0"), ("grade 0", "grade 1", "other")):
        assert not graded(other)


def test_any_other_class_has_two_prices() -> None:
    costs = usual_costs(("well", "pneumonia"), 1)
    assert costs.rows == ((0, 1), (50, 0))
    assert costs.threshold == pytest.approx(1 / 51)
