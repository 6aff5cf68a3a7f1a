"""What Decide looks at: a run or a file alone, or the seeds of a sweep together; followed, or held still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from engine.contract.answers import RunSummary
from engine.contract.events import DatasetInfo
from engine.contract.stored_runs import IN_A_SWEEP, group_of
from tui.drawing.plain import plain
from tui.pane.run_choice import RunChoice


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


NO_SEEDS = (
    "No stored runs on these images differ only in their seed: a sweep makes some "
    "(softmax-tui sweep learning-rate 0.1)."
)
ONE_MODEL = "A predictions file holds one model. An ensemble over seeds needs the stored runs of a sweep."


class DecideSource(RunChoice):
    """With an ensemble `chosen` is the first of its runs."""

    def __init__(self, file: str = "") -> None:
        super().__init__(file)
        self._together: Seeds | None = None
        self._alone = ""  # what was looked at before the ensemble
        self._known: tuple[object, str, bool] | None = None  # whether there are seeds

    @property
    def members(self) -> tuple[str, ...]:
        return self._together.run_ids[1:] if self._together is not None else ()

    @property
    def together(self) -> str:
        """The words for an ensemble, "" for one model alone."""
        return self._together.words if self._together is not None else ""

    def look_at(self, source: str) -> None:
        super().look_at(source)
        self._together = None

    # Several at once

    def why_no_seeds(self, dataset: DatasetInfo) -> str:
        """One line, "" where an ensemble over seeds is offered."""
        if self.chosen and self.chosen == self.file:
            return ONE_MODEL
        if self._known is None or self._known[0] is not self.stored or self._known[1] != dataset.checksum:
            self._known = (self.stored, dataset.checksum, bool(self._groups(dataset)))
        return "" if self._known[2] else NO_SEEDS

    def next_seeds(self, dataset: DatasetInfo) -> None:
        """The seeds of one setting after the other, that of the run in front first, then that run alone again."""
        groups = self._groups(dataset)
        places = [place for place, group in enumerate(groups) if group == self._together]
        if self._together is None:
            self._alone = self.chosen
        following = places[0] + 1 if places else 0
        self._together = groups[following] if following < len(groups) else None
        self.chosen = self._together.run_ids[0] if self._together is not None else self._alone

    def _groups(self, dataset: DatasetInfo) -> list[Seeds]:
        first = self._alone if self._together is not None else self.run_id
        return seeds_among(self.stored or (), dataset, first)

    # Words

    def words_after(self, epochs: int) -> str:
        """What is looked at; a model alone with after how many epochs, where that is known."""
        if self._together is not None:
            return f"{plain(self._together.words, 48)} together"
        words = self.words() if self.run_id else ""
        return words + (f", after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else "")
