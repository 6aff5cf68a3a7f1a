"""An app that is nothing but one pane."""

from textual.app import App, ComposeResult

from tests.widgets.ascii_terminal import in_ascii_terminal
from tui.pane.base import Pane
from tui.widgets.themes import THEMES


class Host(App[None]):
    """Shows the pane in the dark theme, or in a terminal of ASCII alone."""

    def __init__(self, pane: Pane, ascii_only: bool) -> None:
        super().__init__()
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = "softmax-dark"
        self._pane = pane
        if ascii_only:
            in_ascii_terminal(self)

    def compose(self) -> ComposeResult:
        yield self._pane
