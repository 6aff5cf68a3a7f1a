"""The engine does one job at a time: what is going on, and asking before another takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from textual.app import App
from textual.widget import Widget

from engine.contract.engine_events import WarmingUp
from engine.contract.events import Finished, Started
from engine.contract.loss_training import LossTrainingDone, LossTrainingStarted
from engine.contract.sweeps import SweepFinished, SweepStarted
from engine.contract.wire import Event
from tui.drawing.plain import plain
from tui.pane.confirm import Confirm
from tui.pane.heard import heard

_STAYS = "What was measured stays in view."


@dataclass(frozen=True)
class Job:
    """What the engine is at. `kept` is a sentence on what becomes of it where it is ended."""

    name: str
    kept: str = "It is saved and can be resumed."
    held: bool = False

    @property
    def said(self) -> str:
        """The first words of a question."""
        return f"{self.name} is paused, not ended" if self.held else f"{self.name} is still training"


class Measures(Protocol):
    """A pane that may have the engine measure something beside the job."""

    def going_on(self) -> str: ...


class HasJob(Protocol):
    """The app: it hears everything, also what was said before a pane was made."""

    @property
    def job(self) -> Job | None: ...


def job_after(job: Job | None, event: Event) -> Job | None:
    """What is going on after an event."""
    if isinstance(event, Started):
        return Job(plain(event.run_id))
    if isinstance(event, SweepStarted):
        return Job(f"Sweep {plain(event.sweep_id)}")
    if isinstance(event, LossTrainingStarted):
        return Job("The comparison of the losses", "Its runs are saved; the comparison cannot be gone on with.")
    ended = isinstance(event, Finished | SweepFinished | LossTrainingDone | WarmingUp)  # a new engine does nothing yet
    return None if ended else job


def job_of(node: Widget) -> Job | None:
    """What is going on, whoever began it."""
    return cast(HasJob, node.app).job


def measures(app: App[None]) -> str:
    """That the vocabulary is being measured, which another measurement would end; "" where it is not."""
    return next(filter(None, (cast(Measures, pane).going_on() for pane in app.query("VocabularyPane"))), "")


def in_its_place(pane: Widget, begin: Callable[[], None], to_do_what: str) -> None:
    """Begins at once where nothing is going on, else when somebody says so; never with an engine that is not heard."""
    if not heard(pane):
        return
    question = _question(pane.app, f"End it to {to_do_what}?", measured=_STAYS)
    _when_agreed(pane.app, question, to_do_what, "keep it", begin)


def in_place_of_measuring(pane: Widget, begin: Callable[[], None], to_do_what: str) -> None:
    """Begins a measurement, beside which a job is only held, but the vocabulary's would be ended."""
    if not heard(pane):
        return
    measuring = measures(pane.app)
    question = f"{measuring}. End it to {to_do_what}? {_STAYS}" if measuring else ""
    _when_agreed(pane.app, question, to_do_what, "keep it", begin)


def leave(app: App[None]) -> None:
    """Ends the app; asks before where that ends something. The engine saves a job on its way out."""
    question = _question(app, "Leave now?", measured="What was measured is not stored.")
    _when_agreed(app, question, "leave", "stay", app.exit)


def _question(app: App[None], ask: str, measured: str) -> str:
    """What would be ended, what is asked, and what becomes of it; "" where nothing is going on."""
    job, measuring = cast(HasJob, app).job, measures(app)
    said = [job.said if job is not None else "", measuring]
    kept = [job.kept if job is not None else "", measured if measuring else ""]
    return f"{'. '.join(filter(None, said))}. {ask} {' '.join(filter(None, kept))}" if any(said) else ""


def _when_agreed(app: App[None], question: str, yes: str, no: str, act: Callable[[], object]) -> None:
    def answered(agreed: bool | None) -> None:
        if agreed:
            act()

    if question:
        app.push_screen(Confirm(question, yes, no), answered)
    else:
        act()
