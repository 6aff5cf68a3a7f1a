"""What the Loss pane tells the engine, and what is known of how it obeys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.contract.commands import CompareLosses, MeasureLosses, StopMeasuring
from engine.contract.engine_events import Failed
from engine.contract.events import Started
from engine.contract.loss_lab import LossesMeasured, LossQuestion, LossRoundDone
from engine.contract.loss_training import LossEpochDone, LossTrained, LossTrainingDone, LossTrainingStarted
from engine.contract.progress import Progress
from engine.contract.sweeps import SweepStarted
from engine.contract.vocabulary_events import VocabularyStarted
from engine.contract.wire import Event
from engine.processes.client import Engine
from tui.loss.form import texts_of
from tui.loss.runs import LossRuns
from tui.loss.words import Doing, View
from tui.pane.lab import JobControl

_TRAINING = (LossTrainingStarted, LossEpochDone, LossTrained, LossTrainingDone)


class LossControl(JobControl):
    """Measures a batch, or several one after the other, and trains with each loss."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.measured: LossesMeasured | None = None
        self.scale: tuple[LossesMeasured, ...] = ()  # ascending in the number of classes
        self.runs = LossRuns()
        self._asked: dict[str, str] = {}  # what training was asked for with, as texts of the form
        self._questions: tuple[LossQuestion, ...] = ()  # the one being measured and those to come
        self._of_scale = False
        self._rounds: LossRoundDone | None = None
        self._running = False  # whether training has begun and not ended

    def doing(self) -> Doing:
        """What is going on, for the screen."""
        return Doing(
            measuring=self._questions[0] if self._questions else None,
            rounds=self._rounds,
            scale_done=len(self.scale) if self._of_scale and self._questions else None,
            training="loading" if self._loading else "running" if self.training else "",
            progress=self.progress,
            queued=self.waiting is not None,
        )

    @property
    def measuring(self) -> bool:
        """Whether a batch is being measured."""
        return bool(self._questions)

    @property
    def training(self) -> bool:
        """Whether training is prepared or under way."""
        return self._loading or self._running

    def started_with(self, view: View) -> dict[str, str]:
        """What the figures of a view were asked for with, as texts of the form; empty where there are none."""
        if view == "training":
            return self._asked if self.runs.status or self.training else {}
        if view == "classes":
            return texts_of(self.scale[0].question, any_classes=True) if self.scale else {}
        return {} if view == "slider" or self.measured is None else texts_of(self.measured.question)

    def told(self, event: Event) -> bool:
        """Whether it concerns the losses."""
        if isinstance(event, LossRoundDone):
            self._rounds = event if self._questions else None
        elif isinstance(event, LossesMeasured):
            self._take(event)
        elif isinstance(event, _TRAINING):
            self._follow(event)
        elif isinstance(event, Progress):
            self.progress = event if self.training else None
            return self.training
        elif isinstance(event, Started | SweepStarted | VocabularyStarted):  # which takes the place of what went on
            self._questions = ()
            if not isinstance(event, VocabularyStarted):
                self._loading = self._running = False
        elif isinstance(event, Failed) and event.request == 0:
            return self._failed(event.message)
        else:
            return False
        return True

    def gone(self, line: str) -> None:
        """The engine has died: what was seen stays."""
        self._questions, self.waiting = (), None
        if self.training:
            self._end_runs(line)

    async def measure(self, question: LossQuestion) -> None:
        """One batch; in place of a measurement that is going on."""
        await self._measure((question,), of_scale=False)

    async def measure_scale(self, questions: Sequence[LossQuestion]) -> None:
        """One after the other."""
        self.scale = ()
        await self._measure(tuple(questions), of_scale=True)

    async def stop_measuring(self) -> None:
        """What was measured stays."""
        self._questions, self._rounds = (), None
        await self._engine.ask(StopMeasuring())

    async def train(self, question: LossQuestion, dataset: str, epochs: int) -> None:
        """With each loss; ends whatever job is going on."""
        self._questions, self._running, self.runs = (), False, LossRuns()
        self._asked = texts_of(question, dataset, epochs)
        await self._begin(CompareLosses(question=question, dataset=dataset, epochs=epochs))

    async def stop_training(self) -> None:
        """What was trained is saved."""
        if self.training:
            await self._stop(self.runs.run_ids[0] if self.runs.run_ids else "")

    async def _measure(self, questions: tuple[LossQuestion, ...], of_scale: bool) -> None:
        self._questions, self._of_scale, self._rounds = questions, of_scale, None
        try:
            await self._engine.ask(MeasureLosses(question=questions[0]))
        except BaseException:
            self._questions = ()
            raise

    def _take(self, measured: LossesMeasured) -> None:
        """An answer to a question that has been replaced since is not what was asked."""
        if not self._questions or measured.question != self._questions[0]:
            return
        self._questions, self._rounds = self._questions[1:], None
        if not self._of_scale:
            self.measured = measured
            return
        self.scale = (*self.scale, measured)
        if self._questions:
            # Checked before the first was asked; a failure comes as an event.
            self._engine.send(MeasureLosses(question=self._questions[0]))

    def _follow(self, event: LossTrainingStarted | LossEpochDone | LossTrained | LossTrainingDone) -> None:
        self.runs = self.runs.after(event)
        if isinstance(event, LossTrainingStarted):
            self._prepared()
            self._running = True
        elif isinstance(event, LossTrainingDone):
            self._loading = self._running = False

    def _failed(self, line: str) -> bool:
        """While something is measured nothing else is computed, so it is that which failed."""
        if self._questions:
            self._questions = ()
        elif self.training:
            self._end_runs(line)
        else:
            return False
        return True

    def _end_runs(self, line: str) -> None:
        self._loading = self._running = False
        if self.runs.losses:
            self.runs = replace(self.runs, status="failed", reason=line)
