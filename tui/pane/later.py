"""Once, after a while."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.message_pump import MessagePump


def later(owner: MessagePump, seconds: float, call: Callable[[], object]) -> asyncio.TimerHandle:
    """Has `owner` call it after that time, 0 for as soon as what already waits is done; the handle can be cancelled.

    As `set_timer`, which skips a tick that is late: where the process is held up as it starts a short one, its only
    tick never comes.
    """
    return asyncio.get_running_loop().call_later(max(0.0, seconds), owner.call_next, call)
