"""The ranks that torchrun started, as rank 0 sees them: it alone knows what is to be done, and says so.

Rank 0 tells the others in the store at which torchrun's processes meet; each starts a process that computes, and kills
it when rank 0 says that the job has ended. So a job can be stopped whatever it is at, and the ranks stay for the next.
"""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any, Literal

import msgspec
from torch.distributed.distributed_c10d import Store

from engine.contract.errors import InputError
from engine.ranks.guard import Guard
from engine.ranks.rendezvous import (
    ARRIVAL_SECONDS,
    BEAT_SECONDS,
    SILENCE_SECONDS,
    MessageQueue,
    Pulse,
    exchange,
    rendezvous,
)
from engine.verdicts.naming import listed

_LAST_BEAT_SECONDS = 5.0
_LOOK_SECONDS = 0.05
_ROUNDS_TO_TELL = 5  # of this rank's beats, in which every other that lives beats too


class RankJob(msgspec.Struct, frozen=True):
    """What the others are told to take part in."""

    kind: Literal["vocabulary", "sweep"]
    order: msgspec.Raw = msgspec.Raw(b"null")


class RankFailure(msgspec.Struct, frozen=True):
    """What a rank has to say of a job that it cannot go on with."""

    line: str
    wrong_input: bool = False


class RankGroup:
    """Rank 0's word to the `size - 1` other ranks. Whoever is told to end by a signal sets `ended_from_outside`."""

    def __init__(self, store: Store, size: int, guard: Guard | None = None) -> None:
        self._store, self.size, self._guard = store, size, guard
        self._jobs = 0
        self._open: set[int] = set()
        self._lost, self._told = "", False
        self._failures: dict[int, RankFailure] = {}
        self.ended_from_outside = False
        self._beats_at_end: dict[int, int] = {}
        self._rounds_since = 0
        self._why, self._knows_why = "a rank has died, or the job was ended (SIGTERM)", threading.Event()
        self._left = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="rank group", daemon=True)
        self._listener.start()

    @classmethod
    def joined(cls) -> RankGroup:
        """Meets at the store that the environment names, without waiting for the others.

        Raises:
            RankLost: there is nobody.
        """
        store, _, size = rendezvous()
        return cls(store, size, Guard())

    def begin(self, job: RankJob) -> int:
        """The number of the job, now that the others can read of it.

        Raises:
            RankLost: the store is gone.
        """
        self._jobs += 1
        with exchange():
            self._store.set(f"job/{self._jobs}", msgspec.json.encode(job).decode())
            self._store.add("jobs", 1)
        self._open.add(self._jobs)
        return self._jobs

    def failure(self, job: int) -> str:
        """Why the job cannot go on, in one line; "" while it can.

        Raises:
            InputError: what is wrong on one of the ranks is the input.
        """
        known = self._failures.get(job)
        if known is not None and known.wrong_input:
            raise InputError(known.line)
        line = known.line if known is not None else self._lost
        self._told = self._told or bool(line)
        return line

    def why_ended(self) -> str:
        """One line on an end from outside. torchrun ends all ranks that are left when one has died: that is silent."""
        self._knows_why.wait(_ROUNDS_TO_TELL * 3 * BEAT_SECONDS)
        return self._why

    def end(self, job: int) -> None:
        """Has the others leave it, whatever they are at."""
        self._open.discard(job)
        self._say(f"ended/{job}")

    def leave(self) -> str:
        """Sends the other ranks home. Who still listens when the interpreter ends is aborted with it.

        Returns:
            A line on a rank that did not hear it and so has died, where no job has said so; else "". This process must
            then exit with an error: with 0, torchrun would wait five minutes for that rank's machine.
        """
        self._say("left")
        missing = "" if self._told or self.ended_from_outside else self._missing()
        self._left.set()
        self._listener.join(_LAST_BEAT_SECONDS)
        return missing

    def _missing(self) -> str:
        """Waits until every rank that has come goes; a line on one that does not."""
        give_up = time.monotonic() + SILENCE_SECONDS
        try:
            waits_for = [rank for rank in range(1, self.size) if self._store.add(f"beat/{rank}", 0)]
            while waits_for and time.monotonic() < give_up:
                waits_for = [rank for rank in waits_for if not self._store.add(f"gone/{rank}", 0)]
                time.sleep(_LOOK_SECONDS if waits_for else 0)
        except RuntimeError:  # the store is gone, and with it whoever could answer
            return ""
        return f"rank {waits_for[0]} of {self.size} died or hangs after the last job" if waits_for else ""

    def queue(self, job: int, sender: int, receiver: int, kinds: Any) -> MessageQueue[Any]:
        """From one rank to another, of which rank 0 is one; `kinds` is the type of the messages."""
        return MessageQueue(self._store, job, sender, receiver, kinds)

    def _say(self, word: str) -> None:
        with contextlib.suppress(RuntimeError):  # the store is gone, and with it whoever could be told
            self._store.add(word, 1)

    def _listen(self) -> None:
        """Beats for rank 0, and hears whether the others do, and what they report."""
        pulses = {rank: Pulse(ARRIVAL_SECONDS) for rank in range(1, self.size)}
        try:
            while not self._left.wait(BEAT_SECONDS):
                if self._guard is not None:
                    self._guard.beat()
                self._store.add("beat/0", 1)
                beats = {rank: self._store.add(f"beat/{rank}", 0) for rank in pulses}
                if self.ended_from_outside:
                    self._look_who_is_left(beats)
                silent = [rank for rank, pulse in pulses.items() if pulse.stopped(beats[rank])]
                self._lost = (
                    f"rank {silent[0]} of {self.size} has died or hangs: no sign of it for {SILENCE_SECONDS:g} seconds"
                    if silent
                    else ""
                )
                for job in tuple(self._open):
                    if job not in self._failures and self._store.add(f"reports/{job}", 0):
                        self._failures[job] = msgspec.json.decode(self._store.get(f"report/{job}"), type=RankFailure)
        except RuntimeError:
            self._lost = "the process that the ranks meet at has died"
        finally:
            if self._guard is not None:
                self._guard.dismiss()

    def _look_who_is_left(self, beats: dict[int, int]) -> None:
        """Whoever was told to end as well goes on beating for some seconds."""
        self._beats_at_end = self._beats_at_end or beats
        self._rounds_since += 1
        if self._rounds_since < _ROUNDS_TO_TELL:
            return
        dead = [str(rank) for rank, count in beats.items() if count == self._beats_at_end[rank]]
        if all(beats.values()):  # else one may not have come yet
            those = f"rank {listed(dead)} of {self.size}" if len(dead) == 1 else f"ranks {listed(dead)} of {self.size}"
            self._why = f"{those} died" if dead else "the job was ended (SIGTERM)"
        self._knows_why.set()
