"""Which pictures of a run are there: by the rows there are, unless somebody has said otherwise."""

from __future__ import annotations

from dataclasses import dataclass

_LOW = 34  # rows, as in the app's own classes


@dataclass(frozen=True)
class Layout:
    """`None` leaves the choice to the size of the terminal."""

    rows: int = 24
    accuracy_chosen: bool | None = None
    templates_chosen: bool | None = None

    @property
    def low(self) -> bool:
        """Whether loss and accuracy take turns."""
        return self.rows < _LOW

    @property
    def accuracy(self) -> bool:
        """Whether the accuracy is there."""
        return not self.low if self.accuracy_chosen is None else self.accuracy_chosen

    @property
    def templates(self) -> bool:
        """Whether the weights are there, as pictures."""
        return not self.low if self.templates_chosen is None else self.templates_chosen
