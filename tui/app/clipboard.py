"""Where copied text goes: to tmux's buffer inside tmux, else to the terminal, which may or may not take it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

_SECONDS = 3.0  # that tmux has; it takes a few milliseconds
BY_TERMINAL = "Sent to the terminal's clipboard. Some terminals ignore it."
BY_TMUX = "Copied to tmux's buffer. tmux pastes it with its prefix and ]."
_REFUSED = "tmux rejected the text: {why}. Select the command with the mouse."


def in_tmux(environ: Mapping[str, str]) -> bool:
    """Whether the app runs in a window of tmux, which keeps what programs send to the clipboard by escape sequences."""
    return bool(environ.get("TMUX"))


async def to_tmux(text: str) -> str:
    """Fills tmux's buffer, and the clipboard of the terminal around it where tmux can; returns what came of it."""
    code, why = await _load_buffer(text, "-w")
    if code == 1 and ("unknown" in why or "usage" in why):  # before tmux 3.2
        code, why = await _load_buffer(text)
    return BY_TMUX if code == 0 else _REFUSED.format(why=why or f"exit code {code}")


async def _load_buffer(text: str, *flags: str) -> tuple[int, str]:
    """The exit code and the last line of stderr; 127 where tmux cannot be started, 124 where it does not answer."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        tmux = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", *flags, "-", stdin=pipe, stdout=nowhere, stderr=pipe
        )
    except OSError as error:
        return 127, str(error.strerror)
    try:
        _, said = await asyncio.wait_for(tmux.communicate(text.encode()), _SECONDS)
    except TimeoutError:
        return 124, f"no answer within {_SECONDS:g} s"
    finally:
        if tmux.returncode is None:
            tmux.kill()
            await tmux.wait()
    lines = said.decode(errors="replace").strip().splitlines()
    return tmux.returncode or 0, lines[-1] if lines else ""
