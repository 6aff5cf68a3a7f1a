"""Where the words come from, settled and checked before torch is imported: that takes seconds, an error should not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.vocabulary import DEFAULT_SIZES, VocabularyPlan, checked
from engine.labs.words import chain
from engine.labs.words.corpus import Corpus
from engine.labs.words.text import UNKNOWN, corpus_of, most_words, phrase_ids, read_words


@dataclass(frozen=True)
class Source:
    """A plan whose sizes are decided, and the words of its text, none for the chain."""

    plan: VocabularyPlan
    words: Sequence[str] = ()

    @classmethod
    def of(cls, plan: VocabularyPlan) -> Source:
        """Reads the text, if there is one.

        Raises:
            InputError: one line for whatever cannot be carried out.
        """
        question = checked(plan).question
        if not question.text:
            return cls(replace(plan, sizes=plan.sizes or DEFAULT_SIZES))
        words = read_words(question.text)
        most = most_words(words, question.context)
        for size in plan.sizes:
            if size > most:
                raise InputError(f"sizes: found {size:,}, expected at most {most:,}: the text's words, and {UNKNOWN}")
        source = cls(replace(plan, sizes=plan.sizes or (most,)), words)
        for size in source.plan.sizes:
            corpus = source.corpus(size)
            if plan.phrase:
                phrase_ids(plan.phrase, corpus, question.context)
        return source

    def corpus(self, size: int) -> Corpus:
        """The words as numbers, the `size` most frequent apart."""
        question = self.plan.question
        return corpus_of(self.words, size, question.context) if self.words else chain.write(question, size)
