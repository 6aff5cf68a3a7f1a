"""The one line at the bottom of a terminal that changes while something takes its time."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from engine.contract.progress import Notice, Progress
from engine.contract.run_state import RunState
from engine.verdicts.figures import loss_figure
from tui.cli.page import Page
from tui.drawing.progress import amount_words, bar, clock

_SECONDS_BETWEEN = 0.1
_BAR = 24
_ECHO = 3  # columns: a terminal writes ^C behind the line, which must not go on in the next


class LiveLine:
    """On stderr, ten times a second at most, and only where that is a terminal.

    Lines that go elsewhere on the same terminal come after `clear`.
    """

    def __init__(self, stream: TextIO | None = None, wanted: bool = True) -> None:
        self._page = Page(stream or sys.stderr)
        self._wanted = wanted and self._page.interactive
        self._shown = False
        self._last = -_SECONDS_BETWEEN
        self._began: tuple[float, float] | None = None
        self._waits_for = ("", 0.0)  # something that cannot say how far it is, and since when

    def told(self, step: Progress | Notice, before: str = "") -> None:
        """A step of a preparation; a notice becomes a line above, which begins with `before`."""
        if isinstance(step, Progress):
            self.preparing(step)
            return
        self.clear()
        Page(sys.stderr).line(f"{before}{step.text}", "yellow")

    def preparing(self, progress: Progress) -> None:
        """How far a download, a reading or a drawing is."""
        if self._due():
            self._show(self.preparation_text(progress))

    def training(self, run: RunState) -> None:
        """How far a run is, and when it will end."""
        if self._due():
            self._show(self.training_text(run, time.monotonic()))

    def clear(self) -> None:
        """Takes the line away."""
        if self._shown:
            self._page.raw("\r\x1b[K")
            self._shown = False

    def preparation_text(self, progress: Progress) -> str:
        """The line for a download, a reading or a drawing."""
        what = f"{progress.stage} {progress.subject}".rstrip()
        if not progress.total:
            return f"{what} …{self._waiting_text(what)}"
        return f"{what}  {bar(progress.done / progress.total, _BAR)}  {amount_words(progress)}"

    def _waiting_text(self, what: str) -> str:
        """The seconds, from the second one on: a line that stands still looks like one that hangs."""
        now = time.monotonic()
        if what != self._waits_for[0]:
            self._waits_for = (what, now)
        seconds = int(now - self._waits_for[1])
        return f" {seconds} s" if seconds else ""

    def training_text(self, run: RunState, now: float) -> str:
        """The line for a run at the monotonic time `now`, in seconds."""
        if self._began is None:
            self._began = (now, run.progress)
        since, from_progress = self._began
        parts = [f"epoch {min(int(run.epoch_fraction) + 1, run.config.epochs)} of {run.config.epochs}"]
        parts.append(f"{bar(run.progress, _BAR)} {run.progress:4.0%}")
        if run.losses:
            parts.append(f"loss {loss_figure(run.losses[-1].last)}")
        if run.progress > from_progress and now > since:
            left = (now - since) / (run.progress - from_progress) * (1 - run.progress)
            parts.append(f"ETA {clock(left)}")
        return "  ".join(parts)

    def _due(self) -> bool:
        return self._wanted and time.monotonic() - self._last >= _SECONDS_BETWEEN

    def _show(self, text: str) -> None:
        self._last = time.monotonic()
        self._shown = True
        text = self._page.cut(text, self._page.width - _ECHO)
        self._page.raw(f"\r{text}\x1b[K")
