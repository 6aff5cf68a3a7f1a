"""Whether the files of a catalogued dataset are the published ones: their MD5 checksums, and what is to be compared."""

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.contract.errors import InputError
from engine.data.catalog import CatalogEntry
from engine.data.idx_files import IDX_FILES, find_idx_file
from engine.data.published import checksum_of
from engine.verdicts.one_line import one_line

State = Literal["official", "different", "not compared"]
_PIECE = 1 << 20

# MD5 of the archives `NAME.gz`, in the order of IDX_FILES: torchvision.datasets.mnist, `resources` of each class.
ARCHIVES = {
    "fashion-mnist": (
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    ),
    "mnist": (
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    ),
    "kmnist": (
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134",
    ),
}
# MD5 of what those archives hold. Fashion-MNIST's were computed from the archives above; MNIST's are those that
# other loaders compare with. Nobody publishes KMNIST's: an unpacked file is compared with its archive.
CONTENTS = {
    "fashion-mnist": (
        "f4a8712d7a061bf5bd6d2ca38dc4d50a",
        "9018921c3c673c538a1fc5bad174d6f9",
        "8181f5470baa50b63fa0f6fddb340f0a",
        "15d484375f8d13e6eb1aabb0c3f46965",
    ),
    "mnist": (
        "6bbc9ace898e44ae57da46a324031adb",
        "a25bea736e30d166cdddb491f175f624",
        "2646ac647ad5339dbf082846283269ea",
        "27ae3e4e09519cfbb04c329615203637",
    ),
}


@dataclass(frozen=True)
class Compared:
    """One file: `found` and `expected` are MD5 checksums of `what`, "" where there was nothing to compare with."""

    path: Path
    state: State
    what: Literal["archive", "unpacked file"]
    found: str
    expected: str = ""


def compared(entry: CatalogEntry, data_dir: Path) -> tuple[Compared, ...]:
    """Each of the files that are read for `entry`, one or four; none for a dataset without a folder.

    Raises InputError where a file is missing or cannot be read.
    """
    if entry.folder is None:
        return ()
    if entry.file is not None:
        path = data_dir / entry.folder / entry.file.name
        if not path.is_file():
            raise InputError(
                f"{one_line(path)}: no such file; softmax-tui datasets fetch {entry.name} downloads the published file"
            )
        return (_judged(path, "archive", _md5(path), entry.file.checksum),)
    folder = data_dir / entry.folder / "raw"
    return tuple(_compared(entry.name, folder, place) for place in range(len(IDX_FILES)))


def check_official(files: tuple[Compared, ...], name: str) -> None:
    """Raises InputError that names each file that differs from the published one."""
    different = [
        f"MD5 of {one_line(file.path.name)} is {file.found}, expected {file.expected}"
        for file in files
        if file.state == "different"
    ]
    if different:
        folder = one_line(files[0].path.parent)
        raise InputError(
            f"{folder}: not the published {name}: {'; '.join(different)}; "
            f"softmax-tui datasets fetch {name} downloads the published files"
        )


def _compared(name: str, folder: Path, place: int) -> Compared:
    path = find_idx_file(folder, IDX_FILES[place])
    if path is None:
        raise InputError(
            f"{one_line(folder)}: found no {IDX_FILES[place]}, expected {IDX_FILES[place]} or {IDX_FILES[place]}.gz"
        )
    found = _md5(path)
    if path.suffix == ".gz":
        return _judged(path, "archive", found, ARCHIVES[name][place])
    archive = path.with_name(f"{path.name}.gz")
    if name in CONTENTS:
        return _judged(path, "unpacked file", found, CONTENTS[name][place])
    if archive.is_file() and _md5(archive) == ARCHIVES[name][place]:
        return _judged(path, "unpacked file", found, _md5_of_content(archive))
    return Compared(path, "not compared", "unpacked file", found)


def _judged(path: Path, what: Literal["archive", "unpacked file"], found: str, expected: str) -> Compared:
    return Compared(path, "official" if found == expected else "different", what, found, expected)


def _md5(path: Path) -> str:
    try:
        return checksum_of(path, "md5")
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None


def _md5_of_content(archive: Path) -> str:
    """Of what an archive holds that is known to be the published one."""
    digest = hashlib.new("md5", usedforsecurity=False)
    try:
        with gzip.open(archive) as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{one_line(archive)}: cannot be read: {one_line(error)}") from None
    return digest.hexdigest()
