"""A text as the lab trains on it, and the Zipf-Markov chain that writes one without a file, over any number of words.

Half of the time the next word follows from the last one: each word has four followers, found by hashing, the first
twice as likely as the second and so on. Else it is drawn by Zipf's law (the log-uniform one). So there is something to
learn, words have the frequencies of a language, and the perplexity of a perfect model is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.contract.vocabulary import VocabularyQuestion
from engine.data.streams import stream

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Corpus:
    """Word ids to train on, and ids held out; `counts_v` is of those trained on, and falls (or stays) with the id.

    `words` are the spellings by id, empty where the words have none. `unknown_share` is the share of the held-out words
    that the vocabulary lacks, None for the chain, whose words are all known. `chain_loss` is the mean loss of the
    held-out words under the chain that wrote them, None for a text.
    """

    size: int
    train_t: Ids
    held_out_t: Ids
    counts_v: Ids
    words: tuple[str, ...] = ()
    unknown_share: float | None = None
    chain_loss: float | None = None

    def windows(self, ids_t: Ids, context: int) -> tuple[Ids, Ids]:
        """Every run of `context` words `(positions, context)` and the word that follows it `(positions,)`."""
        contexts_pn = np.lib.stride_tricks.sliding_window_view(ids_t[:-1], context)
        return contexts_pn, ids_t[context:]

    @property
    def bands(self) -> tuple[int, int]:
        """The first id beyond the most frequent words that make up half of the words trained on, and beyond 90 %."""
        mass_v = self.counts_v.cumsum() / max(1, self.counts_v.sum())
        middle, rare = np.searchsorted(mass_v, (0.5, 0.9)) + 1
        return int(middle), int(rare)


def batch(corpus: Corpus, question: VocabularyQuestion, step: int, positions: int) -> tuple[Ids, Ids]:
    """Contexts `(positions, context)` and targets `(positions,)` of one step: a function of seed and step alone."""
    contexts_pn, targets_p = corpus.windows(corpus.train_t, question.context)
    chosen_b = stream(question.seed, "positions", step).integers(len(targets_p), size=positions)
    return contexts_pn[chosen_b], targets_p[chosen_b]


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
