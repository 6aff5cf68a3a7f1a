"""`python -m engine.ranks.guard`: a process beside a rank that kills it once it has hung.

torchrun waits for its ranks, and on another machine nobody can end one that is stopped (SIGSTOP) or stuck in a driver.
The rank says that it lives, a byte at a time; a guard that hears nothing kills it, and torchrun then ends by itself.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys

from engine.processes.child import module_command

# The other ranks have given up a rank that was silent for six.
_SILENT_SECONDS = 8


class Guard:
    """The guard of this process, from now on until `dismiss` or the process's end."""

    def __init__(self, silent_seconds: int = _SILENT_SECONDS) -> None:
        # In this process's session, other than `engine.processes.child`: ctrl+Z has to stop both.
        command = module_command("engine.ranks.guard", str(silent_seconds))
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert self._process.stdin is not None
        self._pipe = self._process.stdin.fileno()
        os.set_blocking(self._pipe, False)

    def beat(self) -> None:
        """This process lives."""
        with contextlib.suppress(OSError):  # the guard is gone, or has been stopped together with this process
            os.write(self._pipe, b".")

    def dismiss(self) -> None:
        """This process ends by itself."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def main() -> int:
    """Until stdin ends. Its own seconds count: ctrl+Z stops the guard together with the rank, and that is no hang."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    rank, silent, most = os.getppid(), 0, int(sys.argv[1])
    while silent < most:
        if not select.select([0], [], [], 1.0)[0]:
            silent += 1
        elif os.read(0, 4096):
            silent = 0
        else:
            return 0
    if os.getppid() == rank:
        os.kill(rank, signal.SIGKILL)
    return 0


if __name__ == "__main__":
    sys.exit(main())
