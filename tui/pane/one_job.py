"""The engine does one job at a time: what is going on, and asking before another takes its place."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App

from tui.pane.base import Pane
from tui.pane.confirm import Confirm
from tui.pane.hearing import heard
from tui.pane.live_run import LiveRun

_STAYS = "The measured figures stay in view."


def measures(app: App[None]) -> str:
    """That the vocabulary is being measured, which another measurement would end; "" where it is not."""
    return next(filter(None, (pane.going_on() for pane in app.query(Pane))), "")


def in_its_place(pane: Pane, begin: Callable[[], None], to_do_what: str) -> None:
    """Begins at once where nothing is going on, else when somebody says so; never with an engine that is not heard."""
    if not heard(pane):
        return
    question = (
        "" if pane.has_no_engine else _question(pane.app, pane.live, f"End this job to {to_do_what}?", measured=_STAYS)
    )
    _when_agreed(pane.app, question, to_do_what, "keep it", begin)


def in_place_of_measuring(pane: Pane, begin: Callable[[], None], to_do_what: str) -> None:
    """Begins a measurement, beside which a job is only held, but the vocabulary's would be ended."""
    if not heard(pane):
        return
    measuring = measures(pane.app)
    question = f"{measuring}. End this job to {to_do_what}? {_STAYS}" if measuring else ""
    _when_agreed(pane.app, question, to_do_what, "keep it", begin)


def leave(app: App[None], live: LiveRun) -> None:
    """Ends the app; asks before where that ends something. The engine saves a job on its way out."""
    question = _question(app, live, "Leave now?", measured="The measured figures are not stored.")
    _when_agreed(app, question, "leave", "stay", app.exit)


def _question(app: App[None], live: LiveRun, ask: str, measured: str) -> str:
    """What would be ended, what is asked, and what becomes of it; "" where nothing is going on."""
    job, measuring = live.job, measures(app)
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
