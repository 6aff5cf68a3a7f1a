"""Carrying out a hint: what a person would do who presses its keys one after the other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tui.pane.base import Pane
from tui.pane.commands import command_of
from tui.pane.hints import Offer, Put

Act = Callable[[str, str], Awaitable[None]]


async def follow(offer: Offer, pane: Pane, act: Act) -> None:
    """Each step of a hint that `pane` shows. `act` runs an action of the pane of that id, or of every pane."""
    for step in offer.steps:
        if isinstance(step, Put):
            pane.put(step.setting, step.text)
        else:
            await act(command_of(step.where or offer.hint.where, step.action).where, step.action)
