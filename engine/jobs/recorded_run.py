"""Composition, for the worker and the command line alike: config to data and device to a recorded run."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, Finished, RunEvent
from engine.contract.history import cell_width
from engine.contract.loss_lab import LossLabEvent, LossQuestion
from engine.contract.pairs import YOURS, Pair, pair_of
from engine.contract.progress import Notice, Progress
from engine.contract.settings import Value, check
from engine.contract.yours import LOSS_OF_YOURS, YoursJudged
from engine.data.catalog import default_data_dir
from engine.jobs.sources import Sources, expect_same_data, notices_of, resolved
from engine.labs.loss.child import measure_with_yours
from engine.labs.loss.measuring import measure_losses
from engine.labs.yours.offered import Yours
from engine.store.record import Recorder
from engine.store.runs import RunStore, default_store
from engine.training.devices import described, resolve
from engine.training.loop import train
from engine.training.resident import ResidentData
from engine.training.state import TrainingState, restored


@dataclass(frozen=True)
class Places:
    """Where datasets and runs lie."""

    data_dir: Path
    store: Path

    @classmethod
    def of(cls, environ: Mapping[str, str], data_dir: Path | None = None, store: Path | None = None) -> Places:
        """What was asked for, else the environment's, else the platform's folders."""
        return cls(data_dir or default_data_dir(environ), store or default_store(environ))


@dataclass(frozen=True)
class Model:
    """The parameters of a run at one moment, with the data to judge them on."""

    run_id: str
    config: TrainConfig
    data: ResidentData
    info: DatasetInfo
    weight: Tensor
    bias: Tensor
    epochs_done: int
    minibatch: int


@dataclass(frozen=True)
class Training:
    """A run under way: pull `events` for as long as it should go on, then `stop`.

    `history` is what the run had told before, where it was resumed.
    """

    run_id: str
    config: TrainConfig
    data: ResidentData
    info: DatasetInfo
    state: TrainingState
    recorder: Recorder
    events: Iterator[RunEvent]
    history: tuple[RunEvent, ...] = ()

    @property
    def name(self) -> str:
        """What commands for this run are given for."""
        return self.run_id

    def stop(self, reason: str) -> Finished:
        """Saves the state and marks the run stopped."""
        return self.recorder.stop("stopped", self.state.seconds, self.state.images_per_second, reason)

    def failed(self, reason: str) -> Finished:
        """The last event after an error. The store, which may be what failed, has it already where it could."""
        seconds, speed = self.state.seconds, self.state.images_per_second
        try:
            return self.recorder.stop("failed", seconds, speed, reason)
        except InputError:
            return Finished(
                run_id=self.run_id, status="failed", seconds=seconds, images_per_second=speed, reason=reason
            )

    def model(self) -> Model:
        """A copy of the model as it is now."""
        return Model(
            run_id=self.run_id,
            config=self.config,
            data=self.data,
            info=self.info,
            weight=self.state.weight.clone(),
            bias=self.state.bias.clone(),
            epochs_done=self.state.epochs_done,
            minibatch=self.state.minibatch,
        )


class Session:
    """Keeps the store open, the last dataset in memory, and the functions that a user offered."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self._sources = Sources(places.data_dir, most=1)  # not two datasets in memory at once
        self.yours: Yours | None = None

    @cached_property
    def store(self) -> RunStore:
        """The runs, opened on first use. Raises InputError where the store cannot be opened."""
        return RunStore.open(self.places.store)

    def offer(self, source: str) -> YoursJudged:
        """Judges the text of a user's file, and keeps it: it is `yours` from now on.

        Raises:
            InputError: it is no Python, raises or hangs, or defines neither function. What was kept stays.
        """
        if self.yours is None or self.yours.source != source:
            offered = Yours(source)
            try:
                judged = offered.judged
            except InputError:
                offered.close()
                raise
            if self.yours is not None:
                self.yours.close()
            self.yours = offered
            return judged
        return self.yours.judged

    @property
    def own_loss(self) -> str:
        """The text of the file that was offered, where it has a cross-entropy that works; else ""."""
        return self.yours.source if self.yours is not None and self.yours.judged.loss_works else ""

    def measure(self, question: LossQuestion) -> Generator[LossLabEvent]:
        """The losses on one batch, with the cross-entropy that was offered where that works.

        Raises:
            InputError: as the measurement does.
        """
        return measure_with_yours(question, self.own_loss) if self.own_loss else measure_losses(question)

    def start(self, config: TrainConfig) -> Iterator[Progress | Notice | Training]:
        """Yields the progress of loading, and at last the run.

        Raises:
            InputError: at once for what is wrong with the config or the device; later for the data and the store.
        """
        check(config)
        if not config.mine and self.yours is not None:
            config = replace(config, mine=self.yours.source)
        config = resolved(config)
        return self._start(config, self._notices(pair_of(config)))

    def _notices(self, pair: Pair) -> tuple[Notice, ...]:
        """What is wrong with the user's functions of a pair. A wrong one may train: that is the lesson.

        Raises:
            InputError: one cannot train at all.
        """
        if not pair.source:
            return ()
        kept = self.yours is not None and self.yours.source == pair.source
        yours = self.yours if kept and self.yours is not None else Yours(pair.source)
        try:
            judged = yours.judged
        finally:
            if not kept:
                yours.close()
        parts = (
            ("softmax", pair.softmax, judged.softmax_works, judged.softmax_verdict, judged.softmax_remark),
            ("loss", pair.loss, judged.loss_works, judged.loss_verdict, judged.loss_remark),
        )
        for named, name, works, verdict, _ in parts:
            if name == YOURS and not works:
                raise InputError(
                    f"{named}: found a function of yours that cannot train: "
                    f"{verdict or 'the file has no such function'}"
                )
        return tuple(
            Notice(f"{LOSS_OF_YOURS if named == 'loss' else 'softmax of yours: '}{remark}")
            for named, name, _, _, remark in parts
            if name == YOURS and remark
        )

    def _start(self, config: TrainConfig, notices: tuple[Notice, ...]) -> Iterator[Progress | Notice | Training]:
        yield from notices
        data, info = yield from self._sources.of(config)
        yield from notices_of(config, info)
        config = replace(config, dataset=info.name)
        state = TrainingState.initial(config, data.num_features, data.num_classes, info.train_size, data.device)
        run_id = self.store.create(
            config,
            described(torch.device(config.device)),
            info,
            state.minibatches_per_epoch,
            cell_width(config.epochs * state.minibatches_per_epoch),
        )
        yield self._training(run_id, config, data, info, state)

    def resume(self, run_id: str, changes: Mapping[str, Value]) -> Iterator[Progress | Notice | Training]:
        """Goes on with a stored run from its last checkpoint.

        With settings changed, more epochs for one, it goes on as a new run that was forked from it.

        Raises:
            InputError: there is no such run, it is running elsewhere, it has ended, or its data are not what they were.
        """
        summary = self.store.summary(run_id)
        checkpoint = self.store.load_checkpoint(run_id)
        config = replace(summary.config, **changes)
        check(config)
        config = resolved(config)
        if summary.status == "running":
            self.store.claim(run_id)  # refuses, and says where it runs
        if checkpoint.epochs_done >= config.epochs:
            raise InputError(
                f"{run_id}: found {checkpoint.epochs_done} of {config.epochs} epochs done, "
                "expected epochs left to train: set more epochs"
            )
        if summary.status == "diverged" and config == summary.config:
            raise InputError(f"{run_id}: found a diverged run, expected a run that can continue: change a setting")
        for fixed in ("dataset", "dtype", "batch_size", "momentum"):
            if getattr(config, fixed) != getattr(summary.config, fixed):
                label, kept = fixed.replace("_", " "), getattr(summary.config, fixed)
                raise InputError(f"{run_id}: found another {label}, expected {kept}: a resumed run keeps its {label}")
        return self._resume(summary, config, self._notices(pair_of(config)))

    def _resume(
        self, stored: RunSummary, config: TrainConfig, notices: tuple[Notice, ...]
    ) -> Iterator[Progress | Notice | Training]:
        yield from notices
        run_id = stored.run_id
        data, info = yield from self._sources.of(config)
        expect_same_data(run_id, info, stored.dataset.checksum, "trained on")
        yield from notices_of(config, info)
        restored(run_id, self.store.load_checkpoint(run_id), config, data, data.device)  # before anything is changed,
        self.store.events(run_id)  # as every row is checked that it will read
        if config != stored.config:
            run_id = self.store.fork(run_id, config, described(torch.device(config.device)))
        else:
            self.store.claim(run_id)
        checkpoint = self.store.load_checkpoint(run_id)
        state = restored(run_id, checkpoint, config, data, data.device)
        self.store.rewind(run_id, checkpoint)
        yield self._training(run_id, config, data, info, state, self.store.events(run_id))

    def model(self, run_id: str) -> Generator[Progress | Notice, None, Model]:
        """Yields the progress of loading a stored run's data, and returns its model as last saved."""
        summary, checkpoint = self.store.summary(run_id), self.store.load_checkpoint(run_id)
        config = summary.config
        device = resolve("cpu")  # to look at ten thousand images needs no more
        data, info = yield from self._sources.of(replace(config, device=str(device)))
        state = restored(run_id, checkpoint, config, data, device)
        return Model(run_id, config, data, info, state.weight, state.bias, state.epochs_done, state.minibatch)

    def _training(
        self,
        run_id: str,
        config: TrainConfig,
        data: ResidentData,
        info: DatasetInfo,
        state: TrainingState,
        history: tuple[RunEvent, ...] = (),
    ) -> Training:
        recorder = Recorder(self.store, run_id, state)
        events = recorder.record(train(config, data, state, info))
        return Training(run_id, config, data, info, state, recorder, events, history)
