"""An engine that computes nothing: it answers questions about mistakes from a list written down beforehand."""

import struct
from collections.abc import Sequence

from engine.contract.answers import ExampleShown, Mistake, MistakesShown, RunsListed, RunSummary, SmallestChange
from engine.contract.codec import encode
from engine.contract.commands import Command, ListRuns, ShowExample, ShowMistakes
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Ready
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo
from engine.contract.run_state import RunState
from engine.contract.wire import Reply
from engine.processes.client import EngineGone
from tests.app.scripted_worker import READY


def dataset_of(names: Sequence[str] = ("shirt", "coat", "bag"), side: int = 4) -> DatasetInfo:
    return DatasetInfo(
        name="scripted",
        train_size=1000,
        validation_size=10_000,
        num_features=side * side or 5,
        num_classes=len(names),
        image_height=side,
        image_width=side,
        label_names=tuple(names),
        checksum="0",
    )


def mistake(index: int, true: int, predicted: int, probability: float = 0.75, side: int = 4) -> Mistake:
    rest = (1 - probability) / 2
    probabilities = tuple(probability if label == predicted else rest for label in range(3))
    return Mistake(
        index=index,
        true=true,
        predicted=predicted,
        probability=probability,
        loss=2.0794415 if probability == 0.75 else 4.0,
        probabilities=probabilities,
        pixels=bytes(range(0, 16 * side * side, 16))[: side * side],
    )


class ScriptedEngine:
    """Slices the list for a page; `counts` is the confusion matrix it claims. `asked` keeps every command."""

    judged = None

    def __init__(
        self,
        mistakes: Sequence[Mistake],
        dataset: DatasetInfo | None = None,
        counts: tuple[tuple[int, ...], ...] = ((800, 137, 3), (90, 900, 0), (2, 1, 997)),
    ) -> None:
        self.mistakes = list(mistakes)
        self.dataset = dataset or dataset_of()
        self.counts = counts
        self.runs: tuple[RunSummary, ...] = ()
        self.asked: list[Command] = []
        self.refusal = ""
        self.ready: Ready | None = READY
        self.gone: EngineGone | None = None
        self.epoch = 1

    def send(self, command: Command) -> None:
        raise AssertionError(f"this pane only asks, and sent {encode(command)!r}")

    async def ask(self, command: Command) -> Reply:
        self.asked.append(command)
        if self.gone is not None:
            raise self.gone
        if isinstance(command, ListRuns):
            return RunsListed(0, self.runs)
        if self.refusal:
            raise InputError(self.refusal)
        if isinstance(command, ShowExample):
            return self._example(command.index)
        assert isinstance(command, ShowMistakes)
        chosen = [
            one
            for one in self.mistakes
            if command.true in (None, one.true)
            and command.predicted in (None, one.predicted)
            and (one.suggested is not None or not command.suspected)
        ]
        return MistakesShown(
            request=0,
            run_id=command.run_id,
            epoch=self.epoch,
            minibatch=0,
            dataset=self.dataset,
            matching=len(chosen),
            offset=command.offset,
            mistakes=tuple(chosen[command.offset : command.offset + command.limit]),
            confusion=self.counts,
            part=command.part,
        )

    def _example(self, index: int) -> ExampleShown:
        found = next(one for one in self.mistakes if one.index == index)
        features = self.dataset.num_features
        values = [float(label + 1) for label in (found.predicted, found.true) for _ in range(features)]
        return ExampleShown(
            request=0,
            example=found,
            logits=(1.0, 2.0, 3.0),
            gradient=tuple(p - (label == found.true) for label, p in enumerate(found.probabilities)),
            bias=(0.0, 0.5, 0.0),
            evidence=struct.pack(f"={2 * features}f", *values),
            change=self._change(found),
        )

    def _change(self, found: Mistake) -> SmallestChange | None:
        """To the last class: half of the pixels darker, half brighter."""
        if not found.pixels or found.predicted == len(self.dataset.label_names) - 1:
            return None
        levels = [20.0 if number % 2 else -20.0 for number in range(len(found.pixels))]
        return SmallestChange(
            predicted=len(self.dataset.label_names) - 1,
            norm=0.5,
            share=0.125,
            levels=struct.pack(f"={len(levels)}f", *levels),
            pixels=bytes(max(0, min(255, round(one + level))) for one, level in zip(found.pixels, levels, strict=True)),
        )

    def pages(self) -> list[ShowMistakes]:
        return [command for command in self.asked if isinstance(command, ShowMistakes)]


def live_run(position: int = 10, run_id: str = "r0001", dataset: DatasetInfo | None = None) -> RunState:
    return RunState(
        run_id=run_id, status="running", dataset=dataset or dataset_of(), minibatches_per_epoch=100, position=position
    )


def stored_run(run_id: str, name: str = "", dataset: DatasetInfo | None = None) -> RunSummary:
    return RunSummary(
        run_id=run_id,
        name=name or run_id,
        status="finished",
        created="2026-01-01T00:00:00",
        config=TrainConfig(),
        device="cpu",
        dataset=dataset or dataset_of(),
        epochs_done=10,
        train_loss=0.4,
        validation_loss=0.5,
        validation_accuracy=0.8,
        seconds=1.0,
    )
