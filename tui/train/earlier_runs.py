"""The stored runs, and those among them that lie over the charts of the run in front."""

from __future__ import annotations

from functools import reduce

from engine.contract.answers import RunReplayed, RunsListed, RunSummary
from engine.contract.commands import ListRuns, ReplayRun
from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState, apply
from engine.processes.client import Engine
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.drawing.run_names import short_name

OVERLAYS = (0, 1, 3)  # how many runs `o` lays over the chart, in turn
_TOLD = (
    ("learning_rate", "rate "),
    ("batch_size", "batch "),
    ("softmax", ""),
    ("loss", ""),
    ("momentum", "momentum "),
    ("weight_decay", "decay "),
    ("epochs", "epochs "),
    ("seed", "seed "),
)


class EarlierRuns:
    """Both asking methods raise InputError for a refusal, and EngineGone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wanted = 0
        self._replayed: dict[str, RunState] = {}
        self.listed: tuple[RunSummary, ...] = ()
        self.overlays: dict[str, RunState] = {}  # by the label in the legend
        self.marked: tuple[str, ...] = ()  # their ids, in the same order

    def next(self) -> int:
        """None, the last one, the last three; returns how many are wanted now."""
        self._wanted = OVERLAYS[(OVERLAYS.index(self._wanted) + 1) % len(OVERLAYS)]
        return self._wanted

    async def refresh(self, in_front: RunState) -> None:
        """Asks which runs there are besides the one in front, and for those to be laid over that are not known yet."""
        listed = await self._engine.ask(ListRuns())
        assert isinstance(listed, RunsListed)
        self.listed = tuple(run for run in listed.runs if run.run_id != in_front.run_id)
        chosen = [run for run in self.listed if run.epochs_done > 0][: self._wanted]
        for summary in chosen:
            known = self._replayed.get(summary.run_id)
            if known is None or known.status == "running" or len(known.epochs) != summary.epochs_done:
                self._replayed[summary.run_id] = await self._replay(summary.run_id)
        self.marked = tuple(run.run_id for run in chosen)
        self.overlays = {_label(run, in_front.config): self._replayed[run.run_id] for run in chosen}

    async def _replay(self, run_id: str) -> RunState:
        reply = await self._engine.ask(ReplayRun(run_id))
        assert isinstance(reply, RunReplayed)
        return reduce(apply, reply.events, RunState())


def _label(run: RunSummary, in_front: TrainConfig) -> str:
    """Its name, and the setting in which it differs most from the run in front, unless the name says that."""
    if "/" in run.name:  # of a sweep
        return short_name(run.name, 22)
    name = short_name(run.name or run.run_id, 12)
    for setting, words in _TOLD:
        value = getattr(run.config, setting)
        if value != getattr(in_front, setting):
            return f"{name} {words}{plain(written(value), 14)}"
    return name
