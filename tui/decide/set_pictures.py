"""Images with the sets of labels that they got, as tiles or as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import Mistake
from engine.contract.conformal import SetImage
from engine.contract.events import DatasetInfo
from tui.decide.tiles import Rows, Tiles
from tui.drawing.confusions import name_of
from tui.drawing.plain import plain
from tui.widgets.picture_grid import Caption


class SetTiles(Tiles):
    """Each image over its set and what it truly is, `+` where the set holds it."""

    def __init__(
        self, sets: Sequence[SetImage], images: Mapping[int, Mistake], dataset: DatasetInfo, width: int
    ) -> None:
        super().__init__([one.index for one in sets], images, dataset, width)
        self._sets = sets

    def captions(self, rank: int, image: Mistake) -> tuple[Caption, Caption]:
        one = self._sets[rank]
        words = set_words(one, self._dataset.label_names, self._width)
        return Caption(words, "right" if one.covered else "text"), self.truly("+" if one.covered else "-", image)


class SetRows(Rows):
    """Each a line of a table, in two widths."""

    HEADING = "set"

    def __init__(
        self, sets: Sequence[SetImage], images: Mapping[int, Mistake], dataset: DatasetInfo, width: int
    ) -> None:
        super().__init__([one.index for one in sets], images, dataset, width)
        self._sets = sets

    def words(self, rank: int, room: int) -> str:
        one = self._sets[rank]
        words = set_words(one, self._dataset.label_names, room - 2)
        return f"{'+' if one.covered else '-'} {words}"


def set_words(one: SetImage, names: Sequence[str], width: int) -> str:
    """The classes of a set in `width` cells, the most likely first, and how many more there are."""
    if not one.size:
        return plain("no class", width)
    shown: list[str] = []
    for place, label in enumerate(one.labels):
        name = name_of(names, label)
        after = one.size - place - 1
        rest = f" +{after}" if after else ""
        if shown and cell_len(", ".join([*shown, name]) + rest) > width:
            return f"{', '.join(shown)} +{after + 1}"
        if not shown:
            name = name_of(names, label, max(2, width - len(rest)))
        shown.append(name)
    after = one.size - len(one.labels)
    return ", ".join(shown) + (f" +{after}" if after else "")
