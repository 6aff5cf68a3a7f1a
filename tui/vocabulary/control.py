"""What the Vocabulary pane tells the engine, and what is known of how it obeys."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import get_args

from engine.contract.answers import MemoryShown
from engine.contract.commands import MeasureVocabulary, ShowMemory, StopMeasuring
from engine.contract.engine_events import Failed
from engine.contract.loss_lab import LossesMeasured, LossRoundDone
from engine.contract.vocabulary import VocabularyPlan
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyStarted,
)
from engine.contract.wire import Event
from engine.processes.client import Engine
from tui.pane.lab import JobControl
from tui.vocabulary.results import Results
from tui.vocabulary.words import Doing

_EVENTS = get_args(VocabularyEvent)


class VocabularyControl(JobControl):
    """Measures and trains output layers, beside a job, which is only held meanwhile."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.results = Results()
        self.plan: VocabularyPlan | None = None  # the one that is carried out
        self.available: int | None = None
        self._steps: VocabularyProgress | None = None
        self._lines_done = 0
        self._stopping = False
        self._began = 0.0
        self._asked_of: tuple[str, int] | None = None  # device and limit that `available` is asked for

    def doing(self) -> Doing:
        """What is going on, for the screen."""
        plan = self.plan
        return Doing(
            what="" if plan is None else "train" if plan.train else "measure",
            progress=self._steps,
            lines_done=self._lines_done,
            lines_planned=0 if plan is None else len(plan.sizes) * len(plan.methods),
            queued=self.waiting is not None,
            stopping=self._stopping,
            seconds=int(time.monotonic() - self._began),
        )

    def told(self, event: Event) -> str | None:
        """None where it does not concern the vocabulary, else why the work came to nothing, "" where it goes well."""
        if isinstance(event, _EVENTS):
            return self._follow(event)
        if self.plan is None:
            return None
        if isinstance(event, Failed) and event.request == 0:  # nothing else is computed meanwhile
            self._end()
            return event.message
        if isinstance(event, LossRoundDone | LossesMeasured):  # which took its place
            self._end()
            return ""
        return None

    def gone(self) -> None:
        """The engine has died: what was seen stays."""
        self._end()
        self.available = self._asked_of = self.waiting = None

    async def run(self, plan: VocabularyPlan) -> None:
        """Measures or trains."""
        self.plan, self._steps, self._lines_done, self._stopping = plan, None, 0, False
        self._began = time.monotonic()
        try:
            await self._engine.ask(MeasureVocabulary(plan=plan))
        except BaseException:
            self._end()
            raise

    async def stop(self) -> None:
        """What is measured stays."""
        self._stopping = True
        await self._engine.ask(StopMeasuring())

    def knows_memory(self, device: str, most: int) -> bool:
        """Whether it was asked how much is free there."""
        return self._asked_of == (device, most)

    def learn_memory(self, device: str, most: int) -> Coroutine[object, object, None]:
        """How much is free there."""
        self._asked_of, self.available = (device, most), None
        return self._learn(device, most)

    async def _learn(self, device: str, most: int) -> None:
        reply = await self._engine.ask(ShowMemory(device=device, most=most))
        if isinstance(reply, MemoryShown) and self._asked_of == (device, most):
            self.available = reply.available_bytes

    def _follow(self, event: VocabularyEvent) -> str:
        if isinstance(event, VocabularyProgress):
            self._steps = event
            return ""
        self.results = self.results.after(event)
        if isinstance(event, VocabularyStarted) and self.plan is not None:
            self.plan = event.plan  # with the sizes that a text has words for
        if isinstance(event, VocabularyMeasured):
            self._lines_done += 1
            self.available = event.available_bytes
            return event.reason if event.outcome == "failed" else ""
        if isinstance(event, VocabularyFinished):
            self._end()
            return event.reason if event.status == "failed" else ""
        return ""

    def _end(self) -> None:
        self.plan, self._steps, self._stopping = None, None, False
