"""Keys that come faster than they are acted on."""

from __future__ import annotations

from collections import deque

from textual import events
from textual.widget import Widget

_REMEMBERED = 256  # keys on their way; a burst of more is no typing


class LateKeys:
    """Textual aims a key at what has the focus as it arrives. By the time a key before it has opened a form, or the
    entry of a number, the next may have been aimed at what had the focus until then: it would be lost, 256 become 56.
    """

    def __init__(self) -> None:
        self._aimed: deque[tuple[events.Key, Widget | None]] = deque(maxlen=_REMEMBERED)

    def passed_on(self, key: events.Key, focused: Widget | None) -> bool:
        """Whether the key, which nothing has used on its way up, goes to what has the focus by now instead."""
        if not key.is_forwarded:
            self._aimed.append((key, focused))
            return False
        at = next((widget for aimed, widget in self._aimed if aimed is key), focused)
        if at is focused or focused is None:
            return False
        again = events.Key(key.key, key.character)
        self._aimed.append((again, focused))
        focused._forward_event(again)
        return True
