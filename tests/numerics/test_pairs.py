"""Which pairs of softmax and loss there are, and how their gradient is computed."""

from typing import get_args

import pytest

from engine.contract.config import LossName, SoftmaxName, TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import ENGINES_SOFTMAXES, YOURS, Pair, pair_of, resolve_pair
from engine.numerics.softmax import IMPLEMENTATIONS


def test_the_names_are_those_of_the_implementations() -> None:
    assert tuple(IMPLEMENTATIONS) == ENGINES_SOFTMAXES
    assert get_args(SoftmaxName) == (*IMPLEMENTATIONS, YOURS)


@pytest.mark.parametrize(
    ("softmax", "smoothing", "loss"),
    [
        ("row-max", 0.0, "from-logits"),
        ("row-max", 0.1, "from-logits"),
        ("log-sum-exp", 0.0, "from-logits"),
        ("naive", 0.0, "indexing"),
        ("global-max", 0.0, "indexing"),
        ("naive", 0.1, "definition"),
    ],
)
def test_auto_takes_the_safest_loss_of_the_softmax_with_the_closed_form(
    softmax: str, smoothing: float, loss: str
) -> None:
    assert resolve_pair(softmax, "auto", "auto", smoothing) == Pair(softmax, loss, "closed-form")


@pytest.mark.parametrize("loss", get_args(LossName))
def test_auto_takes_the_closed_form_where_it_is_the_derivative(loss: str) -> None:
    expected = "autograd" if loss in ("clipped", "integer-labels", "yours") else "closed-form"
    assert resolve_pair("row-max", loss, "auto", 0.0).gradient == expected
    assert resolve_pair("row-max", loss, "autograd", 0.0).gradient == "autograd"


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (("naive", "from-logits", "auto", 0.0), "loss: found from-logits with the naive softmax, expected row-max"),
        (("global-max", "from-logits", "auto", 0.0), "loss: found from-logits with the global-max softmax, expected"),
        (("row-max", "indexing", "auto", 0.1), "label smoothing: found 0.1 with the loss indexing, expected 0 or"),
        (("row-max", "integer-labels", "auto", 0.1), "label smoothing: found 0.1 with the loss integer-labels"),
        (("row-max", "clipped", "closed-form", 0.0), "gradient: found closed-form with the loss clipped, expected"),
        (("naive", "integer-labels", "closed-form", 0.0), "gradient: found closed-form with the loss integer-labels"),
        (("yours", "from-logits", "auto", 0.0), "loss: found from-logits with the yours softmax, expected row-max"),
        (("yours", "indexing", "closed-form", 0.0), "gradient: found closed-form with a softmax of yours, expected"),
        (("row-max", "yours", "closed-form", 0.0), "gradient: found closed-form with the loss yours, expected"),
        (("row-max", "yours", "auto", 0.1), "label smoothing: found 0.1 with the loss yours, expected 0 or"),
        (("softest", "auto", "auto", 0.0), "softmax: found 'softest', expected one of naive, global-max, row-max"),
        (("naive", "hinge", "auto", 0.0), "loss: found 'hinge', expected one of auto, indexing"),
        (("naive", "auto", "guess", 0.0), "gradient: found 'guess', expected one of auto, closed-form, autograd"),
    ],
)
def test_a_pair_that_would_compute_something_else_is_refused_in_one_line(
    asked: tuple[str, str, str, float], line: str
) -> None:
    with pytest.raises(InputError) as refusal:
        resolve_pair(*asked)
    assert str(refusal.value).startswith(line)
    assert "\n" not in str(refusal.value)


def test_yours_brings_its_text_and_nothing_else_does() -> None:
    assert pair_of(TrainConfig(softmax="yours", mine="text")) == Pair("yours", "indexing", "autograd", "text")
    assert pair_of(TrainConfig(mine="text")) == Pair("row-max", "from-logits", "closed-form")
    with pytest.raises(InputError, match=r"loss: found yours without a file .*--mine FILE\.py"):
        pair_of(TrainConfig(loss="yours"))
