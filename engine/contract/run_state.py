"""What a run looks like: a pure function of the events that tell it.

The panes, the summary of the command line and the replay of a stored run all look at a `RunState`.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.events import (
    DatasetInfo,
    Diverged,
    EpochDone,
    Finished,
    LabelsExamined,
    MinibatchesDone,
    RunEvent,
    Started,
    Status,
)
from engine.contract.history import LossCell, joined, without_after


class RunState(Struct, frozen=True, kw_only=True):
    """A run as far as its events have told it. `position` is the number of minibatches done in all."""

    run_id: str = ""
    status: Status | None = None
    config: TrainConfig = TrainConfig()
    device: str = ""
    dataset: DatasetInfo | None = None
    minibatches_per_epoch: int = 0
    cell_width: int = 1
    position: int = 0
    images: int = 0
    losses: tuple[LossCell, ...] = ()
    epochs: tuple[EpochDone, ...] = ()
    diverged: Diverged | None = None
    examined: LabelsExamined | None = None
    finished: Finished | None = None

    @property
    def minibatches(self) -> int:
        """How many minibatches the whole run has."""
        return self.config.epochs * self.minibatches_per_epoch

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return self.position / self.minibatches if self.minibatches else 0.0

    @property
    def epoch_fraction(self) -> float:
        """Epochs done, with the part of the running one."""
        return self.position / self.minibatches_per_epoch if self.minibatches_per_epoch else 0.0


def apply(run: RunState, event: RunEvent) -> RunState:
    """The run after an event."""
    if isinstance(event, MinibatchesDone):
        return replace(
            run,
            position=event.position + event.count,
            images=run.images + event.images,
            losses=joined(run.losses, event.cells),
        )
    if isinstance(event, EpochDone):
        return replace(run, epochs=(*run.epochs, event))
    if isinstance(event, Diverged):
        return replace(run, diverged=event)
    if isinstance(event, LabelsExamined):
        return replace(run, examined=event)
    if isinstance(event, Finished):
        return replace(run, finished=event, status=event.status)
    return _started(run, event)


def _started(run: RunState, event: Started) -> RunState:
    """A new run, or the same one going on: what it had told before its checkpoint stays."""
    position = event.epochs_done * event.minibatches_per_epoch + event.minibatch
    goes_on = position > 0 and run.run_id == event.run_id
    losses = run.losses if run.position == position else without_after(run.losses, position, event.cell_width)
    return RunState(
        run_id=event.run_id,
        status="running",
        config=event.config,
        device=event.device,
        dataset=event.dataset,
        minibatches_per_epoch=event.minibatches_per_epoch,
        cell_width=event.cell_width,
        position=position,
        images=run.images if goes_on else 0,
        losses=losses if goes_on else (),
        epochs=run.epochs[: event.epochs_done] if goes_on else (),
    )


def told_again(run: RunState) -> tuple[RunEvent, ...]:
    """Events that come to the same run, for a viewer that was not there; none for a run that has not begun."""
    if run.dataset is None:
        return ()
    events: list[RunEvent] = [
        Started(
            run_id=run.run_id,
            config=run.config,
            device=run.device,
            dataset=run.dataset,
            minibatches_per_epoch=run.minibatches_per_epoch,
            cell_width=run.cell_width,
        )
    ]
    if run.position:
        events.append(MinibatchesDone(position=0, count=run.position, images=run.images, cells=run.losses))
    events += run.epochs
    events += (event for event in (run.diverged, run.examined, run.finished) if event is not None)
    return tuple(events)
