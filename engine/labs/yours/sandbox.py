"""A process that runs a user's functions and can be killed, from outside: what it answers, and how long it may take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from engine.labs.yours.messages import Answer, Request, TorchReady
from engine.processes.child import Child, Ended, code_words

_TO_START = 120.0  # seconds for importing torch, on a machine that does much else


class SandboxEnded(Exception):  # noqa: N818 - what happened to the process, said as it is
    """The process is no more. `str()` says how that came about, as in "it ended its process (exit code 3)"."""


class Sandbox(Child[Answer]):
    """The process of `engine.labs.yours.confined`."""

    def __init__(self, module: str) -> None:
        """Starts `python -m module`, and waits until it is ready.

        Raises:
            SandboxEnded: it did not get that far.
        """
        super().__init__(module, says=Answer)
        assert isinstance(self.receive(_TO_START), TorchReady)

    def ask(self, request: Request, seconds: float) -> Answer:
        """Raises SandboxEnded where there is no answer within so many seconds."""
        self.send(request)
        return self.receive(seconds)

    def send(self, message: msgspec.Struct) -> None:
        """Raises SandboxEnded where nobody reads any more."""
        with self._told_of_the_function():
            super().send(message)

    def receive(self, seconds: float) -> Answer:
        """The next message. A process that says nothing for so long is killed.

        Raises:
            SandboxEnded: it was killed for that, or ended by itself, or said something else.
        """
        with self._told_of_the_function():
            answer = super().receive(seconds)
        if answer is None:
            self.kill()
            raise SandboxEnded(f"it took longer than {seconds:g} s, perhaps in an endless loop")
        return answer

    @contextmanager
    def _told_of_the_function(self) -> Iterator[None]:
        """However the process ends, it is the function that did it."""
        try:
            yield
        except Ended as ended:
            self.kill()
            raise SandboxEnded(f"it ended its process ({code_words(ended.code)})") from ended
        except msgspec.DecodeError as error:
            self.kill()
            raise SandboxEnded("it wrote into the output of its process") from error
