"""The losses for people: a table of figures, where the time goes, and what the figures say."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.loss_lab import LossesMeasured, LossMeasured, Phase
from engine.contract.loss_training import LossTrained
from engine.verdicts.figures import time_words
from engine.verdicts.loss import verdicts
from engine.verdicts.loss_compared import training_sentence, where_it_begins_to_hurt
from tui.cli.page import Page
from tui.drawing.numbers import five_digits
from tui.loss.figures import parts_words
from tui.loss.form import preset_lines
from tui.loss.table import table_lines


def write_losses(measured: LossesMeasured, page: Page, whole: bool = True) -> None:
    """One batch: the figures, and with `whole` the parts, the gradient and the answers as well."""
    page.drawn(*table_lines(measured, page.width, with_gradient=False))
    page.line()
    if measured.question.preset:
        for sentence in preset_lines(measured.question.preset):
            page.paragraph(sentence, "dim")
    if not whole:
        return
    page.line("with its gradient", "bold")
    page.drawn(*table_lines(measured, page.width, with_gradient=True)[1:])
    page.line()
    _write_phases(measured.of("definition"), measured.of("indexing"), page)
    for asked, answer in verdicts(measured):
        page.paragraph(f"{asked} {answer}" if asked.endswith("?") else f"{asked}: {answer}", "bold")


def write_scale(several: Sequence[LossesMeasured], page: Page) -> None:
    """For each batch size what the number of classes changes."""
    for batch_size in dict.fromkeys(measured.question.batch_size for measured in several):
        of_size = [measured for measured in several if measured.question.batch_size == batch_size]
        if len(of_size) > 1:
            page.paragraph(f"{batch_size:,} images. {where_it_begins_to_hurt(of_size)}", "bold")


def write_training(runs: Sequence[LossTrained], page: Page) -> None:
    """Whole runs beside each other."""
    rows = [
        (
            run.loss,
            run.status,
            str(run.epochs),
            five_digits(run.train_loss),
            five_digits(run.validation_loss),
            f"{run.validation_accuracy:.1%}" if run.epochs else "-",
            time_words(run.spread.median),
            f"{run.seconds:.1f} s",
        )
        for run in runs
    ]
    header = ("trained with", "", "epochs", "train", "validation", "accuracy", "an epoch", "in all")
    page.table(header, rows, left=2)
    page.paragraph(training_sentence(runs), "bold")


def _write_phases(definition: LossMeasured, indexing: LossMeasured, page: Page) -> None:
    rows = [
        (
            f"{one.loss}: {_named(phase)}" if position == 0 else f"  {_named(phase)}",
            time_words(phase.seconds.median),
            f"{time_words(phase.seconds.low)} to {time_words(phase.seconds.high)}",
            f"{phase.operations:,}",
            f"{phase.times_zero:,}" if phase.times_zero else "",
            time_words(phase.backward.median) if phase.backward is not None else "-",
        )
        for one in (definition, indexing)
        for position, phase in enumerate(one.phases)
    ]
    page.table(("where the time goes", "time", "quartiles", "numbers", "× 0", "backward"), rows)
    page.paragraph("(softmax) is computed before the loss, for every loss that takes probabilities", "dim")
    page.paragraph(". ".join(f"{one.loss}: {parts_words(one)}" for one in (definition, indexing)), "dim")


def _named(phase: Phase) -> str:
    name = phase.name.removesuffix(" of the true class")  # of that alone: so say the numbers beside it
    return name if phase.of_loss else f"({name})"
