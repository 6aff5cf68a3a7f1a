"""The keys of the pane in one line; each can be clicked."""

from __future__ import annotations

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from tui.pane.commands import EVERYWHERE, Command, commands_of, key_of, shown_key


class KeyBar(Widget):
    """Shows the commands marked for the footer, as many as fit, those of every pane last.

    The keys of what has the focus stand before them, and alone where typing goes there. Where nothing can be sent to
    the engine, it says so instead.
    """

    DEFAULT_CSS = """
    KeyBar { height: 1; background: $panel; color: $foreground 70%; link-style: none; link-style-hover: underline; }
    """

    active: reactive[str] = reactive("train")
    typing: reactive[str] = reactive("")  # the keys of what is typed into
    taken: reactive[frozenset[str]] = reactive(
        frozenset()
    )  # the keys that are in `hint`, whatever the pane has them for
    hint: reactive[str] = reactive("")  # the keys of what has the focus, and leaves the printable ones alone
    silence: reactive[str] = reactive("")

    def render(self) -> Text:
        if self.silence:
            said = f" ! {self.silence}: no start, pause or step · {key_of(EVERYWHERE, 'restart_engine')} stops"
            return Text(said, Style(bold=True), no_wrap=True, overflow="ellipsis")
        everywhere = [command for command in commands_of(EVERYWHERE) if command.in_footer]
        if self.typing:
            text = Text(f" {self.typing}  ", no_wrap=True, overflow="ellipsis")
            room = self.size.width - text.cell_len
            everywhere = _that_fit([command for command in everywhere if command.always], room)
        else:
            text = Text(f" {self.hint}  " if self.hint else " ", no_wrap=True)
            room = self.size.width - text.cell_len - sum(map(_width, everywhere))
            here = [command for command in commands_of(self.active) if command.in_footer]
            for command in _that_fit([one for one in here if one.keys[0] not in self.taken], room):
                _append(text, command, f"app.in_pane('{command.action}')")
        for command in everywhere:
            _append(text, command, f"app.{command.action}")
        return text


def _that_fit(commands: list[Command], room: int) -> list[Command]:
    """The first one before any other, then the way to the other views, which no line of a small pane tells."""
    kept = []
    for command in sorted(commands, key=lambda one: one is not commands[0] and one.label != "view"):
        if _width(command) <= room:
            room -= _width(command)
            kept.append(command)
    return [command for command in commands if command in kept]


def _width(command: Command) -> int:
    return len(shown_key(command.keys[0])) + len(command.label) + 3


def _append(text: Text, command: Command, click: str) -> None:
    text.append(shown_key(command.keys[0]), Style(bold=True, meta={"@click": click}))
    text.append(f" {command.label}  ", Style(meta={"@click": click}))
