"""A class that is called by a number, a sign or nothing is "class 2" in a sentence."""

import pytest
from rich.cells import cell_len

from engine.verdicts.naming import class_said, counted, members_words
from tui.decide.cost_cells import cell_words as cost_words
from tui.drawing.confusions import cell_words, filtered, overview, pair_words


@pytest.mark.parametrize(
    ("name", "said", "members"),
    [
        ("Shirt", "Shirt", "images of Shirt"),
        ("T-shirt/top", "T-shirt/top", "images of T-shirt/top"),
        ("2", "class 2", "images of class 2"),
        ("10", "class 10", "images of class 10"),
        ("1.5", "class 1.5", "images of class 1.5"),
        ("x", "class x", "images of class x"),
        (" ", "class 7", "images of class 7"),
        ("nan", "nan", "images of nan"),
    ],
)
def test_a_class_is_named(name: str, said: str, members: str) -> None:
    assert class_said(name, 7) == said
    assert members_words(name, 7) == members


def test_one_is_not_several() -> None:
    assert [counted(number, "false alarm") for number in (0, 1, 2143)] == [
        "0 false alarms", "1 false alarm", "2,143 false alarms",
    ]  # fmt: skip


def test_sentences_about_mistakes_and_costs_name_classes() -> None:
    confusion, names = ((30, 25), (1, 40)), ("0", "1")
    assert "class 0 → class 1" in overview(confusion, names)
    assert "of class 0 are wrong, most often taken for class 1" in filtered(confusion, names, 0, None)
    assert "images predicted as class 1 are wrong" in filtered(confusion, names, None, 1)
    assert "of class 0 are taken for class 1" in cell_words(confusion, names, 0, 1)
    assert cost_words(((0.0, 3.0), (1.0, 0.0)), names, 0, 1) == "Deciding for class 1 costs 3 if the truth is class 0"


def test_fewer_than_five_of_a_kind_say_nothing_about_the_classes() -> None:
    assert overview(((30, 4), (3, 40)), ("0", "1")).endswith("too few to say which classes are confused.")
    assert overview(((30, 5), (3, 40)), ("0", "1")).endswith("most often class 0 → class 1 (5 times).")


def test_a_column_of_the_matrix_counts_what_was_predicted_as_its_class() -> None:
    confusion = ((30, 25, 0), (1, 40, 0), (0, 2, 9))
    assert filtered(confusion, ("ant", "bee", "cat"), None, 1) == (
        "27 of 67 images predicted as bee are wrong. Most often the true class is ant (25 times)."
    )


def test_the_shorter_of_two_names_leaves_its_room_to_the_other() -> None:
    names = ("bag", "a very long name of a class")
    assert pair_words(names, 0, 1, 22) == "bag → a very long name…"[:21] + "…"
    assert pair_words(names, 1, 0, 22).endswith("… → bag")
    assert all(cell_len(pair_words(names, *pair, 22)) == 22 for pair in ((0, 1), (1, 0), (1, 1)))
