"""The vocabulary lab's figures that were written down, and the app on its Vocabulary pane with a scripted engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from engine.contract.answers import MemoryShown
from engine.contract.commands import Command, ShowMemory
from engine.contract.vocabulary import (
    EXACT_METHODS,
    METHODS,
    OWN_PARAMETERS,
    Method,
    VocabularyPlan,
    VocabularyQuestion,
)
from engine.contract.vocabulary_events import (
    Bands,
    VocabularyEvaluated,
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyStarted,
    VocabularyTrained,
)
from engine.contract.wire import Reply
from engine.verdicts.vocabulary_memory import parameter_bytes, predicted_bytes
from engine.verdicts.vocabulary_room import refusal
from tests.train.script import READY, ScriptedEngine, settled
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.vocabulary.pane import VocabularyPane

FREE = 4_000_000_000  # bytes
_SPEED = {"full": 40.0, "chunked": 60.0, "adaptive": 9.0, "class-based": 6.0, "sampled": 5.0, "negative": 3.0}


def started(plan: VocabularyPlan) -> VocabularyStarted:
    return VocabularyStarted(plan=plan, ranks=1, device="cpu")


def line(
    method: Method, words: int, question: VocabularyQuestion | None = None, free: int = FREE
) -> VocabularyMeasured:
    """Measured, or refused where it does not fit."""
    question = question or VocabularyQuestion()
    predicted, exact = predicted_bytes(method, question, words), method in EXACT_METHODS
    reason = refusal(method, question, words, free)
    known = VocabularyMeasured(
        method=method,
        vocabulary_size=words,
        outcome="refused" if reason else "measured",
        predicted_bytes=predicted,
        parameter_bytes=parameter_bytes(method, question, words),
        available_bytes=free,
        positions=question.positions,
        dimension=question.dimension,
        dtype=question.dtype,
        device="cpu",
        reason=reason,
    )
    if reason:
        return known
    seconds = _SPEED[method] * (words if method in ("full", "chunked", "adaptive") else words**0.5) / 1e7
    loss = 6.5 + {"sampled": 0.012, "negative": -3.1, "adaptive": 1.4, "class-based": 3.2}.get(method, 0.0)
    return VocabularyMeasured(
        **{
            **{name: getattr(known, name) for name in known.__struct_fields__},
            "forward_seconds": seconds,
            "backward_seconds": 1.5 * seconds,
            "rounds": 5,
            "peak_bytes": round(0.97 * predicted),
            "loss": loss,
            "exact_loss": None if method in OWN_PARAMETERS else 6.5,
            "gradient_error": 1e-9 if exact else None,
            "largest_gradient": 0.005 if exact else None,
            "rows_touched": words if method not in ("sampled", "negative") else 850,
        }
    )


def measured(plan: VocabularyPlan, free: int = FREE) -> list[VocabularyEvent]:
    """All that is told of a plan, but for its end."""
    lines = [line(method, words, plan.question, free) for words in plan.sizes for method in plan.methods]
    return [started(plan), *lines]


def progress(
    stage: str = "measuring", method: str = "full", words: int = 1000, done: int = 3, total: int = 9
) -> VocabularyProgress:
    return VocabularyProgress(stage=stage, method=method, vocabulary_size=words, done=done, total=total)


def finished(status: str = "finished", reason: str = "") -> VocabularyFinished:
    return VocabularyFinished(status=status, seconds=3.0, reason=reason)  # type: ignore[arg-type]


def evaluated(method: Method, words: int, seconds: float, perplexity: float) -> VocabularyEvaluated:
    return VocabularyEvaluated(
        method=method, vocabulary_size=words, steps=round(200 * seconds), seconds=seconds, perplexity=perplexity
    )


def race(plan: VocabularyPlan, looks: int = 6) -> list[VocabularyEvent]:
    """Perplexities on the way, all methods in turns."""
    events: list[VocabularyEvent] = [started(plan)]
    for look in range(looks):
        for rank, method in enumerate(plan.methods):
            seconds = 0.5 * look + 0.05 * rank
            events.append(evaluated(method, plan.sizes[0], seconds, plan.sizes[0] / (1 + look * (1 + 0.2 * rank))))
    return events


def trained(plan: VocabularyPlan) -> list[VocabularyEvent]:
    words = plan.sizes[0]
    return [
        VocabularyTrained(
            method=method,
            vocabulary_size=words,
            equal_steps=300,
            seconds_at_equal_steps=2.5 - 0.3 * rank,
            perplexity_at_equal_steps=words / (5 - 0.2 * rank),
            steps=300 + 60 * rank,
            seconds=2.5,
            perplexity=words / (5 + 0.2 * rank),
            bands=Bands(3.0, 6.2, 8.0 + 0.1 * rank),
            rows_touched=words,
            unigram_perplexity=words / 3,
            chain_perplexity=words / 20,
        )
        for rank, method in enumerate(plan.methods)
    ]


class VocabularyEngine(ScriptedEngine):
    """Has so much memory, and says nothing of its own accord."""

    judged = None
    free = FREE

    async def ask(self, command: Command) -> Reply:
        reply = await super().ask(command)
        return MemoryShown(0, "cpu", self.free) if isinstance(command, ShowMemory) else reply


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), ready: bool = True, options: DisplayOptions | None = None, free: int = FREE
) -> AsyncIterator[tuple[Pilot[None], VocabularyEngine, VocabularyPane]]:
    """The app on its Vocabulary pane."""
    app = SoftmaxApp(["unused"], options)
    engine = VocabularyEngine()
    engine.free = free
    app.engine = engine  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: engine._told is not None)
        if ready:
            engine.say(READY)
        await pilot.press("7")
        await settled(pilot, lambda: bool(app.query(VocabularyPane)) and app.active_pane == "vocabulary")
        yield pilot, engine, app.query_one(VocabularyPane)


def small_plan(sizes: Sequence[int] = (1_000, 10_000), *, train: bool = False) -> VocabularyPlan:
    """What the pane asks for before anything is changed."""
    return VocabularyPlan(sizes=tuple(sizes), methods=METHODS, measure=not train, train=train)
