"""A loop that waits for commands is never deaf to a signal."""

import os
from pathlib import Path
from queue import Empty, SimpleQueue

from engine.contract.commands import Command, Shutdown
from engine.jobs.recorded_run import Places
from engine.worker.command_loop import CommandLoop
from engine.worker.hub import Hub
from engine.worker.outbox import Outbox


class _SignalBeforeTheWait(SimpleQueue[Command]):
    """A signal between the interpreter's last look and the wait: its handler runs only when the wait is over."""

    def get(self, block: bool = True, timeout: float | None = None) -> Command:
        assert timeout is not None, "the wait has no end, and the handler never runs"
        if self.empty():
            self.put(Shutdown())
            raise Empty
        return super().get(block, timeout)


def test_a_signal_right_before_the_wait_is_obeyed(tmp_path: Path) -> None:
    read, write = os.pipe()
    try:
        inbox = _SignalBeforeTheWait()
        places = Places(data_dir=tmp_path, store=tmp_path / "store")
        CommandLoop(places, inbox, Hub(inbox, Outbox(write))).run()
    finally:
        os.close(read)
        os.close(write)
