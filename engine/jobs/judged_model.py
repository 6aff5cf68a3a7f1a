"""From what a person wants looked at (the live run, a stored one, a predictions file) to what it says of its images."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from engine.analysis.evidence import Evidence
from engine.analysis.foreign import evidence_of
from engine.analysis.grouping import Grouping, grouping_of
from engine.analysis.mistakes import Parameters, Predictions, predict
from engine.analysis.smallest_change import pixel_range, smallest_change
from engine.contract.answers import SmallestChange
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, JudgedPart
from engine.contract.groups import GroupsBy
from engine.contract.progress import Notice, Progress
from engine.data.brought.predictions import Groups, Predicted
from engine.data.brought.predictions_file import read_predictions
from engine.jobs.recorded_run import Model, Session, Training
from engine.store.named import finished_one, is_predictions_file, run_or_file
from engine.verdicts.one_line import one_line


@dataclass(frozen=True)
class Judged:
    """A model at one moment, or a predictions file, with what it says about every image.

    `source` is the run's id or the file's path. `images` are (n, features), None where a file holds none;
    `parameters` are those of a model, None for a file. `groups` are those that a file names.
    """

    source: str
    info: DatasetInfo
    epoch: int
    minibatch: int
    predictions: Predictions
    images: Tensor | None
    parameters: Parameters | None
    predicted: Predicted | None = None
    part: JudgedPart = "validation"

    @property
    def groups(self) -> Groups | None:
        """To which group each image belongs, where a file says so."""
        return self.predicted.groups if self.predicted is not None else None

    def grouping(self, by: GroupsBy | None) -> Grouping:
        """The groups by what is asked for; None takes those of the file, else brightness.

        Raises:
            InputError: there are no such groups.
        """
        pictures = None if self.pictures is None else self.pictures.numpy()
        return grouping_of(by, self.groups, pictures, self.info.image_channels)

    @property
    def words(self) -> str:
        """The run or the file, for people."""
        return one_line(self.source) if self.parameters is None else f"run {self.source}"

    @property
    def what(self) -> str:
        """What it was judged on, for people."""
        return "images" if self.parameters is None else f"{self.part} images"

    @property
    def pictures(self) -> Tensor | None:
        """The images, None where they are no pictures."""
        return self.images if self.info.image_height else None

    def smallest_change(self, index: int) -> SmallestChange | None:
        """What flips an image; None where the inputs are no pictures, no weights are known, or nothing flips it."""
        if self.pictures is None or self.parameters is None:
            return None
        predicted = int(self.predictions.predicted[index])
        return smallest_change(self.pictures[index], predicted, self.parameters, self._pixel_range)

    @cached_property
    def _pixel_range(self) -> tuple[float, float]:
        assert self.images is not None
        assert self.parameters is not None
        return pixel_range(self.images, self.parameters.pixel_scale)

    @cached_property
    def evidence(self) -> Evidence:
        """For Decide: of a run its logits, so that no implementation of softmax stands between it and its judge.

        Raises:
            InputError: a logit is not finite, there are fewer than two images, or a file holds labels only.
        """
        if self.predicted is not None:
            return evidence_of(self.predicted)
        logits, labels = self.predictions.logits.numpy(), self.predictions.labels.numpy()
        return Evidence.of_logits(logits, labels, self.info.label_names, self.words)


def judged(
    session: Session, source: str, training: Training | None = None, part: JudgedPart = "validation"
) -> Generator[Progress | Notice, None, Judged]:
    """Yields the progress of loading, and returns the source judged.

    `source` is a run's id or name, or a predictions file's path; "" is the live run, else the last that finished.

    Raises:
        InputError: there is no such run or part, its data are not there, or the file is not right.
    """
    if training is not None and source in ("", training.run_id):
        return of_model(training.model(), part)
    run_id: str | None = None
    if not is_predictions_file(source):
        run_id = run_or_file(session.store, source) if source else finished_one(session.store).run_id
    if run_id is None:
        expect_whole(source, part)
        return (yield from of_file(read_predictions(Path(source))))
    return of_model((yield from session.model(run_id)), part)


def expect_whole(source: str, part: JudgedPart) -> None:
    """Raises InputError where the test part of a predictions file is asked for."""
    if part != "validation":
        raise InputError(f"{one_line(source)}: --part {part} is for runs; a predictions file has no parts")


def of_model(model: Model, part: JudgedPart = "validation") -> Judged:
    """What a model says of every image of a part; raises InputError where there is no such part."""
    return Judged(
        source=model.run_id,
        info=model.info,
        epoch=model.epochs_done,
        minibatch=model.minibatch,
        predictions=predict(model.weight, model.bias, model.data, model.config, part),
        images=model.data.judged_on(part)[0],
        parameters=Parameters(model.weight, model.bias, model.data.pixel_scale),
        part=part,
    )


def of_file(predicted: Predicted) -> Generator[Notice, None, Judged]:
    """Yields what is to be said about a predictions file, and returns it judged.

    Raises:
        InputError: the scores are too large to compute with.
    """
    for said in predicted.notices:
        yield Notice(f"{one_line(predicted.path.name)}: {said}")
    images = predicted.images
    return Judged(
        source=str(predicted.path),
        info=_info(predicted),
        epoch=0,
        minibatch=0,
        predictions=_labels_only(predicted) if predicted.scores is None else predictions_of(evidence_of(predicted)),
        images=None if images is None else torch.from_numpy(images.reshape(len(images), -1)),
        parameters=None,
        predicted=predicted,
    )


def _labels_only(predicted: Predicted) -> Predictions:
    """Nobody knows how sure the classifier was: probabilities and losses are nan."""
    unknown = torch.full((len(predicted.labels), len(predicted.label_names)), torch.nan, dtype=torch.float64)
    return Predictions(
        logits=unknown,
        probabilities=unknown,
        losses=unknown[:, 0],
        labels=torch.from_numpy(predicted.labels),
        predicted=torch.from_numpy(predicted.predicted),
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


def _info(predicted: Predicted) -> DatasetInfo:
    shape = () if predicted.images is None else predicted.images.shape[1:]
    height, width = shape[:2] if len(shape) > 1 else (0, 0)
    return DatasetInfo(
        name=one_line(predicted.path.name),
        train_size=0,
        validation_size=len(predicted.labels),
        num_features=math.prod(shape) if shape else 0,
        num_classes=len(predicted.label_names),
        image_height=height,
        image_width=width,
        image_channels=shape[2] if len(shape) > 2 else 1,
        label_names=predicted.label_names,
        checksum="",
    )
