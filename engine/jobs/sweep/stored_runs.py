"""The runs of a sweep in the store: opened, named, gone on with from one moment, and what they came to."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from msgspec.structs import replace

from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.errors import InputError
from engine.contract.events import RunEvent
from engine.contract.history import cell_width
from engine.contract.progress import Notice, Progress
from engine.contract.stored_runs import name_in_sweep
from engine.contract.sweeps import MemberSaid, SweepConfig, SweepResult, Trial
from engine.jobs.sources import Sources, expect_same_data
from engine.store.record import Recorder
from engine.store.runs import RunStore
from engine.store.sweeps import StoredSweep, SweepFiles
from engine.training.devices import described
from engine.training.loop import final_figures
from engine.training.state import TrainingState, restored
from engine.training.walk import Member
from engine.verdicts.sweep_sentence import point_words

ENDED = ("finished", "diverged")


@dataclass(frozen=True)
class Running:
    """A run of the sweep that is being trained."""

    trial: Trial
    run_id: str
    member: Member
    recorder: Recorder

    def said(self, event: RunEvent) -> MemberSaid:
        """An event as the sweep tells it."""
        return MemberSaid(run_id=self.run_id, values=self.trial.values, seed=self.trial.seed, event=event)

    def recorded(self, event: RunEvent) -> MemberSaid:
        """The event once it is on the disk, as the run's own."""
        return self.said(next(self.recorder.record((event,))))

    def stop(self, reason: str) -> None:
        """Saves the state and marks the run stopped; one that has ended stays as it is."""
        state = self.member.state
        self.recorder.stop("stopped", state.seconds, state.images_per_second, reason)

    def fail(self, error: Exception) -> None:
        """Marks the run failed; its last checkpoint stays. The error is raised by whoever met it."""
        with suppress(type(error), InputError):
            next(self.recorder.record(_raising(error)), None)


class SweepRuns:
    """Which trial is which run. The sweep's file is written before a run says anything."""

    def __init__(self, store: RunStore, files: SweepFiles, stored: StoredSweep, sources: Sources) -> None:
        self._store = store
        self._files = files
        self._sources = sources
        self._run_ids = dict(stored.run_ids)
        self.stored = stored

    def open(
        self, number: int, unit: Sequence[tuple[int, Trial]]
    ) -> Generator[Progress | Notice, None, list[Running | None]]:
        """The runs of unit `number`, new or gone on with, all at one moment; None for what has ended.

        Raises:
            InputError: one runs elsewhere, its data are not what they were, or the store fails.
        """
        for _, trial in unit:
            yield from self._sources.of(trial.config)  # before a run is opened: who stops meanwhile leaves none behind
        known = {run.run_id: run for run in self._store.listed()}
        runs = [self._readable(known.get(self._run_ids.get(place, ""))) for place, _ in unit]
        standing = self._common_standing([run for run in runs if run is None or run.status not in ENDED])
        opened: list[Running | None] = []
        try:
            for (place, trial), run in zip(unit, runs, strict=True):
                ended = run is not None and run.status in ENDED
                opened.append(None if ended else (yield from self._opened(number, place, trial, run, standing)))
            if len(unit) > 1 and None in runs:
                self._name_the_group([self._run_ids[place] for place, _ in unit])
        except InputError as error:
            for one in opened:
                if one is not None:
                    one.stop(str(error))
            raise
        return opened

    @staticmethod
    def _readable(run: RunSummary | DamagedListed | None) -> RunSummary | None:
        """Raises InputError for a damaged run: another in its place would hide it."""
        if isinstance(run, DamagedListed):
            raise InputError(run.reason)
        return run

    def history(self, place: int, trial: Trial) -> Iterator[MemberSaid]:
        """What the run of a trial has told before."""
        run_id = self._run_ids[place]
        for event in self._store.events(run_id):
            yield MemberSaid(run_id=run_id, values=trial.values, seed=trial.seed, event=event)

    def result(self, place: int, trial: Trial, config: SweepConfig) -> Generator[Progress | Notice, None, SweepResult]:
        """What the store says of a run that has ended."""
        run = self._store.summary(self._run_ids[place])
        figures = (math.nan, math.nan, math.nan)
        if run.status == "finished" and trial.steps:
            figures = yield from self._final_figures(place, trial, run.run_id)
        elif run.status == "finished":
            figures = (run.train_loss, run.validation_loss, run.validation_accuracy)
        return SweepResult(
            parameter=config.parameter,
            value=trial.values[0],
            second_parameter=config.second_parameter,
            second_value=trial.values[1] if config.second_parameter else None,
            seed=trial.seed,
            status=run.status,
            train_loss=figures[0],
            validation_loss=figures[1],
            validation_accuracy=figures[2],
            run_id=run.run_id,
        )

    def _final_figures(
        self, place: int, trial: Trial, run_id: str
    ) -> Generator[Progress | Notice, None, tuple[float, float, float]]:
        """Those of the model as it ended, which may be within an epoch: computed once, then kept with the sweep."""
        if place in self.stored.figures:
            return self.stored.figures[place]
        data, info = yield from self._sources.of(trial.config)
        state = restored(run_id, self._store.load_checkpoint(run_id), trial.config, data, data.device)
        figures = final_figures(Member(trial.config, data, info, state))
        if all(map(math.isfinite, figures)):  # JSON has no nan
            self._save(replace(self.stored, figures={**self.stored.figures, place: figures}))
        return figures

    def seconds(self) -> float:
        """What all runs took so far."""
        own = set(self._run_ids.values())
        return sum(summary.seconds for summary in self._store.summaries() if summary.run_id in own)

    def _common_standing(self, runs: Sequence[RunSummary | None]) -> int | None:
        """From which epoch's end runs go on together, `None` where all stand at one moment already.

        Killed while it saved, a process leaves some a checkpoint ahead of the others.
        """
        latest: set[tuple[int, int]] = set()
        common: set[int] | None = None
        for run in runs:
            epochs = self._store.checkpoint_epochs(run.run_id) if run is not None else ()
            if run is not None and epochs:
                checkpoint = self._store.load_checkpoint(run.run_id)
                latest.add((checkpoint.epochs_done, checkpoint.minibatch))
            else:
                latest.add((0, 0))
            offered = set(epochs or (0,))
            common = offered if common is None else common & offered
        return max(common) if common and len(latest) > 1 else None

    def _opened(
        self,
        number: int,
        place: int,
        trial: Trial,
        run: RunSummary | None,
        standing: int | None,
    ) -> Generator[Progress | Notice, None, Running]:
        """A run with the data and the state from which it begins or goes on, which then is this process's."""
        config = trial.config
        data, info = yield from self._sources.of(config)
        if run is not None:
            expect_same_data(run.run_id, info, run.dataset.checksum, "trained on")
            if self._store.checkpoint_epochs(run.run_id):  # looked at before anything is changed
                restored(run.run_id, self._store.load_checkpoint(run.run_id, standing), config, data, data.device)
            self._store.claim(run.run_id)
        if run is None or not self._store.checkpoint_epochs(run.run_id):
            state = TrainingState.initial(config, data.num_features, data.num_classes, info.train_size, data.device)
        else:
            checkpoint = self._store.load_checkpoint(run.run_id, standing)
            state = restored(run.run_id, checkpoint, config, data, data.device)
            self._store.rewind(run.run_id, checkpoint)
        member = Member(config, data, info, state)
        run_id = self._created(number, place, trial, member) if run is None else run.run_id
        return Running(trial, run_id, member, Recorder(self._store, run_id, state))

    def _created(self, number: int, place: int, trial: Trial, member: Member) -> str:
        per_epoch = member.state.minibatches_per_epoch
        width = cell_width(trial.config.epochs * per_epoch)
        run_id = self._store.create(trial.config, described(member.data.device), member.info, per_epoch, width)
        self._run_ids[place] = run_id
        figures = {other: known for other, known in self.stored.figures.items() if other != place}
        self._save(replace(self.stored, run_ids=dict(self._run_ids), figures=figures))
        config = self.stored.config
        values = zip(config.parameters, point_words(config, trial.values), strict=True)
        words = " ".join(f"{name.replace('_', '-')} {value}" for name, value in values)
        self._store.rename(run_id, name_in_sweep(self.stored.sweep_id, number, words, trial.seed))
        return run_id

    def _save(self, stored: StoredSweep) -> None:
        self.stored = stored
        self._files.save(stored)

    def _name_the_group(self, run_ids: Sequence[str]) -> None:
        """What shares its product with others differs from a run alone in the last bits, so it says with which."""
        for run_id in run_ids:
            self._store.set_note(run_id, f"trained together: {', '.join(run_ids)}")


def _raising(error: Exception) -> Iterator[RunEvent]:
    raise error
    yield  # makes it a source of events
