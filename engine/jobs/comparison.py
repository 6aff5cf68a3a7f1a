"""Training with each loss side by side, for the worker and the command line alike."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone, Status
from engine.contract.loss_lab import LossQuestion
from engine.contract.loss_training import (
    LossEpochDone,
    LossTrained,
    LossTrainingDone,
    LossTrainingEvent,
    LossTrainingStarted,
)
from engine.contract.progress import Notice, Progress
from engine.contract.stored_runs import name_in_comparison
from engine.jobs.recorded_run import Session, Training
from engine.labs.loss.training import configs, side_by_side

_PROGRESS_A_SECOND = 10


def compare(
    session: Session, question: LossQuestion, dataset: str, epochs: int
) -> Iterator[Progress | Notice | LossComparison]:
    """Yields the progress of loading, and at last the comparison. A run is stored for each loss, and named for it.

    Raises:
        InputError: as `Session.start`.
    """
    planned = configs(question, dataset, epochs, session.own_loss)
    preparations = {name: session.start(config) for name, config in planned.items()}
    return _compare(session, preparations, epochs)


def _compare(
    session: Session, preparations: Mapping[str, Iterator[Progress | Notice | Training]], epochs: int
) -> Iterator[Progress | Notice | LossComparison]:
    trainings: dict[str, Training] = {}
    try:
        for name, preparation in preparations.items():
            for step in preparation:
                if isinstance(step, Training):
                    trainings[name] = step
                    first = next(iter(trainings.values())).run_id
                    session.store.rename(step.run_id, name_in_comparison(first, name))
                else:
                    yield step
    except BaseException:  # one cannot begin, or a signal came first: none is left standing as if it ran
        for training in trainings.values():
            training.stop("another run could not begin")
        raise
    yield LossComparison(trainings, epochs)


class LossComparison:
    """Runs under way, one with each loss: pull `events` for as long as they should go on, then `stop`."""

    def __init__(self, trainings: Mapping[str, Training], epochs: int) -> None:
        self.name = next((training.run_id for training in trainings.values()), "")
        self._trainings = dict(trainings)
        self._epochs: dict[str, list[EpochDone]] = {name: [] for name in trainings}
        self._trained: dict[str, LossTrained] = {}
        self._planned = epochs
        self.events = self._events()

    def stop(self, reason: str) -> LossTrainingDone:
        """Saves the runs that have not ended and marks them stopped."""
        for name in self._trainings.keys() - self._trained.keys():
            self._ended(name, self._trainings[name].stop(reason))
        return self._done(reason)

    def failed(self, reason: str) -> LossTrainingDone:
        """The last event after an error. A store that takes nothing more is no further error."""
        for name in self._trainings.keys() - self._trained.keys():
            training = self._trainings[name]
            try:
                self._ended(name, training.stop("another run failed"))
            except InputError:
                self._ended(name, training.failed(reason))
        return replace(self._done(reason), status="failed")

    def _events(self) -> Iterator[LossTrainingEvent | Progress]:
        names = tuple(self._trainings)
        run_ids = tuple(training.run_id for training in self._trainings.values())
        yield LossTrainingStarted(losses=names, run_ids=run_ids, epochs=self._planned)
        told_at = time.monotonic()
        for name, event in side_by_side({name: one.events for name, one in self._trainings.items()}):
            if isinstance(event, EpochDone):
                self._epochs[name].append(event)
                yield LossEpochDone(loss=name, epoch=event)
            elif isinstance(event, Finished):
                yield self._ended(name, event)
            elif isinstance(event, MinibatchesDone) and time.monotonic() - told_at >= 1 / _PROGRESS_A_SECOND:
                told_at = time.monotonic()
                yield self._progress(name)
        yield self._done("")

    def _progress(self, loss: str) -> Progress:
        done = sum(map(len, self._epochs.values()))
        return Progress("training with", loss, done, self._planned * len(self._trainings), "epochs")

    def _ended(self, name: str, finished: Finished) -> LossTrained:
        self._trained[name] = LossTrained.of(
            name, self._trainings[name].run_id, finished.status, self._epochs[name], finished.seconds
        )
        return self._trained[name]

    def _done(self, reason: str) -> LossTrainingDone:
        status: Status = "stopped" if reason else "finished"
        trained = tuple(self._trained[name] for name in self._trainings)
        return LossTrainingDone(status=status, trained=trained, reason=reason)
