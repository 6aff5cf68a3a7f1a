"""Stored runs for people."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import RunSummary
from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState
from engine.contract.settings import settings_of, value_text
from tui.cli.loss_chart import write_validation_chart
from tui.cli.page import Page
from tui.cli.run_text import changed_settings, figure, write_epoch, write_epoch_header, write_summary
from tui.drawing.plain import plain
from tui.drawing.run_names import short_name
from tui.drawing.tables import table

_MOST_EPOCHS = 40


def write_list(summaries: Sequence[RunSummary], page: Page) -> None:
    """A line a run; the settings that differ from the defaults where there is room."""
    if not summaries:
        page.line("no run is stored yet: softmax-tui train makes one")
        return
    columns: dict[str, Sequence[str]] = {
        "run": [run.run_id for run in summaries],
        "name": [short_name(run.name, 16, ascii_only=not page.unicode) or "-" for run in summaries],
        "status": [run.status for run in summaries],
        "epochs": [f"{run.epochs_done}/{run.config.epochs}" for run in summaries],
        "train": [_or_dash(run.train_loss, figure) for run in summaries],
        "validation": [_or_dash(run.validation_loss, figure) for run in summaries],
        "accuracy": [_or_dash(run.validation_accuracy, "{:.1%}".format) for run in summaries],
        "created": [run.created[:16].replace("T", " ") for run in summaries],
    }
    if not any(run.name for run in summaries):
        del columns["name"]
    for dispensable in ("created", "train", "accuracy"):
        if max(map(cell_len, _columned(columns))) > page.width:
            del columns[dispensable]
    header, *body = _columned(columns)
    room = page.width - max(map(cell_len, (header, *body))) - 3
    if room < 0:
        rows = list(zip(*columns.values(), strict=True))
        page.table(list(columns), rows, heading="bold", styles=[run.status for run in summaries], blank=False)
        return
    page.line(header, "bold")
    for summary, line in zip(summaries, body, strict=True):
        settings = plain(page.legible(_settings(summary)), room, ascii_only=not page.unicode) if room >= 20 else ""
        page.line(f"{line}   {settings}".rstrip(), summary.status)


def _columned(columns: Mapping[str, Sequence[str]]) -> list[str]:
    return table(list(columns), list(zip(*columns.values(), strict=True)), left=list(columns).index("epochs"))


def write_run(summary: RunSummary, run: RunState, page: Page) -> None:
    """All that is known of a run."""
    data = summary.dataset
    page.line(f"{summary.run_id}  {summary.name}".rstrip(), "bold")
    facts = [
        ("status", f"{summary.status}, {summary.epochs_done} of {summary.config.epochs} epochs"),
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
        ("train loss", *(_or_dash(run.train_loss, figure) for run in summaries)),
        ("validation loss", *(_or_dash(run.validation_loss, figure) for run in summaries)),
        ("best validation loss", *(_best(run) for run in runs)),
        ("validation accuracy", *(_or_dash(run.validation_accuracy, "{:.1%}".format) for run in summaries)),
        ("seconds", *(f"{run.seconds:.2f}" for run in summaries)),
    ]
    page.table(("", *(run.run_id for run in summaries)), rows, heading="bold")
    write_validation_chart(runs, page)


def _settings(summary: RunSummary) -> str:
    return "  ".join(f"{name[2:]} {value}" for name, value in changed_settings(summary.config))


def _best(run: RunState) -> str:
    losses = [epoch.validation_loss for epoch in run.epochs if math.isfinite(epoch.validation_loss)]
    return figure(min(losses)) if losses else "-"


def _or_dash(value: float, shown: Callable[[float], str]) -> str:
    """nan is what a run has before its first epoch has ended."""
    return "-" if math.isnan(value) else shown(value)
