"""`python -m tests.long.record_wire`: asks a real worker for one message of every type of the wire at least.

Writes tests/far_end/wire.jsonl, a line each: `[the command's JSON or null, the event's JSON]`. To be run again when the
contract has changed so that the lines no longer fit it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np
from msgspec.structs import replace

from engine.contract import commands
from engine.contract.codec import encode
from engine.contract.commands import Command
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Detached, Failed, Part
from engine.contract.events import Finished
from engine.contract.loss_lab import LossesMeasured, LossQuestion
from engine.contract.loss_training import LossTrainingDone
from engine.contract.monitoring import MonitorQuestion
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepConfig, SweepFinished
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyFinished
from engine.contract.wire import Event
from engine.processes.client import EngineClient, EngineGone, worker_command
from tests.far_end.recorded import PATH
from tests.training.conftest import small
from tui.softmax.charts import OFFSETS

_EACH = 3  # messages kept of a type
_MINE = "import torch\ndef softmax(logits):\n    e = torch.exp(logits)\n    return e / e.sum(1, keepdim=True)\n"


class Recording:
    """A client whose messages are kept."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.kept: list[tuple[Command | None, Event]] = []
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for event in self.client.events():
                self.kept.append((None, event))
                self._events.put_nowait(event)
        except EngineGone:
            pass

    async def ask(self, command: Command) -> Event:
        reply = await self.client.ask(command)
        self.kept.append((command, reply))
        return reply

    async def until(self, kind: type[Event]) -> None:
        while not isinstance(await self._events.get(), kind):
            pass


async def converse(recording: Recording, folder: Path) -> None:
    """Everything that a worker can be asked, on data that takes no time."""
    config = TrainConfig(dataset=_written(folder / "small.npz"), batch_size=50, epochs=3)
    ask, until = recording.ask, recording.until
    await ask(commands.OfferYours(_MINE))
    await ask(commands.TraceSoftmax(rows=((100.0, 0.97, 1.01),), offsets=OFFSETS))
    await ask(commands.StartTraining(config=config))
    await until(Finished)
    await ask(commands.ShowWeights())
    await ask(commands.ShowMistakes(limit=12))
    page = await ask(commands.ShowMistakes(fresh=False, offset=2, limit=3))
    await ask(commands.ShowExample(index=page.mistakes[0].index))  # type: ignore[union-attr]
    decision = await ask(commands.ShowDecision(source="r0001"))
    await ask(commands.MoveThreshold(threshold=0.3, prevalence=0.01, referral=0.1))
    await ask(commands.ShowSets(level=0.8, method="aps"))
    await ask(commands.ShowImages(indices=decision.decision.costs.flipped[:6]))  # type: ignore[union-attr]
    await ask(commands.ShowMonitor(question=MonitorQuestion(positive=1)))
    await ask(commands.StartTraining(config=replace(config, softmax="naive", loss="definition", learning_rate=1e5)))
    await until(Finished)
    await ask(commands.StartTraining(config=replace(config, dataset=_written(folder / "none.npz", related=False))))
    await until(Finished)
    await ask(commands.ListRuns())
    await ask(commands.ReplayRun("r0001"))
    await ask(commands.ReplayRun("r0002"))
    await ask(commands.ShowDecision(source="r0001", members=("r0003",)))
    await ask(commands.ShowMemory())
    await ask(
        commands.StartSweep(config=SweepConfig(parameter="learning_rate", values=(0.01, 0.1), seeds=2, base=config))
    )
    await until(SweepFinished)
    await ask(commands.ListSweeps())
    await ask(commands.ReplaySweep(sweep_id="s0001"))
    await ask(commands.MeasureLosses(question=LossQuestion(batch_size=8)))
    await until(LossesMeasured)
    await ask(commands.CompareLosses(question=LossQuestion(batch_size=50), dataset=config.dataset, epochs=2))
    await until(LossTrainingDone)
    words = VocabularyQuestion(text=_text(folder / "words.txt"), dimension=8, positions=16, steps=20, rounds=2)
    plan = VocabularyPlan(question=words, sizes=(5,), methods=("full", "sampled"), train=True, phrase="the")
    await ask(commands.MeasureVocabulary(plan=plan))
    await until(VocabularyFinished)
    large = VocabularyPlan(question=VocabularyQuestion(memory=1_000), sizes=(1000,), train=True)
    await ask(commands.MeasureVocabulary(plan=large))
    await until(VocabularyFinished)
    await ask(commands.StartTraining(config=TrainConfig(dataset="silhouettes", train_size=20, validation_size=20)))
    await until(Finished)
    await ask(commands.Detach())
    await until(Detached)


def _written(path: Path, *, related: bool = True) -> str:
    data = small(300, 100)
    labels = data.train_labels if related else np.random.default_rng(1).permutation(data.train_labels)
    np.savez(
        path,
        train_images=data.train_images.reshape(-1, 6, 6),
        train_labels=labels,
        validation_images=data.validation_images.reshape(-1, 6, 6),
        validation_labels=data.validation_labels,
    )
    return str(path)


def _text(path: Path) -> str:
    path.write_text("the cat sat on the mat and the dog sat on the cat . " * 60, "utf-8")
    return str(path)


def chosen(kept: Sequence[tuple[Command | None, Event]]) -> list[tuple[Command | None, Event]]:
    """A few of each type."""
    counts: dict[type, int] = {}
    told = []
    for command, event in kept:
        counts[type(event)] = counts.get(type(event), 0) + 1
        if counts[type(event)] <= _EACH:
            told.append((command, event))
    return told


async def record() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        client = EngineClient(worker_command(["--store", str(folder / "store"), "--data-dir", str(folder)]))
        await client.start()
        recording = Recording(client)
        await converse(recording, folder)
        await client.close()
    lacking = {kind.__name__ for kind in get_args(Event)} - {type(event).__name__ for _, event in recording.kept}
    by_hand = (
        Notice("one line"),
        Progress("reading", "x", 3, None, "images"),
        Failed(0, "found nothing, expected more"),
        Part(zlib.compress(encode(Notice("in parts"))), last=True),
    )
    kept = [*chosen(recording.kept), *((None, event) for event in by_hand)]
    lines = [json.dumps([_json(command), _json(event)]) for command, event in kept]
    PATH.write_text("".join(f"{line}\n".replace(name, "/data") for line in lines), "utf-8")
    print(f"{len(lines)} lines in {PATH}, not heard by themselves: {sorted(lacking) or 'none'}")


def _json(message: Command | Event | None) -> object:
    return None if message is None else json.loads(encode(message))


if __name__ == "__main__":
    asyncio.run(record())
