"""A container whose focus changes the look of nothing in it."""

from __future__ import annotations

from textual.widget import Widget


class StyledAlone(Widget):
    """Textual styles all that is in a container anew when its focus comes or goes: 10 ms for a form, at each key that
    leads there. No rule of the app needs it.
    """

    def watch_has_focus(self, _has_focus: bool) -> None:
        self.app.stylesheet.update_nodes([self], animate=True)
