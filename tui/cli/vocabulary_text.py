"""The vocabulary lab for people: a table a size, then what the figures say."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyTrained
from engine.contract.vocabulary_memory import bytes_text
from engine.contract.vocabulary_verdict import measured_verdict, number, trained_verdict
from tui.cli.page import Page
from tui.cli.run_text import wrapped
from tui.drawing.tables import table
from tui.drawing.vocabulary_figures import TRAINED_HEADER, off_text, time_text, trained_row

_HEADER = ("method", "forward", "backward", "memory", "predicted", "loss", "error", "rows")


def write_measured(lines: Sequence[VocabularyMeasured], page: Page) -> None:
    """All methods at one size."""
    first = lines[0]
    exact = next((f", exact loss {one.exact_loss:.4f}" for one in lines if one.exact_loss is not None), "")
    what = f"{first.positions:,} positions × {first.dimension:,} features, {first.dtype}, {first.device}"
    _write_lines(f"{first.vocabulary_size:,} words: {what}{exact}", page, "bold")
    _write_table(_HEADER, [_row(one) for one in lines], page)


def write_conclusion(lines: Sequence[VocabularyMeasured], page: Page) -> None:
    """What all sizes together say."""
    _write_lines(measured_verdict(lines), page, "bold")


def write_training(lines: Sequence[VocabularyTrained], page: Page) -> None:
    """All methods trained at one size: perplexities on held-out words, losses by frequency, continuations."""
    first = lines[0]
    best = f", of the chain that wrote them {number(first.chain_perplexity)}" if first.chain_perplexity else ""
    unigram = f"perplexity of the frequencies alone {number(first.unigram_perplexity)}{best}"
    _write_lines(f"{first.vocabulary_size:,} words trained on: {unigram}", page, "bold")
    _write_table(TRAINED_HEADER, [trained_row(one) for one in lines], page)
    if first.phrase:
        for one in lines:
            page.line(f"{first.phrase} …  {one.method}", "bold")
            for continuation in one.continuations:
                page.line(f"  {continuation.probability:6.1%}  {continuation.word}")
            page.line()
    _write_lines(trained_verdict(lines), page, "bold")


def _row(one: VocabularyMeasured) -> tuple[str, ...]:
    if one.peak_bytes is None:
        return (one.method, one.outcome, "-", "-", bytes_text(one.predicted_bytes), "-", "-", "-")
    assert one.rows_touched is not None
    return (
        one.method,
        time_text(one.forward_seconds),
        time_text(one.backward_seconds),
        bytes_text(one.peak_bytes),
        bytes_text(one.predicted_bytes),
        f"{one.loss:.4f}",
        off_text(one),
        f"{one.rows_touched:,}",
    )


def _write_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]], page: Page) -> None:
    for index, line in enumerate(table(header, rows)):
        page.line(line, "" if index else "dim")
    page.line()


def _write_lines(text: str, page: Page, style: str = "") -> None:
    for line in wrapped(text, page.width):
        page.line(line, style)
    page.line()
