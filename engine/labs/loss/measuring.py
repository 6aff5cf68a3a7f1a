"""The job: one batch through each cross-entropy, its value, gradient, peak memory and time (exercise 2 of 4.4)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor

from engine.contract.loss_lab import (
    LAB_LOSSES,
    YARDSTICK,
    LabLoss,
    LossesMeasured,
    LossLabEvent,
    LossMeasured,
    LossQuestion,
    LossRoundDone,
    Spread,
    checked,
)
from engine.labs.loss.batch import LossBatch, MeanLoss, exact, value, value_and_gradient
from engine.labs.loss.phases import phase_backwards, phase_computations, phases
from engine.labs.stopwatch import Load, Timings, interleaved, peak_bytes
from engine.numerics.softmax import row_max
from engine.numerics.threads import threads

_SECONDS = 3.0  # of rounds, within these bounds
_FEWEST_ROUNDS, _MOST_ROUNDS = 9, 41


@dataclass(frozen=True)
class _Judged:
    """What does not depend on the clock."""

    value: float
    gradient_error: float
    peak_bytes: int
    gradient_peak_bytes: int


def measure_losses(
    question: LossQuestion, rounds: int | None = None, source: str = "", load: Load | None = None
) -> Generator[LossLabEvent]:
    """Yields a `LossRoundDone` after every round, and at last a `LossesMeasured`.

    Everything but the times is the same for the same question, each time. Without `rounds` there are as many as fit
    three seconds, 9 to 41. With the text `source` of a user's file its cross-entropy is measured as well, in this very
    process: `measure_with_yours` has one that can be killed. `load` has the clocks that tell a busy machine.

    Raises:
        InputError: at the first event, for a question that cannot be asked.
    """
    batch = LossBatch.of(checked(question))
    count = question.threads
    load = load or Load()
    with threads(count):
        exact_value, exact_gradient = exact(batch)
        losses = batch.losses(source)
        judged = {name: _judged(loss, batch, exact_gradient) for name, loss in losses.items()}
        timings, done = interleaved(_computations(batch, losses), load), 0
        next(timings)
    began = time.perf_counter()
    while rounds is None or done < rounds:
        with threads(count):
            measured = next(timings)
        done += 1
        if rounds is None:
            rounds = round(min(max(_SECONDS / (time.perf_counter() - began), _FEWEST_ROUNDS), _MOST_ROUNDS))
        yield LossRoundDone(done, rounds)
    names: tuple[LabLoss, ...] = (*LAB_LOSSES, "yours") if source else LAB_LOSSES
    share = load.processor_share if question.threads == 1 else math.nan
    probabilities = row_max(batch.logits)
    of_labels = probabilities.gather(1, batch.labels[:, None])
    yield LossesMeasured(
        question=batch.question,
        value=exact_value,
        largest_gradient=exact_gradient.abs().max().item(),
        smallest_probability=probabilities.min().item(),
        zero_probabilities=int((probabilities == 0).sum()),
        clipped_labels=int((of_labels < batch.question.epsilon).sum()),
        rounds=done,
        losses=tuple(_measured(name, judged[name], batch, measured, share) for name in names),
    )


def _judged(loss: MeanLoss, batch: LossBatch, exact_gradient: Tensor) -> _Judged:
    _, gradient = value_and_gradient(loss, batch.logits)
    return _Judged(
        value=value(loss, batch.logits).item(),
        gradient_error=(gradient.double() - exact_gradient).abs().max().item(),
        peak_bytes=peak_bytes(partial(value, loss, batch.logits)),
        gradient_peak_bytes=peak_bytes(partial(value_and_gradient, loss, batch.logits)),
    )


def _computations(batch: LossBatch, losses: Mapping[str, MeanLoss]) -> Mapping[str, Callable[[], object]]:
    computations: dict[str, Callable[[], object]] = {}
    for name, loss in losses.items():
        computations[_value_of(name)] = partial(value, loss, batch.logits)
        computations[_gradient_of(name)] = partial(value_and_gradient, loss, batch.logits)
    return {**computations, **phase_computations(batch), **phase_backwards(batch)}


def _measured(name: LabLoss, judged: _Judged, batch: LossBatch, timings: Timings, share: float) -> LossMeasured:
    seconds, gradient_seconds = Spread.of(timings[_value_of(name)]), Spread.of(timings[_gradient_of(name)])
    relative = _relative(_value_of(name), _value_of(YARDSTICK), timings)
    return LossMeasured(
        loss=name,
        value=judged.value,
        gradient_error=judged.gradient_error,
        seconds=seconds.median,
        peak_bytes=judged.peak_bytes,
        relative_time=relative.median,
        batch_size=batch.question.batch_size,
        num_classes=batch.question.num_classes,
        dtype=batch.question.dtype,
        spread=seconds,
        relative=relative,
        gradient_seconds=gradient_seconds.median,
        gradient_spread=gradient_seconds,
        gradient_relative=_relative(_gradient_of(name), _gradient_of(YARDSTICK), timings),
        gradient_peak_bytes=judged.gradient_peak_bytes,
        phases=phases(name, batch, timings),
        processor_share=share,
    )


def _relative(name: str, yardstick: str, timings: Timings) -> Spread:
    """Of the times within a round: what slowed down the whole round cancels."""
    return Spread.of([a / b for a, b in zip(timings[name], timings[yardstick], strict=True)])


def _value_of(name: str) -> str:
    return f"{name}: value"


def _gradient_of(name: str) -> str:
    return f"{name}: value and gradient"
