"""Notices that stay until they have been read."""

from __future__ import annotations

import time
from asyncio import TimerHandle
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.drawing.plain import plain
from tui.pane.frames import later

_MOST_LINES = 8
_BARS = 3  # rows above toasts where there is no notice, as in app.tcss
_AWAY = Style(bold=True, meta={"@click": "app.dismiss_notice"})
_WHOLE = Style(bold=True, meta={"@click": "app.show_notice"})
_IN_FULL = "  N in full"


class NoticeBar(Widget):
    """Shows the oldest notice, and how many wait behind it. Not there when there is none.

    A notice is shown whole until it has been seen: for a while, or until somebody goes on with a key. Then one line of
    it stays.
    """

    DEFAULT_CSS = """
    NoticeBar { height: auto; max-height: 9; background: $warning 20%; color: $foreground; padding: 0 1; }
    NoticeBar { display: none; link-style: bold; link-background-hover: $primary 40%; }
    NoticeBar.-shown { display: block; }
    NoticeBar.-one-line { height: 1; }
    """
    SECONDS_WHOLE: ClassVar[float] = 12.0
    LEAST_SECONDS: ClassVar[float] = 3.0  # before a key says that it has been seen

    notices: reactive[tuple[str, ...]] = reactive(())
    whole: reactive[bool] = reactive(True, layout=True)

    def __init__(self) -> None:
        super().__init__()
        self._since = 0.0  # when the notice came into sight
        self._timer: TimerHandle | None = None

    def add(self, text: str) -> None:
        """A notice of one or more lines; one that is already there is not repeated."""
        if text not in self.notices:
            self.notices = (*self.notices, text)

    def dismiss(self) -> None:
        """Puts away the one that is shown."""
        self.notices = self.notices[1:]

    def withdraw(self, text: str) -> None:
        """Puts away one that is no longer true, wherever it waits."""
        self.notices = tuple(notice for notice in self.notices if notice != text)

    def show_whole(self) -> None:
        """All lines, for as long as at first."""
        self.whole, self._since = True, time.monotonic()
        self._forget_time()
        self._timer = later(self, self.SECONDS_WHOLE, self._time_is_over) if self.notices else None

    def heard_a_key(self) -> None:
        """Somebody goes on."""
        if self.screen.is_active and time.monotonic() - self._since >= self.LEAST_SECONDS:
            self._shrink()

    def _time_is_over(self) -> None:
        if self.screen.is_active:
            self._shrink()
        else:  # nobody sees it under another screen
            self.show_whole()

    def _shrink(self) -> None:
        self.whole = False
        self._forget_time()

    def _forget_time(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def watch_notices(self, before: tuple[str, ...], now: tuple[str, ...]) -> None:
        self.set_class(bool(now), "-shown")
        if before[:1] != now[:1]:
            self.show_whole()
        self.refresh(layout=True)

    def watch_whole(self, whole: bool) -> None:
        self.set_class(not whole, "-one-line")

    def on_click(self) -> None:
        if not self.whole:
            self.show_whole()

    def on_resize(self) -> None:
        self._make_way(self.outer_size.height)

    def on_hide(self) -> None:
        self._make_way(0)

    def _make_way(self, rows: int) -> None:
        """Toasts lie under the notice, and under the pane's first line."""
        self.screen.query("#textual-toastrack").set_styles(f"margin: {_BARS + rows} 0 0 0;")

    def render(self) -> Text:
        if not self.notices:
            return Text()
        lines = self.notices[0].splitlines()
        more = len(self.notices) - 1
        away = f"  x put away{f', {more} more' if more else ''}"
        if self.whole:
            said = "\n  ".join(plain(line) for line in lines[:_MOST_LINES])
            return Text(f"! {said}", overflow="fold").append(away, _AWAY)
        room = self.size.width - len(away)
        said = f"! {' '.join(lines)}"
        fits = cell_len(plain(said)) <= room
        text = Text(plain(said, room if fits else max(0, room - len(_IN_FULL))), no_wrap=True)
        return text.append("" if fits else _IN_FULL, _WHOLE).append(away, _AWAY)
