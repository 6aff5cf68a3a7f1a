"""The app on a stage: mutated messages are drawn in every pane, and whatever ends the app is told with its line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from textual.pilot import Pilot

from engine.contract.asked import check_answer
from engine.contract.codec import decode_command, decode_event
from engine.contract.errors import InputError
from tests.far_end.mutations import line_of, mutations
from tests.far_end.recorded import Message, recorded
from tests.far_end.stage import Stage, staged
from tui.app import SoftmaxApp
from tui.commands import PANES
from tui.panes.pane import Manner

RECORDED = recorded()
READY = next(said for _, said in RECORDED if said["type"] == "ready")
ANSWERS = {asked["type"]: said for asked, said in reversed(RECORDED) if asked is not None}
# Keys that make a pane ask, draw or measure something, where its fields do not take them.
KEYS = {
    "train": ("o", "w", "v", "r"),
    "softmax": ("e", "right", "p"),
    "loss": ("space", "t"),
    "mistakes": ("r", "o", "right", "enter", "escape", "c"),
    "decide": ("o", "v", "c", "t", "right"),
    "sweep": ("o", "v", "space"),
    "vocabulary": ("space", "v"),
}


class Quick(Manner):
    """Draws at once."""

    frames_per_second = 200.0  # type: ignore[assignment]


@dataclass
class Played:
    """What came of a play."""

    tried: int = 0
    refused: int = 0
    restarts: int = 0
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def app_on_stage(folder: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Pilot[None], Stage]]:
    """The app with a peer that answers as a worker does."""
    async with staged(folder) as stage:
        stage.opening, stage.answers = [READY], dict(ANSWERS)
        app = SoftmaxApp(stage.command, Quick())
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.engine.ready is not None and app.active_pane != "")
            yield pilot, stage


async def until(pilot: Pilot[None], reached, seconds: float = 20.0) -> None:  # type: ignore[no-untyped-def]
    end = asyncio.get_running_loop().time() + seconds
    while not reached():
        await pilot.pause(0.01)
        assert asyncio.get_running_loop().time() < end, "it has not come to that"


def cases(seed: str, each: int) -> list[tuple[Message | None, Message]]:
    """Mutated messages that are taken where they come in: what is drawn."""
    random, found = Random(seed), []
    for asked, said in RECORDED:
        if said["type"] in ("ready", "done"):
            continue
        kept = 0
        for changed in mutations(said, random, 40 * each):
            if kept < each and fits(asked, changed):
                found.append((asked, changed))
                kept += 1
    random.shuffle(found)
    return found


def fits(asked: Message | None, said: Message) -> bool:
    try:
        event = decode_event(line_of(said))
        if asked is not None:
            check_answer(decode_command(line_of(asked)), event)  # type: ignore[arg-type]
    except InputError:
        return False
    return True
