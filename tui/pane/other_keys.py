"""Other keys for keys that a terminal, tmux or screen keeps for itself: checked against the table of commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from textual.keys import Keys

from engine.verdicts.one_line import one_line
from tui.pane.commands import COMMANDS, EVERYWHERE, Command, key_name, shown_key

_NAMED = {key.value for key in Keys if not key.value.startswith("<")}
_WITH_OTHERS = re.compile(r"(ctrl\+|shift\+|alt\+){1,3}([a-z0-9]|[a-z][a-z0-9_]+)")
_SIGNS = {key_name(sign) for sign in ".?[]+-"}
# A terminal sends the same for these.
_ARRIVES_AS = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
_KEPT = {"ctrl+c": "copies what is selected"}


def checked(wanted: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The pairs of keys that can hold, by the names that Textual has for them, and a line for each other."""
    good: dict[str, str] = {}
    wrong = []
    for old, new in wanted.items():
        trouble = _trouble(key_name(old), key_name(new), good)
        if trouble:
            wrong.append(f"preferences: keys: {one_line(old, 40)}: {trouble}")
        else:
            good[key_name(old)] = key_name(new)
    return good, wrong


def _trouble(old: str, new: str, others: Mapping[str, str]) -> str:
    commands = [command for command in COMMANDS if old in command.keys]
    found = f"found {one_line(shown_key(new), 40)}"
    if not commands:
        return "no command has this key, expected a key that ? shows"
    if not ((len(new) == 1 and new.isalnum()) or new in _NAMED or new in _SIGNS or _WITH_OTHERS.fullmatch(new)):
        return f"{found}, expected the name of a key, such as ctrl+k or f9"
    if new in _ARRIVES_AS:
        return f"{found}, which a terminal sends as {_ARRIVES_AS[new]}"
    if new in _KEPT:
        return f"{found}, which {_KEPT[new]}"
    if _is_typed(new) and any(command.always for command in commands):
        return f"{found}, which is typed into fields; expected a key such as ctrl+k or f9"
    for other in _beside(commands):
        if new in other.keys or new in (others[key] for key in other.keys if key in others):
            return f"{found}, which is the key of another command: {other.help}"
    return ""


def _beside(commands: list[Command]) -> Iterator[Command]:
    """The commands that may be there when one of these is, and these themselves."""
    places = {command.where for command in commands}
    for other in COMMANDS:
        if EVERYWHERE in places or other.where in (*places, EVERYWHERE):
            yield other


def _is_typed(key: str) -> bool:
    return len(key) == 1 or key == "space" or key in _SIGNS
