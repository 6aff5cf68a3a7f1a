"""Which class must not be missed, and what mistakes cost, told from the names of the classes."""

import pytest

from engine.contract.stories import CHEST, RETINA, Story, is_disease, medical, story_of, usual_costs
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


def test_a_file_of_ones_own_keeps_its_last_class_and_is_cautioned_where_it_is_medical() -> None:
    for names in (("malignant", "benign"), ("benign", " Malignant "), ("well", "cold", "plague")):
        assert story_of(names) == Story(len(names) - 1)
        assert medical(names) == ("cold" not in names)


def test_grades_cost_the_square_of_the_distance() -> None:
    rows = usual_costs(RETINA, 4).rows
    assert rows[4] == (16, 9, 4, 1, 0)
    assert rows[1] == (1, 0, 1, 4, 9)
    assert not medical(("0", "1", "2", "3", "4"))


def test_any_other_class_has_two_prices() -> None:
    costs = usual_costs(CHEST, 1)
    assert costs.rows == ((0, 1), (50, 0))
    assert costs.threshold == pytest.approx(1 / 51)


def test_a_disease_is_one_however_it_is_written() -> None:
    assert all(map(is_disease, ("pneumonia", " Pneumonia", "MELANOMA\n")))
    assert not any(map(is_disease, ("normal", "melanocytic nevus", "")))
