"""Where the form of a lab is: beside the figures, or in their place where a terminal has no room for both."""

from __future__ import annotations

from typing import ClassVar

from textual.containers import Vertical

from tui.pane.frames import Frames

_BESIDE = 116  # columns for a form and figures that have as many as in a terminal of 80


class FormBoard(Vertical):
    """A subclass composes `#side` with the form and `#main` with the figures.

    It says from how many columns on the form is open unless it is closed; where it is opened by hand, fewer will do.
    """

    BROAD: ClassVar[int]

    frames: Frames

    def __init__(self) -> None:
        super().__init__()
        self._form_chosen: bool | None = None
        self._was_broad: bool | None = None

    def on_mount(self) -> None:
        self.watch(self.app, "theme", self.frames.now, init=False)
        self.place_form()

    def on_resize(self) -> None:
        self.place_form()

    @property
    def broad(self) -> bool:
        return self.app.size.width >= self.BROAD

    @property
    def form_open(self) -> bool:
        return self.broad if self._form_chosen is None else self._form_chosen

    @property
    def form_covers(self) -> bool:
        """Whether the form takes the place of everything else."""
        return self.form_open and self._narrow

    @property
    def _narrow(self) -> bool:
        return self.app.size.width < min(_BESIDE, self.BROAD)

    def show_form(self, opened: bool | None) -> None:
        """`None` leaves it to the room there is."""
        self._form_chosen = opened
        self.place_form()

    def place_form(self) -> None:
        """In another kind of room the form is where that has it."""
        if self._was_broad not in (None, self.broad):
            self._form_chosen = None
        self._was_broad = self.broad
        self.set_class(self._narrow, "-narrow")
        self.query_one("#side").display = self.form_open
        self.query_one("#main").display = not self.form_covers
        self.call_after_refresh(self.frames.now)
