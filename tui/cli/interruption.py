"""Signals as requests: they are noted, and obeyed where nothing is half done."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Self

_HEEDED = ("SIGINT", "SIGTERM", "SIGHUP")


class Interruption:
    """While it is entered, ctrl+C, SIGTERM and SIGHUP only set `signal_number`; the same signal again ends at once.

    Not so for one who is `patient`: torchrun passes ctrl+C on to whom the terminal has told already.

    Until `begin` is called there is nothing to save (torch is being imported, which takes seconds and hears no
    request), and the first signal ends at once too.
    """

    def __init__(self, patient: bool = False) -> None:
        self.signal_number = 0
        self._patient = patient
        self._begun = False
        self._before: dict[int, object] = {}

    def __enter__(self) -> Self:
        for name in _HEEDED:
            number = getattr(signal, name, None)
            # nohup has had SIGHUP ignored, and means it
            if number is not None and not (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what signal.signal itself returned

    def begin(self) -> None:
        """From here on a signal is a request."""
        self._begun = True

    @property
    def requested(self) -> bool:
        return self.signal_number != 0

    @property
    def exit_code(self) -> int:
        """130 for ctrl+C, 143 for SIGTERM."""
        return 128 + self.signal_number

    @property
    def name(self) -> str:
        return "ctrl+C" if self.signal_number == signal.SIGINT else signal.Signals(self.signal_number).name

    def _note(self, number: int, frame: FrameType | None) -> None:
        if not self._begun:
            sys.stdout.flush()
            os._exit(128 + number)
        self.signal_number = number
        if not self._patient:
            signal.signal(number, signal.SIG_DFL)
