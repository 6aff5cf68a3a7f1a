"""Stored runs for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import DamagedListed, RunSummary
from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState
from engine.contract.settings import settings_of, value_text
from engine.verdicts.figures import loss_figure
from tui.cli.page import Page
from tui.cli.run_text import write_epoch, write_epoch_header, write_summary, write_validation_chart
from tui.drawing.plain import plain
from tui.drawing.run_names import changed_settings, settings_words, short_name
from tui.drawing.tables import table

_MOST_EPOCHS = 40
_SETTINGS_CELLS = 28  # longer ones are wrapped where the terminal is narrow
DAMAGED = "damaged"


def write_list(runs: Sequence[RunSummary | DamagedListed], page: Page) -> None:
    """A row a run, with the settings that differ from the defaults. Last what is damaged, and how."""
    if not runs:
        page.line("no run is stored yet: softmax-tui train makes one")
        return

    def column(of: Callable[[RunSummary], str]) -> list[str]:
        return [of(run) if isinstance(run, RunSummary) else "-" for run in runs]

    statuses = [run.status if isinstance(run, RunSummary) else DAMAGED for run in runs]
    columns: dict[str, Sequence[str]] = {
        "run": [run.run_id for run in runs],
        "name": column(lambda run: short_name(run.name, 16) or "-"),
        "status": statuses,
        "settings": column(lambda run: settings_words(run.config) or "the defaults"),
        "epochs": column(lambda run: f"{run.epochs_done}/{run.config.epochs}"),
        "train": column(lambda run: _or_dash(run.train_loss, loss_figure)),
        "validation": column(lambda run: _or_dash(run.validation_loss, loss_figure)),
        "accuracy": column(lambda run: _or_dash(run.validation_accuracy, "{:.1%}".format)),
        "created": column(lambda run: run.created[:16].replace("T", " ")),
    }
    if set(columns["name"]) == {"-"}:
        del columns["name"]
    for dispensable in ("created", "train", "accuracy"):
        if _width(columns) > page.width:
            del columns[dispensable]
    rows = list(zip(*columns.values(), strict=True))
    left = list(columns).index("epochs")
    page.table(list(columns), rows, left, heading="bold", styles=statuses, blank=False)
    for run in runs:
        if isinstance(run, DamagedListed):
            page.prose(run.reason, DAMAGED)
        elif run.where:
            watch = f": softmax-tui watch {run.run_id}" if run.detached else ""
            page.prose(f"{run.run_id} is running {run.where}{watch}", "dim")


def _width(columns: Mapping[str, Sequence[str]]) -> int:
    """In cells, with long settings in several lines."""
    narrow = {**columns, "settings": [plain(text, _SETTINGS_CELLS) for text in columns["settings"]]}
    return max(map(cell_len, table(list(narrow), list(zip(*narrow.values(), strict=True)))))


def write_run(summary: RunSummary, run: RunState, page: Page) -> None:
    """All that is known of a run."""
    data = summary.dataset
    page.line(f"{summary.run_id}  {summary.name}".rstrip(), "bold")
    facts = [
        ("status", f"{summary.status}, {summary.epochs_done} of {summary.config.epochs} epochs"),
        ("where", summary.where),
        ("created", f"{summary.created.replace('T', ' ')} on {summary.device}"),
        ("dataset", f"{data.name}: {data.train_size:,} + {data.validation_size:,} images, {data.num_classes} classes"),
        ("forked from", summary.forked_from),
        ("note", summary.note),
        ("loss", f"{summary.config.softmax} softmax, {summary.config.loss}, gradient {summary.config.gradient}"),
        (
            "settings",
            "  ".join(f"{name} {value}" for name, value in changed_settings(summary.config)) or "the defaults",
        ),
    ]
    for name, value in facts:
        if value:
            page.prose(value, before=f"{name:<13}")
    if run.epochs:
        page.line()
        write_epoch_header(page)
        every = -(-len(run.epochs) // _MOST_EPOCHS)
        for epoch in run.epochs:
            if epoch.epoch % every == 0 or epoch.epoch in (1, len(run.epochs)):
                write_epoch(epoch, page)
    write_summary(run, page)


def write_comparison(summaries: Sequence[RunSummary], runs: Sequence[RunState], page: Page) -> None:
    """The settings that differ, the figures side by side, and the validation losses in one chart."""
    rows = [("name", *(run.name or "-" for run in summaries)), ("status", *(run.status for run in summaries))]
    for setting in settings_of(TrainConfig):
        values = [value_text(getattr(run.config, setting.name)) for run in summaries]
        if len(set(values)) > 1:
            rows.append((setting.label, *values))
    rows += [
        ("epochs done", *(str(run.epochs_done) for run in summaries)),
        ("train loss", *(_or_dash(run.train_loss, loss_figure) for run in summaries)),
        ("validation loss", *(_or_dash(run.validation_loss, loss_figure) for run in summaries)),
        ("best validation loss", *(_best(run) for run in runs)),
        ("validation accuracy", *(_or_dash(run.validation_accuracy, "{:.1%}".format) for run in summaries)),
        ("seconds", *(f"{run.seconds:.2f}" for run in summaries)),
    ]
    page.table(("", *(run.run_id for run in summaries)), rows, heading="bold")
    write_validation_chart(runs, page)


def _best(run: RunState) -> str:
    losses = [epoch.validation_loss for epoch in run.epochs if math.isfinite(epoch.validation_loss)]
    return loss_figure(min(losses)) if losses else "-"


def _or_dash(value: float, shown: Callable[[float], str]) -> str:
    """nan is what a run has before its first epoch has ended."""
    return "-" if math.isnan(value) else shown(value)
