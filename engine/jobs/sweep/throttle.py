"""A sweep on its way to a viewer: many runs at once, but no more of them than a screen can show."""

from __future__ import annotations

import time
from collections.abc import Iterator

from engine.contract.events import MinibatchesDone
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import MemberSaid, SweepEvent, SweepProgress, SweepStarted, trials

_PROGRESS_A_SECOND = 10


def throttled(
    events: Iterator[SweepEvent | Progress | Notice],
) -> Iterator[SweepEvent | SweepProgress | Progress | Notice]:
    """The sweep's events; of its minibatches only how many there have been, ten times a second at most."""
    progress, told_at = SweepProgress(sweep_id="", done=0, total=0), 0.0
    for event in events:
        if isinstance(event, SweepStarted):
            progress = SweepProgress(sweep_id=event.sweep_id, done=0, total=_minibatches(event))
        if not isinstance(event, MemberSaid) or not isinstance(event.event, MinibatchesDone):
            yield event
            continue
        progress = SweepProgress(
            sweep_id=progress.sweep_id, done=progress.done + event.event.count, total=progress.total
        )
        if time.monotonic() - told_at >= 1 / _PROGRESS_A_SECOND:
            told_at = time.monotonic()
            yield progress


def _minibatches(started: SweepStarted) -> int:
    size = started.dataset.train_size
    return sum(
        trial.steps or trial.config.epochs * -(-size // trial.config.batch_size)
        for trial in trials(started.config, size)
    )
