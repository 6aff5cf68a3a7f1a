"""Training every method on the same words, at equal steps and at equal time: a race in turns."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.contract.vocabulary import OWN_PARAMETERS, Method, VocabularyQuestion
from engine.contract.vocabulary_events import (
    Bands,
    Continuation,
    VocabularyEvaluated,
    VocabularyProgress,
    VocabularyTrained,
)
from engine.labs.vocabulary.chain import Corpus, batch
from engine.labs.vocabulary.layers import OutputLayer, Scores, own_layer, softmax_layer
from engine.labs.vocabulary.minibatch import ContextFeatures, generator_of
from engine.labs.vocabulary.sampled import Noise
from engine.labs.vocabulary.text import phrase_ids

_SIGMA = 0.01  # of the initial weights, as the book's
_TURN_SECONDS = 0.1  # of training, then it is the next method's turn
_LATER = 1.25  # times the seconds at which a model was last looked at: as evenly as a log axis has it
_AT_ONCE = 512
_HELD_OUT = 1024  # positions that perplexity is measured on


@dataclass(frozen=True)
class _Stock:
    """What a model came to at the steps that all methods do: with one seed the same on every machine, but the time."""

    seconds: float
    perplexity: float
    bands: Bands
    continuations: tuple[Continuation, ...]


@dataclass
class _Racer:
    """One model, and how far it is: steps, seconds of training, and the perplexities on the way."""

    method: Method
    features: ContextFeatures
    layer: OutputLayer
    steps: int = 0
    seconds: float = 0.0
    evaluated_at: int = -1
    evaluated_seconds: float = 0.0
    at_equal_steps: _Stock | None = None
    rows_touched: list[int] = field(default_factory=list)


def race(
    methods: tuple[Method, ...], question: VocabularyQuestion, corpus: Corpus, device: torch.device, phrase: str = ""
) -> Iterator[VocabularyProgress | VocabularyEvaluated | VocabularyTrained]:
    """Yields every evaluation, and at last what came of each method.

    The method with the least seconds so far takes the next turn, until all have done their steps; the fast ones have
    then done more, in the same time. Minibatch number i is the same for all of them. Evaluating takes no time.

    Raises:
        InputError: at the first event, for a phrase without a known word.
    """
    contexts_1n = None
    if phrase:
        contexts_1n = torch.tensor([phrase_ids(phrase, corpus, question.context)], device=device)
    held_out = _held_out(corpus, question, device)
    racers = [_racer(method, question, corpus, device) for method in methods]
    for racer in racers:
        yield _evaluated(racer, corpus, held_out)
    while behind := [racer for racer in racers if racer.steps < question.steps]:
        racer = min(racers, key=lambda one: one.seconds)
        turn_ends = racer.seconds + _TURN_SECONDS
        while racer.seconds < turn_ends:
            _step(racer, corpus, question, device)
            if racer.steps == question.steps:
                yield _evaluated(racer, corpus, held_out)
                racer.at_equal_steps = _stock(
                    racer, corpus, held_out, _continuations(racer, contexts_1n, question, corpus)
                )
            if racer.steps == question.steps and len(behind) == 1:
                break
        slowest = min(behind, key=lambda one: one.steps)
        yield VocabularyProgress(
            stage="training",
            method=slowest.method,
            vocabulary_size=corpus.size,
            done=min(one.steps for one in racers),
            total=question.steps,
        )
        if racer.seconds > _LATER * racer.evaluated_seconds:
            yield _evaluated(racer, corpus, held_out)
    ends = max(racer.seconds for racer in racers)  # a turn is longer than the steps that were left to the last one
    for racer in racers:
        while racer.seconds < ends:
            _step(racer, corpus, question, device)
        if racer.evaluated_at != racer.steps:
            yield _evaluated(racer, corpus, held_out)
        yield _trained(racer, question, corpus, held_out, phrase)


def _racer(method: Method, question: VocabularyQuestion, corpus: Corpus, device: torch.device) -> _Racer:
    """Weights from N(0, 0.01²), the same for all softmaxes over all words; biases 0."""
    dtype: torch.dtype = getattr(torch, question.dtype)
    features = ContextFeatures.initial(question, corpus.size, device)
    layer: OutputLayer
    if method in OWN_PARAMETERS:
        generator = generator_of(question, f"initial {method}", device)
        layer = own_layer(method, question, corpus.size, _SIGMA, generator)
    else:
        weight_vd = torch.empty(corpus.size, question.dimension, dtype=dtype, device=device)
        weight_vd.normal_(0, _SIGMA, generator=generator_of(question, "initial weight", device))
        noise = Noise.of(
            torch.from_numpy(corpus.counts_v).to(device), generator_of(question, f"noise {method}", device)
        )
        scores = Scores(weight_vd, torch.zeros(corpus.size, dtype=dtype, device=device))
        layer = softmax_layer(method, question, scores, noise, biased=False)
    return _Racer(method, features, layer)


def _step(racer: _Racer, corpus: Corpus, question: VocabularyQuestion, device: torch.device) -> None:
    """One minibatch of SGD, timed: drawing the minibatch is not the method's affair."""
    drawn = batch(corpus, question, racer.steps, question.batch_size)
    contexts_bn, targets_b = (torch.from_numpy(ids).to(device) for ids in drawn)
    began = _now(device)
    features_bd = racer.features.forward(contexts_bn).requires_grad_()
    racer.layer.loss(features_bd, targets_b).backward()  # type: ignore[no-untyped-call]  # torch declares no types here
    assert features_bd.grad is not None
    rows_touched = racer.layer.rows_touched()
    for parameter in racer.layer.parameters.values():
        descend(parameter, question.learning_rate)
    racer.features.descend(contexts_bn, features_bd.grad, question.learning_rate)
    racer.seconds += _now(device) - began
    racer.rows_touched.append(rows_touched)
    racer.steps += 1


@torch.no_grad()
def descend(parameter: Tensor, learning_rate: float) -> None:
    """parameter −= learning_rate · gradient, of a sparse gradient its rows alone; the gradient is gone then."""
    gradient = parameter.grad
    if gradient is not None and gradient.is_sparse:
        parameter.index_add_(0, gradient._indices()[0], gradient._values(), alpha=-learning_rate)
    elif gradient is not None:
        parameter.sub_(gradient, alpha=learning_rate)
    parameter.grad = None


def _held_out(corpus: Corpus, question: VocabularyQuestion, device: torch.device) -> tuple[Tensor, Tensor]:
    """Contexts and targets that were never trained on, at even distances."""
    contexts_pn, targets_p = corpus.windows(corpus.held_out_t, question.context)
    every = max(1, len(targets_p) // _HELD_OUT)
    return tuple(  # type: ignore[return-value]  # two of them
        torch.from_numpy(ids[::every][:_HELD_OUT].copy()).to(device) for ids in (contexts_pn, targets_p)
    )


def _losses(racer: _Racer, held_out: tuple[Tensor, Tensor]) -> Tensor:
    """−log P of each held-out word, `(positions,)` in float64."""
    parts = zip(*(torch.split(ids, _AT_ONCE) for ids in held_out), strict=True)
    return torch.cat([racer.layer.losses(racer.features.forward(c), t).double() for c, t in parts])


def _evaluated(racer: _Racer, corpus: Corpus, held_out: tuple[Tensor, Tensor]) -> VocabularyEvaluated:
    perplexity = _exp(_losses(racer, held_out).mean().item())
    racer.evaluated_at, racer.evaluated_seconds = racer.steps, racer.seconds
    return VocabularyEvaluated(
        method=racer.method,
        vocabulary_size=corpus.size,
        steps=racer.steps,
        seconds=racer.seconds,
        perplexity=perplexity,
    )


def _stock(
    racer: _Racer, corpus: Corpus, held_out: tuple[Tensor, Tensor], continuations: tuple[Continuation, ...]
) -> _Stock:
    losses_p, targets_p = _losses(racer, held_out), held_out[1]
    middle, rare = corpus.bands
    bands = (targets_p < middle, (targets_p >= middle) & (targets_p < rare), targets_p >= rare)
    means = (losses_p[band_p].mean().item() if band_p.any() else None for band_p in bands)
    return _Stock(racer.seconds, _exp(losses_p.mean().item()), Bands(*means), continuations)


def _trained(
    racer: _Racer, question: VocabularyQuestion, corpus: Corpus, held_out: tuple[Tensor, Tensor], phrase: str
) -> VocabularyTrained:
    equal, targets_p = racer.at_equal_steps, held_out[1]
    assert equal is not None
    counts_v = torch.from_numpy(corpus.counts_v).to(targets_p.device).double() + 1
    return VocabularyTrained(
        method=racer.method,
        vocabulary_size=corpus.size,
        equal_steps=question.steps,
        seconds_at_equal_steps=equal.seconds,
        perplexity_at_equal_steps=equal.perplexity,
        steps=racer.steps,
        seconds=racer.seconds,
        perplexity=_exp(_losses(racer, held_out).mean().item()),
        bands=equal.bands,
        rows_touched=round(sum(racer.rows_touched[: question.steps]) / question.steps),
        unigram_perplexity=_exp(-(counts_v[targets_p] / counts_v.sum()).log().mean().item()),
        chain_perplexity=None if corpus.chain_loss is None else _exp(corpus.chain_loss),
        unknown_share=corpus.unknown_share,
        phrase=phrase,
        continuations=equal.continuations,
    )


def _continuations(
    racer: _Racer, contexts_1n: Tensor | None, question: VocabularyQuestion, corpus: Corpus
) -> tuple[Continuation, ...]:
    """The most likely next words, the likeliest first."""
    if contexts_1n is None:
        return ()
    best = (
        racer.layer.log_probabilities(racer.features.forward(contexts_1n))[0]
        .exp()
        .topk(min(question.shown, corpus.size))
    )
    if not bool(best.values.isfinite().all()):
        return ()  # it has diverged: all words are as likely
    pairs = zip(best.values.tolist(), best.indices.tolist(), strict=True)
    return tuple(Continuation(corpus.words[word], probability) for probability, word in pairs)


def _exp(loss: float) -> float:
    """Perplexity: e to the mean loss; inf beyond float64."""
    return math.exp(loss) if loss < 709 else math.inf if loss == loss else math.nan


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()
