"""The weights of each class as a picture, no larger than a screen can show."""

from __future__ import annotations

import math

import torch
from torch import Tensor

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
        rows = max(1, int(height * scale))
        columns = max(1, min(width, int(width * scale), MOST_VALUES // (classes * rows)))
        pictures = torch.nn.functional.adaptive_avg_pool2d(pictures, (rows, columns))
    return pictures.squeeze(1)
