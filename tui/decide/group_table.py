"""The table of groups, which folds to the room that it has."""

from __future__ import annotations

from textual import events

from engine.contract.decisions import CostsView
from engine.contract.groups import GroupsView
from tui.decide.group_lines import group_lines
from tui.pane.commands import key_of
from tui.widgets.lines import TextLines


class GroupTable(TextLines):
    """As high as its style says: what does not fit is folded."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[GroupsView, CostsView] | None = None

    def show_groups(self, view: GroupsView, costs: CostsView) -> None:
        """Draw these from now on."""
        self._shown = view, costs
        self._fold()

    def on_resize(self, event: events.Resize) -> None:
        self._fold()

    def _fold(self) -> None:
        if self._shown is not None and self.size.height:
            key = key_of("decide", "next_groups")
            self.show(group_lines(*self._shown, self.size.width, self.size.height, key))
