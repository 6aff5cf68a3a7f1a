"""The exercises of the book as data: they name panes that there are, in words that find room."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tui.pane.commands import PANES
from tui.pane.exercises import EXERCISES, SUB_QUESTIONS, pane_label, pane_of
from tui.pane.tour import Tour

QUESTIONS = [question for exercise in EXERCISES for question in exercise.questions]


def test_five_exercises_ask_eleven_things_of_five_panes() -> None:
    assert [exercise.number for exercise in EXERCISES] == [1, 2, 3, 4, 5]
    assert len({exercise.pane for exercise in EXERCISES} & {pane.id for pane in PANES}) == 5
    assert len(QUESTIONS) == len(SUB_QUESTIONS) == 11
    for exercise in EXERCISES:
        assert all(question.id.startswith(str(exercise.number)) for question in exercise.questions)
        assert all(pane_of(question.id) == exercise.pane for question in exercise.questions)
    assert all(cell_len(question.text) <= 70 for question in QUESTIONS)


def test_every_pane_is_something_in_the_book() -> None:
    assert [pane_label(pane.id) for pane in PANES] == [
        "book: training",
        "exercise 1",
        "exercise 2",
        "book: prediction",
        "exercise 3",
        "exercise 5",
        "exercise 4",
    ]
    assert pane_label("") == ""


def test_answers_are_counted_once_and_only_those_that_an_exercise_asks_for() -> None:
    tour = Tour()
    assert tour.words == "0 of 11 answers seen"
    tour.add({"1a", "3"})
    tour.add({"1a"})
    assert tour.words == "2 of 11 answers seen"
    with pytest.raises(ValueError, match="9z"):
        tour.add({"9z"})
