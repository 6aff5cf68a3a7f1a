"""Whether images and labels go together at all: a linear model fitted on half of the images, scored on the others."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from engine.contract.events import LabelsExamined
from engine.training.randomness import generator
from engine.training.resident import ResidentData

_MOST_IMAGES = 4_000
_MOST_WORK = 7e8  # multiplications of a fit: less than a tenth of a second
_Z = 2.5758293035489004  # the standard normal distribution's 99.5 % point: of the interval that is told
_Z_RELATED = 3.290526731491926  # its 99.95 % point: by luck alone they seem related once in a thousand times
_WORTH = 0.1  # of the way from chance to no mistake: a relation that is certainly weaker than this is none
_EACH_CLASS = 20  # images of a class, half of them to fit: from fewer even a good relation is hardly learned

Verdict = Literal["related", "unrelated", "unclear"]


def examine(data: ResidentData, seed: int) -> LabelsExamined:
    """Fits each half of (at most 4,000) training images and scores the other; the seed decides the halves.

    Needs two images. Pixels are standardised, so that their scale does not matter. Chance is the share of right answers
    that the same predictions would have on labels that are independent of them (Cohen 1960); the interval of 99 % is
    Wilson's (1927).
    """
    indices = torch.randperm(len(data.train_labels), generator=generator(seed, "relation"))
    indices = indices[: _most_images(data.num_features)].to(data.device)
    images_nf = _near_one(data.train_images.index_select(0, indices).cpu())
    labels_n = data.train_labels.index_select(0, indices).cpu()
    half = len(labels_n) // 2
    right, by_chance = 0, 0.0
    for fitted, scored in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
        predicted_m = _predicted(images_nf[fitted], labels_n[fitted], images_nf[scored], data.num_classes)
        right += int((predicted_m == labels_n[scored]).sum())
        counts = [torch.bincount(each, minlength=data.num_classes).double() for each in (predicted_m, labels_n[scored])]
        by_chance += float((counts[0] * counts[1]).sum()) / len(predicted_m)
    accuracy, chance = right / len(labels_n), by_chance / len(labels_n)
    low, high = _interval(accuracy, len(labels_n), _Z)
    return LabelsExamined(
        images=len(labels_n),
        accuracy=accuracy,
        low=low,
        high=high,
        chance=chance,
        guessing_loss=guessing_loss(data.train_labels, data.num_classes),
        verdict=_verdict(accuracy, chance, len(labels_n), data.num_classes),
    )


def _near_one(images_nf: Tensor) -> Tensor:
    """The images in float32, times the power of two that brings the largest below 1: no square of one overflows."""
    images_nf = images_nf.double()
    return torch.ldexp(images_nf, -torch.frexp(images_nf.abs().amax()).exponent).float()


def guessing_loss(labels_n: Tensor, num_classes: int) -> float:
    """The loss of answering every image with the shares of the classes: their entropy in nats, log K at most."""
    shares_c = torch.bincount(labels_n, minlength=num_classes).double() / len(labels_n)
    return float(torch.special.entr(shares_c).sum())


def _verdict(accuracy: float, chance: float, images: int, num_classes: int) -> Verdict:
    """Unrelated only where enough images leave no room for more than a tenth of a perfect relation."""
    least, most = _interval(accuracy, images, _Z_RELATED)
    if not least <= chance <= most:
        return "related"
    low, high = _interval(accuracy, images, _Z)
    told = images >= _EACH_CLASS * num_classes and low <= chance <= high <= chance + _WORTH * (1 - chance)
    return "unrelated" if told else "unclear"


def _most_images(num_features: int) -> int:
    """Twice the half that a fit of `num_features` can afford."""
    dual = math.sqrt(_MOST_WORK / num_features)
    primal = _MOST_WORK / num_features**2
    return min(_MOST_IMAGES, 2 * int(max(dual, primal) if primal >= num_features else dual))


def _predicted(images_nf: Tensor, labels_n: Tensor, others_mf: Tensor, num_classes: int) -> Tensor:
    """The classes `(others,)` that ridge regression to one-hot labels says, every class counting alike.

    The penalty is the number of images: a feature's weight is at most halved, and noise is hardly fitted.
    """
    deviation_f, mean_f = torch.std_mean(images_nf, 0, correction=0)
    scale_f = torch.where(deviation_f > 0, 1 / deviation_f, 0.0)
    inputs_nf, others_mf = (images_nf - mean_f) * scale_f, (others_mf - mean_f) * scale_f
    counts_c = torch.bincount(labels_n, minlength=num_classes)
    present = int((counts_c > 0).sum())
    weight_n = (len(labels_n) / (present * counts_c[labels_n])).sqrt()[:, None]
    weighted_nf = weight_n * inputs_nf
    target_nc = weight_n * torch.nn.functional.one_hot(labels_n, num_classes)  # centring shifts all classes alike
    penalty = float(len(labels_n))
    images, features = weighted_nf.shape
    if features <= images:
        gram_ff = weighted_nf.T @ weighted_nf + penalty * torch.eye(features)
        logits_mc = others_mf @ _solved(gram_ff, weighted_nf.T @ target_nc)
    else:  # the same numbers from the smaller of the two systems
        gram_nn = weighted_nf @ weighted_nf.T + penalty * torch.eye(images)
        logits_mc = (others_mf @ weighted_nf.T) @ _solved(gram_nn, target_nc)
    logits_mc[:, counts_c == 0] = -torch.inf
    return logits_mc.argmax(1)


def _solved(gram: Tensor, target: Tensor) -> Tensor:
    return torch.cholesky_solve(target, torch.linalg.cholesky(gram))


def _interval(share: float, total: int, z: float) -> tuple[float, float]:
    room = z**2 / total
    centre = (share + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(share * (1 - share) / total + room / (4 * total))
    return max(0.0, centre - half), min(1.0, centre + half)
