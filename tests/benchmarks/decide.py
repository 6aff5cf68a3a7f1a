"""What Decide costs: all views of a large file, and the answer to a key.

    uv run python -m tests.benchmarks.decide [--images 100000] [--classes 100] [--rounds 7]

The aims, on one core: all views in under 2 s once the file is read, a moved level in under 100 ms, a moved moment of
10,000 images of 10 classes too, a moved threshold in under 50 ms. An answer is measured as the app gets it: computed,
written to the pipe, and read from there.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import get_args

import numpy as np
from msgspec.structs import replace

from engine.analysis.conformal import sets_of
from engine.analysis.decisions import decide
from engine.analysis.evidence import Evidence
from engine.contract.codec import decode_event, encode
from engine.contract.commands import Command, MoveThreshold, ShowDecision, ShowMonitor, ShowSets
from engine.contract.conformal import SetMethod
from engine.contract.cost_matrix import miss_and_false_alarm
from engine.contract.decisions import DecideQuestion
from engine.contract.monitoring import MonitorQuestion
from engine.jobs.recorded_run import Places, Session
from engine.worker.answers import Answers
from tests.benchmarks.table import interleaved, table


def logits_of(images: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """A model that is mostly right, and is unsure among a few classes of many."""
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, images)
    logits = random.normal(0, 1.5, (images, classes)).astype(np.float32)
    logits[np.arange(images), labels] += 4
    return logits, labels


def views(logits: np.ndarray, labels: np.ndarray) -> dict[str, Callable[[], object]]:
    """Everything that `softmax-tui decide` computes once the file is read, and its parts."""
    names = tuple(f"class {label}" for label in range(logits.shape[1]))
    question = DecideQuestion(positive=1, costs=miss_and_false_alarm(len(names), 1, names[1], 50, 1))
    evidence = Evidence.of_logits(logits, labels, names)

    def everything() -> None:
        fresh = Evidence.of_logits(logits, labels, names)
        decide(fresh, question)
        sets_of(fresh, "lac", 0.9)

    contenders: dict[str, Callable[[], object]] = {
        "all views": everything,
        "Threshold, Costs, Trust": lambda: decide(evidence, question),
    }
    for method in get_args(SetMethod):
        contenders[f"Sets, {method}"] = lambda method=method: sets_of(evidence, method, 0.9)  # type: ignore[misc]
    return contenders


def keys(folder: Path, file: Path, images: int) -> dict[str, Callable[[], object]]:
    """An arrow key in each view, from its question to what the app has read of its answer; each time another number."""
    answers = Answers(Session(Places(folder / "data", folder / "store")))
    list(answers.to(ShowDecision(source=str(file)), None))
    steps = count()

    def answered(command: Command) -> None:
        for event in answers.to(command, None):
            decode_event(encode(event))

    def level(method: SetMethod) -> Callable[[], object]:
        question = ShowSets(method=method)
        answered(question)  # what does not depend on the level is kept from now on
        return lambda: answered(replace(question, level=0.85 + 0.001 * (next(steps) % 100)))

    def threshold() -> None:
        answered(MoveThreshold(threshold=0.1 + 0.001 * (next(steps) % 100), prevalence=0.001, referral=0.2))

    def moment() -> None:
        answered(ShowMonitor(question=MonitorQuestion(positive=1, moment=images // 2 + next(steps) % 100)))

    return {
        "a moved threshold": threshold,
        "a moved moment": moment,
        **{f"a moved level, {method}": level(method) for method in get_args(SetMethod)},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    logits, labels = logits_of(options.images, options.classes)
    print(f"{options.images:,} images of {options.classes:,} classes\n")
    print(table(interleaved(views(logits, labels), options.rounds), "s", "all views"), "\n")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(folder / "large.npz", logits=logits, labels=labels)
        contenders = keys(folder, folder / "large.npz", options.images)
        print(table(interleaved(contenders, options.rounds), "s", "a moved threshold"))


if __name__ == "__main__":
    main()
