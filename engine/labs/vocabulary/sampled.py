"""Losses that look at a few sampled words instead of all: sampled softmax, and negative sampling.

Sampled softmax estimates the partition from S words drawn from q with replacement. A drawn word has the weight
1 / (S q): its logit less the log of its expected count. The target is no sample: its logit stays as it is (Blanc and
Rendle 2018, "Adaptive Sampled Softmax with Kernel Based Sampling"; importance sampling for language models is Bengio
and Senécal's, 2008). So the estimate of the partition is unbiased, and its log is too small on average. The formula of
Jean et al. (2015, "On Using Very Large Target Vocabulary for Neural Machine Translation") and TensorFlow's
`sampled_softmax_loss` correct the target's logit too. With draws like these that is another loss: the odds against the
target, (1 − p) / p, are multiplied by the target's expected count, so a frequent target costs more and a rare one less.
Negative sampling (Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality")
asks instead whether a word is the next one or noise, and learns log p − log(k q) (Levy and Goldberg 2014).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

_Gradients = tuple[Tensor, Tensor, Tensor, *tuple[None, ...]]


def log_uniform(words: int, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """`count` words of rank 0 … words − 1 drawn with replacement, and the log of each one's expected count.

    q(rank) = log((rank + 2) / (rank + 1)) / log(words + 1): roughly Zipf's law, if the most frequent word is rank 0.
    """
    uniform_s = torch.rand(count, generator=generator, dtype=torch.float64, device=generator.device)
    ranks_s = ((uniform_s * math.log(words + 1)).exp().long() - 1).clamp_(0, words - 1)
    return ranks_s, log_expected_count(ranks_s, words, count)


def log_expected_count(ranks_s: Tensor, words: int, count: int) -> Tensor:
    """log(count · q(rank)) in float64, for ranks of any shape."""
    return (1 / (ranks_s.double() + 1)).log1p_().log_() + math.log(count / math.log(words + 1))


def sampled_log_partition(
    target_logit_b: Tensor, sampled_logits_bs: Tensor, log_expected_s: Tensor, hits_bs: Tensor
) -> Tensor:
    """The log of an unbiased estimate of Σ exp(logit) over all words, `(batch,)`, from logits `(batch, samples)`.

    The target counts as itself, uncorrected; the samples estimate the others, so a sample that hit the target
    (`hits_bs`) counts nothing. Its logarithm is too small on average (Jensen), the less so the more samples there are.
    """
    corrected_bs = (sampled_logits_bs - log_expected_s).masked_fill(hits_bs, -torch.inf)
    return torch.cat([target_logit_b[:, None], corrected_bs], 1).logsumexp(1)


class SampledCrossEntropy(torch.autograd.Function):
    """Mean of the estimated log-partition − logits[target], a scalar; the gradient touches sampled rows only."""

    @staticmethod
    def forward(
        ctx: Any,
        features_bd: Tensor,
        weight_vd: Tensor,
        bias_v: Tensor,
        targets_b: Tensor,
        samples_s: Tensor,
        log_expected_s: Tensor,
        sparse: bool,
    ) -> Tensor:
        """The mean over the batch; samples `(samples,)` serve all positions, one that is the target is left out."""
        target_bd, sampled_sd = weight_vd[targets_b], weight_vd[samples_s]
        target_logit_b = (features_bd * target_bd).sum(1) + bias_v[targets_b]
        logits_bs = torch.addmm(bias_v[samples_s], features_bd, sampled_sd.T)
        expected_s, hits_bs = log_expected_s.to(logits_bs.dtype), targets_b[:, None] == samples_s
        log_partition_b = sampled_log_partition(target_logit_b, logits_bs, expected_s, hits_bs)
        corrected_bs = logits_bs.sub_(expected_s).masked_fill_(hits_bs, -torch.inf)
        ctx.words, ctx.sparse = len(weight_vd), sparse
        ctx.save_for_backward(
            features_bd, target_bd, sampled_sd, targets_b, samples_s, target_logit_b, corrected_bs, log_partition_b
        )
        return (log_partition_b - target_logit_b).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> _Gradients:
        """As of softmax over the target and the samples: (probability − one_hot) / batch."""
        features_bd, target_bd, sampled_sd, targets_b, samples_s, target_logit_b, corrected_bs, log_partition_b = (
            ctx.saved_tensors
        )
        scale = gradient / len(features_bd)
        target_b = ((target_logit_b - log_partition_b).exp_() - 1) * scale
        sampled_bs = corrected_bs.sub_(log_partition_b[:, None]).exp_().mul_(scale)
        weight_gradient, bias_gradient = _by_row(
            torch.cat([targets_b, samples_s]),
            torch.cat([target_b[:, None] * features_bd, sampled_bs.T @ features_bd]),
            torch.cat([target_b, sampled_bs.sum(0)]),
            ctx.words,
            ctx.sparse,
        )
        features_gradient_bd = torch.addmm(target_b[:, None] * target_bd, sampled_bs, sampled_sd)
        return features_gradient_bd, weight_gradient, bias_gradient, None, None, None, None


class NegativeSampling(torch.autograd.Function):
    """Mean of −log σ(score of the target) − Σ log σ(−score of each negative) over the batch, a scalar."""

    @staticmethod
    def forward(
        ctx: Any,
        features_bd: Tensor,
        weight_vd: Tensor,
        bias_v: Tensor,
        targets_b: Tensor,
        negatives_bk: Tensor,
        sparse: bool,
    ) -> Tensor:
        """The mean over the batch; negatives `(batch, negatives)` are each position's own."""
        words_bw = torch.cat([targets_b[:, None], negatives_bk], 1)  # the target first, then the noise
        rows_bwd = weight_vd[words_bw]
        scores_bw = torch.bmm(rows_bwd, features_bd[:, :, None]).squeeze(2) + bias_v[words_bw]
        ctx.words, ctx.sparse = len(weight_vd), sparse
        ctx.save_for_backward(features_bd, rows_bwd, words_bw, scores_bw)
        log_sigmoid = torch.nn.functional.logsigmoid
        return -(log_sigmoid(scores_bw[:, 0]) + log_sigmoid(-scores_bw[:, 1:]).sum(1)).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> _Gradients:
        """d / d score = σ(score) − label: the label of the target is 1, that of noise is 0."""
        features_bd, rows_bwd, words_bw, scores_bw = ctx.saved_tensors
        difference_bw = scores_bw.sigmoid_()
        difference_bw[:, 0] -= 1
        difference_bw *= gradient / len(features_bd)
        features_gradient_bd = torch.bmm(difference_bw[:, None, :], rows_bwd).squeeze(1)
        values_bwd = torch.mul(difference_bw[:, :, None], features_bd[:, None, :], out=rows_bwd)
        weight_gradient, bias_gradient = _by_row(
            words_bw.flatten(), values_bwd.flatten(0, 1), difference_bw.flatten(), ctx.words, ctx.sparse
        )
        return features_gradient_bd, weight_gradient, bias_gradient, None, None, None


def _by_row(rows_r: Tensor, values_rd: Tensor, biases_r: Tensor, words: int, sparse: bool) -> tuple[Tensor, Tensor]:
    """Gradients of weight `(words, dimension)` and bias `(words,)`: what fell on the same row is added up."""
    if not sparse:
        weight_vd = values_rd.new_zeros(words, values_rd.shape[1])
        return weight_vd.index_add_(0, rows_r, values_rd), biases_r.new_zeros(words).index_add_(0, rows_r, biases_r)
    touched_t, at_r = torch.unique(rows_r, return_inverse=True)
    weight_td = values_rd.new_zeros(len(touched_t), values_rd.shape[1]).index_add_(0, at_r, values_rd)
    bias_t = biases_r.new_zeros(len(touched_t)).index_add_(0, at_r, biases_r)
    return sparse_rows(touched_t, weight_td, words), sparse_rows(touched_t, bias_t, words)


def sparse_rows(rows_t: Tensor, values_t: Tensor, words: int) -> Tensor:
    """A sparse tensor of `words` rows that holds the named ones; each is named once, in order."""
    shape = (words, *values_t.shape[1:])
    return torch.sparse_coo_tensor(rows_t[None], values_t, shape, is_coalesced=True, check_invariants=False)


_POWER = 0.75  # of the word frequencies (Mikolov et al. 2013)


@dataclass(frozen=True)
class Noise:
    """q(word) ∝ (count + 1)^¾ of the words trained on: a word never seen is drawn too. `cumulative_v` is in float64."""

    cumulative_v: Tensor
    generator: torch.Generator

    @classmethod
    def of(cls, counts_v: Tensor, generator: torch.Generator) -> Noise:
        """Counts `(words,)` on the generator's device."""
        cumulative_v = (counts_v.double() + 1).pow_(_POWER).cumsum(0)
        return cls(cumulative_v.div_(cumulative_v[-1].clone()), generator)

    def draw(self, positions: int, count: int) -> Tensor:
        """`(positions, count)` words, with replacement."""
        uniform_bk = torch.rand(
            positions, count, generator=self.generator, dtype=torch.float64, device=self.cumulative_v.device
        )
        return torch.searchsorted(self.cumulative_v, uniform_bk, right=True).clamp_(max=len(self.cumulative_v) - 1)

    def log_expected_v(self, count: int) -> Tensor:
        """log(count · q(word)), `(words,)` in float64."""
        return self.cumulative_v.diff(prepend=self.cumulative_v.new_zeros(1)).mul_(count).log_()
