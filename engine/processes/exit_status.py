"""How a process ended, in one line."""

from __future__ import annotations

import signal


def code_words(code: int) -> str:
    """`code` is that of `Popen.wait`, negative for a signal: "exit code 3", or "SIGTERM"."""
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def exit_status(code: int, last_line: str) -> str:
    """The line, with the last one that the process wrote on stderr, "" for none."""
    if code == -signal.SIGKILL:
        return "the process was killed (SIGKILL), for want of memory perhaps"
    return f"the process ended ({code_words(code)})" + (f": {last_line}" if last_line else "")
