"""The stored runs, and those among them that lie over the charts of the run in front."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from engine.contract.answers import RunReplayed, RunsListed, RunSummary
from engine.contract.commands import ListRuns, ReplayRun
from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState, apply
from engine.contract.stored_runs import group_of
from engine.processes.client import Engine
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.drawing.run_list import Row, RunList
from tui.drawing.run_names import short_name

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
        self._chosen: tuple[str, ...] = ()
        self._replayed: dict[str, RunState] = {}
        self.rows: tuple[Row, ...] = ()  # all but the run in front, those of a group under one
        self.overlays: dict[str, RunState] = {}  # by the label in the legend
        self.marked: tuple[str, ...] = ()  # their ids, in the same order

    @property
    def goes_on(self) -> bool:
        """Whether one that lies over the charts is still running, wherever that is."""
        return any(run.status == "running" for run in self.overlays.values())

    def choose(self, run_ids: Sequence[str]) -> None:
        """These lie over the charts once they are known."""
        self._chosen = tuple(run_ids)

    async def refresh(self, in_front: RunState) -> None:
        """Asks which runs there are besides the one in front, and for those to be laid over that are not known yet."""
        listed = await self._engine.ask(ListRuns())
        assert isinstance(listed, RunsListed)
        others = [run for run in listed.runs if run.run_id != in_front.run_id]
        there = {run.run_id: run for run in others if run.epochs_done > 0}
        chosen = [there[run_id] for run_id in self._chosen if run_id in there]
        rest = RunList(lambda run: run.run_id not in self._chosen)
        rest.know(others)
        self.rows = (*chosen, *rest.rows)
        for summary in chosen:
            known = self._replayed.get(summary.run_id)
            if known is None or known.status == "running" or len(known.epochs) != summary.epochs_done:
                self._replayed[summary.run_id] = await self._replay(summary.run_id)
        self.marked = tuple(run.run_id for run in chosen)
        self.overlays = {}
        for run in chosen:
            label = _label(run, in_front.config)
            self.overlays[f"{run.run_id} {label}" if label in self.overlays else label] = self._replayed[run.run_id]

    async def _replay(self, run_id: str) -> RunState:
        reply = await self._engine.ask(ReplayRun(run_id))
        assert isinstance(reply, RunReplayed)
        return reduce(apply, reply.events, RunState())


def _label(run: RunSummary, in_front: TrainConfig) -> str:
    """Its name, and the setting in which it differs most from the run in front, unless the name says that."""
    if group_of(run.name):
        return short_name(run.name, 22)
    name = short_name(run.name or run.run_id, 12)
    for setting, words in _TOLD:
        value = getattr(run.config, setting)
        if getattr(in_front, setting) not in ("auto", value):
            return f"{name} {words}{plain(written(value), 14)}"
    return name
