"""Arrays in files of their own, as numpy.save writes them, each called what its file is called."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from engine.contract.errors import InputError
from engine.data.brought.content import content_of, expect_regular, is_gzip, refusing
from engine.data.brought.names import part_in
from engine.data.brought.npy import DAMAGE, LARGEST_BYTES, Array, read_array
from engine.verdicts.one_line import one_line


def array_in(path: Path) -> Array:
    """The array in an .npy file, a gzip archive or not.

    Raises:
        InputError: it is damaged, or not of plain numbers or text.
    """
    what = one_line(path)
    try:
        with refusing(path), path.open("rb") as file:
            expect_regular(path, LARGEST_BYTES)
            if not is_gzip(file.read(2)):
                file.seek(0)
                return read_array(what, file, path.stat().st_size)
        content = content_of(path, LARGEST_BYTES // 2)  # held twice while it is read
        return read_array(what, io.BytesIO(content), len(content))
    except DAMAGE as error:
        raise InputError(f"{what}: {one_line(error) or type(error).__name__}; expected an intact .npy file") from None


def arrays_in(folder: Path, files: Sequence[Path]) -> dict[str, Array]:
    """The array of each file, by its name."""
    return {name: array_in(path) for name, path in named_files(folder, files).items()}


def named_files(folder: Path, files: Sequence[Path]) -> dict[str, Path]:
    """Files by what their arrays are called: x_train; train/images where the folder says of which part they are."""
    named: dict[str, Path] = {}
    for path in files:
        below = path.relative_to(folder).as_posix().removesuffix(".gz").rpartition(".")[0]
        own, part = below.rpartition("/")[2], path.parent.name if path.parent != folder else ""
        name = f"{part}/{own}" if part_in(part) != "whole" else own
        named[below if name in named else name] = path
    return named
