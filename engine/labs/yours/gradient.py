"""The gradient that comes through a user's function, or why there is none."""

from __future__ import annotations

import contextlib
import dis
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from engine.contract.errors import InputError
from engine.numerics.yours import NAME, guarded

_NONE = "no gradient flows through it"
_NUMPY = f"{_NONE}: numpy's operations have none, and training needs torch's all the way"
_OVERWRITTEN = "modified by an inplace operation"
_LEFT_TORCH = "Can't call numpy()"
_VIEWS = ("AsStrided", "CopySlices")  # torch's own bookkeeping, which no file has written
_OUTPUT_OF = re.compile(r"output \d+ of (\w+?)(?:Backward\d*)?[, ]")
# torch's own names of what may be written as an operator or as a method, what that operator is, and how the same is
# written without overwriting.
_OPERATORS = {
    "div_": ("division", "/=", "a = a / b"),
    "mul_": ("multiplication", "*=", "a = a * b"),
    "add_": ("addition", "+=", "a = a + b"),
    "sub_": ("subtraction", "-=", "a = a - b"),
    "pow_": ("power", "**=", "a = a ** b"),
}


class NoGradient(InputError):  # noqa: N818 - what was found, said as it is
    """`str()` says in one line why there is none; training with the function is impossible."""


def gradient_at(compute: Callable[[Tensor], Tensor], at: Tensor, uses_numpy: Callable[[], bool]) -> Tensor:
    """The gradient of the number that `compute` makes of a leaf like `at`, by autograd.

    Raises:
        NoGradient: the function raised, what it returned is not connected to the leaf, or the backward pass failed.
    """
    try:
        gradient = _taken(compute, at)
    except InputError as error:
        line, whole = str(error).removeprefix("yours: "), str(error.__cause__)
        if _LEFT_TORCH in whole:
            raise NoGradient(_NUMPY) from error
        if _OVERWRITTEN in whole:
            line = _named(compute, at, whole) or line
        raise NoGradient(f"{_NONE}: {line}") from error
    if gradient is not None:
        return gradient
    if uses_numpy():
        raise NoGradient(_NUMPY)
    raise NoGradient(f"{_NONE}: training needs torch operations all the way")


def _taken(compute: Callable[[Tensor], Tensor], at: Tensor) -> Tensor | None:
    with torch.enable_grad():
        leaf = at.clone().requires_grad_()
        number = compute(leaf)
        if not number.requires_grad:
            return None
        with guarded():  # a backward pass may be the user's own code too
            (gradient,) = torch.autograd.grad(number, leaf, allow_unused=True)
    return gradient


class _Written(NamedTuple):
    """An operation that wrote into a tensor: torch's name of it, its line, and what had made the tensor."""

    operation: str
    line: int
    made_by: str
    by_operator: bool


class _Watch(TorchFunctionMode):
    """Notes every operation that writes into a tensor while it is entered."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[_Written] = []

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = getattr(function, "__name__", "")
        in_place = name == "__setitem__" or (name.endswith("_") and not name.endswith("__"))
        if in_place and args and isinstance(args[0], Tensor):
            maker = args[0].grad_fn
            line, by_operator = _place()
            self.written.append(_Written(name, line, maker.name() if maker is not None else "", by_operator))
        return function(*args, **(kwargs or {}))


def _place() -> tuple[int, bool]:
    """The line of the user's file that is being executed, and whether it is at an operator; 0 outside of it."""
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_filename != NAME:
        frame = frame.f_back  # type: ignore[assignment]
    if frame is None:
        return 0, False
    # torch calls `a /= b` and `a.div_(b)` by the same name: only the instruction knows which was written.
    here = (one.opname for one in dis.get_instructions(frame.f_code) if one.offset == frame.f_lasti)
    return frame.f_lineno, next(here, "").startswith("BINARY_OP")


def _said(written: _Written) -> tuple[str, str]:
    """An operation as it is written in the file, and what to write instead; "" for nothing in particular."""
    if written.operation == "__setitem__":
        return "the assignment to an index", "torch.where"
    what, operator, instead = _OPERATORS.get(written.operation, ("", "", ""))
    if not what:
        return f"the operation in place {written.operation}", ""
    return f"the {what} in place ({operator if written.by_operator else written.operation})", instead


def _named(compute: Callable[[Tensor], Tensor], at: Tensor, message: str) -> str:
    """Which operation overwrote what the backward pass needs, from another forward pass under watch; "" for none seen.

    `message` is torch's, which names what had made the tensor.
    """
    found = _OUTPUT_OF.search(message)
    made_by = found.group(1) if found is not None else ""
    with contextlib.suppress(InputError), torch.enable_grad(), _Watch() as watch:
        compute(at.clone().requires_grad_())
    written = [one for one in watch.written if made_by and made_by in one.made_by] or watch.written
    if not written:
        return ""
    said, instead = _said(written[-1])
    where = f" in line {written[-1].line}" if written[-1].line else ""
    needed = (
        f"the result of {made_by.lower()}" if made_by and made_by not in _VIEWS else "a tensor that the gradient needs"
    )
    return f"{said}{where} overwrites {needed}" + (f"; use {instead}" if instead else "")
