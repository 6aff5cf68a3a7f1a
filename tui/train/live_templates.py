"""The weights of the live run as pictures, asked for while somebody looks at them."""

from __future__ import annotations

import math
import time
from array import array

from engine.contract.answers import WeightsShown
from engine.contract.commands import ShowWeights
from engine.contract.errors import InputError
from engine.contract.run_state import RunState
from engine.processes.client import Engine, EngineGone
from tui.pane.base import Manner
from tui.pane.later import later
from tui.widgets.templates import Templates

_SECONDS, _SLOW_SECONDS = 0.33, 10.0  # between two questions; a picture of all classes is 30 KB to a terminal


class LiveTemplates(Templates):
    """Follows a run: asks for its weights when it has moved, but not too often."""

    def __init__(self, engine: Engine, manner: Manner) -> None:
        super().__init__(empty="no weights yet: they appear as soon as a run has begun")
        self._engine = engine
        self._seconds = _SLOW_SECONDS if manner.slow else _SECONDS
        self._followed: tuple[str, int] | None = None
        self._due = -math.inf
        self._run = RunState()

    def follow(self, run: RunState) -> None:
        """Shows the weights of this run from now on, as they are now or will soon be."""
        self._run = run
        here, now = (run.run_id, run.position), time.monotonic()
        if run.status is None:
            if self._followed is not None:
                self._followed = None
                self.show((), (), 1, 1)
        elif self.display and here != self._followed and now >= self._due:
            self._followed, self._due = here, now + self._seconds
            self.run_worker(self._ask(run), group="weights", exclusive=True)
            # The last state of a run has no event after it that would bring one here again.
            later(self, self._seconds, lambda: self.follow(self._run))

    async def _ask(self, run: RunState) -> None:
        try:
            reply = await self._engine.ask(ShowWeights())
        except (InputError, EngineGone):
            return  # no live run in this engine, as after a restart: what is shown stays
        assert isinstance(reply, WeightsShown)
        if not reply.image_height:
            return
        values = array("f")
        values.frombytes(reply.values)
        size = reply.image_height * reply.image_width
        pictures = [values[start : start + size] for start in range(0, len(values), size)]
        names = run.dataset.label_names if run.dataset is not None else ()
        labels = names if len(names) == len(pictures) else tuple(map(str, range(len(pictures))))
        self.show(pictures, labels, reply.image_height, reply.image_width)
