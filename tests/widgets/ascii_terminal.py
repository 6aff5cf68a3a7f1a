"""An app of a test as it is where nothing but ASCII comes through."""

from typing import Any, TypeVar

from textual.app import App

from tui.app.ascii_filter import AsciiFilter
from tui.widgets.strips import ASCII

AnyApp = TypeVar("AnyApp", bound=App[Any])


def in_ascii_terminal(app: AnyApp) -> AnyApp:
    """The same app; to be called before it runs."""
    app.add_class(ASCII, update=False)
    app.get_line_filters = lambda: [AsciiFilter()]  # type: ignore[method-assign]
    return app
