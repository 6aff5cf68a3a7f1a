"""The engine does one job at a time: what is going on, and asking before another takes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from textual.widget import Widget

from engine.contract.engine_events import WarmingUp
from engine.contract.events import Finished, Started
from engine.contract.loss_training import LossTrainingDone, LossTrainingStarted
from engine.contract.sweeps import SweepFinished, SweepStarted
from engine.contract.wire import Event
from tui.drawing.plain import plain
from tui.screens.confirm import Confirm


class Measures(Protocol):
    """A pane that may have the engine measure something beside the job."""

    def going_on(self) -> str: ...


class HasJob(Protocol):
    """The app: it hears everything, also what was said before a pane was made."""

    @property
    def job(self) -> str: ...


def job_after(job: str, event: Event) -> str:
    """What is going on after an event, as the first words of a question; "" for nothing."""
    if isinstance(event, Started):
        return f"{plain(event.run_id)} is still training"
    if isinstance(event, SweepStarted):
        return f"Sweep {plain(event.sweep_id)} is still training"
    if isinstance(event, LossTrainingStarted):
        return "The comparison of the losses is still training"
    ended = isinstance(event, Finished | SweepFinished | LossTrainingDone | WarmingUp)  # a new engine does nothing yet
    return "" if ended else job


def job_of(pane: Widget) -> str:
    """What is going on, whoever began it."""
    return cast(HasJob, pane.app).job


def measures(pane: Widget) -> bool:
    """Whether the vocabulary is being measured, which another measurement would end."""
    return any(cast(Measures, other).going_on() for other in pane.app.query("VocabularyPane"))


def in_its_place(pane: Widget, begin: Callable[[], None], to_do_what: str) -> None:
    """Begins at once where nothing is going on, else when somebody says so."""
    job = job_of(pane)
    if not job:
        begin()
        return
    question = f"{job}. End it to {to_do_what}? It is saved and can be resumed."
    pane.app.push_screen(Confirm(question, to_do_what, "keep it"), lambda yes: begin() if yes else None)
