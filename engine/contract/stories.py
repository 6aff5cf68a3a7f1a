"""What Decide opens on: the class that must not be missed, and what mistakes cost, as the classes' names tell.

Medical datasets open on their disease, any other dataset on a story in which its last class is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.contract.cost_matrix import FALSE_ALARM, MISS, CostMatrix, miss_and_false_alarm, preset

CHEST = ("normal", "pneumonia")
BREAST = ("malignant", "normal or benign")
SKIN = (
    "actinic keratosis",
    "basal cell carcinoma",
    "benign keratosis",
    "dermatofibroma",
    "melanoma",
    "melanocytic nevus",
    "vascular lesion",
)
RETINA = ("grade 0", "grade 1", "grade 2", "grade 3", "grade 4")
RETINA_LAYERS = ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal")
COLON = (
    "adipose",
    "background",
    "debris",
    "lymphocytes",
    "mucus",
    "smooth muscle",
    "normal colon mucosa",
    "cancer-associated stroma",
    "adenocarcinoma epithelium",
)
DISEASES = frozenset(
    {"pneumonia", "malignant", "melanoma", "choroidal neovascularization", "adenocarcinoma epithelium"}
)
OF_GRADES = "squared"
CAUTION = "For teaching, not for diagnosis."


@dataclass(frozen=True)
class Story:
    """`positive` is the class to find, a `disease` or one in the story alone; `costs` a preset, "" for two prices."""

    positive: int
    disease: bool = False
    costs: str = ""


_STORIES: dict[tuple[str, ...], Story] = {
    CHEST: Story(1, disease=True),
    BREAST: Story(0, disease=True),
    SKIN: Story(4, disease=True),
    RETINA: Story(4, disease=True, costs=OF_GRADES),  # grades of severity
    RETINA_LAYERS: Story(0, disease=True),
    COLON: Story(8, disease=True),
}


def story_of(label_names: Sequence[str]) -> Story:
    """The story of a dataset with classes of these names. A file with other classes keeps its last class."""
    return _STORIES.get(tuple(label_names)) or Story(len(label_names) - 1)


def is_disease(name: str) -> bool:
    """Whether the name of a class is that of a disease that must not be missed."""
    return name.strip().casefold() in DISEASES


def medical(label_names: Sequence[str]) -> bool:
    """Whether a word of caution is due."""
    return story_of(label_names).disease or any(map(is_disease, label_names))


def usual_costs(label_names: Sequence[str], positive: int) -> CostMatrix:
    """The costs of the story: of grades the square of the distance, else one miss and one false alarm."""
    story, label = story_of(label_names), label_names[positive]
    if story.costs:
        return preset(story.costs, len(label_names), positive, label)
    return miss_and_false_alarm(len(label_names), positive, label, MISS, FALSE_ALARM)
