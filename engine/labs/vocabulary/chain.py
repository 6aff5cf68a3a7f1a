"""A Zipf-Markov chain: an endless text over any number of words, so that the lab runs without a file.

Half of the time the next word follows from the last one: each word has four followers, found by hashing, the first
twice as likely as the second and so on. Else it is drawn by Zipf's law (the log-uniform one). So there is something to
learn, words have the frequencies of a language, and the perplexity of a perfect model is known.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.contract.vocabulary import VocabularyQuestion
from engine.data.streams import stream
from engine.labs.vocabulary.corpus import Corpus, Ids

COUPLING = 0.5
FOLLOWERS = np.array([8.0, 4.0, 2.0, 1.0]) / 15.0
_SENTENCES = 256  # that grow at once, word for word
_HELD_OUT = 8  # of so many words one is held out


def write(question: VocabularyQuestion, words: int) -> Corpus:
    """The words to train on, `question.train_words` or a few more, and an eighth as many held out.

    Every sentence is written whole to one side or the other; the same question and size give the same words.
    """
    length = -(-question.train_words // _SENTENCES) + question.context + 1
    random = stream(question.seed, "chain", words)
    train = _sentences(words, _SENTENCES, length, random)
    held_out = _sentences(words, max(1, _SENTENCES // _HELD_OUT), length, random)
    counts = np.bincount(train.ravel(), minlength=words)
    # A word's id is its rank, also where chance has it that a rarer word came up more often.
    order = np.argsort(-counts, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(words)
    return Corpus(
        size=words,
        train_t=rank[train.ravel()],
        held_out_t=rank[held_out.ravel()],
        counts_v=counts[order],
        chain_loss=_loss(held_out, words),
    )


def _sentences(words: int, count: int, length: int, random: np.random.Generator) -> Ids:
    """`(count, length)` ids by the chain's own ranks."""
    out = np.empty((length, count), dtype=np.int64)
    out[0] = _zipf(random.random(count), words)
    edges = FOLLOWERS.cumsum()
    for position in range(1, length):
        follows, which, fresh = random.random((3, count))
        choice = np.minimum(np.searchsorted(edges, which, side="right"), len(FOLLOWERS) - 1)
        out[position] = np.where(follows < COUPLING, _follower(out[position - 1], choice, words), _zipf(fresh, words))
    return out.T


def _zipf(uniform: NDArray[np.float64], words: int) -> Ids:
    """Ranks by log((r + 2) / (r + 1)) / log(words + 1)."""
    return np.clip(np.exp(uniform * math.log(words + 1)).astype(np.int64) - 1, 0, words - 1)


def _follower(word: Ids, choice: Ids, words: int) -> Ids:
    """The follower of a word: its place in Zipf's law is a hash of both (the finaliser of splitmix64)."""
    mixed = (word.astype(np.uint64) * np.uint64(len(FOLLOWERS)) + choice.astype(np.uint64)) * np.uint64(
        0x9E3779B97F4A7C15
    )
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return _zipf((mixed ^ (mixed >> np.uint64(31))).astype(np.float64) / 2.0**64, words)


def _loss(sentences: Ids, words: int) -> float:
    """The mean of −log P(word | the one before it) under the chain itself, in nats."""
    before, after = sentences[:, :-1].ravel(), sentences[:, 1:].ravel()
    probability = (1 - COUPLING) * np.log((after + 2) / (after + 1)) / math.log(words + 1)
    for choice, weight in enumerate(FOLLOWERS):
        probability += COUPLING * weight * (_follower(before, np.full_like(before, choice), words) == after)
    return float(-np.log(probability).mean())
