"""A user's own `softmax(logits)` and `cross_entropy(probabilities, labels)`, from the text of a Python file.

The text runs with all rights of this process. So it comes from a file that was named, never from one that was found,
and it runs first in a process that can be killed (`engine.yours`).
"""

from __future__ import annotations

import contextlib
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, ModuleType
from typing import Any

from torch import Tensor

from engine.contract.errors import InputError

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
        raise InputError("yours: found neither softmax(logits) nor cross_entropy(probabilities, labels), expected one")
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


def called(function: Function, *arguments: object) -> Any:
    """What a user's function returns. Whatever it prints goes to stderr: stdout may carry JSON lines.

    Raises:
        InputError: it raised; the line names the exception and where in the file it came from.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return function(*arguments)
    except (Exception, SystemExit) as error:
        raise InputError(f"yours: {told(error)}") from error


def told(error: BaseException) -> str:
    """An exception in one line: its type, the last line of the file that it came through, its message."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == NAME]
    where = f" in line {lines[-1]}" if lines else ""
    message = " ".join(str(error).split()).encode(errors="backslashreplace").decode()
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
        raise InputError("yours: found no softmax(logits) in the file, expected one")
    made = called(function, logits_bc.clone())
    if not isinstance(made, Tensor) or made.shape != logits_bc.shape:
        raise InputError(f"yours: softmax returned {described(made)}, expected shape {tuple(logits_bc.shape)}")
    return made.to(logits_bc.dtype)


def each_loss_of(source: str, probabilities_bc: Tensor, labels_b: Tensor) -> Tensor:
    """The user's cross-entropy of `(batch, classes)` and int64 `(batch,)`: `(batch,)`, with its gradient.

    One that returns the mean gives each image the mean: the mean of these is what it returned.

    Raises:
        InputError: it raised, or returned neither a number nor one for each image.
    """
    function = functions_of(source).cross_entropy
    if function is None:
        raise InputError("yours: found no cross_entropy(probabilities, labels) in the file, expected one")
    made = called(function, probabilities_bc.clone(), labels_b.clone())
    if isinstance(made, Tensor) and made.shape == labels_b.shape:
        return made.to(probabilities_bc.dtype)
    if isinstance(made, Tensor) and made.numel() == 1:
        return made.to(probabilities_bc.dtype).reshape(()).expand(len(labels_b))
    raise InputError(f"yours: cross_entropy returned {described(made)}, expected a number or shape ({len(labels_b)},)")


def described(made: object) -> str:
    """A returned value in words: its shape where it has one, else its type."""
    if made is None:
        return "None"
    shape = getattr(made, "shape", None)
    return f"shape {tuple(shape)}" if isinstance(shape, tuple) else f"a value of type {type(made).__name__}"
