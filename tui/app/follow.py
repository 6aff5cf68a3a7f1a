"""Carrying out a hint: what a person would do who presses its keys one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.pane.base import Pane
from tui.pane.commands import COMMANDS, EVERYWHERE
from tui.pane.hints import Offer, Press, Put

Act = Callable[[str, str], Awaitable[None]]


async def follow(offer: Offer, pane: Pane, act: Act) -> None:
    """Each step of a hint that `pane` shows. `act` runs an action of the pane of that id, or of every pane."""
    for step in offer.steps:
        if isinstance(step, Put):
            pane.put(step.setting, step.text)
        else:
            await act(_place_of(step, offer.hint.where), step.action)


def _place_of(step: Press, where: str) -> str:
    wanted = (step.where or where, EVERYWHERE)
    return next(command.where for command in COMMANDS if command.action == step.action and command.where in wanted)
