"""Features of contexts: one minibatch for a measurement, or an embedding that learns; and scores to start from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.vocabulary import VocabularyQuestion
from engine.data.streams import stream
from engine.labs.vocabulary.chain import Corpus, batch
from engine.labs.vocabulary.layers import Scores

_BLOCK = 65_536  # rows of the weight that come from one generator


@dataclass(frozen=True)
class Minibatch:
    """Features `(positions, dimension)`, targets `(positions,)` and the counts `(words,)` of the words trained on."""

    features_bd: Tensor
    targets_b: Tensor
    counts_v: Tensor

    @classmethod
    def of(cls, corpus: Corpus, question: VocabularyQuestion, device: torch.device) -> Minibatch:
        """A minibatch of the corpus; its context words have embeddings from N(0, 1)."""
        contexts_bn, targets_b = batch(corpus, question, 0, question.positions)
        different_u, at_bn = torch.unique(torch.from_numpy(contexts_bn), return_inverse=True)
        generator = generator_of(question, "embedding", torch.device("cpu"))
        vectors_ue = torch.randn(len(different_u), question.embedding_dimension, generator=generator)
        features_bd = pooled(vectors_ue, at_bn, question)
        return cls(
            features_bd.to(device, getattr(torch, question.dtype)),
            torch.from_numpy(targets_b).to(device),
            torch.from_numpy(corpus.counts_v).to(device),
        )

    def scores(self, question: VocabularyQuestion, rows: range) -> Scores:
        """Rows of a weight from N(0, 1 / dimension), so that logits vary by about 1; the bias is the log frequency.

        A row has the same numbers whichever rank holds it, and however many there are.
        """
        words, device = len(self.counts_v), self.features_bd.device
        dtype: torch.dtype = getattr(torch, question.dtype)
        weight_vd = torch.empty(len(rows), question.dimension, dtype=dtype, device=device)
        for first in range(rows.start // _BLOCK * _BLOCK, rows.stop, _BLOCK):
            count = min(_BLOCK, words - first)
            generator = generator_of(question, f"weight {first}", torch.device("cpu"))
            block = torch.randn(count, question.dimension, generator=generator).div_(math.sqrt(question.dimension))
            start, stop = max(first, rows.start), min(first + count, rows.stop)
            weight_vd[start - rows.start : stop - rows.start] = block[start - first : stop - first]
        smoothed_v = self.counts_v.double() + 1
        bias_v = (smoothed_v / smoothed_v.sum()).log_()[rows.start : rows.stop].to(dtype)
        return Scores(weight_vd, bias_v)


def pooled(vectors_ve: Tensor, contexts_bn: Tensor, question: VocabularyQuestion) -> Tensor:
    """The features `(batch, dimension)` of contexts: the mean of their words' vectors, or all of them in a row."""
    looked_up_bne = vectors_ve[contexts_bn]
    return looked_up_bne.flatten(1) if question.features == "concatenated" else looked_up_bne.mean(1)


def generator_of(question: VocabularyQuestion, purpose: str, device: torch.device) -> torch.Generator:
    """A random stream of its own for every purpose."""
    seed = int(stream(question.seed, purpose).integers(2**63))
    return torch.Generator(device).manual_seed(seed)


@dataclass(frozen=True)
class ContextFeatures:
    """An embedding `(words, embedding_dimension)`, and features `(batch, dimension)` of contexts `(batch, context)`."""

    vectors_ve: Tensor
    question: VocabularyQuestion

    @classmethod
    def initial(cls, question: VocabularyQuestion, words: int, device: torch.device) -> ContextFeatures:
        """Vectors from N(0, 1 / √embedding_dimension): features then have a length of about 1."""
        shape = (words, question.embedding_dimension)
        vectors_ve = torch.empty(shape, dtype=getattr(torch, question.dtype), device=device)
        generator = generator_of(question, "initial embedding", device)
        return cls(vectors_ve.normal_(0, question.embedding_dimension**-0.5, generator=generator), question)

    def forward(self, contexts_bn: Tensor) -> Tensor:
        """The features of a minibatch of contexts; they know no gradient, `descend` takes it."""
        return pooled(self.vectors_ve, contexts_bn, self.question)

    def descend(self, contexts_bn: Tensor, gradient_bd: Tensor, learning_rate: float) -> None:
        """A step of SGD. Backward, the gradient of a feature goes to the words it was made of, and to no other row."""
        count = contexts_bn.shape[1]
        if self.question.features == "concatenated":
            gradient_re = gradient_bd.reshape(-1, self.vectors_ve.shape[1])
        else:
            gradient_re = (gradient_bd / count).repeat_interleave(count, 0)
        self.vectors_ve.index_add_(0, contexts_bn.flatten(), gradient_re, alpha=-learning_rate)
