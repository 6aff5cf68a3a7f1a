"""−log p on the way to p = 0, its gradient, and what clipping does to both."""

from __future__ import annotations

import math

from msgspec import Struct


class LossAt(Struct, frozen=True):
    """The loss of an image whose true class has probability p, in nats.

    `gradient` is d loss / d p, `logit_gradient` d loss / d logit of the true class with the other logits held.
    """

    probability: float
    value: float
    gradient: float
    logit_gradient: float
    clipped_value: float
    clipped_gradient: float
    clipped_logit_gradient: float


def loss_at(probability: float, epsilon: float) -> LossAt:
    """−log p, −1/p and p − 1 (Dive into Deep Learning 4.1.2), and the same of max(p, epsilon).

    Below epsilon the clipped loss no longer depends on p: its gradients are 0. At p = 0 the value is inf and d loss / d
    p is −inf, yet d loss / d logit is −1: what from-logits hands back.
    """
    value = -math.log(probability) if probability > 0 else math.inf
    gradient = -1 / probability if probability > 0 else -math.inf
    kept = probability >= epsilon
    return LossAt(
        probability=probability,
        value=value,
        gradient=gradient,
        logit_gradient=probability - 1,
        clipped_value=value if kept else -math.log(epsilon),
        clipped_gradient=gradient if kept else 0.0,
        clipped_logit_gradient=probability - 1 if kept else 0.0,
    )


def curve_sentence(at: LossAt, epsilon: float) -> str:
    """What −log p and clipping say of one probability."""
    if at.probability >= epsilon:
        return f"At p = {at.probability:.3g} clipping at {epsilon:g} changes nothing: the loss is {at.value:z.3g}."
    return (
        f"At p = {at.probability:.3g} the loss is {at.value:z.3g} and pulls its logit by {-at.logit_gradient:.3g}. "
        f"Clipped at {epsilon:g} the loss is {at.clipped_value:z.3g} and pulls by 0: nothing is "
        "learned from this image."
    )
