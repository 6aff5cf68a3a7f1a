"""`softmax-tui preferences`: path and values, for people and for scripts, and changing one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def path(places: dict[str, str]) -> Path:
    return Path(places["SOFTMAX_TUI_PREFERENCES"])


def test_path_and_values_are_printed_and_changed(cli, path: Path) -> None:
    said = cli("preferences")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[0] == f"{path}: does not exist yet, so the defaults hold"
    assert not path.exists()
    assert cli("preferences", "set", "theme", "light").out == "theme: light\n"
    assert cli("preferences", "set", "engine-command", "ssh 'gpu box' engine").code == 0
    assert cli("preferences", "set", "slow", "yes").code == 0
    assert cli("preferences", "set", "keys.ctrl+p", "ctrl+k").out == "keys.ctrl+p: ctrl+k\n"
    assert cli("preferences", "set", "keys.?", "F12").code == 0
    (line,) = cli("preferences", "--json").lines
    assert line["path"] == str(path)
    assert line["values"] == {
        "theme": "light",
        "pictures": "auto",
        "slow": True,
        "engine_command": "ssh 'gpu box' engine",
        "keys": {"ctrl+p": "ctrl+k", "?": "F12"},
    }
    shown = cli("preferences").out
    for name, value in (("theme", "light"), ("slow", "on"), ("keys.ctrl+p", "ctrl+k"), ("keys.?", "F12")):
        assert [row for row in shown.splitlines() if row.split()[:2] == [name, value]]
    assert cli("preferences", "unset", "keys.ctrl+p").code == 0
    assert cli("preferences", "unset", "keys.?").code == 0
    assert cli("preferences", "unset", "theme").out == "theme: back to its default\n"
    assert json.loads(path.read_text()) == {"engine_command": "ssh 'gpu box' engine", "slow": True}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("set", "thme", "light"), "found the unknown name 'thme'; the nearest name is theme"),
        (("set", "theme", "pink"), "theme: found 'pink', expected one of auto, dark, light, mono"),
        (("set", "slow", "maybe"), "slow: found 'maybe', expected true or false"),
        (("set", "engine_command", ""), "engine_command: found nothing, expected a command"),
        (("set", "engine_command", "ssh 'a"), "no closing quotation"),
        (("set", "keys", "ctrl+p"), "found keys, expected keys.KEY, such as keys.ctrl+p"),
        (("unset", "keys"), "found keys, expected keys.KEY, such as keys.ctrl+p"),
        (("set", "keys.ctrl+p", "ctrl+t"), "ctrl+p: found ctrl+t, which is the key of another command: Next theme"),
        (("set", "keys.ctrl+x", "ctrl+k"), "ctrl+x: no command has this key"),
        (("unset", "colour"), "found the unknown name 'colour'"),
        (("unset", "keys.ctrl+p"), "found no keys.ctrl+p, expected none: no key has another"),
    ],
)
def test_what_cannot_be_set_is_one_line_and_changes_nothing(cli, path: Path, words, said: str) -> None:
    done = cli("preferences", *words)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert not path.exists()


def test_a_file_that_is_not_right_is_said_with_2(cli, path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"theme": "light", "thme": 1}')
    said = cli("preferences")
    assert said.code == 2
    assert "the nearest name is theme" in said.out
    assert cli("preferences", "--json").lines[0]["values"]["theme"] == "light"
    path.write_text("theme: light")
    said = cli("preferences", "--json")
    assert said.code == 2
    assert "kept as preferences.json.broken" in said.lines[0]["troubles"][0]
    assert (path.parent / "preferences.json.broken").read_text() == "theme: light"
    path.write_text("theme: light")
    said = cli("preferences", "set", "theme", "mono")
    assert (said.code, said.out) == (0, "theme: mono\n")
    assert said.err.rstrip().endswith("The file is kept as preferences.json.broken-2.")
