"""The command palette, from the same table as the keys."""

from __future__ import annotations

from functools import partial

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import CommandInput, CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.containers import Horizontal, Vertical
from textual.events import Click
from textual.widgets import Input, LoadingIndicator

from tui.pane.commands import EVERYWHERE, Command, commands_of, shown_key
from tui.pane.confirm import ClosesOnce


class Offers(CommandList):
    """The commands that match. A letter that was just typed may have left fewer than a click still finds drawn."""

    def on_click(self, event: Click) -> None:
        if event.style.meta.get("option", 0) >= self.option_count:
            event.prevent_default()

    def action_page_up(self) -> None:
        if self.scrollable_content_region:  # else Textual, which has laid out no line yet, looks for one
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


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
    """Offers the commands of the pane that is shown, then those that work everywhere."""

    def _offered(self) -> list[tuple[str, Command]]:
        active = getattr(self.app, "active_pane", "")
        commands = (*commands_of(active), *commands_of(EVERYWHERE))
        unique = {command.action: command for command in reversed(commands)}
        return [
            (f"{command.help}  ({shown_key(command.keys[0])})", command)
            for command in commands
            if unique[command.action] is command
        ]

    async def _run(self, command: Command) -> None:
        action = f"app.{command.action}" if command.where == EVERYWHERE else f"app.in_pane('{command.action}')"
        await self.app.run_action(action)

    async def discover(self) -> Hits:
        for text, command in self._offered():
            yield DiscoveryHit(text, partial(self._run, command))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for text, command in self._offered():
            if (score := matcher.match(text)) > 0:
                yield Hit(score, matcher.highlight(text), partial(self._run, command))
