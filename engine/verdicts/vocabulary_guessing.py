"""Whether training has come to more than guessing: by the words' frequencies, or uniformly."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.vocabulary_events import VocabularyEvaluated, VocabularyTrained
from engine.verdicts.listing import listed
from engine.verdicts.vocabulary import number

_RISEN = 1.02  # times its lowest: a perplexity above that has passed its best
_TOO_FAR = "fewer steps or a smaller learning rate, or more text"
_TOO_SHORT = "it was still falling: more steps"


def guessing_verdict(lines: Sequence[VocabularyTrained], evaluated: Sequence[VocabularyEvaluated]) -> str:
    """One sentence on the methods that end no better than a guess, and what to change; "" where all are better.

    `lines` and `evaluated` are of one size. The perplexity of a uniform guess is the number of words, V.
    """
    told: dict[str, list[str]] = {}
    for one in lines:
        if math.isfinite(one.perplexity) and one.perplexity >= one.unigram_perplexity:
            told.setdefault(f"{_guess(one)}: {_advice(one, evaluated)}", []).append(one.method)
    if not told:
        return ""
    clauses = [f"{listed(methods)} {'is' if len(methods) == 1 else 'are'} {what}" for what, methods in told.items()]
    sentence = "; ".join(clauses) + "."
    return sentence[0].upper() + sentence[1:]


def _guess(one: VocabularyTrained) -> str:
    if one.perplexity < one.vocabulary_size:
        return f"worse than guessing by frequency ({number(one.unigram_perplexity)})"
    return (
        f"worse than guessing uniformly ({one.vocabulary_size:,}), "
        f"let alone by frequency ({number(one.unigram_perplexity)})"
    )


def _advice(one: VocabularyTrained, evaluated: Sequence[VocabularyEvaluated]) -> str:
    """Training begins near V and falls: what lies above its own lowest point has gone on for too long, or too fast."""
    lowest = min((at.perplexity for at in evaluated if at.method == one.method), default=one.perplexity)
    falling = one.perplexity < one.vocabulary_size and one.perplexity <= _RISEN * lowest
    return _TOO_SHORT if falling else _TOO_FAR
