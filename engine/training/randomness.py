"""Every random choice of a run, as a pure function of its seed and of what is chosen."""

from __future__ import annotations

import hashlib

import torch
from torch import Tensor


def generator(seed: int, *purpose: str | int) -> torch.Generator:
    """A CPU generator for one purpose.

    Seed and purpose are mixed by hashing: `seed + epoch` would give run 1 in epoch 0 the order of run 0 in epoch 1.
    """
    text = "/".join(str(part) for part in (seed, *purpose))
    mixed = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(mixed, "little") >> 1)


def epoch_order(seed: int, epoch: int, size: int) -> Tensor:
    """The order (size,) in which an epoch, counted from 0, sees the training set."""
    return torch.randperm(size, generator=generator(seed, "order", epoch))
