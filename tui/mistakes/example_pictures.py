"""The pictures of the large view: the image, the evidence of its pixels, and the smallest change that flips it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.contract.answers import ExampleShown
from engine.contract.events import DatasetInfo
from tui.drawing.pixels import largest
from tui.mistakes.change_words import change_picture, changed_title
from tui.mistakes.example_words import SIDES, Side, evidence_picture, evidence_title, sides_of
from tui.widgets.picture_view import Image, SignedImage

Shown = Side | Literal["image", "change", "changed"]
PICTURES: tuple[Shown, ...] = ("image", *SIDES, "change", "changed")


def pages_of(shown: ExampleShown, room: int) -> list[tuple[Shown, ...]]:
    """What is seen together where there is room for 1, 2 or 4 pictures; `tab` goes from page to page."""
    sides = sides_of(shown)
    flipped: tuple[Shown, ...] = ("change", "changed") if shown.change is not None else ()
    if room == 1:
        return [("image",), *((one,) for one in (*sides, *flipped))]
    if room == 2:
        return [("image", one) for one in (*sides, *flipped)]
    return [("image", *sides), *([("image", *flipped)] if flipped else [])]


@dataclass(frozen=True)
class Made:
    """Each picture with its title, and what is drawn strongest: of the evidence, and of the change in grey levels."""

    pictures: dict[Shown, tuple[Image | SignedImage, str]]
    evidence_limit: float
    change_limit: float


def pictures_of(shown: ExampleShown, dataset: DatasetInfo) -> Made:
    """All pictures of an example whose evidence is known."""
    shape = (dataset.image_height, dataset.image_width)
    evidence = {side: evidence_picture(shown, side, shape[0] * shape[1]) for side in sides_of(shown)}
    limit = max(largest(values) for values in evidence.values())
    made: dict[Shown, tuple[Image | SignedImage, str]] = {
        "image": (Image(shown.example.pixels, *shape), "as the model sees it")
    }
    for side, values in evidence.items():
        made[side] = SignedImage(values, *shape, limit), evidence_title(shown, side, dataset.label_names)
    if shown.change is None:
        return Made(made, limit, 0.0)
    levels = change_picture(shown.change, shape[0] * shape[1])
    made["change"] = SignedImage(levels, *shape, largest(levels)), "smallest change, grey levels"
    made["changed"] = Image(shown.change.pixels, *shape), changed_title(shown.change, dataset.label_names)
    return Made(made, limit, largest(levels))
