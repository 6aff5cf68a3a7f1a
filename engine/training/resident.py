"""A dataset where the model computes: images stay bytes, and become numbers a minibatch at a time."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.events import JudgedPart
from engine.data.dataset import Dataset


@dataclass(frozen=True)
class ResidentData:
    """The parts as tensors on one device.

    Images are (n, features), uint8 or float32; labels are (n,), int64. A pixel times `pixel_scale` is the input.
    The third part, where there is one, stays on the CPU: only the final judgement looks at it.
    """

    train_images: Tensor
    train_labels: Tensor
    validation_images: Tensor
    validation_labels: Tensor
    pixel_scale: float
    num_classes: int
    test_images: Tensor | None = None
    test_labels: Tensor | None = None

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
            test_images=None if dataset.test_images is None else torch.from_numpy(dataset.test_images),
            test_labels=None if dataset.test_labels is None else torch.from_numpy(dataset.test_labels),
        )

    def judged_on(self, part: JudgedPart) -> tuple[Tensor, Tensor]:
        """Images and labels of a part that models are judged on.

        Raises:
            InputError: there is no test part.
        """
        if part == "validation":
            return self.validation_images, self.validation_labels
        if self.test_images is None or self.test_labels is None:
            raise InputError("part: found no test part in this dataset, expected training, validation and test parts")
        return self.test_images.to(self.device), self.test_labels.to(self.device)

    @property
    def num_features(self) -> int:
        """Numbers that an image has."""
        return self.train_images.shape[1]

    @property
    def device(self) -> torch.device:
        """Where the tensors lie."""
        return self.train_images.device
