"""From what a person wants looked at (the live run, a stored one, a predictions file) to what it says of its images."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from engine.analysis.evidence import Evidence
from engine.analysis.foreign import Foreign, read_foreign
from engine.analysis.mistakes import Parameters, Predictions, predict
from engine.contract.events import DatasetInfo
from engine.contract.progress import Notice, Progress
from engine.jobs.recorded_run import Model, Session, Training
from engine.store.named import finished_one, is_predictions_file, run_named
from engine.verdicts.one_line import one_line


@dataclass(frozen=True)
class Judged:
    """A model at one moment, or a predictions file, with what it says about every image.

    `source` is the run's id or the file's path. `images` are (n, features), None where a file holds none;
    `parameters` are those of a model, None for a file.
    """

    source: str
    info: DatasetInfo
    epoch: int
    minibatch: int
    predictions: Predictions
    images: Tensor | None
    parameters: Parameters | None
    foreign_evidence: Evidence | None = None

    @property
    def words(self) -> str:
        """The run or the file, for people."""
        return one_line(self.source) if self.parameters is None else f"run {self.source}"

    @property
    def what(self) -> str:
        """What it was judged on, for people."""
        return "images" if self.parameters is None else "validation images"

    @property
    def pictures(self) -> Tensor | None:
        """The images, None where they are no pictures."""
        return self.images if self.info.image_height else None

    @cached_property
    def evidence(self) -> Evidence:
        """For Decide: of a run its logits, so that no implementation of softmax stands between it and its judge.

        Raises:
            InputError: a logit is not finite, or there are fewer than two images.
        """
        if self.foreign_evidence is not None:
            return self.foreign_evidence
        logits, labels = self.predictions.logits.numpy(), self.predictions.labels.numpy()
        return Evidence.of_logits(logits, labels, self.info.label_names, self.words)


def judged(
    session: Session, source: str, training: Training | None = None
) -> Generator[Progress | Notice, None, Judged]:
    """Yields the progress of loading, and returns the source judged.

    `source` is a run's id or name, or a predictions file's path; "" is the live run, else the last that finished.

    Raises:
        InputError: there is no such run, its data are not there, or the file is not right.
    """
    if is_predictions_file(source):
        return of_foreign(read_foreign(Path(source)))
    if training is not None and source in ("", training.run_id):
        return of_model(training.model())
    run_id = run_named(session.store, source) if source else finished_one(session.store).run_id
    return of_model((yield from session.model(run_id)))


def of_model(model: Model) -> Judged:
    """What a model says of every validation image."""
    return Judged(
        source=model.run_id,
        info=model.info,
        epoch=model.epochs_done,
        minibatch=model.minibatch,
        predictions=predict(model.weight, model.bias, model.data, model.config),
        images=model.data.validation_images,
        parameters=Parameters(model.weight, model.bias, model.data.pixel_scale),
    )


def of_foreign(foreign: Foreign) -> Judged:
    """Raises InputError where the scores are too large to compute with."""
    evidence = foreign.evidence()
    return Judged(
        source=str(foreign.path),
        info=_info(foreign),
        epoch=0,
        minibatch=0,
        predictions=predictions_of(evidence),
        images=None if foreign.images is None else torch.from_numpy(foreign.images.reshape(len(foreign.labels), -1)),
        parameters=None,
        foreign_evidence=evidence,
    )


def predictions_of(evidence: Evidence) -> Predictions:
    """For Mistakes, in float64; the loss of a label that was given no probability is inf."""
    return Predictions(
        logits=torch.from_numpy(evidence.logits),
        probabilities=torch.from_numpy(evidence.probabilities),
        losses=torch.from_numpy(evidence.losses),
        labels=torch.from_numpy(evidence.labels),
        predicted=torch.from_numpy(evidence.probabilities.argmax(axis=1)),
    )


def _info(foreign: Foreign) -> DatasetInfo:
    shape = () if foreign.images is None else foreign.images.shape[1:]
    height, width = shape if len(shape) == 2 else (0, 0)
    return DatasetInfo(
        name=one_line(foreign.path.name),
        train_size=0,
        validation_size=len(foreign.labels),
        num_features=height * width if len(shape) == 2 else sum(shape),
        num_classes=len(foreign.label_names),
        image_height=height,
        image_width=width,
        label_names=foreign.label_names,
        checksum="",
    )
