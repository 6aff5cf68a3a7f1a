"""The weights of each class as a picture, no larger than a screen can show."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.contract.answers import LARGEST_BYTE

MOST_VALUES = 2**20  # of all pictures together: 1,000 classes at 32 × 32, 10 at 323 × 323


def weight_pictures(weight: Tensor, height: int, width: int, channels: int = 1) -> Tensor:
    """The weights (classes, height · width · channels) as pictures (classes, rows, columns).

    They have `MOST_VALUES` values at most together. Where that is fewer than there are, each value is the mean of the
    pixels that it covers. Of colours it is the mean of the channels. Of inputs that are no pictures (height 0) it
    gives (classes, 0, 0): nothing shows them.
    """
    classes = len(weight)
    if not height:
        return weight.new_empty(classes, 0, 0, dtype=torch.float32)
    pictures = weight.float().view(classes, 1, height, width, channels).mean(4)
    scale = math.sqrt(MOST_VALUES / max(1, pictures.numel()))
    if scale < 1:
        rows = max(1, min(int(height * scale), MOST_VALUES // classes))  # a single column may be too long
        columns = max(1, min(width, MOST_VALUES // (classes * rows)))
        pictures = torch.nn.functional.adaptive_avg_pool2d(pictures, (rows, columns))
    return pictures.squeeze(1)


def largest_of(pictures: Tensor) -> float:
    """The greatest magnitude of what is finite; 0 of nothing."""
    finite = pictures[pictures.isfinite()]
    return float(finite.abs().max()) if finite.numel() else 0.0


def in_bytes(pictures: Tensor, largest: float) -> bytes:
    """Each value as a signed byte of which 127 is `largest`, finer than a screen can show; −128 is nan."""
    scaled = (pictures / (largest or 1.0) * LARGEST_BYTE).round().clamp(-LARGEST_BYTE, LARGEST_BYTE)
    return scaled.nan_to_num(-LARGEST_BYTE - 1).to(torch.int8).cpu().numpy().tobytes()
