"""The smallest change that flips an image: a picture in grey levels, and a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.answers import ExampleShown, SmallestChange
from tui.drawing.confusions import called, name_of


def change_picture(change: SmallestChange, pixels: int) -> list[float]:
    """The change of each pixel in grey levels, (pixels,); of a pixel in colour the mean of its channels."""
    levels = change.by_pixel()
    channels = max(1, len(levels) // pixels)
    return [sum(levels[start : start + channels]) / channels for start in range(0, len(levels), channels)]


def changed_title(change: SmallestChange, names: Sequence[str]) -> str:
    """What the changed image is called."""
    return f"changed: called {name_of(names, change.predicted, 14)}"


def change_words(shown: ExampleShown, names: Sequence[str]) -> str:
    """How small a change makes the model call the image otherwise."""
    change = shown.change
    if change is None:
        return "No change of the pixels makes the model call the image otherwise."
    most = change.most_levels
    size = f"at most {most:,.0f}" if most >= 1 else "less than 1"
    share = f" ({change.share:.1%} of the image's norm)" if math.isfinite(change.share) else ""
    said = called(names, change.predicted)
    return f"A change of {size} of 255 grey levels a pixel makes the model say {said}{share}."
