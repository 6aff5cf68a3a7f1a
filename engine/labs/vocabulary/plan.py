"""The job itself, in the process that computes: every method at every size, then the races. One rank, or several.

All ranks run the same lines in the same order. The exact methods are sharded over them; the others, and the races of
different sizes, are dealt out, and what came of them is gathered.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import torch
from msgspec.structs import replace

from engine.contract.vocabulary import EXACT_METHODS, METHODS, Method
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyRefused,
    VocabularyStarted,
)
from engine.labs.vocabulary.child import Begun, Order
from engine.labs.vocabulary.measuring import Bench, judged, measured
from engine.labs.vocabulary.minibatch import Minibatch
from engine.labs.vocabulary.ranks import Ranks
from engine.labs.vocabulary.shards import Shard, split
from engine.labs.vocabulary.text import TextSource
from engine.labs.vocabulary.training import race
from engine.processes.memory import available_bytes
from engine.verdicts.vocabulary_memory import training_bytes
from engine.verdicts.vocabulary_room import training_refusal


def run_plan(source: TextSource, ranks: Ranks, order: Order | None = None) -> Iterator[VocabularyEvent | Begun]:
    """Yields everything in its order but what the order says is done already; `VocabularyFinished` at last."""
    plan, began = source.plan, time.monotonic()
    done = order or Order(plan)
    torch.set_num_threads(plan.question.threads)
    yield VocabularyStarted(
        plan=plan,
        ranks=ranks.size,
        device=str(ranks.device),
        text=source.text,
        notices=source.notices,
    )
    if plan.measure:
        for words in plan.sizes:
            methods = tuple(method for method in plan.methods if (words, method) not in done.measured)
            if methods:
                yield from _measured(source, words, methods, ranks)
    if plan.train:
        yield from _trained(source, [words for words in plan.sizes if words not in done.trained], ranks)
    yield VocabularyFinished(status="finished", seconds=time.monotonic() - began)


def _measured(
    source: TextSource, words: int, methods: Sequence[Method], ranks: Ranks
) -> Iterator[VocabularyEvent | Begun]:
    question = source.plan.question
    yield _preparing(words)
    known: dict[Method, VocabularyMeasured] = {}
    for method in methods:
        shards = ranks.size if method in EXACT_METHODS else 1
        everyone = ranks.gathered(judged(method, question, words, ranks.device, shards))
        known[method] = min(everyone, key=lambda one: one.available_bytes)
    fitting = [method for method in methods if known[method].outcome == "measured"]
    results: dict[Method, VocabularyMeasured] = {method: known[method] for method in methods if method not in fitting}
    if fitting:
        yield Begun(measuring=known[fitting[0]])
        minibatch = Minibatch.of(source.corpus(words), question, ranks.device)
        shard = Shard(split(words, ranks.size, ranks.rank).start, ranks.exchange)
        sharded = Bench.of(question, minibatch, split(words, ranks.size, ranks.rank), shard, ranks.size)
        whole = sharded if ranks.size == 1 else None
        dealt: dict[Method, VocabularyMeasured] = {}
        for method in methods:
            if method in results:
                yield results[method]
                continue
            yield Begun(measuring=known[method])
            if method in EXACT_METHODS or ranks.size == 1:
                yield from _guarded(method, sharded, known[method])
            elif METHODS.index(method) % ranks.size == ranks.rank:
                whole = whole or _whole(sharded)
                for event in _guarded(method, whole, known[method]):
                    if isinstance(event, VocabularyMeasured):
                        dealt[method] = event
        if ranks.size > 1:
            everywhere = {method: one for part in ranks.gathered(dealt) for method, one in part.items()}
            yield from (everywhere[method] for method in methods if method in everywhere)
    else:
        yield from results.values()


def _whole(bench: Bench) -> Bench:
    """The same bench with all rows in this process, for a layer that is not sharded."""
    scores = bench.minibatch.scores(bench.question, range(bench.words))
    return Bench(bench.question, bench.minibatch, scores, bench.reference, Shard())


def _guarded(
    method: Method, bench: Bench, known: VocabularyMeasured
) -> Iterator[VocabularyProgress | VocabularyMeasured]:
    """A method that ran out of memory is a line like any other: the rest is measured."""
    try:
        yield from measured(method, bench, known)
    except (MemoryError, RuntimeError) as error:
        if bench.ranks > 1 or not _out_of_memory(error):
            raise
        yield replace(known, outcome="failed", reason=f"{method} ran out of memory")


def _trained(source: TextSource, sizes: Sequence[int], ranks: Ranks) -> Iterator[VocabularyEvent | Begun]:
    plan, told = source.plan, list[VocabularyEvent]()
    for number, words in enumerate(sizes):
        if number % ranks.size != ranks.rank:
            continue
        tell: Callable[[VocabularyEvent], None] = told.append
        available = available_bytes(ranks.device, plan.question.memory)
        refused = VocabularyRefused(
            vocabulary_size=words,
            predicted_bytes=training_bytes(plan.methods, plan.question, words),
            available_bytes=available,
            reason=training_refusal(plan.methods, plan.question, words, available),
        )
        if refused.reason:
            if ranks.size == 1:
                yield refused
            else:
                tell(refused)
            continue
        yield Begun(training=refused)
        yield _preparing(words)
        for event in race(plan.methods, plan.question, source.corpus(words), ranks.device, plan.phrase):
            if ranks.size == 1:
                yield event
            elif not isinstance(event, VocabularyProgress):
                tell(event)
    if ranks.size > 1:
        for events in ranks.gathered(told):
            yield from events


def _preparing(words: int) -> VocabularyProgress:
    return VocabularyProgress(stage="preparing", method="", vocabulary_size=words, done=0, total=1)


def _out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "allocate memory" in str(error)
