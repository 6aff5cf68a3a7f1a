"""A user's own `softmax(logits)` and `cross_entropy(probabilities, labels)`, from the text of a Python file.

The text runs with all rights of this process. So it comes from a file that was named, never from one that was found,
and it runs first in a process that can be killed (`engine.labs.yours`).
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.contract.errors import InputError
from engine.numerics.threads import threads

# Every other dtype (complex, quantised, 8-bit floats) has no order or no arithmetic to be judged by.
_REAL = (
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64),
    *(torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64),
)
MEAN_OR_EACH = "the mean loss or one for each image"


def as_probabilities(made: Any, logits_bc: Tensor) -> Tensor:
    """What a softmax returned for logits `(batch, classes)`, as a tensor of that shape, in the dtype it was made in.

    Raises:
        InputError: it is nothing of the kind.
    """
    shape = tuple(logits_bc.shape)
    found = as_tensor(made, "softmax", f"a tensor of shape {shape}", logits_bc)
    if found.shape != logits_bc.shape:
        raise InputError(f"wrong shape: found {tuple(found.shape)}, expected {shape}, that of the logits")
    return found


def as_losses(made: Any, probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    """What a cross-entropy returned: `()` for a mean, else `(batch,)`, which a column `(batch, 1)` is taken as.

    Raises:
        InputError: it is neither a number nor one for each image.
    """
    found = as_tensor(made, "cross_entropy", MEAN_OR_EACH, probabilities_bc)
    if found.shape == labels_b.shape:
        return found
    if found.numel() == 1:
        return found.reshape(())
    if is_column(found, labels_b):
        return found.squeeze(1)
    raise InputError(
        f"wrong shape: found {tuple(found.shape)}, expected {MEAN_OR_EACH}{_slip_behind(found, probabilities_bc)}"
    )


def is_column(made: Any, labels_b: Tensor) -> bool:
    """Whether the shape is `(batch, 1)`, for more than one image."""
    return isinstance(made, Tensor | np.ndarray) and len(labels_b) > 1 and tuple(made.shape) == (len(labels_b), 1)


def as_tensor(made: Any, name: str, expected: str, like: Tensor) -> Tensor:
    """A returned tensor, array, list or number as a dense real tensor; numbers and lists in the dtype of `like`.

    Raises:
        InputError: it is nothing of that kind, or lies on another device than `like`.
    """
    if made is None:
        raise InputError(f"{name} returns None, expected {expected}: is a return missing?")
    try:
        found = _tensor(made, like)
    except BaseException as error:  # the object itself takes part in its conversion, and may raise anything
        raise InputError(f"{name} returns {described(made)}, expected {expected}") from error
    if found.layout != torch.strided or found.is_quantized or found.is_nested:
        kind = "quantised" if found.is_quantized else "nested" if found.is_nested else "sparse"
        raise InputError(f"{name} returns a {kind} tensor, expected a dense one: {expected}")
    if found.dtype not in _REAL:
        raise InputError(f"{name} returns numbers of type {dtype_name(found.dtype)}, expected {dtype_name(like.dtype)}")
    if found.device != like.device:
        raise InputError(f"{name} returns a tensor on the device {found.device}, expected {like.device}, its input's")
    return found


def _tensor(made: Any, like: Tensor) -> Tensor:
    if isinstance(made, Tensor):
        return made if type(made) is Tensor else made.as_subclass(Tensor)
    if isinstance(made, np.ndarray | np.generic) and not isinstance(made, float):
        return torch.tensor(np.array(made), device=like.device)  # a copy: the array may be read-only or reversed
    plain = isinstance(made, float | int | list | tuple)
    return torch.as_tensor(made, dtype=like.dtype if plain else None, device=like.device)


def described(made: object) -> str:
    """A returned value in words: its shape where it has one, else its type."""
    if made is None:
        return "None"
    try:
        shape = getattr(made, "shape", None)
    except BaseException:  # noqa: BLE001 - a property of the user's own
        shape = None
    return f"shape {tuple(shape)}" if isinstance(shape, tuple) else f"a value of type {type(made).__name__}"


def dtype_name(dtype: torch.dtype) -> str:
    """As people write it: float32."""
    return str(dtype).removeprefix("torch.")


def _slip_behind(made: Tensor, probabilities_bc: Tensor) -> str:
    images, classes = probabilities_bc.shape
    if made.shape == (classes,):
        return ": the mean over the wrong axis, the images were added up and the classes are left"
    if made.shape == (images, classes):
        return ": the sum over the classes is missing"
    if made.shape == (images, images):
        return ": [:, labels] takes the labels of all images in every row; [range(len(labels)), labels] takes one each"
    return ""


NAME = "<yours>"  # of the file, in tracebacks
_MODULE = "softmax_tui_yours"
_MOST_CHARACTERS = 160  # of an exception's message

Function = Callable[..., Any]


@dataclass(frozen=True)
class Functions:
    """What a file defines; at least one is there."""

    softmax: Function | None
    cross_entropy: Function | None


@lru_cache(maxsize=4)
def functions_of(source: str) -> Functions:
    """Runs the text of a file and takes the two functions from it.

    Raises:
        InputError: it is no Python, it raises, or it defines neither function.
    """
    code = compiled(source)
    module = ModuleType(_MODULE)
    sys.modules[_MODULE] = module  # dataclasses look for their module there
    called(exec, code, vars(module))
    found = {name: getattr(module, name, None) for name in ("softmax", "cross_entropy")}
    for name, function in found.items():
        if function is not None and not callable(function):
            raise InputError(f"yours: found {name} to be of type {type(function).__name__}, expected a function")
    if not any(found.values()):
        raise InputError(
            "yours: found no softmax(logits) and no cross_entropy(probabilities, labels), expected a function"
        )
    return Functions(**found)


def compiled(source: str) -> CodeType:
    """The text as Python understands it; nothing of it is run.

    Raises:
        InputError: it is no Python.
    """
    try:
        return compile(source, NAME, "exec")
    except SyntaxError as error:
        raise InputError(f"yours: found a syntax error in line {error.lineno}, {error.msg}; expected Python") from error
    except (ValueError, RecursionError, MemoryError) as error:  # a null byte, or nested too deep
        raise InputError(f"yours: found no Python source, {error}; expected some") from error


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """For running a user's code: whatever it raises is an InputError, and what it prints goes to stderr.

    stdout may carry JSON lines. SystemExit and KeyboardInterrupt are the code's own: signals are only noted by whoever
    runs such code. torch's number of threads and its grad mode are as they were afterwards.

    Raises:
        InputError: the line names the exception and where in the file it came from.
    """
    try:
        with (
            contextlib.redirect_stdout(sys.stderr),
            threads(torch.get_num_threads()),
            torch.set_grad_enabled(torch.is_grad_enabled()),
        ):
            yield
    except BaseException as error:
        raise InputError(f"yours: {told(error)}") from error


def called(function: Function, *arguments: object) -> Any:
    """What a user's function returns.

    Raises:
        InputError: it raised, as `guarded` tells it.
    """
    with guarded():
        return function(*arguments)


def told(error: BaseException) -> str:
    """An exception in one line: its type, the last line of the file that it came through, its message."""
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == NAME]
    where = f" in line {lines[-1]}" if lines else ""
    try:
        message = " ".join(str(error).split()).encode(errors="backslashreplace").decode()
    except Exception:  # noqa: BLE001 - an exception class of the user's own
        message = ""
    if len(message) > _MOST_CHARACTERS:
        message = message[:_MOST_CHARACTERS] + "…"
    return f"{type(error).__name__}{where}" + (f": {message}" if message else "")


def probabilities_of(source: str, logits_bc: Tensor) -> Tensor:
    """What the user's softmax makes of logits `(batch, classes)`: the same shape and dtype, with its gradient.

    It is given a copy: one that writes into its input harms nobody else.

    Raises:
        InputError: it raised, or returned something else.
    """
    function = functions_of(source).softmax
    if function is None:
        raise InputError("yours: found no softmax(logits) in the file, expected this function")
    made = called(function, logits_bc.clone())
    with _of("softmax"):
        return as_probabilities(made, logits_bc).to(logits_bc.dtype)


def each_loss_of(source: str, probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    """The user's cross-entropy of `(batch, classes)` and int64 `(batch,)`: `(batch,)`, with its gradient.

    One that returns the mean gives each image the mean: the mean of these is what it returned.

    Raises:
        InputError: it raised, or returned neither a number nor one for each image.
    """
    function = functions_of(source).cross_entropy
    if function is None:
        raise InputError("yours: found no cross_entropy(probabilities, labels) in the file, expected this function")
    made = called(function, probabilities_bc.clone(), labels_b.clone())
    with _of("cross_entropy"):
        return as_losses(made, probabilities_bc, labels_b).to(probabilities_bc.dtype).expand(len(labels_b))


@contextlib.contextmanager
def _of(name: str) -> Iterator[None]:
    """In training both functions may be a user's: the line names the one."""
    try:
        yield
    except InputError as error:
        line = str(error)
        raise InputError(f"yours: {line}" if line.startswith(name) else f"yours: {name}: {line}") from error
