"""What broke: the first example whose loss is not finite, and every number on the way to it."""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import Autopsy, Remedy
from engine.contract.pairs import ENGINES_LOSSES, ENGINES_SOFTMAXES, YOURS, Pair, resolve_pair
from engine.numerics.model import SoftmaxRegression, losses_of
from engine.numerics.softmax import IMPLEMENTATIONS
from engine.numerics.trace import trace
from engine.numerics.yours import each_loss_of, probabilities_of
from engine.training.state import TrainingState


def autopsy(
    state: TrainingState,
    images_bf: Tensor,
    labels_b: Tensor,
    indices_b: Tensor,
    label_names: tuple[str, ...],
    config: TrainConfig,
    pair: Pair,
) -> Autopsy:
    """Looks at the minibatch whose loss was not finite, with the parameters it met.

    Images are (batch, features), scaled; `indices_b` are their numbers in the training set.
    """
    logits_bc = SoftmaxRegression(state.weight, state.bias).logits(images_bf)
    losses_b = _each_loss(logits_bc, labels_b, config, pair)
    broken = int((~losses_b.isfinite()).to(torch.int8).argmax())
    label = int(labels_b[broken])
    # global-max subtracts the largest logit of the whole minibatch: the row that has it has to be there
    largest = int(logits_bc.nan_to_num(nan=-torch.inf).amax(1).argmax())
    rows_bc = logits_bc[[broken, largest] if pair.softmax in ("global-max", YOURS) else [broken]]
    implementations = dict(IMPLEMENTATIONS)
    if pair.softmax == YOURS:
        implementations[YOURS] = partial(probabilities_of, pair.source)
    traced = trace(rows_bc.double().cpu(), config.dtype, implementations)
    steps = traced.implementations[pair.softmax]
    loss, probabilities = float(losses_b[broken]), steps.probabilities[0]
    return Autopsy(
        image_index=int(indices_b[broken]),
        label=label,
        label_name=label_names[label],
        logits=traced.logits[0],
        exponentials=steps.exponentials[0] if steps.exponentials else (),
        partition=steps.partition[0] if steps.partition else math.nan,
        probabilities=probabilities,
        loss=loss,
        cause=_cause(logits_bc[broken], probabilities[label], label, pair, steps.explanation),
        remedies=_remedies(rows_bc, labels_b[[broken] * len(rows_bc)], config, pair),
    )


def _each_loss(logits_bc: Tensor, labels_b: Tensor, config: TrainConfig, pair: Pair) -> Tensor:
    """One loss an image, also by a user's function that returns their mean."""
    if pair.loss != YOURS:
        return losses_of(logits_bc, labels_b, pair, config.label_smoothing, config.clip_epsilon)
    own = pair.softmax == YOURS
    probabilities_bc = probabilities_of(pair.source, logits_bc) if own else IMPLEMENTATIONS[pair.softmax](logits_bc)
    rows = zip(probabilities_bc, labels_b, strict=True)
    return torch.cat([each_loss_of(pair.source, probabilities_c[None], label[None]) for probabilities_c, label in rows])


def _cause(logits_c: Tensor, probability: float, label: int, pair: Pair, explanation: str) -> str:
    if not bool(logits_c.isfinite().all()):
        return "the logits are not finite because the weights have overflowed, so no softmax can help"
    if explanation:
        return explanation
    if probability == 0:
        return f"the probability of the true class {label} underflowed to 0, and log 0 is −inf"
    if pair.loss == YOURS:
        return "the probabilities are finite, but the loss of your cross_entropy is not"
    return f"a probability is exactly 0 and {pair.loss} multiplies its logarithm by 0: 0 · log 0 is nan"


def _remedies(rows_bc: Tensor, labels_b: Tensor, config: TrainConfig, broken: Pair) -> tuple[Remedy, ...]:
    remedies = []
    for softmax in ENGINES_SOFTMAXES:
        for loss in ENGINES_LOSSES:
            try:
                pair = resolve_pair(softmax, loss, "auto", config.label_smoothing)
            except InputError:  # a pair that is refused is no remedy
                continue
            if (softmax, loss) != (broken.softmax, broken.loss):
                value = losses_of(rows_bc, labels_b, pair, config.label_smoothing, config.clip_epsilon)[0]
                remedies.append(Remedy(softmax=softmax, loss=loss, value=float(value)))
    return tuple(remedies)
