"""A training state as named bytes, so that the store needs no torch."""

from __future__ import annotations

from msgspec import Struct


class TensorBytes(Struct, frozen=True, kw_only=True):
    """A tensor's raw bytes, row by row. `dtype` is torch's name for it: "float32", "float64", "int64"."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes


class Checkpoint(Struct, frozen=True, kw_only=True):
    """Everything a run needs to go on to the same bits, and where it stands.

    `minibatch` counts within the running epoch, `position` over the whole run.
    """

    epochs_done: int
    minibatch: int
    position: int
    tensors: dict[str, TensorBytes]
    numbers: dict[str, float]
