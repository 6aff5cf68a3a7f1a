"""What the next word is predicted from: the embeddings of the last words, averaged or in a row."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.contract.vocabulary import VocabularyQuestion
from engine.labs.vocabulary.minibatch import generator_of, pooled


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
