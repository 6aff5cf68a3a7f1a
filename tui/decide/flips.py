"""The images whose decision flips, as tiles or as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.contract.answers import Mistake
from engine.contract.decisions import Flip
from engine.contract.events import DatasetInfo
from tui.decide.tiles import Rows, Tiles
from tui.drawing.confusions import pair_words
from tui.widgets.picture_grid import Caption

Flipped = Sequence[tuple[int, Flip]]


class FlipTiles(Tiles):
    """Each image over `most likely → cheapest` and what it truly is."""

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        super().__init__([index for index, _ in flipped], images, dataset, width)
        self._flipped = flipped

    def captions(self, rank: int, image: Mistake) -> tuple[Caption, Caption]:
        flip = self._flipped[rank][1]
        words = pair_words(self._dataset.label_names, flip.most_likely, flip.decision, self._width)
        verdict = _verdict(image.true, flip)
        sign = {"better": "+", "worse": "-", "neither": " "}[verdict]
        return Caption(words, "right" if verdict == "better" else "text"), self.truly(sign, image)


class FlipRows(Rows):
    """Each a line of a table, in two widths."""

    HEADING = "flips"

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        super().__init__([index for index, _ in flipped], images, dataset, width)
        self._flipped = flipped

    def words(self, rank: int, room: int) -> str:
        flip = self._flipped[rank][1]
        return pair_words(self._dataset.label_names, flip.most_likely, flip.decision, room)


def _verdict(true: int, flip: Flip) -> str:
    """Whether the flip led to the truth or away from it."""
    return "better" if true == flip.decision else "worse" if true == flip.most_likely else "neither"
