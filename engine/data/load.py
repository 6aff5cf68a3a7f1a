"""From what was asked for ("auto", a name, a path) to a dataset in memory."""

import os
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.contract.errors import InputError
from engine.contract.progress import Notice, Progress
from engine.data import idx
from engine.data.brought.reader import read_catalogued, read_own
from engine.data.catalog import CATALOG, CatalogEntry, entry_of, known_names
from engine.data.dataset import Dataset, assemble
from engine.data.download import download
from engine.data.fetch_file import fetch_file
from engine.data.idx_files import IDX_FILES, find_idx_file
from engine.data.official import Compared, check_official, compared
from engine.data.silhouettes import Knobs, draw
from engine.data.watched import STALL_SECONDS
from engine.verdicts.one_line import one_line

AUTO = "auto"
PREFERRED, FALLBACK = "fashion-mnist", "silhouettes"
_ENDINGS = (".npz", ".csv", ".tsv", ".csv.gz")
MOST_IMAGES = 1_000_000

Returned = TypeVar("Returned")


@dataclass(frozen=True)
class DatasetRequest:
    """Which dataset, and how to draw it where it is `silhouettes` (all but `name` concerns that alone).

    `name` is "auto", a name of the catalogue, or a path: something with a path separator, with the ending of a
    file of data, or an existing file or folder. The knobs go from 0 to 1.
    """

    name: str = AUTO
    train_size: int = 60_000
    validation_size: int = 10_000
    noise: float = Knobs.noise
    jitter: float = Knobs.jitter
    occlusion: float = Knobs.occlusion
    seed: int = 0


@dataclass(frozen=True)
class Availability:
    """Whether a dataset of the catalogue can be used without a download, and what it takes on the disk."""

    entry: CatalogEntry
    present: bool
    folder: Path | None
    size_bytes: int


def load(
    request: DatasetRequest, data_dir: Path, stall_seconds: float = STALL_SECONDS
) -> Generator[Progress | Notice, None, Dataset]:
    """Yields `Progress`, a `Notice` where "auto" falls back and for all that is unusual, and returns the dataset.

    A dataset of the catalogue that is not in `data_dir` is downloaded first. Raises InputError, one line, for
    an unknown name, a bad file or a failed download; only "auto" then takes `silhouettes` instead.
    """
    dataset = yield from _loaded(request, data_dir, stall_seconds)
    for notice in dataset.notices:
        yield Notice(f"{one_line(Path(dataset.name).name)}: {notice}")
    return dataset


def _loaded(
    request: DatasetRequest, data_dir: Path, stall_seconds: float
) -> Generator[Progress | Notice, None, Dataset]:
    if request.name == AUTO:
        return (yield from _preferred_or_fallback(request, data_dir, stall_seconds))
    if request.name == FALLBACK:
        return (yield from _draw(request))
    if request.name in CATALOG:
        return (yield from _catalogued(CATALOG[request.name], data_dir, stall_seconds))
    path = _path_of(request.name)
    yield Progress("reading", one_line(path.name), 0, None, "bytes")
    return read_own(path)


def expect_readable(name: str) -> None:
    """Reads a dataset of the user's own, for a command that would otherwise compute long before it finds it wrong.

    Raises:
        InputError: as `load`, but for a dataset that would have to be downloaded.
    """
    if name not in (AUTO, *CATALOG):
        read_own(_path_of(name))


def _path_of(name: str) -> Path:
    """The path that `name`, none of the catalogue, stands for; raises InputError where it cannot be one."""
    if not _is_path(name):
        raise InputError(
            f"dataset: found {one_line(name)}, expected {AUTO}, {known_names(name)}, "
            "or the path of a file or folder of data"
        )
    return Path(name)


def check(name: str, data_dir: Path) -> tuple[Dataset, tuple[Compared, ...]]:
    """Reads the dataset `name` (of the catalogue, or a path) from the disk, downloading nothing.

    Also returns how the files of a catalogued dataset compare with the published ones. Raises InputError that says
    what is missing, wrong, or different from what was published.
    """
    if name in CATALOG and name != FALLBACK:
        dataset = finish(_read(CATALOG[name], data_dir))
        files = compared(CATALOG[name], data_dir)
        check_official(files, name)
        return dataset, files
    if name == AUTO:
        raise InputError(f"dataset: found {AUTO}, expected {known_names(AUTO)}, or a path")
    return finish(load(DatasetRequest(name), data_dir)), ()


def fetch(
    name: str, data_dir: Path, stall_seconds: float = STALL_SECONDS
) -> Generator[Progress | Notice, None, Dataset]:
    """Like `load` for a name of the catalogue, but files in `data_dir` that are bad, or not the published ones, are
    downloaded anew.
    """
    entry = entry_of(name)
    if entry.folder is None:
        return (yield from _draw(DatasetRequest(name)))
    if _is_present(entry, data_dir):
        try:
            dataset = yield from _read(entry, data_dir)
            check_official(compared(entry, data_dir), name)
            return dataset
        except InputError as error:
            yield Notice(f"{error}; downloading {name} again")
    yield from _download(entry, data_dir, stall_seconds)
    return (yield from _read(entry, data_dir))


def available(data_dir: Path) -> list[Availability]:
    """Each dataset of the catalogue: whether its four files are there (unread), and their bytes."""
    return [
        Availability(
            entry,
            present=entry.folder is None or _is_present(entry, data_dir),
            folder=None if entry.folder is None else data_dir / entry.folder,
            size_bytes=_size_on_disk(entry, data_dir),
        )
        for entry in CATALOG.values()
    ]


def _preferred_or_fallback(
    request: DatasetRequest, data_dir: Path, stall_seconds: float
) -> Generator[Progress | Notice, None, Dataset]:
    try:
        return (yield from _catalogued(CATALOG[PREFERRED], data_dir, stall_seconds))
    except InputError as error:
        reason = str(error)
    yield Notice(f"{FALLBACK}, drawn by this program, instead of {PREFERRED}: {reason}")
    return (yield from _draw(request))


def _catalogued(
    entry: CatalogEntry, data_dir: Path, stall_seconds: float
) -> Generator[Progress | Notice, None, Dataset]:
    if not _is_present(entry, data_dir):
        yield from _download(entry, data_dir, stall_seconds)
    return (yield from _read(entry, data_dir))


def _download(entry: CatalogEntry, data_dir: Path, stall_seconds: float) -> Generator[Progress | Notice, None, None]:
    if entry.file is None:
        yield from download(entry, data_dir, stall_seconds)
        return
    yield Notice(f"{entry.name}: {entry.terms}")
    otherwise = "take the dataset fashion-mnist or silhouettes"
    yield from fetch_file(entry.name, entry.file, data_dir / str(entry.folder), otherwise, stall_seconds)


def _draw(request: DatasetRequest) -> Generator[Progress, None, Dataset]:
    for what in ("train_size", "validation_size"):
        size = getattr(request, what)
        if not 1 <= size <= MOST_IMAGES:
            raise InputError(f"{what}: found {size}, expected 1 to {MOST_IMAGES:,} images")
    for what in ("noise", "jitter", "occlusion"):
        value = getattr(request, what)
        if not 0 <= value <= 1:
            raise InputError(f"{what}: found {value}, expected 0 to 1")
    knobs = Knobs(request.noise, request.jitter, request.occlusion)
    return (yield from draw(request.train_size, request.validation_size, request.seed, knobs))


def _read(entry: CatalogEntry, data_dir: Path) -> Generator[Progress, None, Dataset]:
    """Reads what lies in `data_dir`, with `Progress` in bytes of the files."""
    if entry.file is not None:
        path = data_dir / str(entry.folder) / entry.file.name
        yield Progress("reading", entry.name, 0, None, "bytes")
        return read_catalogued(path, entry.name, entry.label_names)
    folder = data_dir / str(entry.folder) / "raw"
    files = []
    for name in IDX_FILES:
        found = find_idx_file(folder, name)
        if found is None:
            raise InputError(
                f"{one_line(folder)}: found no {name}, expected {name} or {name}.gz; "
                f"softmax-tui datasets fetch {entry.name} downloads the files"
            )
        files.append(found)
    sizes = [_size_of(file) for file in files]
    yield Progress("reading", entry.name, 0, sum(sizes), "bytes")
    train = idx.read_pair(files[0], files[1], entry.num_classes)
    yield Progress("reading", entry.name, sum(sizes[:2]), sum(sizes), "bytes")
    validation = idx.read_pair(files[2], files[3], entry.num_classes)
    yield Progress("reading", entry.name, sum(sizes), sum(sizes), "bytes")
    for file, (images, _) in ((files[0], train), (files[2], validation)):
        if images.shape[1:] != (28, 28):
            raise InputError(
                f"{one_line(file)}: found images of {images.shape[1]} × {images.shape[2]} pixels, expected 28 × 28"
            )
    return assemble(entry.name, train, validation, entry.label_names)


def _is_path(name: str) -> bool:
    separators = {"/", os.sep, os.altsep or os.sep}
    if name.lower().endswith(_ENDINGS) or any(separator in name for separator in separators):
        return True
    return os.path.exists(name)  # noqa: PTH110 (Path.exists raises where a name is too long)


def _size_on_disk(entry: CatalogEntry, data_dir: Path) -> int:
    if entry.folder is None:
        return 0
    if entry.file is None:
        return _size_bytes(data_dir / entry.folder)
    path = data_dir / entry.folder / entry.file.name
    return _size_of(path) if path.is_file() else 0


def _is_present(entry: CatalogEntry, data_dir: Path) -> bool:
    if entry.file is not None:
        return (data_dir / str(entry.folder) / entry.file.name).is_file()
    folder = data_dir / str(entry.folder) / "raw"
    return all(find_idx_file(folder, name) is not None for name in IDX_FILES)


def _size_bytes(folder: Path) -> int:
    return sum(_size_of(path) for path in folder.rglob("*") if path.is_file())


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"{one_line(path)}: cannot be read: {one_line(error.strerror or error)}") from None


def finish(steps: Generator[object, None, Returned]) -> Returned:
    """What a generator returns, once its progress is of no interest."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            returned: Returned = end.value
            return returned
