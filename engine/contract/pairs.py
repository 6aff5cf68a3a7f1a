"""Which softmax goes with which loss, and what computes the pair's own derivative."""

from __future__ import annotations

from typing import get_args

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.config import LossName, SoftmaxName, TrainConfig
from engine.contract.errors import InputError

# A user's own: the functions come with the config, as text.
YOURS = "yours"
ENGINES_SOFTMAXES = tuple(name for name in get_args(SoftmaxName) if name != YOURS)
ENGINES_LOSSES = tuple(name for name in get_args(LossName) if name != YOURS)

# These never form inf or 0/0 from finite logits, and from-logits shifts by the row maximum as they do: value
# and gradient stay those of one function.
ROBUST_SOFTMAXES = ("row-max", "log-sum-exp")

# d loss / d logits = probabilities − label distribution holds for these (section 4.1.2), whatever the softmax
# subtracts. `clipped` has gradient 0 below epsilon, and `integer-labels` is another function altogether.
CLOSED_FORM_LOSSES = ("indexing", "definition", "from-logits")

# These read the label as a number, and a smoothed label is none.
NUMBERED_LABEL_LOSSES = ("indexing", "integer-labels", YOURS)


class Pair(Struct, frozen=True):
    """A softmax, a loss and the way their gradient is computed; `gradient` is "closed-form" or "autograd".

    `source` is the text of the file that `yours` comes from, where one of the two is.
    """

    softmax: str
    loss: str
    gradient: str
    source: str = ""


def pair_of(config: TrainConfig) -> Pair:
    """The pair that a run means.

    Raises:
        InputError: the pair would compute something else than it says, or `yours` came without a file.
    """
    pair = resolve_pair(config.softmax, config.loss, config.gradient, config.label_smoothing)
    if YOURS not in (pair.softmax, pair.loss):
        return pair
    if not config.mine:
        named = "softmax" if pair.softmax == YOURS else "loss"
        raise InputError(f"{named}: found yours without a file that defines it, expected --mine FILE.py")
    return replace(pair, source=config.mine)


def resolve_pair(softmax: str, loss: str = "auto", gradient: str = "auto", label_smoothing: float = 0.0) -> Pair:
    """The pair that is meant, with every `auto` decided.

    `auto` loss is from-logits for a robust softmax, else indexing, or the definition with label smoothing.
    `auto` gradient is the closed form where it is the derivative, else autograd (the book's procedure).

    Raises:
        InputError: there is no such name, or the pair would compute something else than it says.
    """
    _known("softmax", softmax, get_args(SoftmaxName))
    _known("loss", loss, ("auto", *get_args(LossName)))
    _known("gradient", gradient, ("auto", "closed-form", "autograd"))
    if loss == "auto":
        loss = "from-logits" if softmax in ROBUST_SOFTMAXES else "definition" if label_smoothing > 0 else "indexing"
    if loss == "from-logits" and softmax not in ROBUST_SOFTMAXES:
        raise InputError(
            f"loss: found from-logits with the {softmax} softmax, expected {' or '.join(ROBUST_SOFTMAXES)}: "
            f"from-logits does not call the softmax, so the loss would not depend on {softmax}"
        )
    if label_smoothing > 0 and loss in NUMBERED_LABEL_LOSSES:
        raise InputError(
            f"label smoothing: found {label_smoothing:g} with the loss {loss}, expected 0 or "
            "definition, clipped or from-logits: a smoothed label is a distribution, not a number"
        )
    if gradient == "auto":
        gradient = "closed-form" if loss in CLOSED_FORM_LOSSES and softmax != YOURS else "autograd"
    if gradient == "closed-form" and softmax == YOURS:
        raise InputError(
            "gradient: found closed-form with a softmax of yours, expected autograd: "
            "probabilities − one-hot is the derivative only of a correct softmax"
        )
    if gradient == "closed-form" and loss not in CLOSED_FORM_LOSSES:
        raise InputError(
            f"gradient: found closed-form with the loss {loss}, expected autograd: "
            "probabilities − one-hot is not the derivative of that loss"
        )
    return Pair(softmax, loss, gradient)


def _known(setting: str, found: str, names: tuple[str, ...]) -> None:
    if found not in names:
        raise InputError(f"{setting}: found {found!r}, expected one of {', '.join(names)}")
