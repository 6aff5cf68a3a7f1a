"""Measurements of the losses that were written down, and the app on its Loss pane with a scripted engine."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from engine.contract.events import EpochDone
from engine.contract.loss_lab import LAB_LOSSES, LossesMeasured, LossMeasured, LossQuestion, Phase, Spread, checked
from engine.contract.loss_training import (
    LossEpochDone,
    LossTrained,
    LossTrainingDone,
    LossTrainingEvent,
    LossTrainingStarted,
)
from tests.train.script import READY, ScriptedEngine, settled
from tui.app.app import SoftmaxApp
from tui.loss.pane import LossPane
from tui.pane.base import DisplayOptions

TRAINED = ("indexing", "definition", "clipped", "integer-labels", "from-logits")
_RATIOS = {"indexing": 1.0, "definition": 1.5, "clipped": 1.6, "integer-labels": 0.75, "from-logits": 0.65}
_BROKEN = {"log-0": {"indexing": math.inf, "definition": math.inf, "clipped": 16.118, "integer-labels": math.nan}}
_PARTS = (("softmax", 0.4), ("one-hot", 0.2), ("logarithm", 0.2), ("product", 0.1), ("sum", 0.1))
_VALUE = {"log-0": 110.0, "": 1.1529}


def spread(median: float, wide: float = 0.05) -> Spread:
    return Spread(median * (1 - wide), median, median * (1 + wide))


def measured(question: LossQuestion, slower: float = 1.5, yours: bool = False) -> LossesMeasured:
    """With the definition taking `slower` times as long as indexing."""
    question = checked(question)
    value, broken = _VALUE.get(question.preset, 0.0), _BROKEN.get(question.preset, {})
    numbers = question.batch_size * question.num_classes
    zeros = 0 if question.soft else numbers - question.batch_size
    losses = []
    for name in (*LAB_LOSSES, "yours") if yours else LAB_LOSSES:
        ratio = slower if name == "definition" else _RATIOS.get(name, 0.2)
        said = broken.get(name, 131.64 if name == "integer-labels" else value)
        seconds, memory = 4e-8 * numbers * ratio, 16 * numbers
        phases = {
            "definition": tuple(
                Phase(
                    name=part,
                    seconds=spread(seconds * share),
                    operations=numbers,
                    times_zero=zeros if part in ("logarithm", "product") else 0,
                    of_loss=part != "softmax",
                )
                for part, share in (
                    ("softmax", 0.4),
                    ("one-hot", 0.2),
                    ("logarithm", 0.2),
                    ("product", 0.1),
                    ("sum", 0.1),
                )
            ),
            "indexing": tuple(
                Phase(
                    name=part,
                    seconds=spread(seconds * share),
                    operations=question.batch_size,
                    of_loss=part != "softmax",
                )
                for part, share in (("softmax", 0.7), ("lookup", 0.2), ("logarithm of the true class", 0.1))
            ),
        }
        losses.append(
            LossMeasured(
                loss=name,
                value=said,
                gradient_error=0.25 if name in broken or name == "integer-labels" else 6.3e-10,
                seconds=seconds,
                peak_bytes=memory,
                relative_time=ratio,
                batch_size=question.batch_size,
                num_classes=question.num_classes,
                dtype=question.dtype,
                spread=spread(seconds),
                relative=spread(ratio, 0.0 if name == "indexing" else 0.1),
                gradient_seconds=3 * seconds,
                gradient_spread=spread(3 * seconds),
                gradient_relative=spread(ratio, 0.0 if name == "indexing" else 0.1),
                gradient_peak_bytes=2 * memory,
                phases=phases.get(name, ()),
            )
        )
    return LossesMeasured(
        question=question,
        value=value,
        largest_gradient=1 / question.batch_size,
        smallest_probability=0.0 if broken else 0.001,
        zero_probabilities=1 if broken else 0,
        clipped_labels=1 if broken else 0,
        rounds=41,
        losses=tuple(losses),
    )


def epoch(number: int, accuracy: float = 0.8, seconds: float = 0.5) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=1.0 / number,
        train_accuracy=accuracy,
        validation_loss=1.1 / number,
        validation_accuracy=accuracy,
        seconds=seconds,
        learning_rate=0.1,
    )


def training(epochs: int = 4, done: int = 4) -> list[LossTrainingEvent]:
    """Runs with each loss, up to epoch `done`; integer-labels learns nothing."""
    ids = tuple(f"r000{index}" for index in range(1, 6))
    events: list[LossTrainingEvent] = [LossTrainingStarted(losses=TRAINED, run_ids=ids, epochs=epochs)]
    for number in range(1, done + 1):
        for name in TRAINED:
            accuracy = 0.1 if name == "integer-labels" else 0.7 + 0.03 * number
            seconds = 0.5 + 0.01 * (number % 3) + (0.004 if name == "definition" else 0.0)
            events.append(LossEpochDone(loss=name, epoch=epoch(number, accuracy, seconds)))
    return events


def trained(epochs: int = 4, status: str = "finished", reason: str = "") -> LossTrainingDone:
    ids = (f"r000{index}" for index in range(1, 6))
    return LossTrainingDone(
        status=status,  # type: ignore[arg-type]
        reason=reason,
        trained=tuple(
            LossTrained(
                loss=name,
                run_id=run_id,
                status=status,
                epochs=epochs,
                train_loss=0.25,
                validation_loss=0.275,
                validation_accuracy=0.1 if name == "integer-labels" else 0.82,
                seconds=2.0,
                spread=spread(0.5),
            )
            for name, run_id in zip(TRAINED, ids, strict=True)
        ),
    )


class LossEngine(ScriptedEngine):
    """Says nothing of its own accord."""

    judged = None
    yours_name = ""


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (80, 24), ready: bool = True, options: DisplayOptions | None = None
) -> AsyncIterator[tuple[Pilot[None], LossEngine, LossPane]]:
    """The app on its Loss pane."""
    app = SoftmaxApp(["unused"], options)
    engine = LossEngine()
    app.engine = engine  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await settled(pilot, lambda: engine._told is not None)
        if ready:
            engine.say(READY)
        await pilot.press("3")
        await settled(pilot, lambda: bool(app.query(LossPane)) and app.active_pane == "loss")
        yield pilot, engine, app.query_one(LossPane)
