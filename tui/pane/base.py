"""What the app expects of a pane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from textual.message import Message

from engine.contract.run_state import RunState
from engine.contract.wire import Event


@dataclass(frozen=True)
class Manner:
    """How to draw: seldom, over a slow line; without braille and blocks, where the terminal's encoding has none.

    `opened` is the path of the predictions file that the app was opened with.
    """

    slow: bool = False
    ascii_only: bool = False
    opened: str = ""

    @property
    def frames_per_second(self) -> float:
        return 1.5 if self.slow else 12.0


class RunWanted(Message):
    """A stored run is to be looked at in another pane, which then comes to the front."""

    def __init__(self, run_id: str, pane_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.pane_id = pane_id


class Pane(Protocol):
    """A pane draws the run that the app hands down, and asks the engine for the rest."""

    def told(self, event: Event, run: RunState) -> None:
        """Something that the engine said, and the live run after it."""

    def headless_command(self) -> str:
        """The command that gives the same without the app.

        Raises:
            InputError: with the line that says which setting is wrong; nothing is copied then, the line is shown.
        """

    def shown(self) -> None:
        """The pane has come to the front."""
