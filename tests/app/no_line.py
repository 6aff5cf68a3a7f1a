"""What the app asks of any engine about lines, for engines that are scripted in the app's own process."""

from collections.abc import Callable, Sequence

from tui.pane.line import Line


class NoLine:
    """An engine that ends with the app, and whose line never drops."""

    line = Line()
    detached = False
    not_watched = ""
    watch_command: Callable[[str], Sequence[str]] | None = None
