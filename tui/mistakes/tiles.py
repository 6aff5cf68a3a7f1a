"""A list of mistakes as long as there are any, of which each image is made when it is drawn."""

from __future__ import annotations

from rich.cells import cell_len

from engine.contract.answers import Mistake
from engine.contract.events import DatasetInfo
from tui.drawing.album import Album
from tui.drawing.confusions import name_of, pair_words
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.picture_grid import Caption, CaptionedPicture
from tui.widgets.picture_tile import WAITING

_NAMES = 14  # cells: the narrowest picture


class Tiles(MadeWhenDrawn[CaptionedPicture]):
    """For the gallery: each image over `true → predicted` and how sure the model is."""

    def __init__(self, album: Album, dataset: DatasetInfo, width: int) -> None:
        self._album, self._dataset, self._width = album, dataset, width
        self._waiting: set[int] = set()

    def has_news(self, ranks: range) -> bool:
        """Whether one of these was drawn as waiting and is there by now."""
        return any(rank in self._waiting and self._album.at(rank) is not None for rank in ranks)

    def __len__(self) -> int:
        return self._album.matching

    def made(self, rank: int) -> CaptionedPicture:
        image = self._album.at(rank)
        if image is None:
            self._waiting.add(rank)
            return WAITING
        return self._tile(image)

    def _tile(self, image: Mistake) -> CaptionedPicture:
        data, right = self._dataset, image.true == image.predicted
        if right:
            words = name_of(data.label_names, image.true, self._width)
        else:
            words = pair_words(data.label_names, image.true, image.predicted, self._width)
        sure = f"{image.probability:.0%}" if self._width < _NAMES + 2 else f"{image.probability:.1%}"
        numbers = f"{sure} loss {image.loss:.3g}"
        return CaptionedPicture(
            image.pixels,
            data.image_height,
            data.image_width,
            (Caption(words, "right" if right else "text"), Caption(numbers, "muted")),
        )


class Rows(MadeWhenDrawn[str]):
    """For inputs that are no pictures: each a line of a table."""

    HEADING = f"{'index':>9}  {'true → predicted':<{2 * _NAMES + 3}} {'probability':>11} {'margin':>7} {'loss':>9}"

    def __init__(self, album: Album, dataset: DatasetInfo) -> None:
        self._album, self._dataset = album, dataset

    def __len__(self) -> int:
        return self._album.matching

    def made(self, rank: int) -> str:
        image = self._album.at(rank)
        return "..." if image is None else self._row(image)

    def _row(self, image: Mistake) -> str:
        width = 2 * _NAMES + 3
        words = pair_words(self._dataset.label_names, image.true, image.predicted, width)
        first, second = sorted(image.probabilities, reverse=True)[:2]
        words = words + " " * (width - cell_len(words))
        return f"{image.index:>9,}  {words} {image.probability:>11.4f} {first - second:>7.4f} {image.loss:>9.4g}"
