"""The stored runs of a folder: `runs.sqlite`, and `checkpoints/<run>/<epochs done>-<minibatch>.safetensors`.

What the database says of a run and its checkpoint belong together at every moment, whenever a process is killed: the
file is written first, one transaction then moves the run on to it, and only after that the older file goes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection

import platformdirs
from msgspec.structs import asdict

from engine.contract import history
from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, Diverged, EpochDone, Finished, LabelsExamined, RunEvent
from engine.contract.history import LossCell
from engine.store import queries
from engine.store.checkpoint_files import CheckpointFiles
from engine.store.columns import DamagedRunError
from engine.store.database import connect, faults_told, reading, writing
from engine.store.engines import with_detached
from engine.store.files import shown
from engine.store.owner import Owner, this_process
from engine.store.queries import StoredRun, replay
from engine.store.rows import RunRow, event_to_json, number_of, run_id_of
from engine.store.safetensors_file import Checkpoint

STORE_VARIABLE = "SOFTMAX_TUI_STORE"


def default_store(environ: Mapping[str, str]) -> Path:
    """`$SOFTMAX_TUI_STORE` where it is set and not empty, else the platform's data folder."""
    named = environ.get(STORE_VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_data_path("softmax-tui", appauthor=False)


class RunStore:
    """Runs, whichever process trains them; to be used in the thread that opened it.

    Every method raises InputError where the database or a file fails, and where there is no run of the name given.
    """

    def __init__(self, folder: Path, database: Connection) -> None:
        self.folder = folder
        self._database = database
        self._me = this_process()

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> RunStore:
        """Without `create` nothing is written, and a folder without a store is an empty one.

        Raises:
            InputError: the folder cannot be used, or holds what is no store or a newer one.
        """
        return cls(folder, connect(folder, create=create))

    def close(self) -> None:
        """Closes the database; the store is of no use afterwards."""
        self._database.close()

    def create(
        self,
        config: TrainConfig,
        device: str,
        dataset: DatasetInfo,
        minibatches_per_epoch: int,
        cell_width: int,
        forked_from: str = "",
    ) -> str:
        """A new run of this process, by its name: r0001, r0002, …"""
        with self._writing():
            number = queries.insert(
                self._database, self._me, config, device, dataset, minibatches_per_epoch, cell_width, forked_from
            )
        return run_id_of(number)

    def claim(self, run_id: str) -> None:
        """Makes this process the one that goes on with a run. Raises InputError if another process trains it."""
        with self._writing():
            run = self._run(run_id)
            if queries.status_of(run) == "running" and run.owner != self._me:
                raise InputError(
                    f"found {run_id} running elsewhere ({run.owner}), expected a run that no other process trains"
                )
            queries.update(
                self._database,
                run.number,
                **asdict(self._me),
                status="running",
                diverged=None,
                examined=None,
                seconds=None,
                images_per_second=None,
                reason=None,
            )

    def save_progress(
        self, run_id: str, checkpoint: Checkpoint, cells: Sequence[LossCell], epochs: Sequence[EpochDone]
    ) -> None:
        """Moves a run of this process on to a checkpoint, with what was told on the way there.

        A cell replaces the stored one of its index, so that saving the same again changes nothing.
        """
        number = self._my_run(run_id).number
        files = self._files(number)
        files.save(checkpoint)
        with self._writing():
            self._my_run(run_id)  # still, and nobody else can change that before the transaction ends
            queries.put(self._database, number, cells, epochs)
            self._stand_at(number, checkpoint)
        files.prune(checkpoint.epochs_done, checkpoint.minibatch)

    def finish(
        self, run_id: str, finished: Finished, diverged: Diverged | None, examined: LabelsExamined | None = None
    ) -> None:
        """Ends a run of this process."""
        with self._writing():
            queries.update(
                self._database,
                self._my_run(run_id).number,
                status=finished.status,
                seconds=finished.seconds,
                images_per_second=finished.images_per_second,
                reason=finished.reason,
                diverged=event_to_json(diverged),
                examined=event_to_json(examined),
            )

    def rewind(self, run_id: str, checkpoint: Checkpoint) -> None:
        """Back to one of the checkpoints of a run of this process: what was told after it is dropped.

        A cell with losses from before and after it cannot be taken apart, and goes too.
        """
        with self._writing():
            run = self._my_run(run_id)
            queries.drop_after(self._database, run, checkpoint.epochs_done, checkpoint.position)
            self._stand_at(run.number, checkpoint)
        self._files(run.number).prune(checkpoint.epochs_done, checkpoint.minibatch)

    def fork(self, run_id: str, config: TrainConfig, device: str, epoch: int | None = None) -> str:
        """A new run of this process: a copy of a run up to its latest checkpoint, or up to the end of an epoch.

        Its losses are in cells as wide as the new number of epochs wants them. Raises InputError if there is no such
        checkpoint.
        """
        with self._writing():
            run = self._run(run_id)
            source = queries.stored(self._database, run)
            checkpoint = self.load_checkpoint(run_id, epoch)
            cells = source.losses
            if checkpoint.position < source.position:
                cells = history.without_after(cells, checkpoint.position, source.cell_width)
            width = history.cell_width(config.epochs * source.minibatches_per_epoch)
            number = queries.insert(
                self._database,
                self._me,
                config,
                device,
                source.summary.dataset,
                source.minibatches_per_epoch,
                width,
                source.summary.run_id,
            )
            self._files(run.number).copy_to(self._files(number), checkpoint)
            queries.put(
                self._database,
                number,
                history.in_cells_of(cells, source.cell_width, width),
                source.epochs[: checkpoint.epochs_done],
            )
            self._stand_at(number, checkpoint)
        return run_id_of(number)

    def load_checkpoint(self, run_id: str, epoch: int | None = None) -> Checkpoint:
        """The latest checkpoint, or the one at the end of an epoch (0 for the initial weights).

        Raises InputError if there is none or its file is damaged.
        """
        run = self._run(run_id)
        while True:
            if run.epochs_done is None or run.minibatch is None:
                raise InputError(f"{run_id}: found no checkpoint yet, expected at least one checkpoint")
            files = self._files(run.number)
            if epoch is not None and epoch not in (offered := self.checkpoint_epochs(run_id)):
                some = f"one of {len(offered)} from {offered[0]} to {offered[-1]}" if offered else "none"
                raise InputError(f"{run_id}: found no checkpoint of epoch {epoch}, expected {some}")
            try:
                return files.load(run.epochs_done, run.minibatch) if epoch is None else files.load(epoch, 0)
            except InputError:
                # The process that trains the run may have moved on meanwhile, and removed the file.
                before, run = run, self._run(run_id)
                if (before.epochs_done, before.minibatch) == (run.epochs_done, run.minibatch):
                    raise

    def checkpoint_epochs(self, run_id: str) -> tuple[int, ...]:
        """The epochs that `load_checkpoint` has the end of, 0 for the initial weights; of long runs not every one."""
        run = self._run(run_id)
        done = -1 if run.epochs_done is None else run.epochs_done
        return tuple(epoch for epoch in self._files(run.number).epochs() if epoch <= done)

    def summaries(self) -> list[RunSummary]:
        """All runs that can be read, newest first. One whose process is gone without a word is "interrupted"."""
        return [run for run in self.listed() if isinstance(run, RunSummary)]

    def listed(self) -> list[RunSummary | DamagedListed]:
        """The same, and those that cannot be read."""
        with self._reading():
            found = queries.listed(self._database)
        return with_detached(self.folder, found)

    def summary(self, run_id: str) -> RunSummary:
        """A run in a line."""
        with self._reading():
            return queries.summary(self._database, self._run(run_id))

    def losses(self, run_id: str) -> tuple[LossCell, ...]:
        """The losses of a run's minibatches as far as they are stored."""
        with self._reading():
            return queries.losses(self._database, self._run(run_id))

    def events(self, run_id: str) -> tuple[RunEvent, ...]:
        """A run as events that tell it. An interrupted one ends with a `Finished` that says so."""
        with self._reading():
            return tuple(replay(queries.stored(self._database, self._run(run_id))))

    def stored(self, run_id: str) -> StoredRun:
        """All that is kept of a run."""
        with self._reading():
            return queries.stored(self._database, self._run(run_id))

    def owner(self, run_id: str) -> Owner:
        """The process that trains a run, or has trained it."""
        with self._reading():
            return self._run(run_id).owner

    def version(self) -> int:
        """Another number after every change that another process has made."""
        with faults_told(self.folder):
            return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run a name beside its own; names need not differ."""
        with self._writing():
            queries.update(self._database, self._run(run_id).number, name=name)

    def set_note(self, run_id: str, note: str) -> None:
        """Keeps a remark with a run."""
        with self._writing():
            queries.update(self._database, self._run(run_id).number, note=note)

    def check_deletable(self, run_id: str) -> None:
        """Raises InputError where there is no such run, or it is running. A damaged run can be deleted."""
        with suppress(DamagedRunError):
            run = self._run(run_id)
            if queries.status_of(run) == "running":
                raise InputError(
                    f"found {run_id} running ({run.owner}), expected a run that has ended: stop the run first"
                )

    def delete(self, run_id: str) -> None:
        """Removes a run and its files. Raises InputError as `check_deletable` does."""
        with self._writing():
            self.check_deletable(run_id)
            queries.delete(self._database, number_of(run_id))
        self._files(number_of(run_id)).remove()

    def _run(self, run_id: str) -> RunRow:
        with faults_told(self.folder):
            run = queries.find(self._database, number_of(run_id))
            if run is None:
                number = queries.latest(self._database)
                there = "the store is empty" if number is None else f"the latest is {run_id_of(number)}"
                raise InputError(f"found no run {run_id!r} in {shown(self.folder)}; {there}")
        return run

    def _my_run(self, run_id: str) -> RunRow:
        run = self._run(run_id)
        if run.owner != self._me:
            raise InputError(
                f"found {run_id} taken over by another process ({run.owner}), expected a run of this process"
            )
        return run

    def _stand_at(self, number: int, checkpoint: Checkpoint) -> None:
        queries.update(self._database, number, epochs_done=checkpoint.epochs_done, minibatch=checkpoint.minibatch)

    def _files(self, number: int) -> CheckpointFiles:
        return CheckpointFiles(self.folder / "checkpoints" / run_id_of(number))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with faults_told(self.folder), writing(self._database):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with faults_told(self.folder), reading(self._database):
            yield
