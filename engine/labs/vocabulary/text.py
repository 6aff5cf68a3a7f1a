"""A person's text file as words, a phrase in its words, and the source of a text, file or chain."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.vocabulary import DEFAULT_SIZES, VocabularyPlan, checked
from engine.contract.vocabulary_events import VocabularyText
from engine.labs.vocabulary import chain
from engine.labs.vocabulary.chain import Corpus
from engine.labs.vocabulary.known_text import path_of
from engine.labs.vocabulary.tokens import tokenised, without_spaces
from engine.verdicts.one_line import one_line
from engine.verdicts.vocabulary_text import UNKNOWN

_MOST_BYTES = 256 * 2**20
_HELD_OUT = 10  # of so many words the last one is held out
_LEAST_HELD_OUT = 8


def read_words(path: str, context: int) -> tuple[list[str], tuple[str, ...]]:
    """All words of a UTF-8 text file, and its languages that are written without spaces.

    The words are enough to train on and to hold some out where `context` words tell the next.

    Raises:
        InputError: it cannot be read, is no text, or holds too few words, or one word only.
    """
    name, text = one_line(path, 120), _read(path)
    words = tokenised(text)
    least, different = 3 * (context + _LEAST_HELD_OUT), len(set(words))
    if len(words) < least or different < 2:
        found = f"{len(words):,} times the same word" if different == 1 < len(words) else _counted(len(words))
        raise InputError(f"text: {name} holds {found}, expected at least {least} words, two different ones among them")
    if most_words(words, context) < 2:
        raise InputError(f"text: {name} holds nothing but {UNKNOWN} in its first nine tenths, expected words")
    return words, without_spaces(text)


def _read(path: str) -> str:
    """The characters of a UTF-8 text file; raises InputError where it is none."""
    name = one_line(path, 120)
    try:
        if Path(path).is_dir():
            raise InputError(f"text: {name} is a folder, expected a text file")
        if Path(path).exists() and not Path(path).is_file():
            raise InputError(f"text: {name} is a device or a pipe, expected a text file")
        if Path(path).stat().st_size > _MOST_BYTES:
            raise InputError(f"text: {name} is larger than {_MOST_BYTES >> 20} MiB, expected a smaller text file")
        content = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"text: {name} cannot be read ({one_line(why)}), expected a text file") from error
    if b"\0" in content:
        raise InputError(f"text: {name} is binary (it holds a zero byte), expected a text file in UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"text: {name} is no UTF-8 at byte {error.start:,}, expected a text file in UTF-8") from error


def _counted(words: int) -> str:
    return {0: "no words", 1: "1 word"}.get(words, f"{words:,} words")


def corpus_of(words: Sequence[str], size: int, context: int) -> Corpus:
    """The `size` most frequent of `read_words`, `<unk>` among them, which stands for all others; 0 is the most common.

    Frequencies are of the first nine tenths, which are trained on; the rest is held out. So `<unk>` is never useless.
    Where the text itself has `<unk>`, that is the same word.

    Raises:
        InputError: the text has fewer different words.
    """
    train, _ = _parts(words, context)
    frequencies = _frequencies(train)
    most = len(frequencies) + 1
    if size > most:
        raise InputError(f"sizes: found {size:,}, expected at most {most:,}: the words of the text, and {UNKNOWN}")
    kept = dict(frequencies.most_common(size - 1))
    kept[UNKNOWN] = len(train) - sum(kept.values())
    spelled = sorted(kept, key=lambda word: -kept[word])
    ids = {word: number for number, word in enumerate(spelled)}
    numbers = np.fromiter((ids.get(word, ids[UNKNOWN]) for word in words), dtype=np.int64, count=len(words))
    return Corpus(
        size=size,
        train_t=numbers[: len(train)],
        held_out_t=numbers[len(train) :],
        counts_v=np.array([kept[word] for word in spelled], dtype=np.int64),
        words=tuple(spelled),
        unknown_share=float((numbers[len(train) :] == ids[UNKNOWN]).mean()),
    )


def most_words(words: Sequence[str], context: int) -> int:
    """The largest vocabulary of a text: the different words that are trained on, and `<unk>`."""
    return len(_frequencies(_parts(words, context)[0])) + 1


def _parts(words: Sequence[str], context: int) -> tuple[Sequence[str], Sequence[str]]:
    """What is trained on, and what is held out."""
    held_out = max(len(words) // _HELD_OUT, context + _LEAST_HELD_OUT)
    return words[:-held_out], words[-held_out:]


def _frequencies(train: Sequence[str]) -> Counter[str]:
    """How often each word is there, but for `<unk>`."""
    frequencies = Counter(train)
    del frequencies[UNKNOWN]
    return frequencies


def phrase_ids(phrase: str, corpus: Corpus, context: int) -> list[int]:
    """The last `context` words of a phrase; unknown ones, and those that a shorter phrase lacks, are `<unk>`.

    Raises:
        InputError: it has no word that the vocabulary has.
    """
    ids = {word: number for number, word in enumerate(corpus.words)}
    words = tokenised(phrase)
    if not any(word in ids for word in words):
        raise InputError(f"continue: found {one_line(phrase, 60)!r}, expected a phrase with a word of the text")
    known = [ids.get(word, ids[UNKNOWN]) for word in words][-context:]
    return [ids[UNKNOWN]] * (context - len(known)) + known


def unknown_words(phrase: str, corpus: Corpus, context: int) -> tuple[str, ...]:
    """Those of a phrase's last `context` words that `phrase_ids` takes as `<unk>`, as typed but in lower case."""
    known = set(corpus.words)
    return tuple(dict.fromkeys(word for word in tokenised(phrase)[-context:] if word not in known))


@dataclass(frozen=True)
class TextSource:
    """A plan whose sizes are decided, and the words of its text and what was found in it, nothing for the chain.

    `notices` say in a line each what of the phrase is not among the words.
    """

    plan: VocabularyPlan
    words: Sequence[str] = ()
    text: VocabularyText | None = None
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, plan: VocabularyPlan) -> TextSource:
        """Reads the text, if there is one.

        Raises:
            InputError: one line for whatever cannot be carried out.
        """
        question = checked(plan).question
        if not question.text:
            return cls(replace(plan, sizes=plan.sizes or DEFAULT_SIZES))
        words, languages = read_words(path_of(question.text), question.context)
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
