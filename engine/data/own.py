"""A user's own data: one `.npz` file, or a folder of IDX files under torchvision's names."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.contract.errors import InputError
from engine.data import idx
from engine.data.classes import MOST_CLASSES, begins_at_1_notice, first_label
from engine.data.dataset import Dataset, Images, Labels, assemble
from engine.data.npz import read_arrays, shape_text
from engine.verdicts.one_line import one_line

REQUIRED = ("train_images", "train_labels", "validation_images", "validation_labels")
IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_LONGEST_LABEL = 60


def read_own(path: Path) -> Dataset:
    """The dataset in the file or folder `path`; raises InputError, one line, where it is not one."""
    path, name = _resolved(path)
    if path.is_dir():
        return _read_idx_folder(path, name)
    if not path.exists():
        raise InputError(f"{one_line(path)}: no such file; expected an .npz file or a folder of IDX files")
    if not path.is_file():
        raise InputError(f"{one_line(path)}: is not a regular file; expected an .npz file")
    return _read_npz(path, name)


def _resolved(path: Path) -> tuple[Path, str]:
    """The path with `~` replaced, and its absolute name; raises InputError where the system refuses it."""
    try:
        path = path.expanduser()
        name = str(path.resolve())
        name.encode()
        path.stat()
    except FileNotFoundError:
        return path, name
    except (ValueError, RuntimeError, OSError) as error:  # not Unicode, a null byte, a link to itself, …
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error)}") from None
    return path, name


def find_idx_file(folder: Path, name: str) -> Path | None:
    """`name` in `folder`, unpacked or else with `.gz`; None where there is neither.

    Raises InputError where one may not even look.
    """
    try:
        for candidate in (folder / name, folder / f"{name}.gz"):
            if candidate.exists():
                return candidate
    except OSError as error:
        raise InputError(f"{one_line(folder)}: cannot be read: {one_line(error.strerror or error)}") from None
    return None


def _read_idx_folder(path: Path, name: str) -> Dataset:
    folder = path / "raw" if (path / "raw").is_dir() else path
    files = []
    for file_name in IDX_FILES:
        found = find_idx_file(folder, file_name)
        if found is None:
            raise InputError(f"{one_line(folder)}: found no {file_name}, expected {file_name} or {file_name}.gz")
        files.append(found)
    train = idx.read_pair(files[0], files[1], None)
    validation = idx.read_pair(files[2], files[3], None)
    if train[0].shape[1:] != validation[0].shape[1:]:
        raise InputError(
            f"{one_line(files[2])}: images are {shape_text(validation[0].shape[1:])}, expected "
            f"{shape_text(train[0].shape[1:])} as in {files[0].name}"
        )
    return _with_classes(path, name, train, validation, ())


def _read_npz(path: Path, name: str) -> Dataset:
    arrays = read_arrays(path, (*REQUIRED, "label_names"))
    missing = [key for key in REQUIRED if key not in arrays]
    if missing:
        raise InputError(
            f"{one_line(path)}: found no {', '.join(missing)}; expected {', '.join(REQUIRED)} "
            "and, if you like, label_names"
        )
    train = (_images(path, "train_images", arrays), _labels(path, "train_labels", arrays))
    validation = (_images(path, "validation_images", arrays), _labels(path, "validation_labels", arrays))
    for part, (images, labels) in (("train", train), ("validation", validation)):
        if len(images) != len(labels):
            raise InputError(
                f"{one_line(path)}: {part}_labels holds {len(labels):,}, expected {len(images):,}, "
                f"one for each of {part}_images"
            )
    if train[0].shape[1:] != validation[0].shape[1:] or train[0].dtype != validation[0].dtype:
        raise InputError(
            f"{one_line(path)}: validation_images are {shape_text(validation[0].shape[1:])} of "
            f"{validation[0].dtype}, expected {shape_text(train[0].shape[1:])} of {train[0].dtype} as in train"
        )
    return _with_classes(path, name, train, validation, _label_names(path, arrays))


def _images(path: Path, key: str, arrays: dict[str, npt.NDArray[Any]]) -> Images:
    images = arrays[key]
    if images.ndim not in (2, 3) or 0 in images.shape:
        raise InputError(
            f"{one_line(path)}: {key} is {shape_text(images.shape)}, expected (n, height, width) "
            "or (n, features), no dimension of 0"
        )
    return as_pixels(path, key, images)


def as_pixels(path: Path, key: str, images: npt.NDArray[Any]) -> Images:
    """uint8 as they are, floats as float32.

    Raises:
        InputError: they are of another type, or not finite within float32.
    """
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise InputError(f"{one_line(path)}: {key} is of {one_line(images.dtype)}, expected uint8 or floats")
    with np.errstate(over="ignore"):
        floats = images.astype(np.float32)
    if not np.isfinite(floats).all():
        where = np.argwhere(~np.isfinite(floats))[0]
        raise InputError(
            f"{one_line(path)}: {key}[{', '.join(map(str, where))}] is {images[tuple(where)]}, "
            "expected finite numbers within float32"
        )
    return floats


def _labels(path: Path, key: str, arrays: dict[str, npt.NDArray[Any]]) -> Labels:
    labels = arrays[key]
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise InputError(
            f"{one_line(path)}: {key} is {shape_text(labels.shape)} of {one_line(labels.dtype)}, "
            "expected (n,) of integers"
        )
    # The smallest and largest are looked at before uint64 could wrap around in int64. K classes are 0 … K − 1 or 1 … K.
    if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < MOST_CLASSES + min(1, int(labels.min())):
        raise InputError(
            f"{one_line(path)}: {key} goes from {labels.min()} to {labels.max()}, "
            f"expected 0 to {MOST_CLASSES - 1} at most"
        )
    return labels.astype(np.int64)


def _label_names(path: Path, arrays: dict[str, npt.NDArray[Any]]) -> tuple[str, ...]:
    """The names in the file, as many as there are; none where it holds none."""
    if "label_names" not in arrays:
        return ()
    names = arrays["label_names"]
    if names.dtype.kind not in "US" or names.ndim != 1 or not len(names):
        raise InputError(
            f"{one_line(path)}: label_names is {shape_text(names.shape)} of {one_line(names.dtype)}, "
            "expected (classes,) of text"
        )
    try:
        texts = [name if isinstance(name, str) else name.decode() for name in names.tolist()]
    except ValueError as error:
        raise InputError(f"{one_line(path)}: label_names: {one_line(error)}; expected text") from None
    return tuple(one_line(text, _LONGEST_LABEL) for text in texts)


def _with_classes(
    path: Path, name: str, train: tuple[Images, Labels], validation: tuple[Images, Labels], names: tuple[str, ...]
) -> Dataset:
    """The dataset, its classes named by `names`, or else by the labels themselves."""
    parts = {"training": train[1], "validation": validation[1]}
    first = first_label(path, parts, names)
    largest = int(max(labels.max() for labels in parts.values()))
    called = names or tuple(map(str, range(first, largest + 1)))
    notices = (begins_at_1_notice(called, named=bool(names)),) if first else ()
    return assemble(name, (train[0], train[1] - first), (validation[0], validation[1] - first), called, notices)
