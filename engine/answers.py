"""The answers to the questions that come in while a run goes on, or long after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from engine.analysis.confusion import confusion_matrix
from engine.analysis.mistakes import chosen, described, example
from engine.analysis.predictions import Predictions, predict
from engine.contract.answers import MistakesShown, RunReplayed, RunsListed, SoftmaxTraced, WeightsShown
from engine.contract.commands import (
    Command,
    ListRuns,
    ReplayRun,
    ShowExample,
    ShowMistakes,
    ShowWeights,
    TraceSoftmax,
)
from engine.contract.errors import InputError
from engine.contract.wire import Event
from engine.numerics.trace import offset_errors, trace
from engine.session import Model, Session, Training


@dataclass(frozen=True)
class _Judged:
    """A model as it was at one moment, with what it says about the validation set."""

    model: Model
    predictions: Predictions


class Answers:
    """Remembers the last model that was asked about, so that its pages hold still while the run goes on."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._judged: _Judged | None = None

    def to(self, question: Command, training: Training | None) -> Iterator[Event]:
        """The reply, after the progress of loading where a stored run's data has to be read.

        Raises:
            InputError: the question cannot be answered.
        """
        if isinstance(question, TraceSoftmax):
            yield _softmax_traced(question)
        elif isinstance(question, ShowWeights):
            yield _weights_shown(question.request, _live(training).model())
        elif isinstance(question, ShowMistakes):
            if question.fresh or self._judged is None:
                for step in self._model(question.run_id, training):
                    if isinstance(step, Model):
                        self._judged = _judge(step)
                    else:
                        yield step
            yield self._mistakes_shown(question)
        elif isinstance(question, ShowExample):
            yield self._example_shown(question)
        elif isinstance(question, ListRuns):
            yield RunsListed(question.request, tuple(self._session.store.summaries()))
        elif isinstance(question, ReplayRun):
            yield RunReplayed(question.request, self._session.store.events(question.run_id))

    def _model(self, run_id: str, training: Training | None) -> Iterator[Event | Model]:
        if training is not None and run_id in ("", training.run_id):
            yield training.model()
        else:
            yield from self._session.model(run_id or self._session.store.latest())

    def _mistakes_shown(self, question: ShowMistakes) -> MistakesShown:
        assert self._judged is not None
        model, predictions = self._judged.model, self._judged.predictions
        indices = chosen(predictions, question.sort, question.descending, question.true, question.predicted)
        page = indices[question.offset : question.offset + question.limit].tolist()
        with_pixels = model.info.image_height > 0
        return MistakesShown(
            request=question.request,
            run_id=model.run_id,
            epoch=model.epochs_done,
            minibatch=model.minibatch,
            dataset=model.info,
            matching=len(indices),
            offset=question.offset,
            mistakes=tuple(described(predictions, index, model.data, with_pixels) for index in page),
            confusion=confusion_matrix(predictions),
        )

    def _example_shown(self, question: ShowExample) -> Event:
        if self._judged is None:
            raise InputError("no model has been asked for its mistakes yet, expected that first")
        model = self._judged.model
        return example(question.request, self._judged.predictions, question.index, model.weight, model.bias, model.data)


def _judge(model: Model) -> _Judged:
    return _Judged(model, predict(model.weight, model.bias, model.data, model.config))


def _live(training: Training | None) -> Training:
    if training is None:
        raise InputError("no run has been started yet, expected one")
    return training


def _weights_shown(request: int, model: Model) -> WeightsShown:
    return WeightsShown(
        request=request,
        epoch=model.epochs_done,
        minibatch=model.minibatch,
        num_classes=len(model.weight),
        image_height=model.info.image_height,
        image_width=model.info.image_width,
        values=model.weight.float().cpu().numpy().tobytes(),
    )


def _softmax_traced(question: TraceSoftmax) -> SoftmaxTraced:
    widths = {len(row) for row in question.rows}
    if len(widths) != 1 or widths == {0}:
        raise InputError(f"logits: found rows of {sorted(widths)} numbers, expected rows of equal length")
    logits = torch.tensor(question.rows, dtype=torch.float64)
    errors = offset_errors(logits, question.dtype, question.offsets) if question.offsets else {}
    return SoftmaxTraced(
        request=question.request,
        trace=trace(logits, question.dtype),
        offsets=question.offsets,
        errors={name: list(values) for name, values in errors.items()},
    )
