"""The checkpoint files of one run, and which of them are kept."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from engine.contract.errors import InputError
from engine.store import safetensors_file
from engine.store.files import is_partial, shown
from engine.store.safetensors_file import Checkpoint

MOST_EPOCHS = 200  # checkpoints of finished epochs kept of a run: 6 MB of a 10 × 784 model in float32

_NAME = re.compile(r"(\d+)-(\d+)\.safetensors")


class CheckpointFiles:
    """A folder of files named `<epochs done>-<minibatch>.safetensors`.

    Both numbers, because the position alone does not tell an epoch before its evaluation from one after it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, checkpoint: Checkpoint) -> None:
        """Raises InputError where the file cannot be written."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{shown(self._folder)}: found {error.strerror}, expected a folder to write to") from error
        safetensors_file.save(self._path(checkpoint.epochs_done, checkpoint.minibatch), checkpoint)

    def load(self, epochs_done: int, minibatch: int) -> Checkpoint:
        """Raises InputError where the file is missing or damaged."""
        path = self._path(epochs_done, minibatch)
        checkpoint = safetensors_file.load(path)
        if (checkpoint.epochs_done, checkpoint.minibatch) != (epochs_done, minibatch):
            raise InputError(
                f"{shown(path)}: found a checkpoint of epoch {checkpoint.epochs_done}, minibatch "
                f"{checkpoint.minibatch}, expected the epoch and the minibatch of the file's name"
            )
        return checkpoint

    def epochs(self) -> tuple[int, ...]:
        """The numbers of finished epochs of which there is a checkpoint, 0 for the initial weights."""
        standings = map(_standing, self._names())
        return tuple(sorted(standing[0] for standing in standings if standing is not None and standing[1] == 0))

    def prune(self, epochs_done: int, minibatch: int) -> None:
        """Removes what a checkpoint makes superfluous, those after it, and what a killed process left half written.

        Of finished epochs every one is kept, from `MOST_EPOCHS` on every second, and so on.

        Raises:
            InputError: a file cannot be removed.
        """
        stride = 1
        while epochs_done // stride >= MOST_EPOCHS:
            stride *= 2
        latest = (epochs_done, minibatch)
        for name in self._names():
            standing = _standing(name)
            if standing is None:
                superfluous = is_partial(name)
            else:
                of_an_epoch = standing[1] == 0 and standing[0] % stride == 0
                superfluous = standing != latest and (standing > latest or not of_an_epoch)
            if superfluous:
                self._remove(name)

    def copy_to(self, other: CheckpointFiles, checkpoint: Checkpoint) -> None:
        """The files of the epochs up to a checkpoint, and its own.

        They are never changed in place, so two names for one file will do where the file system knows them.

        Raises:
            InputError: the other folder cannot be written.
        """
        other.save(checkpoint)
        for epochs in self.epochs():
            if epochs <= checkpoint.epochs_done and (epochs, 0) != (checkpoint.epochs_done, checkpoint.minibatch):
                source, target = self._path(epochs, 0), other._path(epochs, 0)
                target.unlink(missing_ok=True)
                with suppress(FileNotFoundError):  # thinned meanwhile by the process that trains the run
                    _link_or_copy(source, target)

    def remove(self) -> None:
        """Raises InputError where the folder cannot be removed."""
        try:
            shutil.rmtree(self._folder)
        except FileNotFoundError:
            return
        except OSError as error:
            raise InputError(
                f"{shown(self._folder)}: found {error.strerror}, expected a file that can be removed"
            ) from error

    def _path(self, epochs_done: int, minibatch: int) -> Path:
        return self._folder / f"{epochs_done}-{minibatch}.safetensors"

    def _names(self) -> list[str]:
        return [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []

    def _remove(self, name: str) -> None:
        path = self._folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise InputError(f"{shown(path)}: found {error.strerror}, expected a file that can be removed") from error


def _standing(name: str) -> tuple[int, int] | None:
    """Epochs done and minibatch, where a file's name tells them."""
    match = _NAME.fullmatch(name)
    return (int(match[1]), int(match[2])) if match else None


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        try:
            shutil.copyfile(source, target)
        except OSError as error:
            raise InputError(f"{shown(target)}: found {error.strerror}, expected to write a checkpoint") from error
