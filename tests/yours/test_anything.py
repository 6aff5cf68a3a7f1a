"""Whatever a function of the user's raises, returns or does, at whichever call, is one line about the function."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.labs.yours.messages import (
    Compute,
    Computed,
    JudgeLoss,
    JudgeSoftmax,
    Loaded,
    LoadFile,
    Refused,
    Request,
    Verdict,
)
from engine.labs.yours.sandbox import Sandbox, SandboxEnded

NUMPY = "no gradient flows through it: numpy's operations have none"
NO_TORCH = "no gradient flows through it: training needs torch operations"
BACKWARD = """class F(torch.autograd.Function):
        @staticmethod
        def forward(context, x): return x.softmax(1)
        @staticmethod
        def backward(context, gradient): {}
    return F.apply(x)"""
# The body of softmax(x), with numpy as np and torch at hand: what is said, and whether it can train all the same.
SOFTMAXES: dict[str, tuple[str, bool]] = {
    # raised, at one of the calls
    "raise ValueError('boom')": ("ValueError in line 4: boom", False),
    "raise KeyboardInterrupt": ("KeyboardInterrupt in line 4", False),
    "raise SystemExit(3)": ("SystemExit in line 4: 3", False),
    "raise GeneratorExit": ("GeneratorExit in line 4", False),
    "raise StopIteration": ("StopIteration in line 4", False),
    "raise BaseException('b')": ("BaseException in line 4: b", False),
    "raise MemoryError": ("MemoryError in line 4", False),
    "raise ExceptionGroup('several', [ValueError()])": ("ExceptionGroup in line 4: several", False),
    "return softmax(x)": ("RecursionError in line 4", False),
    "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})()": ("Odd in line 4", False),
    "raise ValueError('one\\ntwo \\ud800')": ("ValueError in line 4: one two \\ud800", False),
    "raise UserWarning('as an error')": ("UserWarning in line 4: as an error", False),
    "assert len(x) > 1, 'one row'\n    return x.softmax(1)": ("one row (for float32 of shape (1, 4))", False),
    "assert x.dtype == torch.float32, 'one'\n    return x.softmax(1)": ("one (for float64 of shape (3, 4))", True),
    "assert x[0, 0] != 100, 'a hundred'\n    return x.softmax(1)": ("a hundred (for float32 of shape (2, 3))", True),
    "softmax.n = getattr(softmax, 'n', 0) + 1\n    assert softmax.n != 9, 'nine'\n    return x.softmax(1)": (
        "AssertionError in line 5: nine (when it is called again)", True),
    BACKWARD.format("raise KeyboardInterrupt('back')"): (
        "the values are right; no gradient flows through it: KeyboardInterrupt in line 8: back", False),
    BACKWARD.format("return gradient[0]"): ("no gradient flows through it: RuntimeError: Function FBackward", False),
    BACKWARD.format("return None"): (NO_TORCH, False),
    "y = x.softmax(1)\n    if y.requires_grad: y.register_hook(lambda g: 1 / 0)\n    return y": (
        "no gradient flows through it: ZeroDivisionError in line 5", False),
    # returned
    "return": ("returns None", False),
    "return x, x": ("a value of type tuple", False),
    "return x.max(1)": ("a value of type max", False),
    "return {}": ("a value of type dict", False),
    "yield x": ("a value of type generator", False),
    "return lambda: x": ("a value of type function", False),
    "return [row.softmax(0) for row in x]": ("a value of type list, expected a tensor of shape (3, 4)", False),
    "return 10 ** 400": ("a value of type int", False),
    "return 1.0": ("wrong shape: found (), expected (3, 4)", False),
    "return 1j": ("numbers of type complex64, expected float32", False),
    "return torch.complex(x, x)": ("numbers of type complex64, expected float32", False),
    "return x.softmax(1).to(torch.float8_e4m3fn)": ("numbers of type float8_e4m3fn, expected float32", False),
    "return x.softmax(1).half()": ("returns float16 for float32 logits", True),
    "return x.double().softmax(1)": ("returns float64 for float32 logits", True),
    "return x.softmax(1).long()": ("not normalised", False),
    "return x > 0": ("not normalised", False),
    "return x.softmax(1).to_sparse()": ("returns a sparse tensor, expected a dense one", False),
    "return x.softmax(1).to_sparse_csr()": ("returns a sparse tensor, expected a dense one", False),
    "return torch.nested.nested_tensor(list(x))": ("returns a nested tensor, expected a dense one", False),
    "return x.softmax(1).to('meta')": ("a tensor on the device meta, expected cpu", False),
    "return x.resize_(2, 2)": ("wrong shape: found (2, 2), expected (3, 4)", False),
    "return x": ("not normalised", True),
    "return x.view_as(x)": ("not normalised", True),
    "return x * float('nan')": ("not finite for ordinary logits", True),
    "return x.softmax(1)[:, :1].expand(x.shape)": ("not normalised", True),
    "return torch.nn.Parameter(x.softmax(1).detach())": (NO_TORCH, False),
    "return x.softmax(1).detach().requires_grad_()": (NO_TORCH, False),
    "with torch.inference_mode(): return x.softmax(1)": (NO_TORCH, False),
    "torch.set_grad_enabled(False); return x.softmax(1)": (NO_TORCH, False),
    "return x.softmax(1).as_subclass(type('Own', (torch.Tensor,), {}))": ("right: within", True),
    "return type('Own', (), {'shape': property(lambda self: exit())})()": ("a value of type Own", False),
    "return type('Own', (), {'__array__': lambda *a, **k: exit()})()": ("a value of type Own", False),
    "return np.array([object()])": ("softmax returns shape (1,)", False),
    "torch.set_num_threads(3); return x.softmax(1)": ("right: within", True),
    # in place
    "e = (x - x.max(1, keepdim=True).values).exp()\n    e /= e.sum(1, keepdim=True)\n    return e": (
        "the values are right; no gradient flows through it: the division in place (/=) in line 5 overwrites the "
        "result of exp", False),
    "e = (x - x.max(1, keepdim=True).values).exp()\n    return e.mul_(1 / e.sum(1, keepdim=True))": (
        "the multiplication in place (mul_) in line 5 overwrites the result of exp", False),
    "e = (x - x.max(1, keepdim=True).values).exp()\n    e.div_(e.sum(1, keepdim=True)); return e": (
        "the division in place (div_) in line 5 overwrites the result of exp; use a = a / b", False),
    "e = (x - x.max(1, keepdim=True).values).exp(); s = e.sum(1)\n    for i in range(len(x)): e[i] = e[i] / s[i]\n"
    "    return e": ("the values are right; no gradient flows through it: the assignment to an index in line 5", False),
    "e = torch.empty_like(x); torch.exp(x - x.max(1, keepdim=True).values, out=e); return e / e.sum(1, keepdim=True)": (
        "functions with out=... arguments don't support automatic differentiation", False),
    "e = (x - x.max(1, keepdim=True).values).exp(); e.data /= e.data.sum(1, keepdim=True); return e": (
        "the values are right; the gradient is off by up to", True),
    "x[:] = 0; return x": ("changes its input", True),
    # numpy
    "e = np.exp(x - np.max(x, axis=1, keepdims=True))\n    return e / np.sum(e, axis=1, keepdims=True)": (NUMPY, False),
    "e = np.exp(x - np.max(x, axis=None, keepdims=True))\n    return e / np.sum(e, axis=0)": (
        "normalised over the wrong axis", False),
    "e = np.exp(x - np.max(x, axis=1, keepdims=True))\n    return e / nothing": ("NameError in line 5", False),
    "return x.softmax(1).numpy()": (f"the values are right; {NUMPY}", False),
    "return x.softmax(1).flip(1).numpy()[:, ::-1]": (f"the values are right; {NUMPY}", False),
    "x -= np.max(x, axis=1, keepdims=True); e = np.exp(x); return e / e.sum(axis=1, keepdims=True)": (
        "changes its input", False),
}  # fmt: skip
PICKED = "p[range(len(y)), y]"
LOSSES: dict[str, tuple[str, bool]] = {
    "raise KeyboardInterrupt": ("KeyboardInterrupt in line 4", False),
    "return cross_entropy(p, y)": ("RecursionError in line 4", False),
    f"return -torch.log({PICKED})[:, None]": ("right: within", True),
    "return -torch.log(p.gather(1, y[:, None]))": ("which is taken as (batch,)", True),
    "return torch.log(p.gather(1, y[:, None]))": ("the minus is missing; it returns shape (batch, 1)", True),
    "return -torch.log(p.gather(1, y[:, None])).detach()": (f"the value is right; {NO_TORCH}", False),
    "return -torch.log(p.gather(1, y[:, None])).mean(0)": ("right: within", True),
    f"return -{PICKED}.log()[None]": ("wrong shape: found (1, 4)", False),
    f"return (-{PICKED}.log()).tolist()": (f"the value is right; {NO_TORCH}", False),
    f"return float(-{PICKED}.log().mean())": (f"the value is right; {NO_TORCH}", False),
    f"return (-{PICKED}.log()).to_sparse()": ("returns a sparse tensor", False),
    "return p.mean() * 1j": ("numbers of type complex64", False),
    "return p.to('meta')[0, 0]": ("a tensor on the device meta", False),
    "return p.mean() * float('nan')": ("not finite for ordinary probabilities", True),
    "return 1": ("gives 1, wrong by", False),
    f"q = {PICKED} * 1; l = q.log(); q /= 2\n    return -l.mean()": (
        "the value is right; no gradient flows through it: the division in place (/=) in line 4", False),
    f"l = -{PICKED}.log().mean(); y.zero_(); return l": ("changes its input", False),
    "return -np.log(p[np.arange(len(y)), y]).mean()": (f"the value is right; {NUMPY}", False),
    "return -np.mean(np.log(p[np.arange(len(y)), y]), axis=0, dtype=p.dtype)": (f"the value is right; {NUMPY}", False),
    "return -np.log(np.take_along_axis(p, y[:, None], 1))": ("torch's all the way; it returns shape (batch, 1)", False),
    "import math; return sum(-math.log(a[b].item()) for a, b in zip(p, y)) / len(y)": (
        "where the true class has probability 0 it raises ValueError in line 4: math domain error", False),
    f"assert 'float32' in str(p.dtype); return -{PICKED}.log().mean()": ("(for float64 of shape (4, 3))", True),
}  # fmt: skip


@pytest.fixture(scope="module")
def child() -> Iterator[Sandbox]:
    one = Sandbox("engine.labs.yours.judging")
    yield one
    one.kill()


def asked(child: Sandbox, head: str, body: str, request: Request) -> Verdict | Computed | Refused:
    assert isinstance(child.ask(LoadFile(f"import numpy as np\nimport torch\n{head}:\n    {body}\n"), 20.0), Loaded)
    found = child.ask(request, 20.0)
    assert isinstance(found, Verdict | Computed | Refused)
    return found


@pytest.mark.parametrize("body", SOFTMAXES)
def test_a_softmax_is_judged_whatever_it_does(child: Sandbox, body: str) -> None:
    expected, works = SOFTMAXES[body]
    found = asked(child, "def softmax(x)", body, JudgeSoftmax())
    assert isinstance(found, Verdict)
    assert expected in found.sentence
    assert "\n" not in found.sentence
    assert found.works == works
    assert found.right == found.sentence.startswith("right: ")


@pytest.mark.parametrize("body", LOSSES)
def test_a_cross_entropy_is_judged_whatever_it_does(child: Sandbox, body: str) -> None:
    expected, works = LOSSES[body]
    found = asked(child, "def cross_entropy(p, y)", body, JudgeLoss())
    assert isinstance(found, Verdict)
    assert expected in found.sentence
    assert "\n" not in found.sentence
    assert found.works == works
    assert found.right == found.sentence.startswith("right: ")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_numpy_computes_in_every_dtype_that_it_has(child: Sandbox, dtype: str) -> None:
    body = "e = np.exp(x - np.max(x, axis=1, keepdims=True)); return e / np.sum(e, axis=1, keepdims=True)"
    found = asked(child, "def softmax(x)", body, Compute(((1.0, 1.0),), dtype, (0.0,)))
    if dtype == "bfloat16":
        assert isinstance(found, Refused)
        assert found.line.startswith("numpy has no bfloat16: expected float16, float32 or float64")
    else:
        assert found == Computed(((0.5, 0.5),), (0.0,))


def test_what_a_file_leaves_behind_in_its_process_is_a_line_too() -> None:
    """Last: such a process is no good for anything else."""
    child = Sandbox("engine.labs.yours.judging")
    try:
        found = asked(child, "torch.equal = None\ndef softmax(x)", "return x.softmax(1)", JudgeSoftmax())
        assert isinstance(found, Refused | Verdict)
        with pytest.raises(SandboxEnded, match="ended its process"):
            asked(child, "def softmax(x)", "import os; os.closerange(3, 60); return x", JudgeSoftmax())
    finally:
        child.kill()
