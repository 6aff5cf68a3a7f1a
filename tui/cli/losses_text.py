"""The losses for people: a table of figures, where the time goes, and what the figures say."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.loss_lab import LossesMeasured, LossMeasured, LossTrained, Spread, preset_named
from engine.contract.loss_verdict import training_sentence, verdicts, where_it_begins_to_hurt
from tui.cli.page import Page
from tui.cli.run_text import wrapped
from tui.cli.tables import table


def write_losses(measured: LossesMeasured, page: Page, whole: bool = True) -> None:
    """One batch: the figures, and with `whole` the parts, the gradient and the answers as well."""
    question = measured.question
    soft = f"smoothing {question.smoothing:g}, " if question.smoothing else ""
    soft += f"mixing {question.mixing:g}, " if question.mixing else ""
    threads = f"{question.threads} thread{'s' if question.threads > 1 else ''}"
    said = f"{question.batch_size:,} × {question.num_classes:,} {question.dtype}, {soft}{measured.rounds} rounds"
    _write_lines(f"{said}, {threads}; float64 says {_number(measured.value)}", page, "bold")
    if question.preset:
        preset = preset_named(question.preset)
        shown = " ".join(
            f"{list(row)} true class {label}" for row, label in zip(preset.rows, preset.labels, strict=True)
        )
        _write_lines(f"logits {shown}: {preset.look_for}", page, "dim")
    figures: list[tuple[str, ...]] = [
        (
            one.loss,
            _number(one.value),
            _error(one.gradient_error),
            _time(one.seconds),
            _ratio(one.relative),
            _bytes(one.peak_bytes),
        )
        for one in measured.losses
    ]
    _write_table(("loss", "value", "gradient off", "time", "times indexing", "memory"), figures, page)
    if not whole:
        return
    figures = [
        (one.loss, _time(one.gradient_seconds), _ratio(one.gradient_relative), _bytes(one.gradient_peak_bytes))
        for one in measured.losses
    ]
    _write_table(("with its gradient", "time", "times indexing", "memory"), figures, page)
    _write_phases(measured.of("definition"), measured.of("indexing"), page)
    for asked, answer in verdicts(measured):
        _write_lines(f"{asked} {answer}" if asked.endswith("?") else f"{asked}: {answer}", page, "bold")


def write_scale(several: Sequence[LossesMeasured], page: Page) -> None:
    """For each batch size what the number of classes changes."""
    for batch_size in dict.fromkeys(measured.question.batch_size for measured in several):
        of_size = [measured for measured in several if measured.question.batch_size == batch_size]
        if len(of_size) > 1:
            _write_lines(f"{batch_size:,} images. {where_it_begins_to_hurt(of_size)}", page, "bold")


def write_training(runs: Sequence[LossTrained], page: Page) -> None:
    """Whole runs beside each other."""
    rows = [
        (
            run.loss,
            run.status,
            str(run.epochs),
            _number(run.train_loss),
            _number(run.validation_loss),
            f"{run.validation_accuracy:.1%}" if run.epochs else "-",
            _time(run.spread.median),
            f"{run.seconds:.1f} s",
        )
        for run in runs
    ]
    header = ("trained with", "", "epochs", "train", "validation", "accuracy", "an epoch", "in all")
    _write_table(header, rows, page, left=2)
    _write_lines(training_sentence(runs), page, "bold")


def _write_phases(definition: LossMeasured, indexing: LossMeasured, page: Page) -> None:
    rows = [
        (
            f"{one.loss}: {phase.name}" if position == 0 else f"  {phase.name}",
            _time(phase.seconds.median),
            f"{_time(phase.seconds.low)} to {_time(phase.seconds.high)}",
            f"{phase.operations:,}",
            f"{phase.times_zero:,}" if phase.times_zero else "",
        )
        for one in (definition, indexing)
        for position, phase in enumerate(one.phases)
    ]
    _write_table(("where the time goes", "time", "quartiles", "numbers", "times zero"), rows, page)


def _write_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], page: Page, left: int = 1) -> None:
    for index, line in enumerate(table(header, rows, left)):
        page.line(line, "" if index else "dim")
    page.line()


def _write_lines(text: str, page: Page, style: str = "") -> None:
    for line in wrapped(text, page.width):
        page.line(line, style)
    page.line()


def _number(value: float) -> str:
    return f"{value:.5g}"


def _error(error: float) -> str:
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else f"{error}"


def _ratio(ratio: Spread) -> str:
    return f"{ratio.median:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def _time(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "-"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _bytes(count: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}"
    return f"{count} B"
