"""What each view of Decide has: fields, figures, charts and perhaps pictures, a sentence, and what to try next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.containers import Vertical
from textual.widget import Widget

from engine.contract.decisions import Decision
from tui.decide.hints import next_to_try
from tui.decide.query import DecideQuery
from tui.decide.words import View, sentence
from tui.drawing.pixels import PixelStyle
from tui.pane.frames import Draw
from tui.pane.hints import Offer
from tui.pane.tour import Tour
from tui.widgets.field import Field


@dataclass(frozen=True)
class DecidePage:
    """`source` names what is looked at and how, `together` the models of an ensemble; `invitation` where nothing is.

    `seeds` is whether there are others to ask together.
    """

    view: View
    style: PixelStyle
    source: str
    together: str
    seeds: bool
    invitation: str
    tour: Tour


class ViewPanel(Vertical):
    """Draws its view of what a query knows. All but the fields is drawn once something has been decided."""

    VIEW: ClassVar[View]

    def __init__(self) -> None:
        super().__init__(id=f"{self.VIEW}-view")

    @property
    def first_field(self) -> Field:
        """The field that `e` leads into."""
        return self.query_one(Field)

    @property
    def numbers(self) -> list[Field]:
        """The fields that are typed into, from the left."""
        return [field for field in self.query(Field) if not field.choices]

    @property
    def front(self) -> Widget | None:
        """What the keys of the view go to, None where they are the pane's own."""
        return None

    @property
    def shows_pictures(self) -> bool:
        """Whether images are in sight."""
        return False

    def toggle_pictures(self) -> bool:
        """Shows images or hides them; False where the view has none of its own."""
        return False

    def fit(self, tight: bool) -> None:
        """`tight` where there is little room."""

    # The question

    def move(self, query: DecideQuery, step: int, coarse: bool) -> None:
        """The number that the arrows change, one step up (1) or down (−1); the next tenth where it is `coarse`."""

    def type_number(self, query: DecideQuery, name: str, value: float) -> None:
        """What stands in the field of that name now.

        Raises:
            InputError: the number does not fit what is looked at.
        """
        query.type_number(name, value)

    def choose(self, query: DecideQuery, name: str, text: str) -> None:
        """What was chosen in the field of that name."""

    # Drawing

    def draw_fields(self, query: DecideQuery, page: DecidePage) -> None:
        """At once, so that a key is seen before its answer has come; a field that is typed into is left alone."""
        raise NotImplementedError

    def draw_lines(self, query: DecideQuery, decision: Decision, room: int) -> None:
        """The figures, in `room` columns."""
        raise NotImplementedError

    def parts(self, query: DecideQuery, decision: Decision, page: DecidePage) -> list[Draw]:
        """The drawing of each chart, and of the pictures."""
        raise NotImplementedError

    def said(self, query: DecideQuery, decision: Decision) -> str:
        """What the figures say, in a sentence or a few."""
        return sentence(self.VIEW, decision, query.question)

    def offer(self, query: DecideQuery, decision: Decision, page: DecidePage) -> Offer:
        """What to try next."""
        return next_to_try(
            self.VIEW, decision, query.question, pictures=self.shows_pictures, seeds=page.seeds, tour=page.tour
        )
