"""Every command of the README's page on the exercises works, on a few images in the place of Fashion-MNIST."""

from __future__ import annotations

import re
import shlex
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.data.silhouettes import Knobs, draw
from tests.cli.conftest import ROOT, Run

_HEADING = "## The exercises, answered by doing"


def section() -> str:
    _, _, after = (ROOT / "README.md").read_text().partition(_HEADING)
    return after.partition("\n## ")[0]


def blocks() -> list[tuple[str, str]]:
    """The language and the text of each code block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", section(), re.DOTALL | re.MULTILINE)


def commands() -> Iterator[str]:
    for language, text in blocks():
        if not language:
            yield from text.splitlines()


def files() -> Iterator[tuple[str, str]]:
    """The blocks in a language, which begin with the name of the file they are."""
    for language, text in blocks():
        if language:
            yield text.partition("\n")[0].removeprefix("# "), text


@pytest.fixture
def desk(tmp_path: Path, places: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the section's files, and 600 + 200 images where Fashion-MNIST is looked for."""
    raw = Path(places["SOFTMAX_TUI_DATA_DIR"]) / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    drawing, dataset = draw(600, 200, 0, Knobs()), None
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
    here = tmp_path / "desk"
    here.mkdir()
    for name, text in files():
        (here / name).write_text(text)
    monkeypatch.chdir(here)
    return here


def test_every_command_of_the_page_works(desk: Path, cli: Run) -> None:
    lines = list(commands())
    assert len(lines) >= 12
    for line in lines:
        arguments = shlex.split(line, comments=True)[1:]
        said = cli(*arguments)
        assert said.code in (0, 1 if "diverge" in line else 0), f"{line}: {said.code}\n{said.err}"
        assert said.out.strip(), line
        assert "Traceback" not in said.err, line


def test_the_page_speaks_of_all_five_exercises() -> None:
    assert re.findall(r"^### (\d)\.", section(), re.MULTILINE) == ["1", "2", "3", "4", "5"]
