"""What `train` prints: for people a live line, a row for each epoch, and what came of it; else JSON lines."""

from __future__ import annotations

from functools import reduce

from msgspec.structs import replace

from engine.contract.events import Diverged, EpochDone, Finished, LabelsExamined, MinibatchesDone, RunEvent, Started
from engine.contract.progress import Notice, Progress
from engine.contract.run_state import RunState, apply
from engine.contract.yours import LOSS_OF_YOURS
from tui.cli.following import JsonLines, Report
from tui.cli.json_lines import print_json
from tui.cli.page import Page
from tui.cli.run_text import headline, write_epoch, write_epoch_header, write_summary
from tui.cli.yours import without_text

_MOST_ROWS = 40  # of the epochs; a longer run shows every so-manieth


class JsonReport(JsonLines):
    """Every event but the minibatches, as it comes, on stdout; notices go to stderr."""

    def begins(self, history: tuple[RunEvent, ...]) -> None:
        """What the run had told before is not told again."""
        self.live.clear()

    def event(self, event: RunEvent) -> None:
        if isinstance(event, Started):
            event = replace(event, config=without_text(event.config))
        if not isinstance(event, MinibatchesDone):
            print_json(event)


class PeopleReport(Report):
    """Says what a run does while it does it. Notices go to stderr, the rest to stdout."""

    def __init__(self) -> None:
        super().__init__()
        self._page = Page()
        self._run = RunState()
        self._headed = False
        self._remark = ""  # what the figures of a user's own loss are, where they are no mean

    def preparing(self, step: Progress | Notice) -> None:
        super().preparing(step)
        if isinstance(step, Notice) and step.text.startswith(LOSS_OF_YOURS):
            self._remark = step.text.removeprefix(LOSS_OF_YOURS)

    def begins(self, history: tuple[RunEvent, ...]) -> None:
        """What the run had told before."""
        self._run = reduce(apply, history, self._run)

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
