"""Stored runs as rows of a list: those of a sweep or a comparison lie under one row, and a filter narrows it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import NamedTuple

from engine.contract.answers import RunSummary
from engine.contract.stored_runs import IN_A_COMPARISON, IN_A_SWEEP, group_of
from tui.drawing.plain import plain
from tui.drawing.run_names import SHORTER, settings_words

_APART = str.maketrans("/-_", "   ")  # where a word of a name begins too


class Offer(NamedTuple):
    """What can be looked at besides the stored runs: the live run, a file."""

    source: str
    words: str


@dataclass(frozen=True)
class Group:
    """Runs that belong together; `runs` are those of `total` that the filter leaves, one at least."""

    name: str
    runs: tuple[RunSummary, ...]
    total: int
    opened: bool

    @property
    def best(self) -> RunSummary | None:
        """The run with the least validation loss, None where none has one."""
        known = [run for run in self.runs if math.isfinite(run.validation_loss)]
        return min(known, key=lambda run: run.validation_loss, default=None)

    @property
    def about(self) -> str:
        """ "a sweep of rate: 18 runs", "losses side by side: 5 runs"."""
        in_a_sweep = IN_A_SWEEP.fullmatch(self.runs[0].name)
        what = "losses side by side"
        if in_a_sweep is not None:
            what = "a sweep of " + " and ".join(SHORTER.get(word, word) for word in in_a_sweep[2].split(" ")[::2])
        some = f"{len(self.runs)} of " if len(self.runs) < self.total else ""
        return f"{what}: {some}{self.total} runs"


Row = Offer | RunSummary | Group


class RunList:
    """Offers first, then those runs that are `wanted`, newest first."""

    def __init__(self, wanted: Callable[[RunSummary], bool] = lambda run: True, offers: Sequence[Offer] = ()) -> None:
        self._wanted, self._offers = wanted, tuple(offers)
        self.runs: tuple[RunSummary, ...] | None = None  # all that are stored; None while they are not known
        self._sought: tuple[str, ...] = ()
        self._turned: set[str] = set()  # groups that were opened or folded by hand
        self._with_data = False  # whether the runs have not all the same
        self._settings: dict[str, str] = {}  # by run, as far as they were needed
        self.rows: list[Row] = list(self._offers)

    def know(self, runs: Sequence[RunSummary]) -> None:
        """These are the stored runs, newest first."""
        self.runs = tuple(runs)
        self._with_data = len({run.dataset.name for run in self.runs}) > 1
        self._settings.clear()
        self._arrange()

    def seek(self, text: str) -> None:
        """Leaves the runs of which a word of what is shown begins with each of these, whatever their case."""
        self._sought = tuple(text.casefold().split())
        self._turned.clear()
        self._arrange()

    def turn(self, group: str) -> None:
        """Opens a group, or folds it again."""
        self._turned ^= {group}
        self._arrange()

    def reveal(self, source: str) -> int:
        """The place of a source among the rows, once its group is open; 0 where it is not among them."""
        group = next((group_of(run.name) for run in self.runs or () if run.run_id == source), "")
        if group and source not in map(_source, self.rows):
            self.turn(group)
        return next((place for place, row in enumerate(self.rows) if _source(row) == source), 0)

    def settings(self, run: RunSummary) -> str:
        """In which settings a run differs from the defaults, behind its data where these differ from run to run."""
        if run.run_id not in self._settings:
            data = f"{plain(PurePath(run.dataset.name).name, 24)}  " if self._with_data else ""
            self._settings[run.run_id] = data + (settings_words(run.config) or "the defaults")
        return self._settings[run.run_id]

    def about(self, row: Row | None) -> str:
        """What a row may have no room for, in a line; "" where it has said all."""
        if not isinstance(row, RunSummary):
            return ""
        name = f" {row.name}" if row.name else ""
        epochs = f"{row.epochs_done} of {row.config.epochs} epochs"
        return plain(f"{row.run_id}{name}: {self.settings(row)}  ({row.dataset.name}, {epochs})")

    def _meets(self, run: RunSummary) -> bool:
        if not self._sought:
            return True
        name = f"{group_of(run.name)} {in_group(run.name) or run.name}"
        return self._begins(" ".join((run.run_id, name, self.settings(run), run.status, run.dataset.name)))

    def _begins(self, text: str) -> bool:
        """So that 1 finds a rate of 1, and none of 0.1."""
        whole = f" {text} {text.translate(_APART)}".casefold()
        return all(f" {word}" in whole for word in self._sought)

    def _arrange(self) -> None:
        found: dict[str, list[RunSummary]] = {}
        totals: dict[str, int] = {}
        for run in filter(self._wanted, self.runs or ()):
            key = group_of(run.name) or run.run_id
            totals[key] = totals.get(key, 0) + 1
            if self._meets(run):
                found.setdefault(key, []).append(run)
        self.rows = [offer for offer in self._offers if self._begins(offer.words)]
        for key, runs in found.items():
            if not group_of(runs[0].name):
                self.rows += runs
                continue
            picked_out = len(runs) < totals[key]  # by the filter, which the others do not meet
            opened = picked_out != (key in self._turned)
            self.rows.append(Group(key, tuple(runs), totals[key], opened))
            self.rows += runs if opened else []


def in_group(name: str) -> str:
    """What tells a run from the others of its group, "rate 0.1  seed 0" or "loss clipped"; "" for one that is alone."""
    if (in_a_sweep := IN_A_SWEEP.fullmatch(name)) is not None:
        words = [SHORTER.get(word, word) for word in (*in_a_sweep[2].split(" "), "seed", in_a_sweep[3])]
        return "  ".join(f"{setting} {value}" for setting, value in zip(words[::2], words[1::2], strict=False))
    in_a_comparison = IN_A_COMPARISON.fullmatch(name)
    return f"loss {in_a_comparison[3]}" if in_a_comparison is not None else ""


def _source(row: Row) -> str:
    if isinstance(row, Offer):
        return row.source
    return row.run_id if isinstance(row, RunSummary) else row.name
