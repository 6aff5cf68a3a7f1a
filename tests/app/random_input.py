"""Keys and clicks as a cat on the keyboard gives them: by chance, fast, several before the first has been answered."""

from __future__ import annotations

import asyncio
import random

from textual import events
from textual.app import App
from textual.pilot import Pilot

from tui.pane.commands import COMMANDS

# ctrl+q is pressed by the tests of leaving: here its question would be answered by chance.
_KEYS = sorted({key for command in COMMANDS for key in command.keys} - {"ctrl+q"})
_IN_FIELDS = ("tab", "shift+tab", "enter", "escape", "backspace", "delete", "up", "down", *"0123456789.-eabz[]é猫")
_OFTEN = ("ctrl+p", "question_mark", "escape", "space", "enter")
_CHARACTERS = {"space": " ", "full_stop": ".", "question_mark": "?", "minus": "-", "plus": "+"}


def send(app: App[None], event: events.Event) -> None:
    """As the terminal's driver hands it on, without waiting for what becomes of it."""
    event.set_sender(app)
    if app._driver is not None:
        app._driver.send_message(event)


def press(app: App[None], key: str) -> None:
    send(app, events.Key(key, _CHARACTERS.get(key, key if len(key) == 1 else None)))


def click(app: App[None], x: int, y: int) -> None:
    for kind in (events.MouseMove, events.MouseDown, events.MouseUp):
        send(app, kind(None, x, y, 0, 0, 1, False, False, False, x, y))


async def at_random(pilot: Pilot[None], seed: int, count: int) -> str:
    """So many bursts; returns all that was done, for whoever has to do it again."""
    chance, app, done = random.Random(seed), pilot.app, []
    for burst in range(count):
        for _ in range(chance.choice((1, 1, 2, 3))):
            kind = chance.random()
            if kind < 0.3:
                where = chance.randrange(app.size.width), chance.randrange(app.size.height)
                for _ in range(chance.choice((1, 1, 2, 3))):
                    click(app, *where)
                    done.append(f"click {where}")
            else:
                key = chance.choice(_OFTEN if kind < 0.45 else _IN_FIELDS if kind < 0.6 else _KEYS)
                press(app, key)
                done.append(key)
        if burst % 4 == 3:
            await pilot.pause()
        else:
            await asyncio.sleep(0.01)
        if not app.is_running:
            break
    await pilot.pause()
    return " ".join(done)
