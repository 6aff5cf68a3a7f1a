"""What is sent to an engine only while it is heard from: whatever starts, holds or ends a job.

A start that waits for the engine is forgotten in a silence: nobody knows whether it is still meant when the line thaws.
"""

from __future__ import annotations

from typing import Protocol, cast

from textual.widget import Widget

from tui.pane.hearing import Hearing


class Hears(Protocol):
    """The app: it hears everything."""

    @property
    def hearing(self) -> Hearing:
        """Whether the engine is heard from."""


def silence_of(node: Widget) -> str:
    """ "no word from the engine for 7 s"; "" where it is heard."""
    return cast(Hears, node.app).hearing.words


def heard(node: Widget) -> bool:
    """Whether a job may be told something now. Where not, it says why: the key was pressed for nothing."""
    refusal = cast(Hears, node.app).hearing.refusal
    if refusal:
        node.app.notify(refusal, title="Not sent", severity="warning", markup=False, timeout=4)
    return not refusal


def outdated(node: Widget) -> bool:
    """Whether a start that waits for the engine has to be forgotten. If so, it says why."""
    silence = silence_of(node)
    if silence:
        words = f"{silence}; press the key again when it answers"
        node.app.notify(words, title="The start is cancelled", severity="warning", markup=False, timeout=8)
    return bool(silence)
