"""Signals as requests: they are noted, and obeyed where nothing is half done."""

from __future__ import annotations

import signal
from collections.abc import Generator
from types import FrameType, TracebackType
from typing import Self, TypeVar

from tui.cli.endings import heeded, leave

Step = TypeVar("Step")
End = TypeVar("End")


class Interruption:
    """While it is entered, ctrl+C, SIGTERM and SIGHUP only set `signal_number`; a second signal ends at once.

    Not so for one who is `patient`: torchrun passes ctrl+C on to whom the terminal has told already.

    To be entered after torch is imported, which takes seconds and hears no request: until then signals end at once.
    """

    def __init__(self, patient: bool = False) -> None:
        self.signal_number = 0
        self._patient = patient
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in heeded():
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what signal.signal itself returned

    @property
    def requested(self) -> bool:
        """Whether a signal has asked for the end."""
        return self.signal_number != 0

    @property
    def exit_code(self) -> int:
        """130 for ctrl+C, 143 for SIGTERM."""
        return 128 + self.signal_number

    @property
    def name(self) -> str:
        """What asked for the end, as a person calls it."""
        return "ctrl+C" if self.signal_number == signal.SIGINT else signal.Signals(self.signal_number).name

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.requested and not self._patient:
            leave(number)
        self.signal_number = number


def interruptible(steps: Generator[Step, None, End]) -> Generator[Step, None, End]:
    """The steps and their end. A signal closes them, so that what they have begun is taken back, and ends the command.

    Raises:
        SystemExit: 128 + the number of the signal.
    """
    with Interruption() as interruption:
        try:
            while True:
                try:
                    step = next(steps)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if interruption.requested:
                    raise SystemExit(interruption.exit_code)
                yield step
        finally:
            steps.close()
