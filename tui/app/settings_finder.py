"""The settings of every pane, as the palette finds them: by what they are called, with the cursor on their row."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from textual.command import Hit, Hits, Provider

from engine.contract.settings import Setting
from tui.app.matching import match_of
from tui.app.panes import Panes
from tui.drawing.form_text import FormText
from tui.pane.base import Pane
from tui.pane.commands import PANES, PaneEntry, commands_of
from tui.pane.lab import LabPane

_BELOW_COMMANDS = 0.99  # of the score, so that a view goes before a setting of the same name


@dataclass(frozen=True)
class FoundSetting:
    """A row of a pane's form."""

    pane: PaneEntry
    setting: Setting

    @property
    def text(self) -> str:
        """As the palette shows it."""
        about = f" – {self.setting.help}" if self.setting.help else ""
        return f"{self.pane.title} setting: {self.setting.label}{about}"


class SettingsOfPanes(Provider):
    """Finds the settings by name. A pane that nobody has looked at is not made for it: its form's texts are enough."""

    async def startup(self) -> None:
        """The forms are imported while the palette opens, not at its first letter."""
        self._forms = {pane.id: _form_text(pane.id) for pane in PANES if has_form(pane.id)}

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        active = getattr(self.app, "active_pane", "")
        for found in self._in_sight():
            score = match_of(matcher, query, found.text, found.setting.label) * _BELOW_COMMANDS
            if score > 0:
                here = found.pane.id == active
                yield Hit(score if here else score / 2, matcher.highlight(found.text), partial(self._go_to, found))

    def _in_sight(self) -> list[FoundSetting]:
        """Without those that make no sense beside the other settings of their form."""
        made = {pane.id: pane for pane in self.app.query_one(Panes).made}
        found = []
        for pane in PANES:
            if pane.id in self._forms:
                form = _form_of(made.get(pane.id)) or self._forms[pane.id]
                found += [FoundSetting(pane, one) for one in form.settings if one.name not in form.hidden]
        return found

    async def _go_to(self, found: FoundSetting) -> None:
        await self.app.run_action(f"app.show_pane('{found.pane.id}')")
        pane = self.app.query_one(f"#panes > #{found.pane.id}", LabPane)
        self.app.call_later(point_to, pane, found.setting.name)  # the app still has to give the pane the keys


def has_form(pane_id: str) -> bool:
    """Whether the pane has settings, which a key shows."""
    return any(command.action == "toggle_form" for command in commands_of(pane_id))


def point_to(pane: LabPane[Any, Any], name: str) -> None:
    """Opens the form of a pane, which may just have been made, with the cursor on that row."""
    form = pane.board.form
    if form.is_mounted:
        pane.board.show_form(True)
        pane.app.call_after_refresh(form.take_focus, name)
    else:
        pane.app.call_after_refresh(point_to, pane, name)


def _form_text(pane_id: str) -> FormText:
    """By the pane's id, as the app finds the pane itself: `TrainFormText` of `tui.train.form` for `train`."""
    form: FormText = getattr(import_module(f"tui.{pane_id}.form"), f"{pane_id.capitalize()}FormText")()
    return form


def _form_of(pane: Pane | None) -> FormText | None:
    return pane.board.form.form_text if isinstance(pane, LabPane) else None
