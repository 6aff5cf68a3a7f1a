"""What of the Train pane is there: by the room there is, unless somebody has said otherwise."""

from __future__ import annotations

from dataclasses import dataclass, replace

_NARROW, _BROAD, _LOW = 100, 140, 34  # columns, columns, rows, as in the app's own classes


@dataclass(frozen=True)
class Layout:
    """`None` leaves the choice to the size of the terminal."""

    columns: int = 80
    rows: int = 24
    form_chosen: bool | None = None
    accuracy_chosen: bool | None = None
    templates_chosen: bool | None = None

    @property
    def narrow(self) -> bool:
        return self.columns < _NARROW

    @property
    def broad(self) -> bool:
        return self.columns >= _BROAD

    @property
    def low(self) -> bool:
        return self.rows < _LOW

    @property
    def form(self) -> bool:
        return not self.narrow if self.form_chosen is None else self.form_chosen

    @property
    def charts(self) -> bool:
        """In a narrow terminal the form takes their place."""
        return not (self.narrow and self.form)

    @property
    def accuracy(self) -> bool:
        return not self.low if self.accuracy_chosen is None else self.accuracy_chosen

    @property
    def templates(self) -> bool:
        chosen = not self.low if self.templates_chosen is None else self.templates_chosen
        return chosen and self.charts

    def sized(self, columns: int, rows: int) -> Layout:
        """In another size the form is where that size has it."""
        form = self.form_chosen if (columns < _NARROW) == self.narrow else None
        return replace(self, columns=columns, rows=rows, form_chosen=form)
