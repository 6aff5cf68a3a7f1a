"""The command palette, from the same table as the keys."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.containers import Horizontal, Vertical
from textual.events import Click
from textual.widgets import Input, LoadingIndicator

from tui.app.matching import match_of
from tui.pane.commands import EVERYWHERE, PANES, Command, commands_of, shown_key
from tui.pane.confirm import ClosesOnce
from tui.widgets.paged_options import PagedOptions


class Offers(CommandList, PagedOptions):
    """The commands that match. A letter that was just typed may have left fewer than a click still finds drawn."""

    def on_click(self, event: Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()


class Palette(CommandPalette, ClosesOnce[None]):
    """Textual's own, which a second click beside it would dismiss twice, and which looks for commands after its end."""

    def dismiss(self, result: None = None) -> AwaitComplete:
        self.workers.cancel_node(self)
        return super().dismiss(result)

    def on_input_changed(self, event: Input.Changed) -> None:
        if not self.is_active:
            event.prevent_default()

    def compose(self) -> ComposeResult:
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield SearchIcon()
                yield CommandInput(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield Offers()
                yield LoadingIndicator()


class TableOfCommands(Provider):
    """Offers the commands of the pane that is shown, then those that work everywhere; finds those of the others too."""

    async def discover(self) -> Hits:
        for command in self._offered(others=False):
            yield DiscoveryHit(self._text(command), partial(self._run, command))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._offered(others=True):
            text = self._text(command)
            score = match_of(matcher, query, text, command.label, command.also)
            if score > 0:
                elsewhere = command.where not in (self._active, EVERYWHERE)
                yield Hit(score / 2 if elsewhere else score, matcher.highlight(text), partial(self._run, command))

    @property
    def _active(self) -> str:
        return str(getattr(self.app, "active_pane", ""))

    def _offered(self, others: bool) -> list[Command]:
        elsewhere = [pane.id for pane in PANES if others and pane.id != self._active]
        places = (self._active, EVERYWHERE, *elsewhere)
        commands = [command for where in places for command in commands_of(where)]
        unique = {(command.where, command.action): command for command in reversed(commands)}
        return [command for command in commands if unique[command.where, command.action] is command]

    def _text(self, command: Command) -> str:
        title = next((pane.title for pane in PANES if pane.id == command.where != self._active), "")
        return f"{f'{title}: ' if title else ''}{command.help}  ({shown_key(command.keys[0])})"

    async def _run(self, command: Command) -> None:
        if command.where == EVERYWHERE:
            await self.app.run_action(f"app.{command.action}")
            return
        if command.where != self._active:
            await self.app.run_action(f"app.show_pane('{command.where}')")
        await self.app.run_action(f"app.in_pane({command.action!r})")


def settings_of_panes() -> type[Provider]:
    """What finds the settings; imported when the palette is first opened, as it imports what forms are made of."""
    from tui.app.settings_finder import SettingsOfPanes

    return SettingsOfPanes
