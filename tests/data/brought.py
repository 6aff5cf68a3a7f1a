"""Files as people bring them, of every kind that is read: the same data, predictions and costs in many spellings."""

from __future__ import annotations

import gzip
import io
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
    "idx QMNIST": _qmnist(),
    "idx EMNIST": _emnist(),
    "npy": arrays(x_train=X, y_train=Y, x_test=XV, y_test=YV),
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

SAID = np.random.default_rng(5).dirichlet(np.ones(3), 40)
TRUE = np.arange(40) % 3
BINARY = np.clip(np.random.default_rng(6).normal(0.3 + 0.4 * (TRUE > 0), 0.2), 0.01, 0.99)
TRUE_2 = (TRUE > 0).astype(int)
LOGITS = np.log(SAID)
PLACES = np.array(["north", "south"])


def table(header: str, *columns: Array, delimiter: str = ",", encoding: str = "utf-8", name: str = "said.csv") -> Write:
    def write(folder: Path) -> Path:
        rows = [delimiter.join(map(str, row)) for row in zip(*columns, strict=True)]
        (folder / name).write_bytes("\n".join([*([header] if header else []), *rows]).encode(encoding))
        return folder / name

    return write


def single(array: Array) -> Write:
    def write(folder: Path) -> Path:
        np.save(folder / "said.npy", array)
        return folder / "said.npy"

    return write


# Every one of these says what `probabilities=SAID, labels=TRUE` says.
SAME_SAID: dict[str, Write] = {
    "scikit-learn": npz(y_true=TRUE, y_prob=SAID),
    "score": npz(y_true=TRUE, y_score=SAID),
    "proba": npz(y_test=TRUE, proba=SAID),
    "preds": npz(targets=TRUE, preds=SAID),
    "pred_proba": npz(y=TRUE, y_pred_proba=SAID),
    "outputs": npz(Labels=TRUE, Outputs=SAID),
    "beside what was predicted": npz(y_true=TRUE, y_pred=SAID.argmax(1), y_prob=SAID),
    "column": npz(labels=TRUE[:, None], probabilities=SAID),
    "one-hot": npz(labels=ONE_HOT[TRUE], probabilities=SAID),
    "floats": npz(labels=TRUE.astype(float), probabilities=SAID),
    "from 1": npz(labels=TRUE + 1, probabilities=SAID),
    "text": npz(labels=NAMES[TRUE], probabilities=SAID, label_names=NAMES),
    "text in the order of scikit-learn": npz(labels=np.array(["a", "b", "c"])[TRUE], probabilities=SAID),
    "classes that are numbers": npz(y_true=np.array([3, 5, 9])[TRUE], proba=SAID, classes=np.array([3, 5, 9])),
    "without names": npz(arr_0=SAID, arr_1=TRUE),
    "npy": single(np.column_stack([TRUE, SAID])),
    "arrays": arrays(y_true=TRUE, y_prob=SAID),
    "table": table("", TRUE, *SAID.T),
    "table with header": table("label,owl,hen,fox", NAMES[TRUE], *SAID.T),
    "table with prefixes": table("y_true,prob_owl,prob_hen,prob_fox", NAMES[TRUE], *SAID.T),
    "table with an index": table(",label,0,1,2", np.arange(40), TRUE, *SAID.T),
    "table with tabs": table("label\t0\t1\t2", TRUE, *SAID.T, delimiter="\t", name="said.tsv"),
    "table in UTF-16": table("label,owl,hen,fox", NAMES[TRUE], *SAID.T, encoding="utf-16"),
}
SAME_LOGITS: dict[str, Write] = {
    "logits": npz(labels=TRUE, logits=LOGITS),
    "logits under another name": npz(y_true=TRUE, y_score=LOGITS),
    "log_probs": npz(y_true=TRUE, log_probs=LOGITS),
    "decision_function": npz(y_true=TRUE, decision_function=LOGITS),
}
# Every one of these says of class 1 of two what `BINARY` says.
SAME_BINARY: dict[str, Write] = {
    "column": npz(labels=TRUE_2, probabilities=BINARY[:, None]),
    "score": npz(y_true=TRUE_2, y_score=BINARY),
    "bools": npz(y_true=TRUE_2 > 0, y_prob=BINARY),
    "signs": npz(y_true=2 * TRUE_2 - 1, y_prob=BINARY),
    "from 1": npz(y_true=TRUE_2 + 1, y_prob=BINARY),
    "text": npz(y_true=np.array(["ill", "well"])[TRUE_2], y_prob=BINARY),
    "logit": npz(y_true=TRUE_2, decision_function=np.log(BINARY / (1 - BINARY))),
    "table": table("y_true,y_score", TRUE_2, BINARY),
    "table without header": table("", TRUE_2, BINARY),
}
# What was predicted, and nothing more.
HARD: dict[str, Write] = {
    "npz": npz(y_true=TRUE, y_pred=SAID.argmax(1)),
    "floats": npz(y_true=TRUE, y_pred=SAID.argmax(1).astype(float)),
    "one-hot": npz(y_true=TRUE, predictions=np.eye(3, dtype=int)[SAID.argmax(1)]),
    "text": npz(targets=NAMES[TRUE], preds=NAMES[SAID.argmax(1)], label_names=NAMES),
    "table": table("y_true,y_pred", TRUE, SAID.argmax(1)),
    "table of text": table("true,predicted", NAMES[TRUE], NAMES[SAID.argmax(1)]),
    "table of text without header": table("", NAMES[TRUE], NAMES[SAID.argmax(1)]),
}

COSTS = np.array([[0, 1, 2], [3.5, 0, 4], [50, 6, 0]])


def saved_text(array: Array) -> str:
    stream = io.StringIO()
    np.savetxt(stream, array, fmt="%g")
    return stream.getvalue()


def costs(delimiter: str = ",", header: Iterable[str] = (), index: Iterable[str] = (), comma: bool = False) -> str:
    rows = [[f"{value:g}".replace(".", "," if comma else ".") for value in row] for row in COSTS]
    left, top = list(index), list(header)
    rows = [[name, *row] for name, row in zip(left, rows, strict=True)] if left else rows
    return "\n".join(delimiter.join(row) for row in ([["", *top] if left else top] if top else []) + rows) + "\n"


SAME_COSTS: dict[str, bytes] = {
    "spaces": saved_text(COSTS).encode(),
    "aligned": b"  0    1   2\n 3.5   0   4\n50    6   0\n",
    "commas": costs().encode(),
    "tabs": costs("\t").encode(),
    "semicolons": costs(";", comma=True).encode(),
    "semicolons and points": costs(";").encode(),
    "pandas": costs(header="012", index="012").encode(),
    "names": costs(header=NAMES, index=NAMES).encode(),
    "names in capitals": costs(header=np.char.upper(NAMES), index=NAMES).encode(),
    "spreadsheet in German": costs(";", NAMES, NAMES, comma=True).encode("utf-16"),
    "UTF-16 without a mark": costs("\t", NAMES, NAMES).encode("utf-16-le"),
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
OTHER_SAID: dict[str, Write] = {
    "groups and images": npz(y_true=TRUE, y_prob=SAID, images=rgb(X[:40]), groups=PLACES[TRUE % 2]),
    "two decimals": npz(labels=TRUE, probabilities=SAID.round(2)),
}
