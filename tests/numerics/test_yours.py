"""A user's functions in this process: what they are given, what they may return, and how they train."""

import math

import pytest
import torch

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import pair_of
from engine.numerics.model import SoftmaxRegression
from engine.numerics.yours import each_loss_of, functions_of, probabilities_of
from engine.training.autopsy import autopsy
from engine.training.state import TrainingState

LOGITS = torch.tensor([[1.0, 2.0, 3.0], [0.5, -1.0, 0.0]])
LABELS = torch.tensor([2, 0])


def test_the_same_text_is_run_once() -> None:
    assert functions_of("def softmax(x): return x") is functions_of("def softmax(x): return x")


def test_a_file_may_have_dataclasses_constants_and_helpers_and_its_main_is_left_alone() -> None:
    source = """
from __future__ import annotations
from dataclasses import dataclass
@dataclass
class Shift:
    by: float
SHIFT = Shift(0.0)
def helper(x): return x + SHIFT.by
def softmax(x): return helper(x).softmax(1)
if __name__ == "__main__":
    raise SystemExit("not here")
"""
    assert probabilities_of(source, LOGITS).equal(LOGITS.softmax(1))


def test_one_that_writes_into_what_it_is_given_harms_nobody_else() -> None:
    source = """
def softmax(x):
    x -= 100
    return x.softmax(1)
def cross_entropy(p, y):
    loss = -p[range(len(y)), y].log()
    p.zero_(); y.zero_()
    return loss
"""
    logits, labels = LOGITS.clone(), LABELS.clone()
    probabilities_of(source, logits)
    each_loss_of(source, logits.softmax(1).clone(), labels)
    assert logits.equal(LOGITS)
    assert labels.equal(LABELS)


@pytest.mark.parametrize("reduced", ["", ".mean()", ".mean().reshape(1)"])
def test_a_mean_counts_for_each_image_and_gives_the_gradient_of_the_mean(reduced: str) -> None:
    source = f"def cross_entropy(p, y):\n    return (-p[range(len(y)), y].log()){reduced}\n"
    config = TrainConfig(softmax="naive", loss="yours", mine=source)
    images = torch.rand(5, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    model = SoftmaxRegression.initial(6, 3, 1.0, torch.Generator().manual_seed(1), torch.float64)
    labels = torch.arange(5) % 3
    own = model.gradients(images, labels, pair_of(config))
    book = model.gradients(images, labels, pair_of(TrainConfig(softmax="naive", gradient="autograd")))
    assert own.losses.shape == (5,)
    assert own.losses.mean().item() == pytest.approx(book.losses.mean().item(), rel=1e-14)
    assert torch.allclose(own.weight_gradient, book.weight_gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("def softmax(x): return x[0]", r"yours: softmax: wrong shape: found \(3,\), expected \(2, 3\)"),
        ("def softmax(x): return None", r"yours: softmax returns None, expected a tensor of shape \(2, 3\)"),
        ("def softmax(x): return 3", r"yours: softmax: wrong shape: found \(\), expected \(2, 3\)"),
        ("def softmax(x):\n    return 1 // 0", "yours: ZeroDivisionError in line 2: integer"),
        ("def softmax(x):\n    exit(3)", "yours: SystemExit in line 2: 3"),
        ("def cross_entropy(p, y): return p", r"found no softmax\(logits\) in the file"),
    ],
)
def test_what_goes_wrong_in_training_is_one_line(source: str, line: str) -> None:
    with pytest.raises(InputError, match=line):
        probabilities_of(source, LOGITS)


def test_torchs_threads_and_grad_mode_are_as_they_were_after_it() -> None:
    source = "import torch\ntorch.set_num_threads(3)\ntorch.set_grad_enabled(False)\n"
    source += "def softmax(x):\n    torch.set_num_threads(4)\n    return x.softmax(1)\n"
    before = torch.get_num_threads(), torch.is_grad_enabled()
    probabilities_of(source, LOGITS)
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == before


@pytest.mark.parametrize(
    ("last", "line"),
    [
        ("e /= e.sum(1, keepdim=True); return e", "yours: RuntimeError: one of the variables needed for gradient"),
        ("return e.detach()", "yours: RuntimeError: element 0 of tensors does not require grad"),
    ],
)
def test_a_gradient_that_fails_in_training_is_one_line(last: str, line: str) -> None:
    """A judge sees a few shapes; a function may do something else for others."""
    pair = pair_of(TrainConfig(softmax="yours", mine=f"def softmax(x):\n    e = x.exp(); {last}\n"))
    with pytest.raises(InputError, match=line):
        SoftmaxRegression(torch.zeros(3, 2), torch.zeros(3)).gradients(torch.ones(2, 2), LABELS, pair)


def test_its_prints_stay_off_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    probabilities_of("print('a')\ndef softmax(x):\n    print('b')\n    return x", LOGITS)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "a\nb\n"


def test_an_autopsy_names_the_image_also_where_the_mean_is_returned() -> None:
    source = "def cross_entropy(p, y):\n    return -p[range(len(y)), y].log().mean()\n"
    config = TrainConfig(loss="yours", mine=source, device="cpu")
    state = TrainingState.initial(config, 2, 2, 3, torch.device("cpu"))
    state.weight.copy_(torch.tensor([[0.0, 0.0], [0.0, 200.0]]))
    images, labels = torch.tensor([[1.0, 0.0], [1.0, 1.0], [1.0, 0.0]]), torch.tensor([0, 0, 1])
    found = autopsy(state, images, labels, torch.tensor([7, 8, 9]), ("a", "b"), config, pair_of(config))
    assert found.image_index == 8
    assert found.loss == math.inf
    assert found.cause == "the probability of the true class 0 underflowed to 0, and log 0 is −inf"
    assert {remedy.softmax for remedy in found.remedies} == {"naive", "global-max", "row-max", "log-sum-exp"}


def test_an_autopsy_of_a_softmax_of_yours_has_no_steps_and_says_what_it_returned() -> None:
    source = "def softmax(x):\n    return x.exp() / x.exp().sum(1, keepdim=True)\n"
    config = TrainConfig(softmax="yours", mine=source, device="cpu")
    state = TrainingState.initial(config, 2, 2, 1, torch.device("cpu"))
    state.weight.copy_(torch.tensor([[0.0, 0.0], [0.0, 200.0]]))
    one = torch.tensor([[1.0, 1.0]]), torch.tensor([0]), torch.tensor([0])
    found = autopsy(state, *one, ("a", "b"), config, pair_of(config))
    assert found.exponentials == ()
    assert math.isnan(found.partition)
    assert found.cause == "probability 2 of row 1 is nan"
