"""A sweep as JSON lines on stdout; notices go to stderr."""

from __future__ import annotations

import sys

import msgspec

from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import MemberSaid, SweepConfig, SweepEvent, SweepFinished, SweepResult, SweepStarted
from tui.cli.json_lines import print_json
from tui.cli.live import LiveLine
from tui.cli.page import Page
from tui.sweep.export import result_fields, verdict_fields
from tui.sweep.results_file import export


class JsonReport:
    """`started`, a `result` for each value and seed, a `verdict` for each value, `finished`."""

    def __init__(self, target: str | None = None) -> None:
        self.live = LiveLine(wanted=not sys.stdout.isatty())
        self._target = target
        self._config: SweepConfig | None = None
        self._results: list[SweepResult] = []

    def preparing(self, step: Progress | Notice) -> None:
        if isinstance(step, Notice):
            self.live.clear()
            Page(sys.stderr).line(f"softmax-tui: {step.text}", "yellow")
        else:
            self.live.preparing(step)

    def event(self, event: SweepEvent) -> None:
        if isinstance(event, MemberSaid):
            return
        self.live.clear()
        if isinstance(event, SweepStarted):
            self._config = event.config
            self._line("started", event)
        elif isinstance(event, SweepResult):
            self._results.append(event)
            print_json({"type": "result", **result_fields(event)})
        else:
            self._finished(event)

    def interrupted(self, by: str) -> None:
        self.live.clear()
        Page(sys.stderr).line(f"softmax-tui: {by} before the sweep began: nothing was stored")

    def _finished(self, event: SweepFinished) -> None:
        if event.status == "failed":
            Page(sys.stderr).line(f"softmax-tui: {event.reason}", "red")
        if self._target is not None and self._config is not None:
            export(self._target, self._config, self._results)
        if self._config is not None:
            for fields in verdict_fields(self._config, self._results):
                print_json({"type": "verdict", **fields})
        self._line("finished", event)

    def _line(self, kind: str, event: SweepStarted | SweepFinished) -> None:
        print_json({**msgspec.to_builtins(event), "type": kind})
