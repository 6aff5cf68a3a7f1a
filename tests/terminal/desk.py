"""What somebody who goes through README has on their desk: its files, few images, predictions of another program."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import numpy as np

from engine.data.silhouettes import Knobs, draw

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
LONG_NAME = "a-folder-with-a-name-that-is-longer-than-many-a-terminal-is-wide/" + "and-a-file-likewise-" * 4 + ".npz"


def blocks() -> list[tuple[str, str]]:
    """The language and the text of each code block of README."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def readme_lines() -> list[str]:
    """Each command of README that can be typed as it stands."""
    lines = [line for language, text in blocks() if not language for line in text.splitlines()]
    synopsis = re.compile(r"[\[|…]|FILE")
    return [line for line in lines if line.startswith("softmax-tui ") and not synopsis.search(line)]


def environ_at(folder: Path) -> dict[str, str]:
    """The environment of a program that is started there: nothing of the tester's own but the path."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SOFTMAX_TUI_STORE": str(folder / "store"),
        "SOFTMAX_TUI_DATA_DIR": str(folder / "data"),
        "SOFTMAX_TUI_PREFERENCES": str(folder / "preferences.json"),
    }


def lay_out(folder: Path) -> None:
    """Files as README has them, few images where datasets are looked for, and predictions with Chinese labels."""
    _write_images(folder / "data" / "FashionMNIST" / "raw")
    _write_x_rays(folder / "data" / "MedMNIST" / "pneumoniamnist.npz")
    (folder / "data" / "texts").mkdir()
    (folder / "data" / "texts" / "timemachine.txt").write_text("the time traveller smiled at us . " * 60, "utf-8")
    for language, text in blocks():
        if language and text.startswith("# mine.py\n"):
            (folder / "mine.py").write_text(text, "utf-8")
    (folder / "words.txt").write_text("the cat sat on the mat and the dog sat on the cat . " * 60, "utf-8")
    (folder / "猫.txt").write_text("猫 坐在 垫子 上 。 狗 坐在 猫 上 。 " * 60, "utf-8")
    (folder / "costs.csv").write_text("\n".join(",".join(str(abs(i - j)) for j in range(10)) for i in range(10)))
    random = np.random.default_rng(3)
    labels = random.integers(0, 4, 120)
    logits = random.normal(0, 1.5, (120, 4))
    logits[np.arange(120), labels] += 1.5
    names = [
        "健康",
        "インフルエンザ、重症",
        "grippe é [/b]",
        "a name that goes on for longer than its column has room for",
    ]
    images = random.integers(0, 256, (120, 6, 6), dtype=np.uint8)
    np.savez(folder / "theirs.npz", logits=logits, labels=labels, images=images, label_names=names)
    parts = {f"{part}_images": images for part in ("train", "validation")}
    parts |= {f"{part}_labels": labels for part in ("train", "validation")}
    np.savez(folder / "own.npz", **parts, label_names=names)


def _write_x_rays(path: Path) -> None:
    path.parent.mkdir(parents=True)
    random = np.random.default_rng(5)
    parts = {}
    for part, images in (("train", 120), ("val", 60), ("test", 60)):
        labels = random.integers(0, 2, images)
        pixels = random.normal(90, 30, (images, 28, 28)) + 60 * labels[:, None, None] * np.eye(28)
        parts[f"{part}_images"] = pixels.clip(0, 255).astype(np.uint8)
        parts[f"{part}_labels"] = labels[:, None].astype(np.uint8)
    np.savez_compressed(path, **parts)


def _write_images(raw: Path) -> None:
    raw.mkdir(parents=True)
    drawing, dataset = draw(200, 100, 0, Knobs()), None
    while dataset is None:
        try:
            next(drawing)
        except StopIteration as end:
            dataset = end.value
    parts = {
        "train": (dataset.train_images, dataset.train_labels),
        "t10k": (dataset.validation_images, dataset.validation_labels),
    }
    for part, (images, labels) in parts.items():
        header = struct.pack(">iiii", 0x803, len(labels), 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        numbers = labels.astype(np.uint8).tobytes()
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">ii", 0x801, len(labels)) + numbers)
