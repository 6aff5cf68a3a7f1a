"""What can happen to images: noise, another brightness, a rotation, something in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from engine.analysis.smallest_change import pixel_range
from engine.contract.monitoring import DEGREES, ChangeName
from engine.data.streams import stream

AT_ONCE = 1000  # images, each such block with a random stream of its own

_Pixels = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ImageChange:
    """What happens to each of `images` (n, features): uint8, or float32.

    `shape` is (height, width, channels), None where the features are no picture: then only `noise` and `brightness`
    are possible. The changed images have the same type and range as the images: bytes 0 to 255, or from the least to
    the greatest pixel of all. The same seed gives the same images, whichever of them are asked for.
    """

    images: Tensor
    shape: tuple[int, int, int] | None
    name: ChangeName
    strength: float
    seed: int

    def block(self, start: int) -> Tensor:
        """The changed images (at most 1,000, features) from number `start` on, a multiple of 1,000."""
        there = self.images[start : start + AT_ONCE].cpu()
        low, high = self._bounds
        pixels = there.numpy().astype(np.float32)
        random = stream("monitor", self.name, self.seed, start)
        changed = np.clip(self._changed(pixels, low, high, random), low, high)
        if there.dtype == torch.uint8:
            return torch.from_numpy(np.rint(changed).astype(np.uint8))
        return torch.from_numpy(changed).to(there.dtype)

    def one(self, index: int) -> Tensor:
        """The changed image (features,) of that number."""
        start = index - index % AT_ONCE
        return self.block(start)[index - start]

    @cached_property
    def _bounds(self) -> tuple[float, float]:
        return pixel_range(self.images, 1.0)

    def _changed(self, pixels: _Pixels, low: float, high: float, random: np.random.Generator) -> npt.NDArray[Any]:
        span = np.float32((high - low) * self.strength)
        match self.name:
            case "noise":
                return pixels + span * random.standard_normal(pixels.shape, dtype=np.float32)
            case "brightness":
                return pixels + span
            case "rotation":
                assert self.shape is not None
                return rotated(pixels, self.shape, DEGREES * self.strength, low)
            case "occlusion":
                assert self.shape is not None
                return occluded(pixels, self.shape, self.strength, low, random)
            case "prevalence":
                return pixels


def rotated(pixels: _Pixels, shape: tuple[int, int, int], degrees: float, outside: float) -> _Pixels:
    """Images (n, features) turned clockwise around their middle, `outside` where there was nothing.

    Bilinear: each pixel is a weighted mean of the four around the place that it comes from.
    """
    height, width, channels = shape
    angle = np.deg2rad(degrees)
    down, right = np.mgrid[:height, :width].astype(np.float64)
    down, right = down - (height - 1) / 2, right - (width - 1) / 2
    from_right = np.cos(angle) * right + np.sin(angle) * down + (width - 1) / 2
    from_down = -np.sin(angle) * right + np.cos(angle) * down + (height - 1) / 2
    grid = pixels.reshape(len(pixels), height * width, channels) - np.float32(outside)
    turned = np.zeros_like(grid)
    top, left = np.floor(from_down).astype(int), np.floor(from_right).astype(int)
    for row, column in ((top, left), (top, left + 1), (top + 1, left), (top + 1, left + 1)):
        inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
        weight = (1 - np.abs(from_down - row)) * (1 - np.abs(from_right - column)) * inside
        source = np.where(inside, row * width + column, 0)
        turned += grid[:, source.ravel()] * weight.astype(np.float32).reshape(1, -1, 1)
    return np.asarray(turned.reshape(pixels.shape) + np.float32(outside))


def occluded(
    pixels: _Pixels, shape: tuple[int, int, int], share: float, dark: float, random: np.random.Generator
) -> _Pixels:
    """Images (n, features) with a dark rectangle that covers a `share` of each, somewhere within it.

    The rectangle has the proportions of the image; its sides are rounded to whole pixels.
    """
    height, width, channels = shape
    side = np.sqrt(share)
    rows, columns = round(side * height), round(side * width)
    top = random.integers(0, height - rows + 1, len(pixels))[:, None]
    left = random.integers(0, width - columns + 1, len(pixels))[:, None]
    down, right = np.arange(height), np.arange(width)
    covered = ((down >= top) & (down < top + rows))[:, :, None] & ((right >= left) & (right < left + columns))[:, None]
    grid = pixels.reshape(len(pixels), height, width, channels)
    return np.where(covered[..., None], np.float32(dark), grid).reshape(pixels.shape)
