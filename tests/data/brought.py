"""Datasets as people bring them, of every kind that is read: the same data in many spellings."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

Array = npt.NDArray[Any]
Write = Callable[[Path], Path]

_chance = np.random.default_rng(11)
_centres = _chance.integers(40, 200, (3, 8, 8))
NAMES = np.array(["owl", "hen", "fox"])


def _part(count: int) -> tuple[Array, Array]:
    labels = _chance.permutation(np.arange(count) % 3)
    noise = _chance.normal(0, 60, (count, 8, 8))
    return np.clip(_centres[labels] + noise, 0, 255).astype(np.uint8), labels


X, Y = _part(60)
XV, YV = _part(30)
XT, YT = _part(24)
PLAIN = {"train_images": X, "train_labels": Y, "validation_images": XV, "validation_labels": YV}


def npz(**arrays: Array) -> Write:
    def write(folder: Path) -> Path:
        np.savez_compressed(folder / "data.npz", **arrays)
        return folder / "data.npz"

    return write


def plain(**changes: Array) -> Write:
    return npz(**{**PLAIN, **changes})


def both(key: str, change: Callable[[Array], Array]) -> Write:
    """The images or the labels of both parts changed alike."""
    return plain(**{f"{part}_{key}": change(PLAIN[f"{part}_{key}"]) for part in ("train", "validation")})


def named(x: str, y: str, xv: str, yv: str) -> Write:
    return npz(**{x: X, y: Y, xv: XV, yv: YV})


def table_text(
    images: Array, labels: Array, header: Iterable[str] = (), delimiter: str = ",", last: bool = False
) -> str:
    lines = [delimiter.join(header)] if header else []
    for image, label in zip(images.reshape(len(images), -1), labels, strict=True):
        cells = [str(value) for value in image]
        lines.append(delimiter.join([*cells, str(label)] if last else [str(label), *cells]))
    return "\n".join(lines) + "\n"


def table(header: str, *columns: Array, delimiter: str = ",", encoding: str = "utf-8", name: str = "said.csv") -> Write:
    def write(folder: Path) -> Path:
        rows = [delimiter.join(map(str, row)) for row in zip(*columns, strict=True)]
        (folder / name).write_bytes("\n".join([*([header] if header else []), *rows]).encode(encoding))
        return folder / name

    return write


HEADER = ("label", *(f"pixel{number}" for number in range(64)))


def tables(**files: bytes) -> Write:
    def write(folder: Path) -> Path:
        for name, content in files.items():
            (folder / f"{name}.csv").write_bytes(content)
        return folder

    return write


def two_tables(encoding: str = "utf-8", **options: Any) -> Write:
    train, test = (table_text(*part, **options).encode(encoding) for part in ((X, Y), (XV, YV)))
    return tables(birds_train=train, birds_test=test)


def idx_bytes(array: Array, kind: int = 8) -> bytes:
    return bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def idx(names: dict[str, Array], packed: bool = False, kinds: dict[str, int] | None = None) -> Write:
    """`names` are paths below the folder; each is packed where it ends in .gz, or all are."""

    def write(folder: Path) -> Path:
        for name, array in names.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            kind = (kinds or {}).get(name, 8)
            content = idx_bytes(array if kind != 8 else array.astype(np.uint8), kind)
            (folder / name).write_bytes(gzip.compress(content) if packed or name.endswith(".gz") else content)
        return folder

    return write


def four(pattern: str, train: str = "train", test: str = "t10k") -> dict[str, Array]:
    return {
        pattern.format(part=part, what=what, n=n): array
        for part, what, n, array in (
            (train, "images", 3, X),
            (train, "labels", 1, Y),
            (test, "images", 3, XV),
            (test, "labels", 1, YV),
        )
    }


def arrays(**files: Array) -> Write:
    def write(folder: Path) -> Path:
        for name, array in files.items():
            np.save(folder / f"{name}.npy", array)
        return folder

    return write


def moved_into_parts(folder: Path) -> Path:
    for part, (images, labels) in {"train": (X, Y), "test": (XV, YV)}.items():
        (folder / part).mkdir()
        arrays(images=images, labels=labels)(folder / part)
    return folder


def pictures(parts: dict[str, tuple[Array, Array]], ending: str = "png", colour: bool = False) -> Write:
    def write(folder: Path) -> Path:
        for part, (images, labels) in parts.items():
            for number, (image, label) in enumerate(zip(images, labels, strict=True)):
                place = folder / part / str(NAMES[label])
                place.mkdir(parents=True, exist_ok=True)
                shown = rgb(image) if colour else image
                Image.fromarray(shown).save(place / f"{number:03}.{ending}")
        return folder

    return write


def rgb(images: Array) -> Array:
    return np.stack([images, images // 2, 255 - images], axis=-1)


def _qmnist() -> Write:
    long = lambda labels: np.stack([labels, *[labels * 7] * 7], axis=1).astype(">i4")  # noqa: E731
    names = {"qmnist-train-images-idx3-ubyte.gz": X, "qmnist-train-labels-idx2-int.gz": long(Y)}
    names |= {"qmnist-test-images-idx3-ubyte.gz": XV, "qmnist-test-labels-idx2-int.gz": long(YV)}
    return idx(names, kinds={name: 12 for name in names if "labels" in name})


def _emnist() -> Write:
    turned = {name: array.transpose(0, 2, 1) if array.ndim == 3 else array for name, array in _EMNIST.items()}
    return idx(turned)


_EMNIST = four("emnist-letters-{part}-{what}-idx{n}-ubyte.gz", test="test")
ONE_HOT = np.eye(3)
KAGGLE = tables(
    train=table_text(X, Y, HEADER).encode(),
    validation=table_text(XV, YV, HEADER).encode(),
    test="\n".join([",".join(HEADER[1:]), *(",".join(map(str, image.ravel())) for image in XT)]).encode(),
)

# Every one of these is the same data, to the bit.
SAME: dict[str, Write] = {
    "keras": named("x_train", "y_train", "x_test", "y_test"),
    "capital": named("X_train", "Y_train", "X_val", "Y_val"),
    "part last": named("images_train", "labels_train", "images_valid", "labels_valid"),
    "joined": named("trainX", "trainY", "testX", "testY"),
    "data and target": named("train_data", "train_target", "test_data", "test_target"),
    "dev": named("x_train", "y_train", "x_dev", "y_dev"),
    "short": named("Xtr", "ytr", "Xte", "yte"),
    "sets": named("train_set_x", "train_set_y", "test_set_x", "test_set_y"),
    "shouted": named("TRAIN_IMAGES", "TRAIN_LABELS", "TEST_IMAGES", "TEST_LABELS"),
    "whole and test": named("images", "labels", "test_images", "test_labels"),
    "with another word before": named("birds_train_x", "birds_train_y", "birds_test_x", "birds_test_y"),
    "without names": npz(arr_0=X, arr_1=Y, arr_2=XV, arr_3=YV),
    "labels column": both("labels", lambda labels: labels[:, None]),
    "labels one-hot": both("labels", lambda labels: ONE_HOT[labels]),
    "labels one-hot of bools": both("labels", lambda labels: ONE_HOT[labels] > 0),
    "labels floats": both("labels", lambda labels: labels.astype(np.float32)),
    "labels uint64": both("labels", lambda labels: labels.astype(np.uint64)),
    "labels digits as text": both("labels", lambda labels: labels.astype(str)),
    "images int64": both("images", lambda images: images.astype(np.int64)),
    "images uint16": both("images", lambda images: images.astype(">u2")),
    "images channel last": both("images", lambda images: images[..., None]),
    "images channel first": both("images", lambda images: images[:, None]),
    "flat bytes": both("images", lambda images: images.reshape(len(images), -1)),
    "tables": two_tables(header=HEADER),
    "tables without header": two_tables(),
    "tables with tabs": two_tables(header=HEADER, delimiter="\t"),
    "tables with semicolons": two_tables(header=HEADER, delimiter=";"),
    "tables with spaces": two_tables(delimiter=" "),
    "tables in UTF-16": two_tables(encoding="utf-16", header=HEADER),
    "tables in UTF-16 without a mark": two_tables(encoding="utf-16-le", header=HEADER),
    "tables with a mark": two_tables(encoding="utf-8-sig", header=HEADER),
    "tables with the label last": two_tables(header=(*HEADER[1:], "label"), last=True),
    "Kaggle's, its test without labels": KAGGLE,
    "idx": idx(four("{part}-{what}-idx{n}-ubyte")),
    "idx packed": idx(four("{part}-{what}-idx{n}-ubyte.gz")),
    "idx packed under another name": idx(four("{part}-{what}-idx{n}-ubyte"), packed=True),
    "idx dots": idx(four("{part}-{what}.idx{n}-ubyte")),
    "idx nested": idx(four("archive/{part}-{what}-idx{n}-ubyte/{part}-{what}-idx{n}-ubyte")),
    "idx raw": idx(four("MINE/raw/{part}-{what}-idx{n}-ubyte.gz")),
    "idx in a folder for each part": idx(
        {
            f"{part}/{what}-idx{n}-ubyte": array
            for part, (x, y) in {"train": (X, Y), "test": (XV, YV)}.items()
            for what, n, array in (("images", 3, x), ("labels", 1, y))
        }
    ),
    "idx QMNIST": _qmnist(),
    "idx EMNIST": _emnist(),
    "npy": arrays(x_train=X, y_train=Y, x_test=XV, y_test=YV),
    "npy in a folder for each part": moved_into_parts,
    "npy train and val": arrays(train_images=X, train_labels=Y, val_images=XV, val_labels=YV),
}
# The same data with the names of its classes.
SAME_NAMED: dict[str, Write] = {
    "text": plain(train_labels=NAMES[Y], validation_labels=NAMES[YV], label_names=NAMES),
    "bytes": plain(train_labels=NAMES[Y].astype("S"), validation_labels=NAMES[YV].astype("S"), class_names=NAMES),
    "objects": plain(
        train_labels=NAMES[Y].astype(object), validation_labels=NAMES[YV].astype(object), classes=NAMES.astype(object)
    ),
    "any case": plain(train_labels=np.char.upper(NAMES[Y]), validation_labels=NAMES[YV], target_names=NAMES),
}

# Kinds that are read as something else than the data above.
OTHER: dict[str, Write] = {
    "three parts": npz(
        train_images=X, train_labels=Y[:, None], val_images=XV, val_labels=YV[:, None], test_images=XT, test_labels=YT
    ),
    "colours": both("images", rgb),
    "colours first": both("images", lambda images: np.moveaxis(rgb(images), -1, 1)),
    "bools": both("images", lambda images: images > 99),
    "floats": both("images", lambda images: images / 255),
    "one table": lambda folder: table("", Y, *X.reshape(60, 64).T)(folder),
    "pictures": pictures({"train": (X, Y), "val": (XV, YV), "test": (XT, YT)}),
    "pictures in colour": pictures({"": (X, Y)}, colour=True),
    "pictures as JPEG": pictures({"": (X, Y)}, ending="jpg"),
}
