"""Dataset, device, engine and run in one line."""

from __future__ import annotations

from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget


class StatusLine(Widget):
    """Left: data, device and what the engine does; right: the run."""

    DEFAULT_CSS = "StatusLine { height: 1; color: $foreground 80%; background: $surface; padding: 0 1; }"

    dataset: reactive[str] = reactive("")
    device: reactive[str] = reactive("")
    engine: reactive[str] = reactive("engine: starting")
    run: reactive[str] = reactive("")

    def render(self) -> Text:
        left = " · ".join(part for part in (self.dataset, self.device, self.engine) if part)
        room = max(0, self.size.width - len(self.run) - 1)
        text = Text(left, no_wrap=True, overflow="ellipsis")
        text.truncate(room, overflow="ellipsis", pad=True)
        text.append(f" {self.run}")
        return text
