"""A run in words, figures and a small chart, for `train` and `runs show` alike."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.events import EpochDone, Started
from engine.contract.run_state import RunState
from engine.verdicts.figures import loss_figure
from engine.verdicts.run_sentence import sentence
from tui.cli.page import Page
from tui.drawing.autopsy import autopsy_lines
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import Cell, points
from tui.drawing.run_names import changed_settings

_COLUMNS = ("epoch", "train loss", "accuracy", "validation loss", "accuracy", "seconds")


def headline(started: Started) -> list[str]:
    """What is trained on what, and with which settings besides the defaults."""
    data = started.dataset
    lines = [
        f"{data.name}: {data.train_size:,} training and {data.validation_size:,} validation images",
        f"{data.num_features} features → {data.num_classes} classes · {started.device} · run {started.run_id}",
    ]
    changed = changed_settings(started.config)
    if changed:
        lines.append("  ".join(f"{name} {value}" for name, value in changed))
    if started.epochs_done or started.minibatch:
        lines.append(f"continues after epoch {started.epochs_done}, minibatch {started.minibatch}")
    return lines


def write_epoch_header(page: Page) -> None:
    """The heads of the columns of `write_epoch`."""
    page.line(_gap(page).join(_COLUMNS), "bold")


def write_epoch(epoch: EpochDone, page: Page, style: str = "") -> None:
    """A line under that header; the table grows while a run goes on, so its columns are as wide from the start."""
    cells = (
        str(epoch.epoch),
        loss_figure(epoch.train_loss),
        f"{epoch.train_accuracy:.1%}",
        loss_figure(epoch.validation_loss),
        f"{epoch.validation_accuracy:.1%}",
        f"{epoch.seconds:.2f}",
    )
    page.line(_gap(page).join(cell.rjust(len(column)) for cell, column in zip(cells, _COLUMNS, strict=True)), style)


def _gap(page: Page) -> str:
    wide = len("  ".join(_COLUMNS))
    return "  " if page.columns is None or page.columns >= wide else " "


def write_summary(run: RunState, page: Page) -> None:
    """The chart of the losses, the sentence or the autopsy, how it ended, and what to try next."""
    page.line()
    write_loss_chart(run, page)
    if run.diverged is not None:
        names = [page.legible(name) for name in run.dataset.label_names] if run.dataset else []
        page.drawn(*autopsy_lines(run.diverged, names, run.config, page.width))
        page.line()
    else:
        page.prose(sentence(run), "bold")
    if run.finished is not None:
        end = run.finished
        status = f"{end.status} ({end.reason})" if end.reason and end.status != "diverged" else end.status
        speed = f" · {end.images_per_second:,.0f} images/s" if end.images_per_second else ""
        page.line(f"{status} in {end.seconds:.2f} s{speed} · run {run.run_id}")
    _write_next_steps(run, page)


def _write_next_steps(run: RunState, page: Page) -> None:
    """What to try next, as commands that work when they are copied."""
    if run.status == "stopped":
        steps = [(f"train --resume {run.run_id}", "continues the run")]
    elif run.status == "diverged":
        steps = [
            ("train --softmax row-max --loss from-logits", "a pair that stays finite"),
            (f"runs show {run.run_id}", "this page again"),
        ]
    elif run.status == "failed":
        steps = [("doctor", "what works on this machine, and what does not")]
    else:
        steps = [
            (f"mistakes {run.run_id}", "the images it gets wrong"),
            (f"confusion {run.run_id}", "which class is taken for which"),
        ]
    width = max(len(command) for command, _ in steps)
    for index, (command, why) in enumerate(steps):
        line = f"{'next:' if index == 0 else '     '} softmax-tui {command.ljust(width)}   {why}"
        page.line(line, "dim", hang=line.index(why))


_HEIGHT = 13
_FEWEST = 3  # losses that make a curve
_LOG_FROM = 3.0  # the largest loss over the smallest; less is seen as well on a linear axis
_MARKS = ("●", "×", "◆", "▲")


def write_loss_chart(run: RunState, page: Page) -> None:
    """The loss of each minibatch and of the validation set over the epochs, nothing where they make no curve."""
    if sum(cell.count > 0 for cell in run.losses) < _FEWEST:
        return
    epoch = run.cell_width / max(1, run.minibatches_per_epoch)
    train = tuple(
        Cell((cell.index + 0.5) * epoch, cell.low, cell.mean if not cell.non_finite else math.nan, cell.high)
        for cell in run.losses
    )
    validation = points((done.epoch, done.validation_loss) for done in run.epochs)
    series = (
        Series("minibatch", train, "faint", "train-faint"),
        Series("validation", validation, "marks", "validation", "●"),
    )
    _write(series if validation else series[:1], page)


def write_validation_chart(runs: Sequence[RunState], page: Page) -> None:
    """The validation losses of several runs over the epochs."""
    series = tuple(
        Series(
            run.run_id,
            points((done.epoch, done.validation_loss) for done in run.epochs),
            "line",
            f"line-{index % len(_MARKS) + 1}",
            _MARKS[index % len(_MARKS)],
        )
        for index, run in enumerate(runs)
        if run.epochs
    )
    if series:
        _write(series, page)


def _write(series: tuple[Series, ...], page: Page) -> None:
    values = [value for one in series for cell in one.cells for value in cell[1:] if math.isfinite(value)]
    spec = ChartSpec(
        series,
        x_label="epoch",
        y_label="loss",
        y_log=bool(values) and min(values) > 0 and max(values) / min(values) > _LOG_FROM,
    )
    page.drawn(*page.chart(spec, min(page.width - 1, 100), _HEIGHT))
    page.line()
