"""What an output layer will hold, computed before anything is allocated: shapes alone, no torch.

How many words of a minibatch are alike is estimated: of those drawn by Zipf's law with the log-uniform one, by which
the words of rank below r make up log(r + 1) / log(V + 1); of a text's with `coverage`. Where memory hangs on how many
targets fall somewhere, a standard deviation is added: better a little too much than too little.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from msgspec.structs import replace

from engine.contract.vocabulary import Method, VocabularyQuestion

DIVISOR = 4.0  # adaptive: a cluster's dimensions are the features' over 4, over 16, … (torch's default)
_INDEX = 8  # bytes of an int64
_NOISE = 0.75  # negative: the power of (count + 1) that noise is drawn by
_BYTES = {"bfloat16": 2, "float32": 4, "float64": 8}


def cutoffs(words: int) -> tuple[int, ...]:
    """Where adaptive's clusters begin: at rank √V and at rank V^¾."""
    return tuple(sorted({edge for edge in (math.isqrt(words - 1) + 1, round(words**0.75)) if 1 <= edge < words} or {1}))


def share(start: int, stop: int, words: int) -> float:
    """Of a text, the words of rank start … stop − 1."""
    return math.log((stop + 1) / (start + 1)) / math.log(words + 1)


def coverage(rank: int, words: int, written: int) -> float:
    """Of a text of so many words `written`, those of rank below `rank` when ranks are sorted by count.

    The log-uniform law, crowded to its head. It ends where it would have less than one word come up: from there on each
    word came up once until all were written, and the rest of the vocabulary never did.
    """
    once = _first_rarer(words, written, 1)
    if rank <= once:
        return _crowded(rank, words)
    return min(1.0, _crowded(once, words) + (rank - once) / written)


def seldom(words: int, written: int, times: int) -> int:
    """How many words of the chain's vocabulary are expected fewer than so many times in so many words `written`."""
    return words - _first_rarer(words, written, times)


def distinct(draws: int, words: int) -> float:
    """How many different words so many draws are expected to hit: Σ 1 − (1 − q)^draws, ranks in steps of a tenth."""
    shares = ((stop - start, share(start, stop, words)) for start, stop in _steps(words))
    return sum(count * _hit(draws, q / count) for count, q in shares)


def parameter_bytes(method: Method, question: VocabularyQuestion, words: int, ranks: int = 1) -> int:
    """What the layer keeps from step to step, on one rank."""
    size, d = _BYTES[question.dtype], question.dimension
    if method == "adaptive":
        return size * _adaptive_parameters(words, d)
    own_rows = words if ranks == 1 else -(-words // ranks)
    kept = size * own_rows * (d + 1)
    if method == "class-based":
        kept += size * _classes(words) * (d + 1)
    if method == "negative":
        kept += words * (size + 8)  # log(k q), and the float64 table that noise is drawn from
    return kept


def predicted_bytes(method: Method, question: VocabularyQuestion, words: int, ranks: int = 1) -> int:
    """The most that forward and backward together hold at once beyond parameters and inputs, on one rank."""
    size, b, d = _BYTES[question.dtype], question.positions, question.dimension
    wide = max(size, 4)  # sums are held in float32 at least
    narrow = 0 if wide == size else size  # a copy in the narrower type, where there is one
    rows = -(-words // ranks)
    dense = size * rows * (d + 1)
    features = size * b * d
    if method == "full":
        # Forward: logits and their exponentials. Backward: the logits' gradient over the logits, and the weight's.
        return b * rows * wide + max(b * rows * wide, dense + features + b * rows * narrow)
    if method == "chunked":
        held = b * min(question.chunk, rows) * (wide + narrow)
        return dense + held + (2 * size + 2 * wide) * b * d
    if method == "sampled":
        s = question.samples
        touched = distinct(b + s, words)
        values = (b + s) * d * size
        own = dense if question.gradients == "dense" else round(touched * (d + 1)) * size + (b + s) * _INDEX * 4
        # Forward: the logits, corrected, together with the target's, and their exponentials; one byte says what hit.
        return values + max(b * s * (4 * size + 1), b * s * size + features + 2 * values + own)
    if method == "negative":
        return _negative(question, words, dense)
    if method == "class-based":
        return _class_based(question, words, dense)
    return _adaptive(question, words)


def logits_bytes(question: VocabularyQuestion, words: int) -> int:
    """The logits of all words for every position."""
    return question.positions * words * max(_BYTES[question.dtype], 4)


def training_bytes(methods: Sequence[Method], question: VocabularyQuestion, words: int) -> int:
    """All models in memory beside each other, and the dearest step: they are trained in turns."""
    kept = sum(embedding_bytes(question, words) + parameter_bytes(method, question, words) for method in methods)
    minibatch = replace(question, positions=question.batch_size)
    return kept + max(predicted_bytes(method, minibatch, words) for method in methods)


def embedding_bytes(question: VocabularyQuestion, words: int) -> int:
    """The table of word vectors that the features are looked up in."""
    return _BYTES[question.dtype] * words * question.embedding_dimension


def _classes(words: int) -> int:
    return -(-words // (math.isqrt(words - 1) + 1))


def _hit(draws: int, q: float) -> float:
    """The probability that something of probability q comes up in so many draws."""
    return 1.0 if q >= 1 else -math.expm1(draws * math.log1p(-q))


def _steps(words: int) -> Iterator[tuple[int, int]]:
    """All ranks, a tenth more at a time: first and beyond the last."""
    start = 0
    while start < words:
        stop = min(max(start + 1, round(start * 1.1)), words)
        yield start, stop
        start = stop


def _crowded(rank: int, words: int) -> float:
    """Half of the chain's words follow from the last: few words are many of them. Fitted, from 1k to 1M words."""
    return 1.0 - (1.0 - share(0, rank, words)) ** (1.06 + 0.07 * math.log10(words)) if rank < words else 1.0


@lru_cache(maxsize=4096)
def _first_rarer(words: int, written: int, times: int) -> int:
    """The first rank expected fewer than so many times in so many words (they fall with it); `words` if none is."""
    return bisect_left(
        range(words), True, key=lambda r: (_crowded(r + 1, words) - _crowded(r, words)) * written < times
    )


def _negative(question: VocabularyQuestion, words: int, dense: int) -> int:
    size, b, d, k = _BYTES[question.dtype], question.positions, question.dimension, question.negatives
    drawn, written = b * (1 + k), question.train_words
    # From forward to backward: the drawn words, their rows (the gradients are written over them) and their scores.
    held = drawn * (_INDEX + size * d + size) + size * b * d  # and the gradient of the features
    if question.gradients == "dense":
        return held + dense
    steps = [
        (stop - start, coverage(stop, words, written) - coverage(start, words, written))
        for start, stop in _steps(words)
    ]
    noise = [count * (written * q / count + 1) ** _NOISE for count, q in steps]
    total, touched = sum(noise), 0.0
    for (count, q), own in zip(steps, noise, strict=True):
        touched += count * (1 - (1 - _hit(b, q / count)) * (1 - _hit(b * k, own / total / count)))
    # Of each word its index and the gradients of weight and bias, and of each draw which word it is; or, while the
    # different words are being found, the draws sorted and where each was, too.
    return held + round(touched * _INDEX + max(touched * size * (d + 1) + drawn * _INDEX, 3 * drawn * _INDEX))


@lru_cache(maxsize=256)
def _class_shares(words: int, written: int) -> tuple[float, ...]:
    """Of a text, the words of each class."""
    width = math.isqrt(words - 1) + 1
    edges = [coverage(min(c * width, words), words, written) for c in range(_classes(words) + 1)]
    return tuple(after - before for before, after in pairwise(edges))


def _class_based(question: VocabularyQuestion, words: int, dense: int) -> int:
    size, b, d, written = _BYTES[question.dtype], question.positions, question.dimension, question.train_words
    width, classes, shares = math.isqrt(words - 1) + 1, _classes(words), _class_shares(words, written)
    largest = b * max(shares)  # targets in the most frequent class
    hits = [_hit(b, q) for q in shares]
    hit = sum(hits) + math.sqrt(sum(q * (1 - q) for q in hits))
    rows = min(words, width * hit)  # words of the classes that have a target
    own = dense if question.gradients == "dense" else 0
    # From forward to backward: log-probabilities of classes and of words within a class; which class, which position.
    held = b * (classes + width) * size + 2 * b * _INDEX
    # Forward: the logits and the features of the largest class.
    forward = held + largest * (width + d) * size
    # Backward: index and gradients of the rows, the gradient of the features; and its part from the largest class, or
    # the rows in a gradient of all words.
    gradients = rows * (_INDEX + (d + 1) * size) + b * d * size
    backward = held + gradients + max(largest * d * size, own)
    # At last the gradients of the classes, when what is within classes is done with.
    last = held - b * width * size + gradients + own + classes * (d + 1) * size
    return round(max(forward, backward, last))


def _adaptive_clusters(words: int, d: int) -> list[tuple[int, int, int]]:
    """First rank, number of words and dimensions of each cluster."""
    edges = (*cutoffs(words), words)
    pairs = pairwise(edges)
    return [(start, stop - start, int(d // DIVISOR ** (i + 1))) for i, (start, stop) in enumerate(pairs)]


def _adaptive_parameters(words: int, d: int) -> int:
    clusters = _adaptive_clusters(words, d)
    head = (cutoffs(words)[0] + len(clusters)) * (d + 1)
    return head + sum(inner * (d + count) for _, count, inner in clusters)


def _adaptive(question: VocabularyQuestion, words: int) -> int:
    size, b, d, written = _BYTES[question.dtype], question.positions, question.dimension, question.train_words
    clusters = _adaptive_clusters(words, d)
    head = cutoffs(words)[0] + len(clusters)
    # Of each cluster: outputs, parameters, and what its projection keeps (features, and what they are projected to).
    outputs, parameters, kept = [], [], 0.0
    for start, count, inner in clusters:
        q = coverage(start + count, words, written) - coverage(start, words, written)
        here = b * q + math.sqrt(b * q * (1 - q))  # targets in it
        outputs.append(here * count)
        parameters.append(inner * (d + count))
        kept += here * (d + inner)
    # Forward: log-probabilities of all, with them the last cluster's logits and the head's.
    highest = sum(outputs) + outputs[-1] + 2 * b * head + kept
    # Backward, the head first, then from the last cluster on: of one the log-probabilities and two gradients of them,
    # beside log-probabilities of those to come, gradients of the parameters so far, and the features' (and a part).
    gradients = 0.0
    outputs, parameters = [b * head, *reversed(outputs)], [head * (d + 1), *reversed(parameters)]
    for index, (own, kept_gradients) in enumerate(zip(outputs, parameters, strict=True)):
        highest = max(highest, sum(outputs[index:]) + 2 * own + gradients + kept + (b * d if index else 0))
        gradients += kept_gradients
        # The parameters' gradients are there before the outputs' is gone.
        highest = max(highest, sum(outputs[index:]) + gradients + kept + 2 * b * d)
    return math.ceil(size * highest)
