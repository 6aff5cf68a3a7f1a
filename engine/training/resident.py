"""A dataset where the model computes: images stay bytes, and become numbers a minibatch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.dataset import Dataset


@dataclass(frozen=True)
class ResidentData:
    """Both splits as tensors on one device.

    Images are (n, features), uint8 or float32; labels are (n,), int64. A pixel times `pixel_scale` is the input.
    """

    train_images: Tensor
    train_labels: Tensor
    validation_images: Tensor
    validation_labels: Tensor
    pixel_scale: float
    num_classes: int

    @classmethod
    def of(cls, dataset: Dataset, device: torch.device) -> ResidentData:
        """Puts a dataset on a device. On the CPU the arrays are shared, not copied."""
        return cls(
            train_images=torch.from_numpy(dataset.train_images).to(device),
            train_labels=torch.from_numpy(dataset.train_labels).to(device),
            validation_images=torch.from_numpy(dataset.validation_images).to(device),
            validation_labels=torch.from_numpy(dataset.validation_labels).to(device),
            pixel_scale=dataset.pixel_scale,
            num_classes=dataset.num_classes,
        )

    @property
    def num_features(self) -> int:
        """Numbers that an image has."""
        return self.train_images.shape[1]

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.train_images.device
