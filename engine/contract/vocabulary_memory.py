"""What an output layer will hold, computed before anything is allocated: shapes alone, no torch.

How many words of a minibatch are alike is estimated with Zipf's law, as log-uniform sampling has it: the words of rank
below r make up log(r + 1) / log(V + 1) of a text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from engine.contract.vocabulary import Method, VocabularyQuestion

DIVISOR = 4.0  # adaptive: a cluster's dimensions are the features' over 4, over 16, … (torch's default)
_INDEX = 8  # bytes of an int64
_BYTES = {"bfloat16": 2, "float32": 4, "float64": 8}


def cutoffs(words: int) -> tuple[int, ...]:
    """Where adaptive's clusters begin: at rank √V and at rank V^¾."""
    return tuple(sorted({edge for edge in (math.isqrt(words - 1) + 1, round(words**0.75)) if 1 <= edge < words} or {1}))


def share(start: int, stop: int, words: int) -> float:
    """Of a text, the words of rank start … stop − 1."""
    return math.log((stop + 1) / (start + 1)) / math.log(words + 1)


def distinct(draws: int, words: int) -> float:
    """How many different words so many draws are expected to hit: Σ 1 − (1 − q)^draws, ranks in steps of a tenth."""
    found, start = 0.0, 0
    while start < words:
        stop = min(max(start + 1, round(start * 1.1)), words)
        q = share(start, stop, words) / (stop - start)
        found += (stop - start) * -math.expm1(draws * math.log1p(-q))
        start = stop
    return found


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
        drawn = b * (1 + question.negatives)
        touched = min(drawn, distinct(drawn, words))
        own = dense if question.gradients == "dense" else round(touched * (d + 1)) * size + drawn * _INDEX * 4
        return drawn * (d * size + _INDEX * 3) + features + own
    if method == "class-based":
        width, classes = math.isqrt(words - 1) + 1, _classes(words)
        hit = _classes_hit(b, width, classes, words)
        own = dense if question.gradients == "dense" else 0
        return round(b * (classes + width) * size * 2 + own + hit * width * ((d + 1) * size + _INDEX) + 2 * features)
    return _adaptive(b, d, size, words)


def training_bytes(methods: Sequence[Method], question: VocabularyQuestion, words: int) -> int:
    """All models in memory beside each other, and the dearest step: they are trained in turns."""
    embedding = _BYTES[question.dtype] * words * question.embedding_dimension
    kept = sum(embedding + parameter_bytes(method, question, words) for method in methods)
    return kept + max(predicted_bytes(method, question, words) for method in methods)


def embedding_bytes(question: VocabularyQuestion, words: int) -> int:
    """The table of word vectors that the features are looked up in."""
    return _BYTES[question.dtype] * words * question.embedding_dimension


def refusal(method: Method, question: VocabularyQuestion, words: int, available: int, ranks: int = 1) -> str:
    """One line that says why a layer does not fit into so many bytes and what would; "" where it fits."""
    needs = _needed(method, question, words, ranks)
    if needs <= available:
        return ""
    fits = method != "chunked" and _needed("chunked", question, words, ranks) <= available
    way = "chunked would fit" if fits else "fewer words or positions would fit"
    free = bytes_text(available)
    return f"{method} needs {bytes_text(needs)} for {words:,} words, {free} are free; {way}"


def bytes_text(count: int) -> str:
    """8.2 GB, 34 MB, 512 kB."""
    unit, scale = next(((unit, scale) for unit, scale in (("GB", 1e9), ("MB", 1e6)) if count >= scale), ("kB", 1e3))
    return f"{count / scale:.1f} {unit}" if count < 1e10 and unit == "GB" else f"{count / scale:.3g} {unit}"


def _needed(method: Method, question: VocabularyQuestion, words: int, ranks: int) -> int:
    return sum(count(method, question, words, ranks) for count in (predicted_bytes, parameter_bytes))


def _classes(words: int) -> int:
    return -(-words // (math.isqrt(words - 1) + 1))


def _classes_hit(draws: int, width: int, classes: int, words: int) -> float:
    """Classes with at least one of so many targets."""
    shares = (share(c * width, min((c + 1) * width, words), words) for c in range(classes))
    return sum(1.0 if q >= 1 else -math.expm1(draws * math.log1p(-q)) for q in shares)


def _adaptive_clusters(words: int, d: int) -> list[tuple[int, int, int]]:
    """First rank, number of words and dimensions of each cluster."""
    edges = (*cutoffs(words), words)
    pairs = pairwise(edges)
    return [(start, stop - start, int(d // DIVISOR ** (i + 1))) for i, (start, stop) in enumerate(pairs)]


def _adaptive_parameters(words: int, d: int) -> int:
    clusters = _adaptive_clusters(words, d)
    head = (cutoffs(words)[0] + len(clusters)) * (d + 1)
    return head + sum(inner * (d + count) for _, count, inner in clusters)


def _adaptive(b: int, d: int, size: int, words: int) -> int:
    """Of each cluster's logits the log-softmax is kept; the largest cluster has its logits, and two gradients, too."""
    clusters = _adaptive_clusters(words, d)
    outputs = [b * (cutoffs(words)[0] + len(clusters))]
    outputs += [math.ceil(b * share(start, start + count, words)) * count for start, count, _ in clusters]
    return size * (sum(outputs) + 2 * max(outputs) + _adaptive_parameters(words, d) + 2 * b * d)
