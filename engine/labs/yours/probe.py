"""Calling a user's function on probes: with tensors, and with numpy arrays where it was written for those."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from engine.contract.errors import InputError
from engine.numerics.yours import Function, as_losses, as_probabilities, called, dtype_name, is_column


class Probe:
    """One function under judgement, and what its calls have shown so far.

    `numpy` once it has returned an array, or has worked on arrays only. `column` once it has returned `(batch, 1)`.
    """

    def __init__(self, function: Function) -> None:
        self._function = function
        self._answered: set[tuple[torch.dtype, tuple[int, ...], bytes]] = set()
        self.numpy = self.column = False

    def softmax(self, logits: Tensor) -> Tensor:
        """What it returns for a copy of the logits, as a tensor of their shape.

        Raises:
            InputError: it raised, or returned something else.
        """
        made = self.call(lambda: (logits.clone(),))
        return self._taken(as_probabilities, made, logits)

    def loss(self, probabilities: Tensor, labels: Tensor) -> Tensor:
        """What it returns for copies: `()`, or `(batch,)` for one loss an image.

        Raises:
            InputError: it raised, or returned something else.
        """
        made = self.call(lambda: (probabilities.clone(), labels.clone()))
        self.column = self.column or is_column(made, labels)
        return self._taken(as_losses, made, probabilities, labels)

    def call(self, arguments: Callable[[], tuple[Tensor, ...]]) -> Any:
        """What it returns for the tensors, as it returns it. Arrays are tried where tensors make it raise."""
        given = arguments()
        try:
            made = called(self._function, *given)
        except InputError as error:
            if isinstance(error.__cause__, Exception):
                return self._with_arrays(arguments(), given, error)
            raise self._hinted(error, given) from error
        self.numpy = self.numpy or _of_numpy(made)
        return made

    def _with_arrays(self, fresh: tuple[Tensor, ...], given: tuple[Tensor, ...], error: InputError) -> Any:
        without_bfloat16 = (one.detach().float() if one.dtype is torch.bfloat16 else one.detach() for one in fresh)
        try:
            made = called(self._function, *(one.numpy() for one in without_bfloat16))
        except InputError as with_arrays:
            raise self._hinted(with_arrays if _knows_numpy_alone(self._function) else error, given) from error
        if fresh[0].dtype is torch.bfloat16:
            raise InputError("numpy has no bfloat16: expected float16, float32 or float64 with a function of numpy's")
        self.numpy = True
        return made

    def _taken(self, take: Callable[..., Tensor], made: Any, *given: Tensor) -> Tensor:
        try:
            found = take(made, *given)
        except InputError as error:
            raise InputError(f"{error}{self._when(given[0])}") from error
        self._answered.add(_key(given[0]))
        return found

    def _hinted(self, error: InputError, given: tuple[Tensor, ...]) -> InputError:
        hint = ""
        if "must match the size" in str(error):
            if len(given) == 1:
                hint = "; without keepdim=True the sums do not line up with their rows"
            else:
                hint = "; labels are class numbers of shape (batch,), not one-hot rows"
        return InputError(f"{error}{hint}{self._when(given[0])}")

    def _when(self, given: Tensor) -> str:
        """What is special about the call that failed; nothing about the first, nor about that for the gradient."""
        if not self._answered or given.requires_grad:
            return ""
        if _key(given) in self._answered:
            return " (when it is called again)"
        return f" (for {dtype_name(given.dtype)} of shape {tuple(given.shape)})"


def _key(given: Tensor) -> tuple[torch.dtype, tuple[int, ...], bytes]:
    return given.dtype, tuple(given.shape), given.detach().double().numpy().tobytes()


def _of_numpy(made: Any) -> bool:
    return type(made).__module__.partition(".")[0] == "numpy"


def _knows_numpy_alone(function: Function) -> bool:
    """Whether its own text names numpy and never torch: then what it raises for tensors is beside the point."""
    around, code = getattr(function, "__globals__", {}), getattr(function, "__code__", None)
    named = (around.get(name) for name in (code.co_names if code is not None else ()))
    modules = {value.__name__.partition(".")[0] for value in named if isinstance(value, ModuleType)}
    return "numpy" in modules and "torch" not in modules
