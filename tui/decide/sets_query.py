"""What the view Sets looks at: a level, a method, and the images whose sets have some size. Knows no Textual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from msgspec.structs import replace

from engine.contract.answers import SetsShown
from engine.contract.commands import ShowSets
from engine.contract.conformal import SetImage, SetMethod, SetsView
from tui.decide.own_answer import OwnAnswer
from tui.decide.sets_lines import bins_of

METHODS: tuple[SetMethod, ...] = get_args(SetMethod)


class SetsAnswer(OwnAnswer[ShowSets, SetsShown]):
    """The question and its last answer; `size` is the bin of sizes that is looked at, None for all of them."""

    def __init__(self) -> None:
        super().__init__(ShowSets(), SetsShown)
        self.size: tuple[int, int] | None = None
        self.cursor = 0
        self._looked_at: tuple[SetsView, object, tuple[SetImage, ...]] | None = None

    @property
    def view(self) -> SetsView | None:
        """The last answer's figures."""
        return self.shown.sets if self.shown is not None else None

    def at_level(self, level: float) -> ShowSets:
        """The question at another level."""
        return replace(self.question, level=level)

    def by_next_method(self) -> ShowSets:
        """The question with the next method, around."""
        following = METHODS[(METHODS.index(self.question.method) + 1) % len(METHODS)]
        return replace(self.question, method=following)

    def choose_row(self, row: int) -> None:
        """Looks at the images of a row of the table of sizes: 0 is all, then one bin after the other."""
        view = self.view
        if view is not None:
            self.size, self.cursor = (None, *bins_of(view))[row], 0

    @property
    def row(self) -> int:
        """The row that is looked at."""
        view = self.view
        bins = bins_of(view) if view is not None else ()
        return bins.index(self.size) + 1 if self.size in bins else 0

    @property
    def images(self) -> Sequence[SetImage]:
        """Those of the row, as many as are sent."""
        view = self.view
        if view is None:
            return ()
        size = self.size if self.row else None
        if self._looked_at is None or self._looked_at[0] is not view or self._looked_at[1] != size:
            low, high = size or (0, len(view.classes))
            self._looked_at = (view, size, tuple(image for image in view.images if low <= image.size <= high))
        return self._looked_at[2]

    def forget(self) -> None:
        super().forget()
        self.size, self.cursor = None, 0
