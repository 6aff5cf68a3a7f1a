"""A line of a form that its cursor can stand on."""

from __future__ import annotations

from textual import events

from tui.widgets.lines import Lines
from tui.widgets.messages import FromWidget


class Row(Lines):
    """A subclass says in `drawn` what it looks like, by its width and by whether the cursor is `here`."""

    class Pressed(FromWidget["Row"]):
        """It was clicked once."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.here = False

    def on_mount(self) -> None:
        super().on_mount()
        self.draw()

    def on_resize(self) -> None:
        self.draw()

    def point(self, here: bool) -> None:
        """The cursor is on it, or is not."""
        if here != self.here:
            self.here = here
            self.draw()

    def draw(self) -> None:
        """As it is now."""
        raise NotImplementedError

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self))
