"""The app on a stage: mutated messages are drawn in every pane, and whatever ends the app is told with its line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from textual.pilot import Pilot

from engine.contract.codec import decode_command, decode_event
from engine.contract.errors import InputError
from engine.contract.wire import check_answer
from tests.far_end.mutations import line_of, mutations
from tests.far_end.recorded import Message, recorded
from tests.far_end.stage import Stage, staged
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.pane.commands import PANES

RECORDED = recorded()
READY = next(said for _, said in RECORDED if said["type"] == "ready")
ANSWERS = {asked["type"]: said for asked, said in reversed(RECORDED) if asked is not None}
# Keys that make a pane ask or draw something else, and begin nothing.
KEYS = {
    "train": ("o", "w", "a", "t", "m", "n", "h"),
    "softmax": ("i", "right", "h"),
    "loss": ("t", "b", "n", "r", "l", "g", "y", "right"),
    "mistakes": ("o", "enter", "escape", "s", "m", "n", "a", "b", "v", "e"),
    "decide": ("o", "v", "right", "t", "enter", "escape"),
    "sweep": ("o", "v", "h"),
    "vocabulary": ("v", "h"),
}


class Quick(DisplayOptions):
    """Draws at once."""

    frames_per_second = 200.0  # type: ignore[assignment]


@asynccontextmanager
async def app_on_stage(
    folder: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], SoftmaxApp, Stage]]:
    """The app with a peer that answers as a worker does."""
    async with staged(folder) as stage:
        stage.opening, stage.answers = [READY], dict(ANSWERS)
        app = SoftmaxApp(stage.command, Quick())
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: app.engine.ready is not None and app.active_pane != "")
            for entry in PANES:
                await app.action_show_pane(entry.id)
                await pilot.pause()
            yield pilot, app, stage


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


async def play(
    pilot: Pilot[None], app: SoftmaxApp, stage: Stage, batch: Sequence[tuple[Message | None, Message]], random: Random
) -> None:
    """Says and answers what the cases have, in a pane drawn by lot; restarts an engine that was ended for it."""
    await app.action_show_pane(random.choice(PANES).id)
    if random.random() < 0.3:  # else a mutated run would be all there is
        stage.say(next(said for asked, said in RECORDED if said["type"] == "started"))
    for asked, said in batch:
        if asked is None:
            stage.say(said)
        else:
            stage.answer({asked["type"]: said})
    for key in random.sample(KEYS[app.active_pane], 2):
        app.simulate_key(key)
        await asyncio.sleep(0.05)
    if app._exception is not None:
        raise app._exception
    if app.engine.gone is not None:
        assert str(app.engine.gone).startswith("the engine was stopped: it"), str(app.engine.gone)
        stage.answers = dict(ANSWERS)
        app.action_restart_engine()
        await until(pilot, lambda: app.engine.ready is not None)
