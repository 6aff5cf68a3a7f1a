"""Two threads, and every kind of question and measurement in between: the weights are those of a run left alone."""

from pathlib import Path
from queue import Empty
from typing import Any, cast, get_args

import pytest
import torch

from engine.contract.commands import (
    Command,
    Continue,
    ListRuns,
    ListSweeps,
    MeasureLosses,
    MeasureVocabulary,
    MoveThreshold,
    OfferYours,
    Question,
    ReplayRun,
    ReplaySweep,
    ShowDecision,
    ShowExample,
    ShowImages,
    ShowMemory,
    ShowMistakes,
    ShowMonitor,
    ShowSets,
    ShowWeights,
    Shutdown,
    StartTraining,
    StepMinibatch,
    StopMeasuring,
    TraceSoftmax,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed
from engine.contract.events import Finished, MinibatchesDone
from engine.contract.loss_lab import LossesMeasured, LossQuestion, LossRoundDone
from engine.contract.monitoring import MonitorQuestion
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyFinished
from engine.contract.wire import Event
from engine.jobs.recorded_run import Places
from engine.store.runs import RunStore
from engine.training.walk import Stretch, Walk
from engine.worker.command_loop import CommandLoop
from engine.worker.hub import Hub

CONFIG = TrainConfig(
    dataset="silhouettes", train_size=4096, validation_size=200, threads=2, epochs=2, batch_size=256, device="cpu"
)
TINY = VocabularyPlan(
    question=VocabularyQuestion(positions=16, dimension=8, rounds=1, train_words=2000), sizes=(100,), methods=("full",)
)
MINE = "import torch\ntorch.set_num_threads(3)\ndef softmax(x):\n    return x.softmax(1)\n"
QUESTIONS: list[Command] = [
    ShowWeights(request=1),
    TraceSoftmax(rows=((100.0, 1.0),), request=2),
    ShowMistakes(request=3),
    ShowExample(index=0, request=4),
    ShowDecision(request=5),
    MoveThreshold(threshold=0.3, prevalence=0.01, referral=0.1, request=14),
    ShowImages(indices=(0,), request=6),
    ShowMonitor(question=MonitorQuestion(positive=0), request=15),
    ShowSets(level=0.8, method="aps", request=15),
    ListRuns(request=7),
    ReplayRun(run_id="r0001", request=8),
    ListSweeps(request=9),
    ReplaySweep(sweep_id="s0001", request=10),
    ShowMemory(request=11),
    OfferYours(MINE, request=12),
    TraceSoftmax(rows=((100.0, 1.0),), request=13),  # now with yours
]
MEASUREMENTS: list[Command] = [
    MeasureLosses(question=LossQuestion(batch_size=64, threads=1)),
    MeasureLosses(question=LossQuestion(batch_size=65, threads=3)),
    MeasureVocabulary(plan=TINY),
]


class Disturbing:
    """Inbox and outbox of a command loop: one disturbance after each minibatch of the run, which goes step by step.

    The measurement with three threads is asked something in between, and then left half done.
    """

    def __init__(self, disturbances: list[Command]) -> None:
        self.seen: list[Event] = []
        self._inbox: list[Command] = [StartTraining(config=CONFIG, paused=bool(disturbances))]
        self._left = list(disturbances)

    def asker(self, request: int) -> int:
        return 0

    def put(self, event: Event, asked: int = 0) -> None:
        self.seen.append(event)
        if isinstance(event, Finished):
            self._inbox.append(Shutdown())
        elif isinstance(event, MinibatchesDone):
            self._inbox.append(self._left.pop(0) if self._left else Continue())
        elif isinstance(event, LossRoundDone) and event.done == 2 and torch.get_num_threads() != 1:
            raise AssertionError("a measurement left its threads behind")
        elif isinstance(event, LossRoundDone) and event.done == 3 and any(self.of(LossesMeasured)):
            self._inbox += [ShowMistakes(), StopMeasuring()]

    def get_nowait(self) -> Command:
        if not self._inbox:
            raise Empty
        return self._inbox.pop(0)

    def get(self, timeout: float | None = None) -> Command:
        return self._inbox.pop(0) if self._inbox else StepMinibatch()

    def of(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.seen if isinstance(event, kind)]


def trained(folder: Path, disturbances: list[Command]) -> tuple[dict[str, bytes], Disturbing]:
    """The last state of the run, and what was said meanwhile."""
    told = Disturbing(disturbances)
    CommandLoop(Places(folder / "data", folder / "store"), cast("Any", told), cast(Hub, told)).run()
    return dict(RunStore.open(folder / "store").load_checkpoint("r0001").tensors), told


@pytest.fixture
def threads_of_stretches(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    seen: set[int] = set()
    plain = Walk.stretch

    def watched(self: Walk, most: int, *more: float) -> Stretch:
        seen.add(torch.get_num_threads())
        return plain(self, most, *more)

    monkeypatch.setattr(Walk, "stretch", watched)
    return seen


def test_a_run_with_two_threads_is_the_same_to_the_bit_whatever_comes_in_between(
    tmp_path: Path, threads_of_stretches: set[int]
) -> None:
    assert {type(one) for one in QUESTIONS} == set(get_args(Question)), "a kind of question is missing"
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as the worker does
    try:
        alone, _ = trained(tmp_path / "alone", [])
        disturbed, told = trained(tmp_path / "disturbed", [*QUESTIONS, *MEASUREMENTS])
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert [event.request for event in told.of(Failed) if isinstance(event, Failed)] == [10], "no sweep is stored"
    assert len(told.of(LossesMeasured)) == len(told.of(VocabularyFinished)) == 1
    assert threads_of_stretches == {2}
    assert disturbed == alone
