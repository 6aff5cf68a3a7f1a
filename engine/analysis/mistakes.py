"""A model's predictions, and its misclassified images: counted, chosen, ordered, each with all that it says of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from engine.analysis.label_errors import suggested_classes
from engine.contract.answers import ExampleShown, Mistake
from engine.contract.commands import SortKey
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import JudgedPart
from engine.contract.pairs import YOURS, resolve_pair
from engine.numerics.model import losses_of
from engine.numerics.softmax import IMPLEMENTATIONS
from engine.training.evaluation import logits_of
from engine.training.resident import ResidentData


@dataclass(frozen=True)
class Predictions:
    """On the CPU: `logits` and `probabilities` (n, classes); `losses`, `labels` and `predicted` (n,)."""

    logits: Tensor
    probabilities: Tensor
    losses: Tensor
    labels: Tensor
    predicted: Tensor

    @cached_property
    def suggested(self) -> Tensor:
        """The class (n,) that each image may truly be of, −1 where its label is not suspected."""
        return suggested_classes(self.probabilities, self.labels, self.predicted)


def predict(
    weight: Tensor, bias: Tensor, data: ResidentData, config: TrainConfig, part: JudgedPart = "validation"
) -> Predictions:
    """Probabilities and losses of a part's images, as the run's own softmax and loss compute them.

    A user's own function is not run for looking at what was trained with it: the engine's right one takes its place.

    Raises:
        InputError: there is no such part.
    """
    images, labels = data.judged_on(part)
    softmax = "row-max" if config.softmax == YOURS else config.softmax
    pair = resolve_pair(softmax, "auto" if config.loss == YOURS else config.loss, "auto", config.label_smoothing)
    logits: list[Tensor] = []
    probabilities: list[Tensor] = []
    losses: list[Tensor] = []
    start = 0
    for logits_bc in logits_of(weight, bias, images, data.pixel_scale):
        labels_b = labels[start : start + len(logits_bc)]
        start += len(logits_bc)
        logits.append(logits_bc)
        probabilities.append(IMPLEMENTATIONS[softmax](logits_bc))
        losses.append(losses_of(logits_bc, labels_b, pair, config.label_smoothing, config.clip_epsilon))
    all_logits = torch.cat(logits)
    return Predictions(
        logits=all_logits.cpu(),
        probabilities=torch.cat(probabilities).cpu(),
        losses=torch.cat(losses).cpu(),
        labels=labels.cpu(),
        predicted=all_logits.argmax(1).cpu(),
    )


def chosen(
    predictions: Predictions,
    sort: SortKey,
    descending: bool,
    true: int | None = None,
    predicted: int | None = None,
    suspected: bool = False,
) -> Tensor:
    """The numbers (m,) of the images asked for, in order.

    Without a filter, and for a cell off the diagonal, only mistakes; for a cell on the diagonal the images that the
    model gets right. `suspected` leaves the mistakes whose label may be wrong. Ties go by index, so that pages do
    not overlap.

    Raises:
        InputError: for a class that there is not; for suspected labels where no probability is known.
    """
    classes = predictions.logits.shape[1]
    for name, wanted in (("true", true), ("predicted", predicted)):
        if wanted is not None and not 0 <= wanted < classes:
            raise InputError(f"{name} class: found {wanted}, expected 0 to {classes - 1}")
    keep = torch.ones_like(predictions.labels, dtype=torch.bool)
    if true is None or predicted is None or true != predicted:
        keep = predictions.predicted != predictions.labels
    if true is not None:
        keep &= predictions.labels == true
    if predicted is not None:
        keep &= predictions.predicted == predicted
    if suspected:
        if predictions.probabilities.isnan().all():
            raise InputError("suspected label errors: found no probabilities, expected one for each image and class")
        keep &= predictions.suggested >= 0
    indices = keep.nonzero().squeeze(1)
    keys = _keys(predictions, sort)[indices]
    return indices[keys.nan_to_num(nan=torch.inf).argsort(descending=descending, stable=True)]


def _keys(predictions: Predictions, sort: SortKey) -> Tensor:
    """What to order by, (n,): margin is how far the two largest probabilities lie apart."""
    if sort == "loss":
        return predictions.losses
    if sort == "index":
        return torch.arange(len(predictions.labels), dtype=torch.float64)
    top = predictions.probabilities.topk(2, dim=1).values
    return top[:, 0] if sort == "confidence" else top[:, 0] - top[:, 1]


@dataclass(frozen=True)
class Parameters:
    """What the evidence of each pixel comes from: `weight` (classes, features), `bias` (classes,).

    A pixel times `pixel_scale` is the input.
    """

    weight: Tensor
    bias: Tensor
    pixel_scale: float


def described(predictions: Predictions, index: int, images: Tensor | None) -> Mistake:
    """One image with what the model says about it; `images` (n, features), None where there are no pictures."""
    predicted = int(predictions.predicted[index])
    return Mistake(
        index=index,
        true=int(predictions.labels[index]),
        predicted=predicted,
        probability=float(predictions.probabilities[index, predicted]),
        loss=float(predictions.losses[index]),
        probabilities=tuple(predictions.probabilities[index].tolist()),
        suggested=suggested if (suggested := int(predictions.suggested[index])) >= 0 else None,
        pixels=b"" if images is None else greys(images[index]),
    )


def greys(image: Tensor) -> bytes:
    """An image (features,) as bytes 0…255; floats are stretched from their smallest to their largest."""
    if image.dtype != torch.uint8:
        low, high = image.min(), image.max()
        image = ((image - low) / (high - low).clamp(min=1e-12) * 255).to(torch.uint8)
    return image.cpu().numpy().tobytes()


def example(
    request: int, predictions: Predictions, index: int, images: Tensor | None, parameters: Parameters | None
) -> ExampleShown:
    """One image whole: the gradient of its loss, `p − y`, and the evidence of each pixel, weight times input,
    for the predicted class and for the true one.

    Without `parameters` there is neither evidence nor bias: nobody knows why the classifier said what it said.

    Raises:
        InputError: for an index outside the judged part.
    """
    check_index(predictions, index)
    gradient = predictions.probabilities[index].clone()
    gradient[predictions.labels[index]] -= 1
    evidence, bias = b"", tuple[float, ...]()
    if parameters is not None and images is not None:
        inputs = images[index].to(parameters.weight.dtype) * parameters.pixel_scale
        both = parameters.weight[[int(predictions.predicted[index]), int(predictions.labels[index])]]
        evidence = (both * inputs).float().cpu().numpy().tobytes()
        bias = tuple(parameters.bias.tolist())
    return ExampleShown(
        request=request,
        example=described(predictions, index, images),
        logits=tuple(predictions.logits[index].tolist()),
        gradient=tuple(gradient.tolist()),
        bias=bias,
        evidence=evidence,
    )


def check_index(predictions: Predictions, index: int) -> None:
    """Raises InputError for an index outside the judged part."""
    size = len(predictions.labels)
    if not 0 <= index < size:
        raise InputError(f"image: found {index}, expected 0 to {size - 1}")


def confusion_matrix(predictions: Predictions) -> tuple[tuple[int, ...], ...]:
    """Counts (classes, classes): a row for the true class, a column for the prediction."""
    classes = predictions.logits.shape[1]
    cells = predictions.labels * classes + predictions.predicted
    counts = torch.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(row) for row in counts.tolist())
