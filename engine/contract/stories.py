"""What Decide opens on: the class that must not be missed, and what mistakes cost, as the classes' names tell.

Medical datasets, and people's own files with such classes, open on the disease. Any other dataset opens on a story in
which its last class is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.contract.cost_matrix import FALSE_ALARM, MISS, CostMatrix, miss_and_false_alarm, preset

# In lower case. Of MedMNIST's classes those that a physician must not miss; of grades, see `_GRADE`.
DISEASES = frozenset(
    {
        "pneumonia",
        "malignant",
        "melanoma",
        "choroidal neovascularization",
        "adenocarcinoma epithelium",
        "colorectal adenocarcinoma epithelium",
    }
)
_GRADE = re.compile(r"(?:grade|stage) (\d+)")
OF_GRADES = "squared"
CAUTION = "For teaching, not for diagnosis."


@dataclass(frozen=True)
class Story:
    """`positive` is the class to find, a `disease` or one in the story alone; `costs` a preset, "" for two prices."""

    positive: int
    disease: bool = False
    costs: str = ""


def story_of(label_names: Sequence[str]) -> Story:
    """The story of a dataset with classes of these names."""
    if graded(label_names):
        return Story(len(label_names) - 1, disease=True, costs=OF_GRADES)
    for number, name in enumerate(label_names):
        if is_disease(name):
            return Story(number, disease=True)
    return Story(len(label_names) - 1)


def is_disease(name: str) -> bool:
    """Whether the name of a class is that of a disease that must not be missed."""
    return name.strip().casefold() in DISEASES


def graded(label_names: Sequence[str]) -> bool:
    """Whether the classes are grades of severity, in their order."""
    found = [_GRADE.fullmatch(name.strip().casefold()) for name in label_names]
    numbers = [int(one[1]) for one in found if one is not None]
    return len(numbers) == len(label_names) > 2 and numbers == sorted(set(numbers))


def usual_costs(label_names: Sequence[str], positive: int) -> CostMatrix:
    """The costs of the story: of grades the square of the distance, else one miss and one false alarm."""
    story, label = story_of(label_names), label_names[positive]
    if story.costs:
        return preset(story.costs, len(label_names), positive, label)
    return miss_and_false_alarm(len(label_names), positive, label, MISS, FALSE_ALARM)
