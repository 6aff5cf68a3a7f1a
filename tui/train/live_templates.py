"""The weights of the live run as pictures, asked for while somebody looks at them."""

from __future__ import annotations

import math
import time

from engine.contract.answers import WeightsShown
from engine.contract.commands import ShowWeights
from engine.contract.errors import InputError
from engine.contract.run_state import RunState
from engine.contract.wire import Reply
from engine.processes.client import Engine, EngineGone
from tui.pane.base import DisplayOptions
from tui.pane.fetcher import Fetcher
from tui.pane.frames import later
from tui.widgets.templates import Templates

_SECONDS, _SLOW_SECONDS = 0.33, 10.0  # between two questions; a picture of all classes is 30 KB to a terminal
_REST = 4.0  # times the last answer took


class LiveTemplates(Templates):
    """Follows a run, and is the query for its weights: they are wanted when it has moved, but not too often."""

    def __init__(self, engine: Engine, options: DisplayOptions) -> None:
        super().__init__(empty="no weights yet: the weights appear when a run starts")
        self._fetcher = Fetcher(engine, self)
        self._options = options
        self._followed: tuple[str, int] | None = None
        self._due = -math.inf
        self._asked_at = self._took = 0.0
        self._run = RunState()

    def follow(self, run: RunState) -> None:
        """Shows the weights of this run from now on, as they are now or will soon be."""
        self._run = run
        if run.status is None:
            if self._followed is not None:
                self._followed = None
                self.show((), (), 1, 1)
        elif self._are_wanted() and not self._fetcher.under_way:
            self.run_worker(self._fetcher.go_on(self._are_wanted, lambda: None), group="weights")

    @property
    def _seconds(self) -> float:
        """Until the next question: longer where pictures, or answers, take their time on a line."""
        if self._options.slow or self._options.line.thin:
            return _SLOW_SECONDS
        return max(_SECONDS, min(_SLOW_SECONDS, _REST * self._took))

    @property
    def question(self) -> RunState:
        return self._run

    def _are_wanted(self) -> bool:
        here = (self._run.run_id, self._run.position)
        return bool(self.display) and here != self._followed and time.monotonic() >= self._due

    def next_command(self) -> ShowWeights:
        """Once `_are_wanted`; after its time the run is followed again, as its last state has no event after it."""
        self._asked_at = time.monotonic()
        self._followed, self._due = (self._run.run_id, self._run.position), time.monotonic() + self._seconds
        later(self, self._seconds, lambda: self.follow(self._run))
        return ShowWeights()

    def refused(self, question: RunState, error: InputError | EngineGone) -> None:
        """There is no live run in this engine, as after a restart: what is shown stays."""

    def answered(self, run: RunState, command: ShowWeights, reply: Reply) -> None:
        """The pictures of the run's classes; none of inputs that are no pictures."""
        assert isinstance(reply, WeightsShown)
        self._took = time.monotonic() - self._asked_at
        if self._took * _REST > _SECONDS:
            self._due = time.monotonic() + self._seconds
            later(self, self._seconds, lambda: self.follow(self._run))
        if not reply.image_height:
            return
        pictures = reply.pictures
        names = run.dataset.label_names if run.dataset is not None else ()
        labels = names if len(names) == len(pictures) else tuple(map(str, range(len(pictures))))
        self.show(pictures, labels, reply.image_height, reply.image_width)
