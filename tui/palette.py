"""The command palette, from the same table as the keys."""

from __future__ import annotations

from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from tui.commands import EVERYWHERE, Command, commands_of, shown_key
from tui.screens.once import ClosesOnce


class Palette(CommandPalette, ClosesOnce[None]):
    """Textual's own, which a second click beside it would dismiss twice."""


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
