"""What a user's function returned, taken as a plain tensor, or refused in one line that says what was found."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.contract.errors import InputError

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
