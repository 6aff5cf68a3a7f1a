"""A run as JSON lines on stdout; notices go to stderr."""

from __future__ import annotations

import sys

from msgspec.structs import replace

from engine.contract.events import MinibatchesDone, RunEvent, Started
from engine.contract.progress import Notice, Progress
from tui.cli.json_lines import print_json
from tui.cli.live import LiveLine
from tui.cli.page import Page
from tui.cli.yours import without_text


class JsonReport:
    """Every event but the minibatches, as it comes."""

    def __init__(self) -> None:
        self.live = LiveLine(wanted=not sys.stdout.isatty())

    def preparing(self, step: Progress | Notice) -> None:
        if isinstance(step, Notice):
            self.live.clear()
            Page(sys.stderr).line(f"softmax-tui: {step.text}", "yellow")
        else:
            self.live.preparing(step)

    def begins(self, history: tuple[RunEvent, ...]) -> None:
        self.live.clear()

    def event(self, event: RunEvent) -> None:
        if isinstance(event, Started):
            event = replace(event, config=without_text(event.config))
        if not isinstance(event, MinibatchesDone):
            print_json(event)

    def interrupted(self, by: str) -> None:
        self.live.clear()
        Page(sys.stderr).line(f"softmax-tui: {by} before the run began: nothing was stored")
