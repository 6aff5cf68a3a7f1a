"""Where the words come from, settled and checked before torch is imported: that takes seconds, an error should not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.vocabulary import DEFAULT_SIZES, VocabularyPlan, checked
from engine.contract.vocabulary_events import VocabularyText
from engine.labs.vocabulary import chain
from engine.labs.vocabulary.corpus import Corpus
from engine.labs.vocabulary.text import corpus_of, most_words, phrase_ids, read_words, unknown_words
from engine.verdicts.one_line import one_line
from engine.verdicts.vocabulary_text import UNKNOWN


@dataclass(frozen=True)
class Source:
    """A plan whose sizes are decided, and the words of its text and what was found in it, nothing for the chain.

    `notices` say in a line each what of the phrase is not among the words.
    """

    plan: VocabularyPlan
    words: Sequence[str] = ()
    text: VocabularyText | None = None
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: VocabularyPlan) -> Source:
        """Reads the text, if there is one.

        Raises:
            InputError: one line for whatever cannot be carried out.
        """
        question = checked(plan).question
        if not question.text:
            return cls(replace(plan, sizes=plan.sizes or DEFAULT_SIZES))
        words, languages = read_words(question.text, question.context)
        most = most_words(words, question.context)
        sizes = plan.sizes or (most,)
        if plan.up_to_text:
            sizes = tuple(dict.fromkeys(min(size, most) for size in sizes))
        for size in sizes:
            if size > most:
                raise InputError(f"sizes: found {size:,}, expected at most {most:,}: the text's words, and {UNKNOWN}")
        text = VocabularyText(
            words=len(words),
            different_words=len({*words} - {UNKNOWN}),
            most_words=most,
            unknown_marks=words.count(UNKNOWN),
            dictionary_languages=languages,
        )
        source = cls(replace(plan, sizes=sizes), words, text)
        return dataclasses.replace(source, notices=tuple(source._unknown_in_phrase()))

    def _unknown_in_phrase(self) -> Iterator[str]:
        """A line for each size that lacks words of the phrase; raises InputError where one lacks all of them."""
        phrase, context, sizes = self.plan.phrase, self.plan.question.context, self.plan.sizes
        for size in sizes if phrase else ():
            corpus = self.corpus(size)
            phrase_ids(phrase, corpus, context)
            if unknown := unknown_words(phrase, corpus, context):
                yield _notice(unknown, f"the {size:,} words" if len(sizes) > 1 else "the words")

    def corpus(self, size: int) -> Corpus:
        """The words as numbers, the `size` most frequent apart."""
        question = self.plan.question
        return corpus_of(self.words, size, question.context) if self.words else chain.write(question, size)


def _notice(unknown: Sequence[str], words: str) -> str:
    """zzqx is not among the words: taken as <unk>"""
    named = [one_line(word, 60) for word in unknown]
    those = f"{named[0]} is" if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]} are"
    return f"{those} not among {words}: taken as {UNKNOWN}"
