"""Usual slips, each named for what it is, by a real process that runs the text of a file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from engine.contract.errors import InputError
from engine.labs.yours.loss_judge import KERNELS, LABELS, PROBABILITIES, judge_loss, named
from engine.labs.yours.messages import JudgeLoss, JudgeSoftmax, Loaded, LoadFile, Refused, Verdict
from engine.labs.yours.probe import Probe
from engine.labs.yours.sandbox import Sandbox, SandboxEnded
from engine.labs.yours.softmax_judge import EXHIBITS, ORDINARY, judge_softmax, percent
from engine.numerics import cross_entropy
from engine.numerics.softmax import IMPLEMENTATIONS

GOOD_SOFTMAX = """
def softmax(logits):
    exponentials = (logits - logits.max(1, keepdim=True).values).exp()
    return exponentials / exponentials.sum(1, keepdim=True)
"""
GOOD_LOSS = """
import torch
def cross_entropy(probabilities, labels):
    return -torch.log(probabilities[list(range(len(labels))), labels]).mean()
"""

# softmax of what, and what is said of it; the last says whether it can train all the same
SOFTMAXES = {
    "global maximum": ("e = (x - x.max()).exp(); return e / e.sum(1, keepdim=True)", "maximum of the whole", True),
    "naive": ("e = x.exp(); return e / e.sum(1, keepdim=True)", "a logit of 100 gives nan", True),
    "wrong axis": ("return x.softmax(0)", "wrong axis: its columns sum to 1", True),
    "whole batch": ("e = x.exp(); return e / e.sum()", "normalised over the whole batch", True),
    "wrong shape": ("return x.softmax(1).sum(1)", "wrong shape: found (3,), expected (3, 4)", False),
    "not normalised": ("return x.exp()", "not normalised", True),
    "rows that do not sum to 1": ("return x.softmax(1) * 0.9", "not normalised: the rows sum to 0.9", True),
    "log-probabilities": ("return x.log_softmax(1)", "returns log-probabilities", True),
    "another dtype": ("return x.softmax(1).double()", "returns float64 for float32 logits", True),
    "in place": ("x -= x.max(1, keepdim=True).values\n    return x.softmax(1)", "changes its input", True),
    "an exception": ("y = 1\n    return x / nothing", "NameError in line 3: name 'nothing' is not defined", False),
    "keepdim missing": ("e = x.exp(); return e / e.sum(1)", "without keepdim=True", False),
    "no return": ("x.softmax(1)", "returns None, expected a tensor", False),
    "a text": ("return 'x'", "a value of type str, expected a tensor", False),
    "no gradient": ("return x.softmax(1).detach()", "the values are right; no gradient", False),
    "a list": ("return x.softmax(1).tolist()", "the values are right; no gradient", False),
    "the mean subtracted": ("return (x - x.mean(1, keepdim=True)).exp() / (x - x.mean(1, keepdim=True))"
                            ".exp().sum(1, keepdim=True)", "at a logit of 1,000", True),
    "clamped": ("e = x.clamp(-80, 80).exp(); return e / e.sum(1, keepdim=True)", "finite but wrong by up to", True),
    "another each time": ("import torch; return x.softmax(1) * (1 + 3e-6 * torch.rand(1))", "called again", True),
    "ends the process": ("import os; os._exit(3)", "it ended its process (exit code 3)", False),
    "a bad pointer": ("import ctypes; ctypes.string_at(0)", "it ended its process (SIGSEGV)", False),
    "sys.exit": ("import sys; sys.exit(2)", "SystemExit in line 2: 2", False),
    "asks at the keyboard": ("return input()", "EOFError in line 2", False),
    "more memory than there is": ("return x.new_zeros(10**13)", "can't allocate memory", False),
    "says much": ("print('{' * 100000); return x.softmax(1)", "right: within", True),
    "writes to file descriptors": ("import os; os.write(1, b'xxxx'); os.write(2, b'x'); return x.softmax(1)",
                                   "right: within", True),
}  # fmt: skip
LOSSES = {
    "integer labels": ("return -(y[:, None] * p.log()).sum(1).mean()", "integer-labels", True),
    "missing minus": ("return p[range(len(y)), y].log().mean()", "the minus is missing", True),
    "wrong axis": ("return -(hot(p, y) * p.log()).mean(1).mean()", "the mean over the wrong axis", True),
    "wrong axis, a shape": ("return -(hot(p, y) * p.log()).sum(0)", "wrong shape: found (3,)", False),
    "wrong axis, a number": ("return -(hot(p, y) * p.log()).sum(0).mean()", "the mean over the wrong axis", True),
    "the sum": ("return -p[range(len(y)), y].log().sum()", "the sum over the images, not their mean", True),
    "two slips": ("return (y[:, None] * p.log()).sum(1).mean()", "the minus is missing; multiplies with", True),
    "0 · log 0": ("return -(hot(p, y) * p.log()).sum(1).mean()", "0 · log 0 = nan", True),
    "clipped": ("return -p[range(len(y)), y].clamp(min=1e-7).log().mean()", "no probability were below 1e-07", True),
    "an epsilon added": ("return -(p[range(len(y)), y] + 1e-9).log().mean()", "below 1e-09", True),
    "log2": ("return -p[range(len(y)), y].log2().mean()", "to base 2", True),
    "log10": ("return -p[range(len(y)), y].log10().mean()", "to base 10", True),
    "logits": ("import torch; return torch.nn.functional.cross_entropy(p, y)", "a second softmax", True),
    "no logarithm": ("return -p[range(len(y)), y].mean()", "the logarithm is missing", True),
    "every label": ("return -p[:, y].log().mean()", "[:, labels] is not [range(len(labels)), labels]", True),
    "one number a class": ("return -(hot(p, y) * p.log())", "the sum over the classes is missing", False),
    "one-hot expected": ("return -(y * p.log()).sum(1).mean()", "labels are class numbers", False),
    "a number without gradient": ("return -p[range(len(y)), y].log().mean().item()", "no gradient", False),
    "an exception": ("return p[y, range(99)]", "IndexError in line 2", False),
    "in place": ("return -p.log_()[range(len(y)), y].mean()", "changes its input", True),
    "another each time": ("import torch; return -p[range(len(y)), y].log().mean() * (1 + 3e-6 * torch.rand(1))[0]",
                          "called again", True),
    "one each": ("return -p[range(len(y)), y].log()", "one loss for each image (their mean is taken)", True),
}  # fmt: skip


@pytest.fixture(scope="module")
def child() -> Iterator[list[Sandbox]]:
    """One process for as long as it lives, then the next."""
    kept: list[Sandbox] = []
    yield kept
    for one in kept:
        one.kill()


def judged(kept: list[Sandbox], source: str, request: JudgeSoftmax | JudgeLoss) -> Verdict | str:
    if not kept:
        kept.append(Sandbox("engine.labs.yours.judging"))
    try:
        loaded = kept[0].ask(LoadFile(source), 20.0)
        assert isinstance(loaded, Loaded), loaded
        found = kept[0].ask(request, 20.0)
    except SandboxEnded as ended:
        kept.clear()
        return str(ended)
    assert isinstance(found, Verdict | Refused)
    return found if isinstance(found, Verdict) else found.line


@pytest.mark.parametrize("slip", SOFTMAXES)
def test_a_softmax_with_a_slip_is_named_for_what_it_is(child: list[Sandbox], slip: str) -> None:
    body, expected, works = SOFTMAXES[slip]
    found = judged(child, f"def softmax(x):\n    {body}\n", JudgeSoftmax())
    if isinstance(found, str):
        assert expected in found
        assert not works
    else:
        assert expected in found.sentence
        assert found.works == works
        assert found.right == found.sentence.startswith("right: ")
        assert "\n" not in found.sentence


@pytest.mark.parametrize("slip", LOSSES)
def test_a_cross_entropy_with_a_slip_is_named_for_what_it_is(child: list[Sandbox], slip: str) -> None:
    body, expected, works = LOSSES[slip]
    hot = "\ndef hot(p, y):\n    from torch.nn.functional import one_hot\n    return one_hot(y, p.shape[1])\n"
    found = judged(child, f"def cross_entropy(p, y):\n    {body}\n{hot}", JudgeLoss())
    assert isinstance(found, Verdict)
    assert expected in found.sentence
    assert found.works == works
    assert found.right == found.sentence.startswith("right: ")


def test_right_ones_are_said_to_be_right_with_how_near_they_come(child: list[Sandbox]) -> None:
    softmax = judged(child, GOOD_SOFTMAX + GOOD_LOSS, JudgeSoftmax())
    loss = judged(child, GOOD_SOFTMAX + GOOD_LOSS, JudgeLoss())
    assert isinstance(softmax, Verdict)
    assert isinstance(loss, Verdict)
    assert (softmax.works, softmax.right, loss.works, loss.right) == (True,) * 4
    assert softmax.sentence.endswith("of float64 everywhere tried, also at 100, −103 and with rows 200 apart")
    assert loss.sentence.endswith("inf at log 0 and 0 at 0 · log 0, as by indexing")


def test_the_engines_own_are_judged_as_they_are_known() -> None:
    right = {name: judge_softmax(softmax).right for name, softmax in IMPLEMENTATIONS.items()}
    assert right == {"naive": False, "global-max": False, "row-max": True, "log-sum-exp": True}
    assert judge_loss(cross_entropy.indexing).right
    assert not judge_loss(cross_entropy.integer_labels).right


def test_no_exhibit_can_be_taken_for_what_is_right_or_for_another() -> None:
    made = {"": ORDINARY.softmax(1), **{said: exhibit(ORDINARY) for said, exhibit in EXHIBITS.items()}}
    for one, numbers in made.items():
        alike = [other for other, others in made.items() if torch.allclose(numbers, others, rtol=1e-3, atol=1e-6)]
        assert alike == [one]
    for said, kernel in KERNELS.items():
        mean = kernel(PROBABILITIES, LABELS).mean().item()
        assert named(mean) == said
        assert named(-mean) == "; ".join(filter(None, ("the minus is missing", said)))


def test_a_wrong_gradient_of_a_right_value_is_seen() -> None:
    class Backwards(torch.autograd.Function):
        @staticmethod
        def forward(context: object, x: torch.Tensor) -> torch.Tensor:
            return x.softmax(1)

        @staticmethod
        def backward(context: object, gradient: torch.Tensor) -> torch.Tensor:
            return -gradient

    verdict = judge_softmax(Backwards.apply)
    assert verdict.works
    assert not verdict.right
    assert "the gradient is off by up to" in verdict.sentence


def test_a_function_that_is_right_only_for_small_batches_is_seen() -> None:
    def loss(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return cross_entropy.indexing(p, y).mean() * (1 if len(y) < 100 else 2)

    assert "for 256 of 10" in judge_loss(loss).sentence


def test_an_input_error_is_never_raised_by_the_judges() -> None:
    def fails(*_: object) -> None:
        raise InputError("yours: anything")

    assert "anything" in judge_softmax(fails).sentence
    assert "anything" in judge_loss(fails).sentence


def test_how_wrong_is_told_in_per_cent_or_as_a_factor() -> None:
    said = {0.32: "32 %", 0.0123: "1.2 %", 2.5: "250 %", 12.0: "a factor of 13", 8e39: "a factor of 8e39"}
    assert {error: percent(error) for error in said} == said


def test_what_is_special_about_the_call_that_fails_is_said() -> None:
    calls: list[int] = []

    def softmax(x: torch.Tensor) -> torch.Tensor:
        calls.append(1)
        if len(calls) > 1:
            raise ValueError("no more")
        return x.softmax(1)

    probe = Probe(softmax)
    probe.softmax(ORDINARY)
    for logits, said in ((ORDINARY, " (when it is called again)"), (ORDINARY[:1], " (for float64 of shape (1, 4))")):
        with pytest.raises(InputError, match="no more") as refused:
            probe.softmax(logits)
        assert str(refused.value).endswith(said)
