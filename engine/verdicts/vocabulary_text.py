"""What was found in a text, how its words were found, and how many held-out words a vocabulary lacks."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.vocabulary_events import VocabularyText
from engine.verdicts.naming import listed

UNKNOWN = "<unk>"
# Of the held-out words. To tell 1,000 unknown words apart costs log 1000 = 6.9 nats each: at this share 0.14 nats a
# word, and a perplexity 15 % higher.
_MATTERS = 0.02


def text_sentence(text: VocabularyText) -> str:
    """How many words there are, and how they were found."""
    said = f"The text has {text.words:,} words, {text.different_words:,} of them different. "
    said += "Words are split at Unicode's word boundaries."
    if languages := text.dictionary_languages:
        are, their = ("is", "its") if len(languages) == 1 else ("are", "their")
        said += f" {listed(languages)} {are} written without spaces: ICU finds {their} words with a dictionary."
    if text.unknown_marks:
        said += f" {text.unknown_marks:,} of the words are {UNKNOWN}, which stands for unknown words."
    return said


def fewer_words_notice(asked: Sequence[int], text: VocabularyText) -> str:
    """That the text has fewer words than some size that was asked for; "" where it has enough."""
    more = [f"{size:,}" for size in asked if size > text.most_words]
    if not more:
        return ""
    return f"sizes: the text has {text.most_words:,} words with {UNKNOWN}, used instead of {listed(more)}"


def unknown_note(share: float | None) -> str:
    """The share of held-out words that are unknown, in few words; "" where there is no text."""
    return "" if share is None else f"{100 * share:.1f} % of held-out words unknown"


def unknown_sentence(share: float | None, *, only_if_it_matters: bool = False) -> str:
    """The share of held-out words that are unknown, and what that does where it matters; "" where there is no text."""
    if share is None or (only_if_it_matters and share <= _MATTERS):
        return ""
    said = f"{100 * share:.1f} % of the held-out words are unknown"
    if share <= _MATTERS:
        return f"{said}."
    return (
        f"{said} and count as one word, {UNKNOWN}. That lowers every perplexity: do not compare different vocabularies."
    )
