"""How a process ended, in one line."""

from __future__ import annotations

import signal

from engine.verdicts.one_line import one_line


def death_of(code: int, stderr: bytes) -> str:
    """`code` is that of `Popen.wait`: negative for a signal."""
    if code == -signal.SIGKILL:
        return "the process was killed (SIGKILL), for want of memory perhaps"
    lines = stderr.decode(errors="replace").splitlines()
    how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    return f"the process ended ({how})" + (f": {one_line(lines[-1])}" if lines else "")
