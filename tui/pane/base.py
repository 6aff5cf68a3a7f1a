"""What every pane is: it draws what the app hands down, and asks the engine for the rest."""

from __future__ import annotations

from dataclasses import dataclass, field

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget

from engine.contract.wire import Event
from tui.pane.engine_link import EngineLink
from tui.pane.frames import Drawn
from tui.pane.hints import Offer
from tui.pane.live_run import LiveRun
from tui.pane.preferences import Remembered
from tui.pane.terminal_line import TerminalLine
from tui.pane.tour import Tour
from tui.widgets.focused import StyledAlone
from tui.widgets.readable_chart import ReadableChart


@dataclass(frozen=True)
class DisplayOptions:
    """How to draw: seldom, over a slow line; without braille and blocks, where the terminal's encoding has none.

    `opened` is the path of the predictions file that the app was opened with; `remembered` outlives the session.
    `line` is the way to the terminal.
    """

    slow: bool = False
    ascii_only: bool = False
    opened: str = ""
    remembered: Remembered = field(default_factory=Remembered)
    line: TerminalLine = field(default_factory=TerminalLine, compare=False)

    @property
    def frames_per_second(self) -> float:
        """How often charts are drawn at most."""
        return 1.5 if self.slow else 12.0


class RunWanted(Message):
    """A stored run is to be looked at in another pane, which then comes to the front."""

    def __init__(self, run_id: str, pane_id: str) -> None:
        super().__init__()
        self.run_id = run_id
        self.pane_id = pane_id


class WatchWanted(Message):
    """A run that an engine in the background trains is to be looked at live."""

    def __init__(self, run_id: str) -> None:
        super().__init__()
        self.run_id = run_id


FIGURES = "ReadableChart, Templates"


class AnswersSeen(Message):
    """A pane in front has an answer to the book's exercises on the screen that was not there before."""


class Pane(StyledAlone, Vertical):
    """A subclass says in `on_engine_event` what it makes of the engine's words, and in `redraw` how it draws."""

    def __init__(self, pane_id: str, engine: EngineLink, options: DisplayOptions, live: LiveRun) -> None:
        super().__init__(id=pane_id)
        self.live = live
        self.tour = Tour()  # the app's, once the pane is its own
        self._engine, self._options = engine, options

    @property
    def has_no_engine(self) -> bool:
        """Whether the engine is gone, and with it whatever it was at."""
        return self._engine.gone is not None

    def on_engine_event(self, event: Event) -> bool:
        """The engine has said this, and the live run is what it is after it.

        True where the pane is in sight and shows a failure itself: then no notice repeats it.
        """
        self.redraw()
        return False

    def redraw(self) -> None:
        """Something has changed without a word of the engine: the live run is forgotten, or the engine is silent."""
        raise NotImplementedError

    def shown(self) -> None:
        """The pane has come to the front."""
        self.redraw()

    # Charts, and other figures that have keys of their own

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Out of a form, and where there is no figure, tab leads where it does everywhere."""
        return action != "to_figures" or (self.has_focus and self._first_figure() is not None)

    def action_to_figures(self) -> None:
        """The keys go to the first one; tab leads from there to the next."""
        if (figure := self._first_figure()) is not None:
            figure.focus()

    def on_readable_chart_left(self, message: ReadableChart.Left) -> None:
        message.stop()
        self.focus()

    def _first_figure(self) -> Widget | None:
        found = (figure for figure in self.query(FIGURES) if figure.focusable)
        return next((one for one in found if all(node.display for node in one.ancestors_with_self)), None)

    def answers_seen(self) -> frozenset[str]:
        """The sub-questions of the exercises whose answers are on the screen now, by their ids."""
        return frozenset()

    def on_drawn(self, message: Drawn) -> None:
        """Takes note of answers that were not on the screen before: another hint may follow from them."""
        message.stop()
        if self.display and (news := self.answers_seen() - self.tour.answers):
            self.tour.add(news)
            self.redraw()
            self.post_message(AnswersSeen())

    def headless_command(self) -> str:
        """The command that gives the same without the app.

        Raises:
            InputError: with the line that says which setting is wrong; nothing is copied then, the line is shown.
        """
        raise NotImplementedError

    @property
    def offer(self) -> Offer | None:
        """The hint that is shown, None where there is none to follow."""
        raise NotImplementedError

    def put(self, setting: str, text: str) -> None:
        """Writes a text into the pane's form, as a hint says."""
        raise NotImplementedError

    def look_at(self, run_id: str) -> None:
        """Shows a stored run, which another pane has found."""
        raise NotImplementedError

    def going_on(self) -> str:
        """What leaving the app, or another measurement, would end here, as the first words of a question; "" for
        nothing.
        """
        return ""
