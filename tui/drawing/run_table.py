"""The rows of a list of runs as lines, all in the same columns."""

from __future__ import annotations

import math

from rich.cells import cell_len

from engine.contract.stored_runs import group_of
from engine.verdicts.figures import loss_figure
from tui.drawing.plain import padded
from tui.drawing.run_list import Group, Offer, Row, RunList, in_group
from tui.drawing.run_names import short_name

_MOST_LABEL = 24  # cells
_STATE, _CREATED = 13, 18
_FIGURES = (8, 8, 7)  # train loss, validation loss, accuracy
_WIDE = 110  # cells, from which there is room for the date


class RunTable:
    """Lines of `width` cells for the rows that the list has now."""

    def __init__(self, runs: RunList, width: int) -> None:
        self._runs, self._width = runs, width
        wanted = max((cell_len(_label(row)) for row in runs.rows if not isinstance(row, Offer)), default=3)
        self._label = min(wanted, _MOST_LABEL, width // 6)
        self._dated = width >= _WIDE

    @property
    def heading(self) -> str:
        """The heads of the columns."""
        about = "settings that differ from the defaults" if self._dated else "settings"
        return self._line("run", about, ("train", "valid", "right"), "state", "began")

    def line(self, row: Row) -> str:
        """A row's line."""
        if isinstance(row, Offer):
            return padded(row.words, self._width)
        if isinstance(row, Group):
            return self._group(row)
        figures = (_loss(row.train_loss), _loss(row.validation_loss), _share(row.validation_accuracy))
        about = in_group(row.name) or self._runs.settings(row)
        return self._line(_label(row), about, figures, row.status, row.created)

    def _group(self, group: Group) -> str:
        finished = sum(run.status == "finished" for run in group.runs)
        state = "finished" if finished == len(group.runs) else f"{finished} finished"
        best = group.best
        figures = ("", "", "")
        if best is not None:
            figures = ("best", _loss(best.validation_loss), _share(best.validation_accuracy))
        return self._line(_label(group), group.about, figures, state, group.runs[-1].created)

    def _line(self, label: str, about: str, figures: tuple[str, str, str], state: str, created: str) -> str:
        cells = zip(figures, _FIGURES, strict=True)
        end = "".join(padded(figure, width, right=True) for figure, width in cells) + padded(f"  {state}", _STATE)
        if self._dated:
            end += padded(f"  {created[:16].replace('T', ' ')}", _CREATED)
        room = max(0, self._width - self._label - 2 - cell_len(end))
        return f"{padded(label, self._label)}  {padded(about, room)}{end}"


def _label(row: Row) -> str:
    if isinstance(row, Group):
        return f"{'-' if row.opened else '+'} {row.name.partition(' ')[0]}"
    assert not isinstance(row, Offer)
    if group_of(row.name):
        return f"  {row.run_id}"
    name = short_name(row.name, _MOST_LABEL - len(row.run_id) - 1) if row.name != row.run_id else ""
    return f"{row.run_id} {name}".rstrip()


def _loss(loss: float) -> str:
    """nan is what a run has before its first epoch has ended."""
    return "-" if math.isnan(loss) else loss_figure(loss)


def _share(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"
