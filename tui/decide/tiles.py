"""Images under a view of Decide, each made when it is drawn: as a tile, or as a line where inputs are no pictures."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import Mistake
from engine.contract.events import DatasetInfo
from tui.drawing.confusions import name_of
from tui.widgets.made import MadeWhenDrawn
from tui.widgets.picture_grid import Caption, CaptionedPicture
from tui.widgets.picture_view import WAITING

WIDE = 70  # cells: from here on longer names


class Tiles(MadeWhenDrawn[CaptionedPicture]):
    """A subclass writes the two lines under each of the images that have these numbers."""

    def __init__(self, indices: Sequence[int], images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._indices, self._images, self._dataset = indices, images, dataset
        self._width = width
        self._waiting: set[int] = set()

    @abstractmethod
    def captions(self, rank: int, image: Mistake) -> tuple[Caption, Caption]:
        """The lines under the image of that rank."""

    @property
    def has_news(self) -> bool:
        """Whether one that was drawn as waiting is there by now."""
        return any(index in self._images for index in self._waiting)

    def __len__(self) -> int:
        return len(self._indices)

    def made(self, rank: int) -> CaptionedPicture:
        index = self._indices[rank]
        image = self._images.get(index)
        if image is None:
            self._waiting.add(index)
            return WAITING
        data = self._dataset
        return CaptionedPicture(image.pixels, data.image_height, data.image_width, self.captions(rank, image))

    def truly(self, sign: str, image: Mistake) -> Caption:
        """What the image truly is, after a sign."""
        truth = name_of(self._dataset.label_names, image.true, max(4, self._width - 9))
        return Caption(f"{sign} truly {truth}", "muted")


class Rows(MadeWhenDrawn[str]):
    """A subclass says what stands for each image; beside it stands what the image truly is, and how sure that was."""

    HEADING: str

    def __init__(self, indices: Sequence[int], images: Mapping[int, Mistake], dataset: DatasetInfo, width: int) -> None:
        self._indices, self._images, self._dataset = indices, images, dataset
        self._room, self._truth = (31, 14) if width >= WIDE else (19, 9)

    @abstractmethod
    def words(self, rank: int, room: int) -> str:
        """What the row of that rank says of its image, in so many cells."""

    @property
    def heading(self) -> str:
        """What stands over the columns."""
        return f"{'index':>7} {self.HEADING:<{self._room}} {'truly':<{self._truth}} {'sure':>5}"

    def __len__(self) -> int:
        return len(self._indices)

    def made(self, rank: int) -> str:
        index, words = self._indices[rank], self.words(rank, self._room)
        line = f"{index:>7,} {words}{' ' * (self._room - cell_len(words))}"
        image = self._images.get(index)
        if image is None:
            return f"{line} ..."
        truth = name_of(self._dataset.label_names, image.true, self._truth)
        return f"{line} {truth}{' ' * (self._truth - cell_len(truth))} {image.probabilities[image.predicted]:>5.3f}"
