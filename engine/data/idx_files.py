"""The four IDX files of a catalogued dataset, under torchvision's names."""

from pathlib import Path

from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line

IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)


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
