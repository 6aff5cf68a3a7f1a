"""Preparing a job and pulling its events, for every command that trains."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from engine.contract.errors import InputError
from engine.contract.events import Finished
from engine.contract.loss_training import LossTrainingDone
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepFinished
from tui.cli.interruption import Interruption

Job = TypeVar("Job")
End = TypeVar("End", Finished, SweepFinished, LossTrainingDone)


class Report(Protocol):
    """Who tells about a job: for people, or as JSON lines."""

    def preparing(self, step: Progress | Notice) -> None: ...

    def event(self, event: Any) -> None: ...


def prepared(
    preparation: Iterator[Progress | Notice | Job],
    preparing: Callable[[Progress | Notice], None],
    interruption: Interruption,
) -> Job | None:
    """The job once its data are loaded, None where a signal came first (a download is then taken back)."""
    for step in preparation:
        if not isinstance(step, Progress | Notice):
            return step
        preparing(step)
        if interruption.requested:
            preparation.close()  # type: ignore[attr-defined]  # every preparation is a generator
            return None
    raise AssertionError("a preparation ends with its job")


def followed(
    events: Iterable[Any],
    report: Report,
    interruption: Interruption,
    end: type[End],
    stop: Callable[[str], End],
    failed: Callable[[Exception], End],
) -> int:
    """Pulls a job's events to its end, and stops it where a signal or a closed pipe asks for that; the exit code."""
    finished: End | None = None
    try:
        for event in events:
            if isinstance(event, end):
                finished = event
            if isinstance(event, Progress | Notice):
                report.preparing(event)
            else:
                _tell(report, event)
            if interruption.requested and finished is None:
                finished = stop(interruption.name)
                _tell(report, finished)
                break
    except BrokenPipeError:
        if finished is None:
            stop("nobody reads the output any more")
        raise
    except Exception as error:  # noqa: BLE001 - out of memory, a full disk: a job ends with `finished` whatever ends it
        if not isinstance(error, InputError):
            traceback.print_exc(file=sys.stderr)
        finished = failed(error)
        _tell(report, finished)
    assert finished is not None
    if finished.status == "stopped":
        return interruption.exit_code
    return 0 if finished.status == "finished" else 1


def _tell(report: Report, event: object) -> None:
    try:
        report.event(event)
    except OSError as error:  # the pipe is closed, or the terminal is gone
        raise BrokenPipeError from error
