"""Which runs of a store belong to which sweep: `sweeps/<sweep>.json`, and the figures stay with the runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.sweeps import SweepConfig, check_sweep
from engine.store.files import shown, write_whole

_NAME = re.compile(r"s(\d{4,17})\.json")


class StoredSweep(Struct, frozen=True, kw_only=True):
    """A sweep as it was asked for, resolved, and its runs so far by the number of the trial.

    It began on `parts` ranks, and which runs are trained together stays as it was then: the last bits depend on that.
    `figures` are the train loss, validation loss and accuracy of final models that no epoch's end has told.
    """

    sweep_id: str
    config: SweepConfig
    checksum: str
    created: str = ""
    parts: int = 1
    run_ids: dict[int, str] = {}
    figures: dict[int, tuple[float, float, float]] = {}


class SweepFiles:
    """The sweeps of a store's folder."""

    def __init__(self, store: Path) -> None:
        self._folder = store / "sweeps"

    def create(self, config: SweepConfig, checksum: str, parts: int = 1) -> StoredSweep:
        """A new sweep, by its name: s0001, s0002, …

        Raises:
            InputError: the folder cannot be written.
        """
        number = self._latest() + 1
        while True:
            path = self._path(f"s{number:04d}")
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch(exist_ok=False)  # the name is taken, whoever else looks for one
                break
            except FileExistsError:
                number += 1
            except OSError as error:
                raise InputError(f"{shown(path)}: found {error.strerror}, expected a folder to write to") from error
        created = datetime.now(UTC).isoformat(timespec="seconds")
        sweep = StoredSweep(sweep_id=path.stem, config=config, checksum=checksum, created=created, parts=parts)
        self.save(sweep)
        return sweep

    def save(self, sweep: StoredSweep) -> None:
        """Raises InputError where the file cannot be written."""
        write_whole(self._path(sweep.sweep_id), msgspec.json.encode(sweep))

    def load(self, sweep_id: str) -> StoredSweep:
        """The sweep of that name, the latest without one.

        Raises:
            InputError: there is none, or its file is damaged.
        """
        latest = self._latest()
        name = sweep_id or f"s{latest:04d}"
        path = self._path(name)
        if not latest or not _NAME.fullmatch(path.name) or not path.is_file():
            there = f"the latest is s{latest:04d}" if latest else "no sweep is stored yet"
            raise InputError(f"sweep: found no stored sweep {sweep_id!r}, expected one that is stored: {there}")
        try:
            sweep = msgspec.json.decode(path.read_bytes(), type=StoredSweep)
        except (OSError, ValueError, RecursionError) as error:
            found = f"found a file that cannot be read ({shown(error)})"
            raise InputError(f"{shown(path)}: {found}, expected a sweep") from error
        if problem := _problem(sweep, name):
            raise InputError(f"{shown(path)}: found {problem}, expected a sweep as it was stored")
        return sweep

    def ids(self) -> list[str]:
        """The names of all sweeps, newest first."""
        return [f"s{number:04d}" for number in sorted(self._numbers(), reverse=True)]

    def _latest(self) -> int:
        return max(self._numbers(), default=0)

    def _numbers(self) -> Iterator[int]:
        for path in self._folder.iterdir() if self._folder.is_dir() else ():
            if match := _NAME.fullmatch(path.name):
                yield int(match[1])

    def _path(self, sweep_id: str) -> Path:
        return self._folder / f"{sweep_id}.json"


def _problem(sweep: StoredSweep, name: str) -> str:
    """What contradicts itself in a sweep's file, "" where nothing does."""
    try:
        check_sweep(sweep.config)
    except InputError as error:
        return f"an impossible sweep ({error})"
    runs = len(sweep.config.points) * sweep.config.seeds
    if sweep.sweep_id != name:
        return f"the sweep {shown(sweep.sweep_id[:40])}"
    if sweep.parts < 1:
        return f"{sweep.parts} parts"
    if any(not 0 <= place < runs for place in (*sweep.run_ids, *sweep.figures)):
        return f"a run outside the {runs} places of the sweep"
    if len(set(sweep.run_ids.values())) < len(sweep.run_ids):
        return "one run in two places"
    return ""
