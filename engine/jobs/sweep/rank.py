"""`python -m engine.jobs.sweep.rank`: trains what rank 0 of a sweep gives it, on this rank's device and from its data.

It stores nothing: every event goes to rank 0, with the run's state at each epoch's end. It ends when rank 0 has its
runs handed in, and with whoever started it.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError, line_of
from engine.contract.events import EpochDone, Finished
from engine.contract.sweeps import MOST_SEEDS, Trial
from engine.data.load import finish
from engine.jobs.sources import Sources
from engine.jobs.sweep.messages import (
    Broke,
    Free,
    FromOther,
    HandedIn,
    HandIn,
    RankOrder,
    Standing,
    Told,
    ToOther,
    TrainUnit,
    Word,
)
from engine.processes.faults import explain
from engine.processes.parent import Parent
from engine.ranks.rendezvous import MessageQueue, rendezvous
from engine.store.safetensors_file import Checkpoint
from engine.training.loop import train_unit
from engine.training.state import TrainingState
from engine.training.walk import Member

_MESSAGE_SECONDS = 0.1  # a message is worth its way when it carries some events
_MOST_UNREAD = 20  # rank 0 is held, and so are its runs
_LOOK_SECONDS = 0.02


class _HandedIn(Exception):  # noqa: N818 - an end, not an error
    """Rank 0 stops the sweep."""


def main() -> int:
    """0 when rank 0 has been told how it ended."""
    order = Parent[RankOrder](RankOrder).receive()
    store, rank, _ = rendezvous()
    inbox: MessageQueue[ToOther] = MessageQueue(store, order.job, 0, rank, ToOther)
    outbox: MessageQueue[FromOther] = MessageQueue(store, order.job, rank, 0, FromOther)
    trainer = _Trainer(inbox, outbox, Path(order.data_dir))
    try:
        trainer.run()
    except _HandedIn:
        pass
    except InputError as error:
        trainer.say(Broke(str(error), wrong_input=True))
    except Exception as error:  # noqa: BLE001 - out of memory, a driver's error: rank 0 says so and ends the sweep
        explain(error)
        trainer.say(Broke(line_of(error)))
    return 0


class _Trainer:
    def __init__(self, inbox: MessageQueue[ToOther], outbox: MessageQueue[FromOther], data_dir: Path) -> None:
        self._inbox, self._outbox = inbox, outbox
        self._sources = Sources(data_dir, MOST_SEEDS)
        self._members: Sequence[Member | None] = ()
        self._under_way: set[int] = set()
        self._words: list[Word] = []

    def run(self) -> None:
        """One unit after another. Raises _HandedIn, and what loading and training raise."""
        while True:
            self.say(Free())
            while (order := self._next_order()) is None:
                time.sleep(_LOOK_SECONDS)
            self._train(order)

    def say(self, message: FromOther) -> None:
        self._outbox.send(message)

    def _next_order(self) -> TrainUnit | None:
        order = self._inbox.receive()
        if isinstance(order, HandIn):
            self._hand_in()
        return order if isinstance(order, TrainUnit) else None

    def _hand_in(self) -> None:
        self._tell()
        standing = {place: self._members[place] for place in self._under_way}
        self.say(HandedIn({place: member.state.checkpoint() for place, member in standing.items() if member}))
        raise _HandedIn

    def _train(self, unit: TrainUnit) -> None:
        self._members = [
            self._member(trial, standing) for trial, standing in zip(unit.trials, unit.standings, strict=True)
        ]
        self._under_way = {place for place, member in enumerate(self._members) if member is not None}
        sent = time.monotonic()
        for said in train_unit(unit.trials, self._members):
            self._words += [Word(place, event, self._kept(place, event)) for place, event in said]
            self._under_way -= {place for place, event in said if isinstance(event, Finished)}
            if time.monotonic() - sent >= _MESSAGE_SECONDS:
                self._tell()
                self._next_order()
                sent = time.monotonic()
        self._tell()
        self._members, self._under_way = (), set()

    def _member(self, trial: Trial, standing: Standing | None) -> Member | None:
        """Raises InputError for data that cannot be had, or are not rank 0's."""
        if standing is None:
            return None
        data, info = finish(self._sources.of(_here(trial.config)))
        if info.checksum != standing.checksum:
            raise InputError(
                f"found {info.name} with checksum {info.checksum}, expected {standing.checksum}: rank 0 has other data"
            )
        return Member(trial.config, data, info, TrainingState.restored(standing.checkpoint, data.device))

    def _kept(self, place: int, event: object) -> Checkpoint | None:
        member = self._members[place]
        return member.state.checkpoint() if member and isinstance(event, EpochDone | Finished) else None

    def _tell(self) -> None:
        """What has been said since the last message; waits while rank 0 is held."""
        if self._words:
            self.say(Told(tuple(self._words)))
            self._words = []
        while self._outbox.unread() > _MOST_UNREAD:
            time.sleep(_LOOK_SECONDS)
            self._next_order()


def _here(config: TrainConfig) -> TrainConfig:
    """With the GPU of the rank's number on its machine."""
    on_gpu = config.device.startswith("cuda")
    return replace(config, device=f"cuda:{os.environ.get('LOCAL_RANK', '0')}") if on_gpu else config


if __name__ == "__main__":
    sys.exit(main())
