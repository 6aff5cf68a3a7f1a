"""The other ranks of a sweep, as rank 0 sees them, and what each of them starts when it is told of the sweep."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from engine.contract.errors import InputError
from engine.contract.sweeps import Trial
from engine.jobs.sweep.messages import (
    Broke,
    FromOther,
    HandedIn,
    HandIn,
    RankOrder,
    Standing,
    TrainUnit,
    decode_answer,
    encode,
)
from engine.processes.exit_status import death_of
from engine.ranks.rank_group import Crew, Job, Report
from engine.ranks.rendezvous import BEAT_SECONDS, RankLost, lost

_LOOK_SECONDS = 0.02
_LAST_WORDS_SECONDS = 3.0


class Others:
    """They ask for work by themselves, once they have imported torch."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self._job = crew.begin(Job("sweep"))
        self._mails = {rank: crew.mail(self._job, rank) for rank in range(1, crew.size)}
        self._looked = 0.0

    def letters(self) -> Iterator[tuple[int, FromOther]]:
        """What has come since it was last asked, with the rank it came from.

        Raises:
            RankLost: one has died, hangs, or met an error.
            InputError: one has no data, or others.
        """
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        if line := self._crew.failure(self._job):
            raise RankLost(line)
        for rank in self._mails:
            while (letter := self._received(rank)) is not None:
                if isinstance(letter, Broke):
                    line = f"rank {rank}: {letter.line}"
                    raise InputError(line) if letter.wrong_input else RankLost(line)
                yield rank, letter
        self._looked = time.monotonic()

    def give(self, rank: int, trials: Sequence[Trial], standings: Sequence[Standing | None]) -> None:
        """Raises RankLost."""
        try:
            self._mails[rank][0].send(encode(TrainUnit(tuple(trials), tuple(standings))))
        except RuntimeError as error:
            raise lost(error) from error

    def last_letters(self, busy: Sequence[int]) -> Iterator[tuple[int, FromOther]]:
        """Has those ranks stop, and gives what they still have to say; a rank that says nothing is not waited for."""
        waits_until, left = time.monotonic() + _LAST_WORDS_SECONDS, set(busy)
        try:
            for rank in busy:
                self._mails[rank][0].send(encode(HandIn()))
            while left and time.monotonic() < waits_until:
                for rank, letter in self.letters():
                    yield rank, letter
                    if isinstance(letter, HandedIn):
                        left.discard(rank)
                time.sleep(_LOOK_SECONDS)
        except (RuntimeError, RankLost, InputError):
            return  # whoever is lost hands nothing in: its runs stand where they last stood

    def leave(self) -> None:
        """Ends the job on all ranks."""
        self._crew.end(self._job)

    def _received(self, rank: int) -> FromOther | None:
        try:
            letter = self._mails[rank][1].receive()
        except RuntimeError as error:
            raise lost(error) from error
        return decode_answer.decode(letter) if letter is not None else None


def part_of(data_dir: Path) -> Callable[[int, msgspec.Raw, Callable[[], bool]], Report | None]:
    """How a rank with its data there takes part in a sweep: in a process of its own, which can be killed."""

    def take_part(job: int, order: msgspec.Raw, ended: Callable[[], bool]) -> Report | None:
        with tempfile.TemporaryFile() as stderr:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.jobs.sweep.rank"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # ctrl+C at the terminal is for rank 0
            )
            assert process.stdin is not None
            with process.stdin:
                process.stdin.write(msgspec.json.encode(RankOrder(job, str(data_dir))) + b"\n")
                process.stdin.flush()
                while process.poll() is None and not ended():
                    time.sleep(BEAT_SECONDS)
            was_ended = process.poll() is None
            process.kill()
            code = process.wait()
            if was_ended or code == 0:
                return None
            stderr.seek(0)
            return Report(death_of(code, stderr.read()))

    return take_part
