"""Preparing a job and pulling its events, for every command that trains."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, ClassVar, TypeVar

from engine.contract.errors import InputError
from engine.contract.events import Finished
from engine.contract.loss_training import LossTrainingDone
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepFinished
from engine.processes.faults import explain
from tui.cli.interruption import Interruption, interruptible
from tui.cli.live import LiveLine
from tui.cli.page import Page

Prepared = TypeVar("Prepared")
Loaded = TypeVar("Loaded")
End = TypeVar("End", Finished, SweepFinished, LossTrainingDone)

_GIVEN_UP = "the report failed"


class Report:
    """Who tells about a job: for people, or as JSON lines. `live` is the line that changes meanwhile."""

    JOB: ClassVar[str] = "run"

    def __init__(self, before: str = "", live: bool = True) -> None:
        """`before` begins each notice, which goes to stderr; without `live` there is no line that changes."""
        self.live = LiveLine(wanted=live)
        self._before = before

    def preparing(self, step: Progress | Notice) -> None:
        """Something is loaded or computed before the job begins, or beside it."""
        self.live.told(step, self._before)

    def event(self, event: Any) -> None:
        """The job has said this."""
        raise NotImplementedError

    def interrupted(self, by: str) -> None:
        """A signal of that name came before the job began."""
        self.live.clear()
        Page(sys.stderr).line(f"softmax-tui: {by} before the {self.JOB} began: nothing was stored")


class JsonLines(Report):
    """For scripts: every notice says whose it is, and where stdout is the terminal no line changes on it."""

    def __init__(self) -> None:
        super().__init__("softmax-tui: ", live=not sys.stdout.isatty())


class _ReportFailed(Exception):  # noqa: N818 - what happened, said as it is
    """The report raised `cause`. It is told nothing more."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


def loaded(steps: Generator[Progress | Notice, None, Loaded]) -> Loaded:
    """What the steps return, told about on the way; a signal takes back what they have begun, and ends the command."""
    live, steps = LiveLine(), interruptible(steps)
    try:
        while True:
            live.told(next(steps))
    except StopIteration as end:
        result: Loaded = end.value
        return result
    finally:
        live.clear()
        steps.close()


def prepared(
    preparation: Iterator[Progress | Notice | Prepared],
    report: Report,
    interruption: Interruption,
) -> Prepared | None:
    """The job once its data are loaded, None where a signal came first (a download is then taken back)."""
    try:
        for step in preparation:
            if not isinstance(step, Progress | Notice):
                return step
            report.preparing(step)
            if interruption.requested:
                preparation.close()  # type: ignore[attr-defined]  # every preparation is a generator
                return None
    finally:
        report.live.clear()  # what is said next, a refusal for one, begins on a line of its own
    raise AssertionError("a preparation ends with its job")


def followed(
    events: Iterable[Any],
    report: Report,
    interruption: Interruption,
    end: type[End],
    stop: Callable[[str], End],
    failed: Callable[[str], End],
) -> int:
    """Pulls a job's events to its end, and stops it where a signal or a closed pipe asks for that; the exit code.

    A report that fails is not called again: the job is stopped where it has not ended, and what is stored is said.
    """
    finished: End | None = None
    try:
        try:
            for event in events:
                if isinstance(event, end):
                    finished = event
                _tell(report, event)
                if interruption.requested and finished is None:
                    finished = stop(interruption.name)
                    _tell(report, finished)
                    break
        except (BrokenPipeError, _ReportFailed):
            raise
        except Exception as error:  # noqa: BLE001 - out of memory, a full disk: whatever ends a job, it ends with `finished`
            report.live.clear()
            explain(error)
            finished = failed(str(error))
            _tell(report, finished)
    except BrokenPipeError:
        if finished is None:
            stop("nobody reads the output any more")
        raise
    except _ReportFailed as failure:
        report.live.clear()
        explain(failure.cause)
        _say_what_is_stored(failure.cause, finished or stop(_GIVEN_UP))
        return 1
    assert finished is not None
    if finished.status == "stopped":
        return interruption.exit_code
    return 0 if finished.status == "finished" else 1


def _tell(report: Report, event: object) -> None:
    try:
        if isinstance(event, Progress | Notice):
            report.preparing(event)
        else:
            report.event(event)
    except OSError as error:  # the pipe is closed, or the terminal is gone
        raise BrokenPipeError from error
    except Exception as error:
        raise _ReportFailed(error) from error


def _say_what_is_stored(error: Exception, end: Finished | SweepFinished | LossTrainingDone) -> None:
    why = str(error) if isinstance(error, InputError) else f"the report failed ({type(error).__name__}: {error})"
    page = Page(sys.stderr)
    page.line(f"softmax-tui: {why}", "red")
    page.line(f"softmax-tui: {_stored(end)}")


def _stored(end: Finished | SweepFinished | LossTrainingDone) -> str:
    """What was computed, and how to see it."""
    if isinstance(end, SweepFinished):
        goes_on = "" if end.status == "finished" else f"; softmax-tui sweep --resume {end.sweep_id} continues the sweep"
        return f"sweep {end.sweep_id} is stored ({end.status}): softmax-tui runs list shows its runs{goes_on}"
    if isinstance(end, LossTrainingDone):
        return f"the runs are stored ({end.status}): softmax-tui runs list shows them"
    return f"run {end.run_id} is stored ({end.status}): softmax-tui runs show {end.run_id} shows it"
