"""The images whose decision flips, as many as there are, each made when it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import Mistake
from engine.contract.decisions import Flip
from engine.contract.events import DatasetInfo
from tui.drawing.confusions import name_of, pair_words
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.picture_grid import Caption, CaptionedPicture
from tui.widgets.picture_tile import WAITING

_WIDE = 70  # cells: from here on longer names

Flipped = Sequence[tuple[int, Flip]]


class FlipTiles(MadeWhenDrawn[CaptionedPicture]):
    """Each image over `most likely → cheapest` and what it truly is."""

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._flipped, self._images, self._dataset = flipped, images, dataset
        self._width = width
        self._waiting: set[int] = set()

    @property
    def has_news(self) -> bool:
        """Whether one that was drawn as waiting is there by now."""
        return any(index in self._images for index in self._waiting)

    def __len__(self) -> int:
        return len(self._flipped)

    def made(self, rank: int) -> CaptionedPicture:
        index, flip = self._flipped[rank]
        image = self._images.get(index)
        if image is None:
            self._waiting.add(index)
            return WAITING
        data = self._dataset
        words = pair_words(data.label_names, flip.most_likely, flip.decision, self._width)
        verdict = _verdict(image.true, flip)
        sign = {"better": "+", "worse": "-", "neither": " "}[verdict]
        truth = name_of(data.label_names, image.true, max(4, self._width - 9))
        return CaptionedPicture(
            image.pixels,
            data.image_height,
            data.image_width,
            (
                Caption(words, "right" if verdict == "better" else "text"),
                Caption(f"{sign} truly {truth}", "muted"),
            ),
        )


class FlipRows(MadeWhenDrawn[str]):
    """For inputs that are no pictures: each a line of a table, in two widths."""

    def __init__(self, flipped: Flipped, images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._flipped, self._images, self._dataset = flipped, images, dataset
        self._pair, self._truth = (31, 14) if width >= _WIDE else (19, 9)

    @property
    def heading(self) -> str:
        """What stands over the columns."""
        return f"{'index':>7} {'flips':<{self._pair}} {'truly':<{self._truth}} {'sure':>5}"

    def __len__(self) -> int:
        return len(self._flipped)

    def made(self, rank: int) -> str:
        index, flip = self._flipped[rank]
        names = self._dataset.label_names
        words = pair_words(names, flip.most_likely, flip.decision, self._pair)
        line = f"{index:>7,} {words}{' ' * (self._pair - cell_len(words))}"
        image = self._images.get(index)
        if image is None:
            return f"{line} ..."
        truth = name_of(names, image.true, self._truth)
        return f"{line} {truth}{' ' * (self._truth - cell_len(truth))} {image.probabilities[image.predicted]:>5.3f}"


def _verdict(true: int, flip: Flip) -> str:
    """Whether the flip led to the truth or away from it."""
    return "better" if true == flip.decision else "worse" if true == flip.most_likely else "neither"
