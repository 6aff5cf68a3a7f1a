"""Which stored runs differ in their seed alone: together they are an ensemble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.contract.answers import RunSummary
from engine.contract.events import DatasetInfo
from engine.contract.stored_runs import IN_A_SWEEP, group_of


@dataclass(frozen=True)
class Seeds:
    """Runs of one setting, by seed; `words` says which."""

    run_ids: tuple[str, ...]
    words: str


def seeds_among(stored: Sequence[RunSummary], dataset: DatasetInfo, first: str = "") -> list[Seeds]:
    """Groups of two runs or more on the same data that have ended; that of the run `first` before all others.

    Runs of a sweep are named "s0001/3 learning-rate 0.1 seed 0"; a group stays within its sweep.
    """
    groups: dict[object, list[RunSummary]] = {}
    for run in stored:
        if run.dataset.checksum == dataset.checksum and run.status == "finished" and run.epochs_done:
            groups.setdefault((group_of(run.name), replace(run.config, seed=0)), []).append(run)
    found = []
    for runs in groups.values():
        by_seed = {run.config.seed: run for run in reversed(runs)}  # the newest of each seed
        if len(by_seed) > 1:
            chosen = tuple(by_seed[seed].run_id for seed in sorted(by_seed))
            found.append(Seeds(chosen, _words([by_seed[seed] for seed in sorted(by_seed)])))
    return sorted(found, key=lambda group: first not in group.run_ids)


def _words(runs: Sequence[RunSummary]) -> str:
    """`s0001 learning-rate 0.1: 3 seeds`."""
    in_a_sweep = IN_A_SWEEP.fullmatch(runs[0].name)
    where = f"{in_a_sweep[1]} {in_a_sweep[2]}" if in_a_sweep else f"{runs[0].run_id} to {runs[-1].run_id}"
    return f"{where}: {len(runs)} seeds"
