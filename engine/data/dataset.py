"""A dataset in memory: what everything that trains or looks at images is given."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, InputRange
from engine.data.classes import without_images_notice
from engine.data.streams import stream

Images = npt.NDArray[Any]
Labels = npt.NDArray[np.int64]

_SAMPLE = 2_000  # images that tell how large a typical pixel is


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and validation images with their labels; made by `assemble`.

    Images are `(images, features)`, uint8 or float32, in C order; labels are `(images,)`, int64, from 0 to
    `num_classes - 1`. `image_shape` is `(height, width)`, or None where the features are not a picture; a pixel has
    `channels` features, one after the other.
    `checksum` is a hexadecimal BLAKE2b of the four arrays: equal data, equal checksum. `notices` say in a line each
    what is unusual about the data. A third part, `test_images` and `test_labels`, is for the final judgement alone:
    nothing trains on it or stops by it.
    """

    name: str
    train_images: Images
    train_labels: Labels
    validation_images: Images
    validation_labels: Labels
    image_shape: tuple[int, int] | None
    label_names: tuple[str, ...]
    checksum: str
    notices: tuple[str, ...] = ()
    channels: int = 1
    test_images: Images | None = None
    test_labels: Labels | None = None

    @property
    def num_features(self) -> int:
        """Numbers that an image has."""
        return int(self.train_images.shape[1])

    @property
    def num_classes(self) -> int:
        """Classes that a label may name."""
        return len(self.label_names)

    @property
    def train_size(self) -> int:
        """Images of the training set."""
        return len(self.train_labels)

    @property
    def validation_size(self) -> int:
        """Images of the validation set."""
        return len(self.validation_labels)

    @property
    def test_size(self) -> int:
        """Images of the third part, 0 where there is none."""
        return 0 if self.test_labels is None else len(self.test_labels)

    @cached_property
    def info(self) -> DatasetInfo:
        """What a viewer has to know of it."""
        height, width = self.image_shape or (0, 0)
        return DatasetInfo(
            name=self.name,
            train_size=self.train_size,
            validation_size=self.validation_size,
            num_features=self.num_features,
            num_classes=self.num_classes,
            image_height=height,
            image_width=width,
            label_names=self.label_names,
            checksum=self.checksum,
            train_inputs=input_range(self.train_images, self.pixel_scale),
            validation_inputs=input_range(self.validation_images, self.pixel_scale),
            image_channels=self.channels,
            test_size=self.test_size,
        )

    @property
    def pixel_scale(self) -> float:
        """What a pixel is multiplied with to be a feature: 1/255 for uint8, 1 for floats."""
        return 1 / 255 if self.train_images.dtype == np.uint8 else 1.0


def assemble(
    name: str,
    train: tuple[Images, Labels],
    validation: tuple[Images, Labels],
    label_names: tuple[str, ...],
    notices: tuple[str, ...] = (),
    test: tuple[Images, Labels] | None = None,
) -> Dataset:
    """A `Dataset` of images `(n, height, width)`, `(n, height, width, channels)` or `(n, features)`, checked before.

    A class without images is added to `notices`.
    """
    shape = train[0].shape[1:]
    arrays = (*_flat(*train), *_flat(*validation))
    kept = _flat(*test) if test is not None else (None, None)
    unseen = without_images_notice({"training": arrays[1], "validation": arrays[3]}, label_names)
    return Dataset(
        name,
        *arrays,
        image_shape=(int(shape[0]), int(shape[1])) if len(shape) > 1 else None,
        label_names=label_names,
        checksum=checksum_of(arrays),
        notices=(*notices, *filter(None, (unseen,))),
        channels=int(shape[2]) if len(shape) > 2 else 1,
        test_images=kept[0],
        test_labels=kept[1],
    )


def _flat(images: Images, labels: Labels) -> tuple[Images, Labels]:
    """Images `(n, features)` and labels, in C order."""
    flat = np.ascontiguousarray(images.reshape(len(images), -1))
    return flat, np.ascontiguousarray(labels, dtype=np.int64)


def input_range(images: Images, pixel_scale: float) -> InputRange:
    """Of images `(n, features)`, as they are trained on. Evenly spaced images tell how large a typical pixel is."""
    sample = images[:: -(-len(images) // _SAMPLE)].astype(np.float64)
    return InputRange(
        low=float(images.min()) * pixel_scale,
        high=float(images.max()) * pixel_scale,
        typical=float(np.sqrt(np.mean(sample**2))) * pixel_scale,
    )


def checksum_of(arrays: tuple[npt.NDArray[Any], ...]) -> str:
    """Hexadecimal BLAKE2b (16 bytes) over each array's dtype, shape and bytes."""
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def with_label_noise(dataset: Dataset, fraction: float, seed: int) -> Dataset:
    """The dataset with `fraction` of its training labels (rounded) replaced by another, drawn uniformly.

    Which labels and what they become depends on `seed` and on the dataset's size and classes alone. The
    validation labels stay true. Raises InputError where `fraction` is not between 0 and 1.
    """
    if not 0 <= fraction <= 1:
        raise InputError(f"label noise: found {fraction}, expected 0 to 1")
    count = round(fraction * dataset.train_size)
    if count == 0:
        return dataset
    random = stream(seed, "label-noise")
    chosen = random.permutation(dataset.train_size)[:count]
    # A step of 1 to classes - 1 around the circle of classes never comes back to the label it left.
    steps = random.integers(1, dataset.num_classes, size=count)
    labels = dataset.train_labels.copy()
    labels[chosen] = (labels[chosen] + steps) % dataset.num_classes
    arrays = (dataset.train_images, labels, dataset.validation_images, dataset.validation_labels)
    return replace(dataset, train_labels=labels, checksum=checksum_of(arrays))
