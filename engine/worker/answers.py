"""The answers to the questions that come in while a run goes on, or long after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from msgspec.structs import replace

from engine.analysis.mistakes import chosen, confusion_matrix, described, example
from engine.analysis.weight_pictures import in_bytes, largest_of, weight_pictures
from engine.contract.answers import (
    DamagedListed,
    MemoryShown,
    MistakesShown,
    RunReplayed,
    RunsListed,
    RunSummary,
    SoftmaxTraced,
    WeightsShown,
)
from engine.contract.commands import (
    Command,
    ListRuns,
    ListSweeps,
    MoveThreshold,
    OfferYours,
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
    TraceSoftmax,
)
from engine.contract.engine_events import WarmingUp
from engine.contract.errors import InputError
from engine.contract.pairs import YOURS
from engine.contract.progress import Notice
from engine.contract.wire import Event
from engine.jobs.judged_model import Judged, judged
from engine.jobs.recorded_run import Model, Session, Training
from engine.jobs.sweep.replay import listed, replayed
from engine.labs.yours.offered import Yours, with_yours
from engine.numerics.trace import offset_errors, trace
from engine.processes.memory import available_bytes
from engine.training.devices import resolve
from engine.worker.decision_answers import Deciding

_MOST_VIEWERS = 8  # whose last models are kept


class AnswersOfViewers:
    """Each viewer pages through what it has asked about itself."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[int, Answers] = {}

    def of(self, viewer: int) -> Answers:
        """Those of one viewer; where there are too many, the one that has asked least lately begins anew."""
        answers = self._known.pop(viewer, None) or Answers(self._session)
        self._known[viewer] = answers
        while len(self._known) > _MOST_VIEWERS:
            del self._known[next(iter(self._known))]
        return answers


class Answers:
    """Remembers the last model that was asked about, so that its pages hold still while the run goes on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._judged: Judged | None = None
        self._deciding = Deciding(session)

    def to(self, question: Command, training: Training | None) -> Iterator[Event]:
        """The reply, after the progress of loading where a stored run's data has to be read.

        Raises:
            InputError: the question cannot be answered.
        """
        if isinstance(question, TraceSoftmax):
            yield _softmax_traced(question, self._session.yours)
        elif isinstance(question, OfferYours):
            yield WarmingUp("judging your functions")
            yield replace(self._session.offer(question.source), request=question.request)
        elif isinstance(question, ShowWeights):
            yield _weights_shown(question.request, _live(training).model())
        elif isinstance(question, ShowMistakes):
            if question.fresh or self._judged is None:
                self._judged = yield from judged(self._session, question.run_id, training, question.part)
            yield self._mistakes_shown(question)
        elif isinstance(question, ShowExample):
            yield self._example_shown(question)
        elif isinstance(question, ShowDecision):
            yield from self._deciding.shown(question, training)
        elif isinstance(question, MoveThreshold):
            yield self._deciding.moved(question)
        elif isinstance(question, ShowImages):
            yield self._deciding.images(question)
        elif isinstance(question, ShowMonitor):
            yield self._deciding.monitor(question)
        elif isinstance(question, ShowSets):
            yield self._deciding.sets(question)
        elif isinstance(question, ListRuns):
            runs = self._session.store.listed()
            yield from (Notice(run.reason) for run in runs if isinstance(run, DamagedListed))
            yield RunsListed(question.request, tuple(run for run in runs if isinstance(run, RunSummary)))
        elif isinstance(question, ReplayRun):
            yield RunReplayed(question.request, self._session.store.events(question.run_id))
        elif isinstance(question, ShowMemory):
            device = resolve(question.device, "float32")
            yield MemoryShown(question.request, str(device), available_bytes(device, question.most))
        elif isinstance(question, ListSweeps):
            yield from listed(self._session.places, self._session.store, question.request)
        elif isinstance(question, ReplaySweep):
            yield from replayed(self._session.places, self._session.store, question.sweep_id, question.request)

    def _mistakes_shown(self, question: ShowMistakes) -> MistakesShown:
        assert self._judged is not None
        one, predictions = self._judged, self._judged.predictions
        indices = chosen(
            predictions, question.sort, question.descending, question.true, question.predicted, question.suspected
        )
        page = indices[question.offset : question.offset + question.limit].tolist()
        return MistakesShown(
            request=question.request,
            run_id=one.source,
            epoch=one.epoch,
            minibatch=one.minibatch,
            dataset=one.info,
            matching=len(indices),
            offset=question.offset,
            mistakes=tuple(described(predictions, index, one.pictures) for index in page),
            confusion=confusion_matrix(predictions),
            part=one.part,
        )

    def _example_shown(self, question: ShowExample) -> Event:
        if self._judged is None:
            raise InputError("no model has been asked for its mistakes yet, expected that first")
        one = self._judged
        shown = example(question.request, one.predictions, question.index, one.images, one.parameters)
        return replace(shown, change=one.smallest_change(question.index))


def _live(training: Training | None) -> Training:
    if training is None:
        raise InputError("no run has been started yet, expected at least one run")
    return training


def _weights_shown(request: int, model: Model) -> WeightsShown:
    info = model.info
    pictures = weight_pictures(model.weight, info.image_height, info.image_width, info.image_channels)
    classes, height, width = pictures.shape
    largest = largest_of(pictures)
    return WeightsShown(
        request=request,
        epoch=model.epochs_done,
        minibatch=model.minibatch,
        num_classes=classes,
        image_height=height,
        image_width=width,
        largest=largest,
        values=in_bytes(pictures, largest),
    )


def _softmax_traced(question: TraceSoftmax, yours: Yours | None) -> SoftmaxTraced:
    widths = {len(row) for row in question.rows}
    if len(widths) != 1 or widths == {0}:
        raise InputError(f"logits: found rows of {sorted(widths)} numbers, expected rows of equal length")
    logits = torch.tensor(question.rows, dtype=torch.float64)
    traced = trace(logits, question.dtype)
    errors: dict[str, Sequence[float]] = {}
    if question.offsets:
        errors.update(offset_errors(logits, question.dtype, question.offsets))
    if yours is not None and yours.judged.has_softmax:
        traced, own_errors = with_yours(traced, yours, question.offsets)
        if question.offsets:
            errors[YOURS] = own_errors
    return SoftmaxTraced(
        request=question.request,
        trace=traced,
        offsets=question.offsets,
        errors={name: list(values) for name, values in errors.items()},
    )
