"""The app is told to leave at any moment of its opening: it leaves with the code that it was told, and no fault."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest
from textual.message import Message
from textual.message_pump import MessagePump

from tui.app.app import SoftmaxApp

ENGINE = [sys.executable, "-c", "import time; time.sleep(20)"]
# Numbers of messages among all widgets. Until some 170 the panes' parts are being mounted.
MOMENTS = (1, 10, 19, 25, 28, 31, 34, 37, 43, 52, 61, 64, 73, 85, 97, 120, 160)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_signal_while_widgets_are_mounted_is_no_fault(moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    app, seen, dispatch = SoftmaxApp(ENGINE), 0, MessagePump._dispatch_message

    async def counted(pump: MessagePump, message: Message) -> None:
        nonlocal seen
        seen += 1
        if seen == moment:
            app._terminated(signal.SIGINT)
        await dispatch(pump, message)

    monkeypatch.setattr(MessagePump, "_dispatch_message", counted)
    await asyncio.wait_for(app.run_async(headless=True, size=(80, 24)), 60)
    assert app.return_code == 130
    assert app._exception is None


async def test_any_other_fault_while_the_app_leaves_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    app = SoftmaxApp(ENGINE)

    async def failing() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(app.engine, "close", failing)
    app.call_later(app._terminated, signal.SIGINT)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test():
            await asyncio.sleep(0.3)
