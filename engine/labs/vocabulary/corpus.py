"""Words as numbers: 0 is the most frequent. From a text file, or written by the chain."""

from __future__ import annotations

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
