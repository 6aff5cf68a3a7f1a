"""A run for people: a live line, a row for each epoch, and what came of it."""

from __future__ import annotations

import sys

from engine.contract.events import Diverged, EpochDone, Finished, LabelsExamined, RunEvent, Started
from engine.contract.progress import Notice, Progress
from engine.contract.run_state import RunState, apply
from engine.contract.yours import LOSS_OF_YOURS
from tui.cli.live import LiveLine
from tui.cli.page import Page
from tui.cli.run_text import headline, write_epoch, write_epoch_header, write_summary

_MOST_ROWS = 40  # of the epochs; a longer run shows every so-manieth


class PeopleReport:
    """Says what a run does while it does it. Notices go to stderr, the rest to stdout."""

    def __init__(self) -> None:
        self._page = Page()
        self.live = LiveLine()
        self._run = RunState()
        self._headed = False
        self._remark = ""  # what the figures of a user's own loss are, where they are no mean

    def preparing(self, step: Progress | Notice) -> None:
        if isinstance(step, Notice):
            self.live.clear()
            Page(sys.stderr).line(step.text, "yellow")
            if step.text.startswith(LOSS_OF_YOURS):
                self._remark = step.text.removeprefix(LOSS_OF_YOURS)
        else:
            self.live.preparing(step)

    def begins(self, history: tuple[RunEvent, ...]) -> None:
        for event in history:
            self._run = apply(self._run, event)

    def event(self, event: RunEvent) -> None:
        self._run = apply(self._run, event)
        if isinstance(event, Started):
            self._started(event)
        elif isinstance(event, EpochDone):
            self._row(event)
        elif isinstance(event, Finished):
            self._finished()
        elif not isinstance(event, Diverged | LabelsExamined):
            self.live.training(self._run)

    def interrupted(self, by: str) -> None:
        self.live.clear()
        Page(sys.stderr).line(f"softmax-tui: {by} before the run began: nothing was stored")

    def _started(self, event: Started) -> None:
        self.live.clear()
        for line in headline(event):
            self._page.line(line)
        for done in self._run.epochs:
            self._row(done, "dim")

    def _row(self, done: EpochDone, style: str = "") -> None:
        every = -(-self._run.config.epochs // _MOST_ROWS)
        if done.epoch % every and done.epoch not in (1, self._run.config.epochs):
            return
        self.live.clear()
        if not self._headed:
            self._page.line()
            write_epoch_header(self._page)
            self._headed = True
        write_epoch(done, self._page, style)

    def _finished(self) -> None:
        self.live.clear()
        if self._remark and self._run.epochs:
            self._page.line()
            self._page.prose(f"These losses are what your cross_entropy returns: {self._remark}.")
        write_summary(self._run, self._page)
