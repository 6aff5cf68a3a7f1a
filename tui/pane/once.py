"""What closes a screen closes it once: two clicks, or a key and a click, may be on their way before it is gone."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import Screen, ScreenResultType


class ClosesOnce(Screen[ScreenResultType]):
    """A screen over the panes, which only its first dismissal ends. Later ones would end whatever lies below.

    It stands after the screen's own base: Textual takes styles and component classes from the first one.
    """

    _was_dismissed = False

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """As any screen's, the first time; then nothing."""
        if self._was_dismissed or not self.is_active:
            return AwaitComplete()
        self._was_dismissed = True
        return super().dismiss(result)
