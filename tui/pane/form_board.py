"""Where the form of a lab is: beside the figures, or in their place where a terminal has no room for both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.containers import Vertical

from tui.pane.base import DisplayOptions
from tui.pane.frames import Draw, Frames
from tui.pane.hints import Offer
from tui.pane.lab_form import LabForm

_BESIDE = 116  # columns for a form and figures that have as many as in a terminal of 80


class FormBoard(Vertical):
    """A subclass composes `#side` with the form and `#main` with the figures, and draws in `_parts`.

    It says from how many columns on the form is open unless it is closed; where it is opened by hand, fewer will do.
    Draws as often as the options allow, and nothing while it is hidden.
    """

    BROAD: ClassVar[int]

    form: LabForm[Any]  # a subclass says of which texts

    def __init__(self, options: DisplayOptions) -> None:
        super().__init__()
        self.offer: Offer | None = None  # the hint that is shown
        self.frames = Frames(self, options.frames_per_second, self._parts, options.line)
        self._form_chosen: bool | None = None
        self._was_broad: bool | None = None

    def on_mount(self) -> None:
        self.place_form()

    def on_resize(self) -> None:
        self.place_form()

    @property
    def broad(self) -> bool:
        """Whether the form is open by itself."""
        return self.app.size.width >= self.BROAD

    @property
    def form_open(self) -> bool:
        """Whether the form is in sight."""
        return self.broad if self._form_chosen is None else self._form_chosen

    @property
    def form_covers(self) -> bool:
        """Whether the form takes the place of everything else."""
        return self.form_open and self.narrow

    @property
    def narrow(self) -> bool:
        """Whether there is no room for form and figures side by side."""
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
        self.set_class(self.narrow, "-narrow")
        self.query("#side").set(display=self.form_open)
        self.query("#main").set(display=not self.form_covers)
        self.call_after_refresh(self.frames.now)

    def hint(self, offer: Offer | None, instead: str = "") -> str:
        """The line of the hint that is in front from now on; `instead`, where there is one, is said in its place."""
        self.offer = None if instead or self.form.typing else offer
        return instead or self.form.seen_from_here(offer)

    def _parts(self) -> Sequence[Draw]:
        """What there is to draw."""
        raise NotImplementedError
