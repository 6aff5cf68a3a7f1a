"""The vocabulary lab for people: a table a size, then what the figures say."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.vocabulary import VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyMeasured,
    VocabularyText,
    VocabularyTrained,
)
from engine.verdicts.vocabulary import guessing_verdict, measured_verdict, perplexity_words, trained_verdict
from engine.verdicts.vocabulary_problems import asked, what_goes_wrong
from engine.verdicts.vocabulary_text import unknown_sentence
from tui.cli.page import Page
from tui.vocabulary.figures import BRACKETS, TRAINED_HEADER, comparable, measured_row, trained_row

_HEADER = ("method", "forward", "backward", "memory", "predicted", "loss", "error", "rows")


def write_measured(lines: Sequence[VocabularyMeasured], page: Page) -> None:
    """All methods at one size."""
    first = lines[0]
    exact = next((f", exact loss {one.exact_loss:.4f}" for one in lines if one.exact_loss is not None), "")
    what = f"{first.positions:,} positions × {first.dimension:,} features, {first.dtype}, {first.device}"
    page.paragraph(f"{first.vocabulary_size:,} words: {what}{exact}", "bold")
    page.table(_HEADER, [_row(one) for one in lines])


def write_conclusion(
    lines: Sequence[VocabularyMeasured], page: Page, question: VocabularyQuestion, text: VocabularyText | None = None
) -> None:
    """What all sizes together say, and what goes wrong at the largest."""
    page.paragraph(measured_verdict(lines), "bold")
    if any(one.loss is not None and not comparable(one) for one in lines):
        page.paragraph(f"{BRACKETS} Errors are relative to the largest element of the gradient.", "dim")
    last = lines[-1]
    page.prose(asked(last.vocabulary_size), "bold")
    for answer in what_goes_wrong(question, last.vocabulary_size, lines, last.available_bytes, text):
        page.prose(answer)
    page.line()


def write_training(lines: Sequence[VocabularyTrained], evaluated: Sequence[VocabularyEvaluated], page: Page) -> None:
    """All methods trained at one size: perplexities on held-out words, losses by frequency, continuations."""
    first = lines[0]
    best = (
        f", of the chain that wrote them {perplexity_words(first.chain_perplexity)}" if first.chain_perplexity else ""
    )
    unigram = f"perplexity of the frequencies alone {perplexity_words(first.unigram_perplexity)}{best}"
    page.paragraph(f"{first.vocabulary_size:,} words trained on: {unigram}", "bold")
    page.table(TRAINED_HEADER, [trained_row(one) for one in lines])
    if first.phrase:
        for one in lines:
            page.line(f"{first.phrase} …  {one.method}, after {one.equal_steps:,} steps", "bold")
            if not one.continuations:
                page.line("  diverged")
            for continuation in one.continuations:
                page.line(f"  {continuation.probability:6.1%}  {continuation.word}")
            page.line()
    page.paragraph(f"{trained_verdict(lines)} {unknown_sentence(first.unknown_share)}".rstrip(), "bold")
    if no_better := guessing_verdict(lines, evaluated):
        page.paragraph(no_better, "bold")


def _row(one: VocabularyMeasured) -> tuple[str, ...]:
    first, *rest = measured_row(one)
    return (one.method, first if one.peak_bytes is not None else one.outcome, *rest)
