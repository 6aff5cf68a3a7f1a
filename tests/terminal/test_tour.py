"""The tour: from an empty store `g` alone, and `y` where a job would be ended, answers every exercise."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from engine.processes import child
from tests.terminal.desk import environ_at, lay_out
from tests.terminal.shown import Shown
from tui.pane.exercises import EXERCISES, SUB_QUESTIONS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals"),
]

_KEYS_OF_ALL = 10 * len(EXERCISES)  # an exercise takes ten at most
_HINT = re.compile(r"Next \(g\): (.*)")
_GOES_ON = "shows another view"  # of a job that is waited for


def text(app: Shown) -> str:
    return "\n".join(app.lines)


def hint(app: Shown) -> str:
    found = _HINT.search(text(app))
    return found[1] if found is not None else ""


def look(app: Shown, seconds: float) -> None:
    """Takes in what is drawn within a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        app.read(0.05)


@pytest.mark.parametrize(("size", "pace"), [((80, 24), 0.7), ((120, 40), 0.25)], ids=["80x24", "120x40 in haste"])
def test_g_alone_leads_through_the_five_exercises(tmp_path: Path, size: tuple[int, int], pace: float) -> None:
    lay_out(tmp_path)
    app = Shown(child.module_command("tui.cli.main"), environ_at(tmp_path), size)
    try:
        app.until("engine ready")
        told: list[str] = []
        visited: list[str] = []  # the exercises, in the order in which the tour came to them
        while len(told) < _KEYS_OF_ALL and not _all_seen(app):
            told.append(_next(app))
            app.press("g")
            look(app, pace)
            assert not app.over_the_edge
            _agree(app)
            here = re.search(r"E exercise (\d)", text(app))
            if here is not None and here[1] not in visited:
                visited.append(here[1])
        assert _all_seen(app), told
        assert visited == [str(one.number) for one in EXERCISES]
    finally:
        app.close()


def _next(app: Shown) -> str:
    """The hint in front, once nothing is waited for."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        line = hint(app)
        if line and _GOES_ON not in line:
            return line
        look(app, 0.1)
    raise AssertionError(f"no hint to follow:\n{text(app)}")


def _agree(app: Shown) -> None:
    """Where a job would be ended: yes."""
    if "n  keep it" in text(app):
        app.press("y")
        look(app, 0.3)


def _all_seen(app: Shown) -> bool:
    """As the page of the exercises says. A question that comes up meanwhile is answered first."""
    _agree(app)
    app.press("E")
    end = time.monotonic() + 30
    while "answers seen" not in text(app) and time.monotonic() < end:
        look(app, 0.1)
        if "n  keep it" in text(app):
            _agree(app)
            app.press("E")
    all_seen = f"{len(SUB_QUESTIONS)} of {len(SUB_QUESTIONS)} answers seen" in text(app)
    app.press("E")
    app.until("Next (g)")
    return all_seen
