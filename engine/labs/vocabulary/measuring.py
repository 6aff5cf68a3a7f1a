"""One output layer, one minibatch: forward and backward, timed, weighed, and held against float64."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.loss_lab import Spread
from engine.contract.vocabulary import EXACT_METHODS, OWN_PARAMETERS, Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyProgress
from engine.labs.stopwatch import peak_bytes
from engine.labs.vocabulary.layers import OutputLayer, Scores, own_layer, softmax_layer
from engine.labs.vocabulary.minibatch import Minibatch, generator_of
from engine.labs.vocabulary.reference import Reference
from engine.labs.vocabulary.sampled import Noise
from engine.labs.vocabulary.shards import Shard
from engine.processes.memory import ResidentPeak, available_bytes
from engine.verdicts.vocabulary_memory import parameter_bytes, predicted_bytes
from engine.verdicts.vocabulary_room import refusal

_SECONDS = 1.0
_FEWEST_ROUNDS, _MOST_ROUNDS = 3, 15


@dataclass(frozen=True)
class Bench:
    """What all methods of one size share: the minibatch, the scores, and what is exact for them."""

    question: VocabularyQuestion
    minibatch: Minibatch
    scores: Scores
    reference: Reference
    shard: Shard
    ranks: int = 1

    @classmethod
    def of(cls, question: VocabularyQuestion, minibatch: Minibatch, rows: range, shard: Shard, ranks: int = 1) -> Bench:
        """`rows` of the weight are this process's, of `ranks`; what is exact in float64 is computed here."""
        scores = minibatch.scores(question, rows)
        reference = Reference.of(minibatch.features_bd, minibatch.targets_b, scores, shard)
        return cls(question, minibatch, scores, reference, shard, ranks)

    @property
    def words(self) -> int:
        """How many there are, over all ranks."""
        return len(self.minibatch.counts_v)

    def layer(self, method: Method) -> OutputLayer:
        """The method's layer on this bench's scores, or with parameters of its own."""
        generator = generator_of(self.question, method, self.minibatch.features_bd.device)
        if method in OWN_PARAMETERS:
            return own_layer(method, self.question, self.words, self.question.dimension**-0.5, generator)
        noise = Noise.of(self.minibatch.counts_v, generator)
        return softmax_layer(method, self.question, self.scores, noise, self.shard)


def judged(
    method: Method, question: VocabularyQuestion, words: int, device: torch.device, ranks: int = 1
) -> VocabularyMeasured:
    """What can be said before anything is allocated; `outcome` is refused where it would not fit, with the reason."""
    predicted, parameters = (count(method, question, words, ranks) for count in (predicted_bytes, parameter_bytes))
    available = available_bytes(device, question.memory) // (1 if device.type == "cuda" else ranks)
    line: dict[str, Any] = {
        "method": method,
        "vocabulary_size": words,
        "predicted_bytes": predicted,
        "parameter_bytes": parameters,
        "available_bytes": available,
        "positions": question.positions,
        "dimension": question.dimension,
        "dtype": question.dtype,
        "device": str(device),
        "ranks": ranks,
    }
    reason = refusal(method, question, words, available, ranks)
    return VocabularyMeasured(**line, outcome="refused" if reason else "measured", reason=reason)


def measured(
    method: Method, bench: Bench, known: VocabularyMeasured
) -> Iterator[VocabularyProgress | VocabularyMeasured]:
    """Yields a progress after every round, and at last `known` with all that was measured."""
    layer, minibatch = bench.layer(method), bench.minibatch
    step = _Step(layer, minibatch.features_bd, minibatch.targets_b)
    began = time.perf_counter()
    peak, loss = step.peak()
    error, largest = _gradient_error(method, bench, step)
    rounds = bench.question.rounds or _rounds(time.perf_counter() - began, bench.shard, minibatch.features_bd.device)
    step.clear()
    resident = ResidentPeak()
    forward, backward, grown = [], [], None
    for done in range(rounds):
        seconds = step.timed()
        forward.append(seconds[0])
        backward.append(seconds[1])
        grown = resident.grown() if done == 0 else grown
        touched = layer.rows_touched()
        step.clear()
        yield VocabularyProgress(
            stage="measuring", method=method, vocabulary_size=bench.words, done=done + 1, total=rounds
        )
    of_forward, of_backward = Spread.of(forward), Spread.of(backward)
    yield replace(
        known,
        forward_seconds=of_forward.median,
        backward_seconds=of_backward.median,
        forward_spread=of_forward,
        backward_spread=of_backward,
        rounds=rounds,
        peak_bytes=peak,
        resident_peak_bytes=None if minibatch.features_bd.is_cuda else grown,
        loss=loss,
        exact_loss=None if method in OWN_PARAMETERS else bench.reference.loss,
        gradient_error=error,
        largest_gradient=largest,
        rows_touched=touched,
    )


class _Step:
    """Forward and backward of one minibatch; the features get their gradient too."""

    def __init__(self, layer: OutputLayer, features_bd: Tensor, targets_b: Tensor) -> None:
        self._layer, self._targets_b = layer, targets_b
        self.features_bd = features_bd.detach().clone().requires_grad_()

    def clear(self) -> None:
        for tensor in (self.features_bd, *self._layer.parameters.values()):
            tensor.grad = None

    def both(self) -> Tensor:
        """The loss; gradients are left where they belong."""
        loss = self._layer.loss(self.features_bd, self._targets_b)
        loss.backward()  # type: ignore[no-untyped-call]  # torch declares no types here
        return loss.detach()

    def timed(self) -> tuple[float, float]:
        """Seconds forward and backward, without Python's garbage collection."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            start = self._now()
            loss = self._layer.loss(self.features_bd, self._targets_b)
            middle = self._now()
            loss.backward()  # type: ignore[no-untyped-call]  # torch declares no types here
            return middle - start, self._now() - middle
        finally:
            if collecting:
                gc.enable()

    def peak(self) -> tuple[int, float]:
        """The most bytes that were allocated at once, and the loss."""
        losses: list[Tensor] = []
        if not self.features_bd.is_cuda:
            return peak_bytes(lambda: losses.append(self.both())), losses[0].item()
        torch.cuda.reset_peak_memory_stats(self.features_bd.device)
        before = torch.cuda.memory_allocated(self.features_bd.device)
        losses.append(self.both())
        return int(torch.cuda.max_memory_allocated(self.features_bd.device)) - before, losses[0].item()

    def _now(self) -> float:
        if self.features_bd.is_cuda:
            torch.cuda.synchronize(self.features_bd.device)
        return time.perf_counter()


def _gradient_error(method: Method, bench: Bench, step: _Step) -> tuple[float | None, float | None]:
    """Over all ranks, where the method is meant to be exact."""
    if method not in EXACT_METHODS:
        return None, None
    weight, bias = (step._layer.parameters[name].grad for name in ("weight", "bias"))
    assert step.features_bd.grad is not None
    assert weight is not None
    assert bias is not None
    found = bench.reference.gradient_error(step.features_bd.grad, weight, bias)
    error, largest = bench.shard.exchange.maximum(torch.tensor(found, device=weight.device)).tolist()
    return error, largest


def _rounds(seconds: float, shard: Shard, device: torch.device) -> int:
    """As many as fit into a second, the same on all ranks."""
    slowest = shard.exchange.maximum(torch.tensor([seconds], device=device)).item()
    return round(min(max(_SECONDS / slowest, _FEWEST_ROUNDS), _MOST_ROUNDS))
