"""What goes wrong where softmax regression predicts one of very many words (Dive into Deep Learning 4.4, exercise 4).

A sentence or two each on time, memory, rare words and gradients, from what is measured and predicted for one size.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.vocabulary import EXACT_METHODS, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyText
from engine.verdicts.figures import bytes_words, time_words
from engine.verdicts.vocabulary import apart, step_seconds, times_words, where_full_stops
from engine.verdicts.vocabulary_memory import logits_bytes, predicted_bytes, seldom
from engine.verdicts.vocabulary_room import fits_sentence

_BASE = 1_000  # words that others are compared with
_BOOK_CLASSES = 10
_SELDOM = 10  # times: a word that comes up less often in the words trained on is told as rare


def asked(words: int) -> str:
    """The question of the exercise, about so many words."""
    return f"What goes wrong with {words:,} words?"


def what_goes_wrong(
    question: VocabularyQuestion,
    words: int,
    measured: Sequence[VocabularyMeasured],
    available: int | None,
    text: VocabularyText | None = None,
) -> tuple[str, ...]:
    """Four answers for a vocabulary of so many `words`, each with its name.

    `measured` is of the same question; `available` None is not known. `text` is the question's, once it was read.
    """
    return (
        f"Time: {_time(words, measured)}",
        f"Memory: {_memory(question, words, measured, available)}",
        f"Rare words: {_rare_words(question, words, text)}",
        f"Gradients: {_gradients(question, words)}",
    )


def _time(words: int, measured: Sequence[VocabularyMeasured]) -> str:
    """Of full, or of chunked where full was not measured; else how many numbers have to be computed."""
    done = {(one.method, one.vocabulary_size): one for one in measured if one.peak_bytes is not None}
    here = next((done[method, words] for method in EXACT_METHODS if (method, words) in done), None)
    if here is None:
        if words <= _BASE:
            return f"a position has {words:,} logits; an image of the book has {_BOOK_CLASSES}."
        return f"a position has {words:,} logits, {times_words(words / _BASE)} as many as for {_BASE:,} words."
    said = f"{here.method} takes {time_words(step_seconds(here))} per step"
    fewer = [size for method, size in done if method == here.method and size < words]
    if not fewer:
        return f"{said}."
    base = done[here.method, _BASE if _BASE in fewer else min(fewer)]
    ratio = step_seconds(here) / step_seconds(base)
    if not apart(here, base) or ratio <= 1:
        return f"{said}. No difference from {base.vocabulary_size:,} words can be measured."
    return f"{said}, {times_words(ratio)} as long as for {base.vocabulary_size:,} words."


def _memory(
    question: VocabularyQuestion, words: int, measured: Sequence[VocabularyMeasured], available: int | None
) -> str:
    logits = bytes_words(logits_bytes(question, words))
    most = max((one.vocabulary_size for one in measured if one.method == "full"), default=0)
    if words <= most:
        return f"the logits take {logits}. {where_full_stops(measured)}"
    said = f"the logits take {logits}, and full needs {bytes_words(predicted_bytes('full', question, words))}."
    return said if available is None else f"{said} {fits_sentence('full', question, words, available)}"


def _rare_words(question: VocabularyQuestion, words: int, text: VocabularyText | None) -> str:
    """How often words come up is known of the chain by its law, and of a text on average."""
    if question.text:
        if text is None or not text.different_words:
            return "most words of a text are rare, so their weights are seldom those of the target."
        each = text.words / text.different_words
        return f"on average a word appears {each:,.1f} times in the text."
    share = seldom(words, question.train_words, _SELDOM) / words
    written = f"in {question.train_words:,} words"
    if share < 0.5:  # the estimate is too high where few words are rare
        return f"most of the {words:,} words appear at least {_SELDOM} times {written}."
    return f"about {100 * share:.{0 if share < 0.99 else 1}f} % of words appear under {_SELDOM} times {written}."


def _gradients(question: VocabularyQuestion, words: int) -> str:
    """Of the cross-entropy by a logit it is p − 1 for the target and p for the others, which make up 1 − p of it."""
    weights = f"a step changes all {words * question.dimension:,} weights, most by almost nothing."
    return f"{weights} The gradient of a wrong word's logit is p, on average at most 1/{max(1, words - 1):,}."
