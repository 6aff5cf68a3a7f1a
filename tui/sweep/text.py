"""What `sweep` prints: for people a row for each run that ends, then table, chart and verdict; else JSON lines."""

from __future__ import annotations

import sys

import msgspec

from engine.contract.events import MinibatchesDone, Started
from engine.contract.progress import Progress
from engine.contract.sweeps import (
    QUESTIONS,
    MemberSaid,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepResult,
    SweepStarted,
    trials,
)
from engine.verdicts.sweep_sentence import point_named, value_words
from tui.cli.following import JsonLines, Report
from tui.cli.json_lines import print_json
from tui.cli.page import Page
from tui.drawing.run_names import changed_settings
from tui.sweep.charts import CHART_ROWS, summary_chart
from tui.sweep.export import export, result_fields, verdict_fields
from tui.sweep.table import summary_table


class JsonReport(JsonLines):
    """`started`, a `result` for each value and seed, a `verdict` for each value, `finished`; notices go to stderr."""

    JOB = "sweep"

    def __init__(self, target: str | None = None) -> None:
        super().__init__()
        self._target = target
        self._config: SweepConfig | None = None
        self._results: list[SweepResult] = []

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


class PeopleReport(Report):
    """Says what a sweep does while it does it. Notices go to stderr, the rest to stdout."""

    JOB = "sweep"

    def __init__(self, target: str | None = None) -> None:
        super().__init__()
        self._page = Page()
        self._target = target
        self._config: SweepConfig | None = None
        self._results: list[SweepResult] = []
        self._images = 0
        self._all_images = 0
        self._per_epoch: dict[str, int] = {}

    def event(self, event: SweepEvent) -> None:
        if isinstance(event, MemberSaid):
            self._member(event)
        elif isinstance(event, SweepStarted):
            self._started(event)
        elif isinstance(event, SweepResult):
            self._result(event)
        else:
            self._finished(event)

    def _started(self, event: SweepStarted) -> None:
        self.live.clear()
        config, data = event.config, event.dataset
        self._config = config
        planned = trials(config, data.train_size)
        self._all_images = sum(
            trial.steps * trial.config.batch_size if trial.steps else trial.config.epochs * data.train_size
            for trial in planned
        )
        for name, values in ((config.parameter, config.values), (config.second_parameter, config.second_values)):
            if name:
                self._page.line(f"{name.replace('_', ' ')}: {' '.join(value_words(values).values())}", "bold")
        seeds = f"{config.seeds} seed{'s' if config.seeds > 1 else ''}"
        self._page.line(f"{event.runs} runs, {seeds} each, {QUESTIONS[config.question]} · sweep {event.sweep_id}")
        images = f"{data.train_size:,} training and {data.validation_size:,} validation images"
        ranks = f", {event.ranks} ranks" if event.ranks > 1 else ""
        self._page.line(f"{data.name}: {images} · {event.device}{ranks}")
        if changed := changed_settings(config.base):
            self._page.line("  ".join(f"{name} {value}" for name, value in changed))
        self._page.line()

    def _member(self, said: MemberSaid) -> None:
        assert self._config is not None
        event = said.event
        if isinstance(event, Started):
            self._per_epoch[said.run_id] = event.minibatches_per_epoch
        if not isinstance(event, MinibatchesDone) or not event.cells:
            return
        self._images += event.images
        epoch = (event.position + event.count - 1) // self._per_epoch[said.run_id] + 1
        subject = f"{point_named(self._config, said.values)} epoch {epoch} loss {event.cells[-1].last:.3f}"
        done = min(self._images, self._all_images)
        self.live.preparing(Progress("training", subject, done, self._all_images, "images"))

    def _result(self, result: SweepResult) -> None:
        assert self._config is not None
        self.live.clear()
        self._results.append(result)
        what = f"validation loss {result.validation_loss:.4f}" if result.status == "finished" else result.status
        style = "" if result.status == "finished" else "red"
        self._page.line(
            f"{point_named(self._config, result.values)} seed {result.seed}: {what} · run {result.run_id}",
            style or "dim",
        )

    def _finished(self, event: SweepFinished) -> None:
        self.live.clear()
        assert self._config is not None
        if self._results:
            self._page.line()
            self._write_table(self._config)
            if chart := summary_chart(self._config, self._results):
                self._page.drawn(*self._page.chart(chart, min(self._page.width - 1, 100), CHART_ROWS))
            if not self._config.second_parameter:
                self._page.line()
        self._page.prose(event.verdict, "bold")
        if self._target is not None:
            export(self._target, self._config, self._results)
            self._page.line(f"written to {self._target}")
        status = f"{event.status} ({event.reason})" if event.reason else event.status
        self._page.line(f"{status} · {event.seconds:.2f} s of training · sweep {event.sweep_id}")
        for line in self._next(event):
            self._page.line(line, "dim")

    def _write_table(self, config: SweepConfig) -> None:
        header, rows = summary_table(config, self._results)
        self._page.table(header, rows, left=0, heading="bold", keys=len(config.parameters))

    def _next(self, event: SweepFinished) -> list[str]:
        if event.status != "finished":
            return [f"next: softmax-tui sweep --resume {event.sweep_id}   continues the sweep; finished runs stay"]
        ended = [result for result in self._results if result.status == "finished"]
        if not ended:
            return []
        best = min(ended, key=lambda result: result.validation_loss)
        return [f"next: softmax-tui mistakes {best.run_id}   the mistakes of the best run"]
