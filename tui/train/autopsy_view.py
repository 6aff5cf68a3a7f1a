"""A panel with what is known of the image at which a run diverged; it scrolls where there is little room."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged
from tui.drawing.autopsy import autopsy_lines
from tui.drawing.spans import Run
from tui.widgets.text_lines import TextLines


class AutopsyView(VerticalScroll, can_focus=True):
    """Arrow keys and the wheel scroll it."""

    DEFAULT_CSS = """
    AutopsyView { height: 1fr; background: $surface; scrollbar-size-vertical: 1; }
    AutopsyView:focus { background: $surface; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = TextLines()

    def compose(self) -> ComposeResult:
        yield self._lines

    def show(self, diverged: Diverged, label_names: Sequence[str], config: TrainConfig) -> None:
        """What is known of this divergence, for a run of these settings."""
        heading = (Run(" Autopsy", "wrong"), Run("   up, down scroll · n or esc folds it", "muted"))
        width = max(40, self.container_size.width - 1)
        self._lines.show([heading, *autopsy_lines(diverged, label_names, config, width)])
