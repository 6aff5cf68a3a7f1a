"""What fits into the memory there is, and the line that says what does not and what would."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from engine.contract.vocabulary import EXACT_METHODS, LEAST_SIZE, METHODS, MOST_SIZE, Method, VocabularyQuestion
from engine.verdicts.figures import bytes_words
from engine.verdicts.naming import listed
from engine.verdicts.vocabulary_memory import parameter_bytes, predicted_bytes, training_bytes


def refusal(method: Method, question: VocabularyQuestion, words: int, available: int, ranks: int = 1) -> str:
    """One line that says why a layer does not fit into so many bytes and what would; "" where it fits."""
    needs = _needed(method, question, words, ranks)
    if needs <= available:
        return ""
    others = listed(fitting(question, words, available, ranks))
    way = f"{others} would fit" if others else _fewer(method, most_words(method, question, available, ranks))
    room = room_text(question, available, ranks)
    return f"{method} needs {bytes_words(needs)} for {words:,} words, {room}; {way}"


def training_refusal(methods: Sequence[Method], question: VocabularyQuestion, words: int, available: int) -> str:
    """One line that says why methods cannot be trained beside each other and what could; "" where they can."""
    needs = training_bytes(methods, question, words)
    if needs <= available:
        return ""
    dearest = sorted(methods, key=lambda one: _needed(one, question, words, 1), reverse=True)
    fewer = [dearest[count:] for count in range(1, len(dearest))]
    fit = next((left for left in fewer if training_bytes(left, question, words) <= available), ())
    most = _most(lambda size: training_bytes(methods, question, size) <= available)
    way = f"{listed([one for one in methods if one in fit])} would fit" if fit else _fewer(listed(methods), most)
    together = " beside each other" if len(methods) > 1 else ""
    room = room_text(question, available)
    return f"training {listed(methods)}{together} needs {bytes_words(needs)} for {words:,} words, {room}; {way}"


def fitting(question: VocabularyQuestion, words: int, available: int, ranks: int = 1) -> tuple[Method, ...]:
    """Which of all methods fit; those that give the gradient of softmax over all words come last."""
    order = sorted(METHODS, key=lambda method: method in EXACT_METHODS)
    computed = [method for method in order if method != "adaptive" or question.dtype != "bfloat16"]
    return tuple(one for one in computed if _needed(one, question, words, ranks) <= available)


def most_words(method: Method, question: VocabularyQuestion, available: int, ranks: int = 1) -> int:
    """The largest vocabulary at which a method fits, by what is predicted; 0 where none does."""
    return _most(lambda words: _needed(method, question, words, ranks) <= available)


def room_text(question: VocabularyQuestion, available: int, ranks: int = 1) -> str:
    """What there is room in: the limit that was set, or what is free."""
    if available == question.memory:
        return f"the limit is {bytes_words(available)}"
    if ranks > 1 and available == question.memory // ranks:
        return f"the limit of each rank is {bytes_words(available)}"
    return f"{bytes_words(available)} are free"


def fits_sentence(method: Method, question: VocabularyQuestion, words: int, available: int) -> str:
    """What there is room in, and whether a layer fits into so many bytes."""
    room, line = room_text(question, available), refusal(method, question, words, available)
    name = method[0].upper() + method[1:]
    fits = f"{name} does not fit; {line.rpartition('; ')[2]}." if line else f"{name} fits."
    return f"{room[0].upper()}{room[1:]}. {fits}"


def _needed(method: Method, question: VocabularyQuestion, words: int, ranks: int) -> int:
    own = ranks if method in EXACT_METHODS else 1  # the others are not sharded
    return sum(count(method, question, words, own) for count in (predicted_bytes, parameter_bytes))


def _most(fits: Callable[[int], bool]) -> int:
    """The most words that fit, to two digits; 0 where not even the fewest do."""
    words = bisect_left(range(LEAST_SIZE, MOST_SIZE + 1), True, key=lambda words: not fits(words)) + LEAST_SIZE - 1
    unit = 10 ** max(0, len(str(words)) - 2)
    return words // unit * unit if words >= LEAST_SIZE else 0


def _fewer(what: str, words: int) -> str:
    return f"{what} would fit up to {words:,} words" if words else "fewer positions or dimensions would fit"
