"""The five exercises of Dive into Deep Learning 4.4: what each asks, which pane answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SubQuestion:
    """One thing that an exercise asks; `id` is its number and letter in the book."""

    id: str
    text: str


@dataclass(frozen=True)
class Exercise:
    """An exercise, and the id of the pane that answers it."""

    number: int
    title: str
    pane: str
    questions: tuple[SubQuestion, ...]


EXERCISES = (
    Exercise(
        1,
        "Softmax by its mathematical definition",
        "softmax",
        (
            SubQuestion("1a", "Does softmax still work with an input of 100?"),
            SubQuestion("1b", "And with a largest input below −100?"),
            SubQuestion("1c", "Fix it: look at each value relative to the largest entry."),
        ),
    ),
    Exercise(
        2,
        "Cross-entropy by its definition",
        "loss",
        (
            SubQuestion("2a", "Train with it in the code of the section."),
            SubQuestion("2b", "Why does it run more slowly?"),
            SubQuestion("2c", "Should you use it? When does it make sense?"),
            SubQuestion("2d", "What must you be careful of? The domain of the logarithm."),
        ),
    ),
    Exercise(
        3,
        "The most likely label",
        "decide",
        (SubQuestion("3", "Is it always right to return it? Think of a medical diagnosis."),),
    ),
    Exercise(
        4,
        "The next word, out of a large vocabulary",
        "vocabulary",
        (SubQuestion("4", "What goes wrong when softmax regression predicts it?"),),
    ),
    Exercise(
        5,
        "Hyperparameters",
        "sweep",
        (
            SubQuestion("5a", "How does the validation loss change with the learning rate?"),
            SubQuestion("5b", "And with the minibatch size? How extreme before an effect?"),
        ),
    ),
)
SUB_QUESTIONS = frozenset(question.id for exercise in EXERCISES for question in exercise.questions)

# What the book has in place of an exercise.
_CHAPTER = {"train": "book: training", "mistakes": "book: prediction"}


def pane_of(question_id: str) -> str:
    """The id of the pane that answers a sub-question."""
    return next(one.pane for one in EXERCISES if question_id in {question.id for question in one.questions})


def pane_label(pane_id: str) -> str:
    """What a pane is in the book: "exercise 1", or a part of the section; "" where there is no such pane."""
    number = next((exercise.number for exercise in EXERCISES if exercise.pane == pane_id), 0)
    return f"exercise {number}" if number else _CHAPTER.get(pane_id, "")
