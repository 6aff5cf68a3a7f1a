"""`softmax-tui preferences`: where the app's preferences are, what they are, and changing one."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from typing import Any

from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line
from tui.cli.arguments import Commands, OneLineParser, add_action, add_actions, words_of_command
from tui.cli.json_lines import print_json
from tui.cli.page import Page
from tui.pane.preferences import (
    KEYS,
    Preferences,
    keep_preference,
    keys_in,
    preferences_path,
    read_preferences,
    unknown,
    wrong_value,
)

_EXAMPLES = """examples
  softmax-tui preferences
  softmax-tui preferences set theme light
  softmax-tui preferences set engine_command "ssh gpu-box softmax-tui engine"
  softmax-tui preferences set keys.ctrl+p ctrl+k     ctrl+k does what ctrl+p does
  softmax-tui preferences unset keys.ctrl+p

The app remembers the theme (ctrl+t) and the style of pictures (i in Mistakes and Decide). The options of a command
line win over the preferences and are not remembered. SOFTMAX_TUI_PREFERENCES names another file."""
_WIDEST_VALUE = 20  # columns; a longer command moves its own line alone
_NAMES = "theme, pictures, slow, engine_command, or keys.KEY such as keys.ctrl+p"


def add(commands: Commands[OneLineParser]) -> None:
    actions = add_actions(commands, "preferences", _EXAMPLES, _show, "one JSON object")
    action = partial(add_action, actions, data=None)
    setter = action("set", "change a preference", _set)
    setter.add_argument("name", metavar="NAME", help=_NAMES)
    setter.add_argument("value", metavar="VALUE", help="the new value; for keys.KEY another key")
    unsetter = action("unset", "forget a preference, so that its default holds", _unset)
    unsetter.add_argument("name", metavar="NAME", help=_NAMES)


def _show(options: argparse.Namespace) -> int:
    from msgspec.structs import asdict

    from engine.contract.settings import settings_of, value_text
    from tui.pane.commands import shown_key

    path = preferences_path(os.environ)
    exists = path.exists()
    read = read_preferences(path)
    keys = {shown_key(old): shown_key(new) for old, new in read.values.keys.items()}
    if options.json:
        values = asdict(read.values) | {"keys": keys}
        print_json({"path": str(path), "exists": exists, "values": values, "troubles": read.troubles})
        return 2 if read.troubles else 0
    page = Page()
    page.line(f"{path}{'' if exists else ': does not exist yet, so the defaults hold'}", "bold")
    shown = [
        (one.name, value_text(getattr(read.values, one.name)) or "none", one.help) for one in settings_of(Preferences)
    ]
    shown += [(f"{KEYS}{old}", new, "another key, for a key that the terminal keeps") for old, new in keys.items()]
    width = max(len(value) for _, value, _ in shown if len(value) <= _WIDEST_VALUE)
    for name, value, about in shown:
        page.prose(about, before=f"{name:<16}{value:<{width}}  ")
    for trouble in read.troubles:
        page.line(trouble, "broken")
    return 2 if read.troubles else 0


def _set(options: argparse.Namespace) -> int:
    name, key = _named(options.name)
    if key:
        _check_key(key, options.value)
    _keep(name, options.value if key else _value_of(name, options.value))
    Page().line(f"{name}: {one_line(options.value)}")
    return 0


def _unset(options: argparse.Namespace) -> int:
    name, key = _named(options.name)
    if key and key not in (pairs := keys_in(preferences_path(os.environ))):
        expected = f"one of {', '.join(KEYS + key for key in pairs)}" if pairs else "none: no key has another"
        raise InputError(f"preferences: found no {one_line(name, 60)}, expected {expected}")
    if not key and (name not in Preferences.__struct_fields__ or name == "keys"):
        raise unknown(name)
    _keep(name, None)
    Page().line(f"{name}: back to its default")
    return 0


def _named(typed: str) -> tuple[str, str]:
    """The name of a preference, which may be typed like a flag, and the key of `keys.KEY`."""
    return (typed, typed.removeprefix(KEYS)) if typed.startswith(KEYS) else (typed.replace("-", "_"), "")


def _keep(name: str, value: object) -> None:
    if said := keep_preference(preferences_path(os.environ), name, value):
        Page(sys.stderr).line(f"softmax-tui: {said}")


def _value_of(name: str, text: str) -> Any:
    from engine.contract.settings import parse, settings_of

    setting = next((one for one in settings_of(Preferences) if one.name == name), None)
    if setting is None:
        raise unknown(name)
    if name == "engine_command":
        words_of_command("preferences: engine_command", text)
    try:
        return parse(setting, text)
    except InputError as error:
        raise wrong_value(name, text) from error


def _check_key(key: str, value: str) -> None:
    from tui.pane.other_keys import checked

    others = keys_in(preferences_path(os.environ))
    good, _ = checked({old: new for old, new in others.items() if old != key})
    _, wrong = checked({**good, key: value})
    if wrong:
        raise InputError(wrong[-1])
