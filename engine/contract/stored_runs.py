"""Which of the stored runs is meant where none is named, and which of them a sweep or a comparison has made.

A run of a sweep is called "s0001/3 learning-rate 0.1 seed 0", one of a comparison of losses "losses r0007/clipped".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.contract.answers import RunSummary

IN_A_SWEEP = re.compile(r"(s\d{4,17})/\d+ (.+) seed (\d+)")
IN_A_COMPARISON = re.compile(r"(losses (r\d{4,17}))/(.+)")


def name_in_sweep(sweep_id: str, number: int, point: str, seed: int) -> str:
    """The name of a sweep's run; `point` is what it has of the swept settings, such as "learning-rate 0.1"."""
    return f"{sweep_id}/{number} {point} seed {seed}"


def name_in_comparison(first: str, loss: str) -> str:
    """The name of a run beside others with another loss; `first` is the id of the first of them."""
    return f"losses {first}/{loss}"


def group_of(name: str) -> str:
    """What has made a run of that name, such as "s0001" or "losses r0007"; "" for a run that stands alone."""
    found = IN_A_SWEEP.fullmatch(name) or IN_A_COMPARISON.fullmatch(name)
    return found[1] if found is not None else ""


def last_finished(runs: Sequence[RunSummary]) -> RunSummary | None:
    """The newest run that has come to its end, of a list with the newest first; None where there is none."""
    return next((run for run in runs if run.status == "finished"), None)


def last_resumable(runs: Sequence[RunSummary], epochs: int = 0) -> RunSummary | None:
    """The newest run that can go on, of a list with the newest first; None where there is none.

    With more `epochs` than it has done a finished run can go on too; 0 leaves each run its own.
    """
    return next((run for run in runs if _can_go_on(run, epochs)), None)


def _can_go_on(run: RunSummary, epochs: int) -> bool:
    if run.status == "finished":
        return run.epochs_done < epochs
    return run.status in ("stopped", "interrupted") and run.epochs_done < (epochs or run.config.epochs)
