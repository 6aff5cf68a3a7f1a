"""The file of preferences: what holds of it, what is said of the rest, and that nothing of it is lost."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.contract.settings import settings_of
from tui.drawing.pixels import PIXEL_STYLES
from tui.pane.commands import PANES, commands_of, use_other_keys
from tui.pane.other_keys import checked
from tui.pane.preferences import Preferences, keep_preference, preferences_path, read_preferences
from tui.widgets.themes import THEMES, short_name


def written(folder: Path, text: str) -> Path:
    path = folder / "preferences.json"
    path.write_text(text)
    return path


def test_the_file_is_where_the_variable_says_else_in_the_configuration_folder() -> None:
    assert preferences_path({"SOFTMAX_TUI_PREFERENCES": "/somewhere/mine.json"}) == Path("/somewhere/mine.json")
    usual = preferences_path({"SOFTMAX_TUI_PREFERENCES": ""})
    assert usual == preferences_path({})
    assert usual.parts[-2:] == ("softmax-tui", "preferences.json")


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    read = read_preferences(tmp_path / "nowhere" / "preferences.json")
    assert (read.values, read.troubles) == (Preferences(), ())


def test_what_is_wrong_is_named_and_takes_nothing_from_the_rest(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '{"thme": "dark", "theme": "light", "pictures": "\\u001b[31mred", "slow": 1, "later": [1],'
        ' "keys": {"ctrl+p": "ctrl+k", "ctrl+t": "ctrl+r"}}',
    )
    read = read_preferences(path)
    assert read.values == Preferences(theme="light", keys={"ctrl+p": "ctrl+k"})
    said = "\n".join(read.troubles)
    assert "found the unknown name 'thme'; the nearest name is theme" in said
    assert "found the unknown name 'later', expected one of theme, pictures, slow, engine_command, keys" in said
    assert r"pictures: found '\\x1b[31mred', expected one of auto, ascii, half, braille" in said
    assert "slow: found '1', expected true or false" in said
    assert "keys: ctrl+t: found ctrl+r, which is the key of another command: Start the engine again" in said
    assert all(str(path) in line and line.isprintable() for line in read.troubles)
    assert len(read.troubles) == 5
    # A change leaves all that is written there, what is not understood too.
    before = json.loads(path.read_text())
    keep_preference(path, "theme", "mono")
    assert json.loads(path.read_text()) == before | {"theme": "mono"}
    keep_preference(path, "theme", None)
    assert "theme" not in json.loads(path.read_text())
    keep_preference(path, "keys.?", "H")
    assert json.loads(path.read_text())["keys"] == before["keys"] | {"?": "H"}
    assert [file.name for file in tmp_path.iterdir()] == ["preferences.json"]


@pytest.mark.parametrize("content", [b'{"theme": ', b"\xff\xfe", b"[1]", b"", b'"dark"'])
def test_a_broken_file_is_set_aside_with_one_line_and_never_lost(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "preferences.json"
    kept = []
    for number in ("", "-2", "-3"):
        path.write_bytes(content)
        read = read_preferences(path)
        (line,) = read.troubles
        kept.append(tmp_path / f"preferences.json.broken{number}")
        assert line.endswith(f"The file is kept as {kept[-1].name}.")
        assert read.values == Preferences()
        assert not path.exists()
    path.write_bytes(content)
    said = keep_preference(path, "theme", "light")  # broken since the app began: not written over either
    assert said.endswith("The file is kept as preferences.json.broken-4.")
    assert json.loads(path.read_text()) == {"theme": "light"}
    assert [file.read_bytes() for file in (*kept, tmp_path / "preferences.json.broken-4")] == [content] * 4


def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "preferences.json"
    folder.mkdir()
    assert "found no file, expected a JSON file" in read_preferences(folder).troubles[0]
    with pytest.raises(InputError, match="found no file"):
        keep_preference(folder, "theme", "dark")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="Not a directory"):
        keep_preference(tmp_path / "file" / "preferences.json", "theme", "dark")
    large = written(tmp_path / "preferences.json", " " * 1_000_001 + "{}")
    assert "found more than 1 MB" in read_preferences(large).troubles[0]
    with pytest.raises(InputError, match="found more than 1 MB"):
        keep_preference(large, "theme", "dark")


def test_a_link_to_a_file_that_is_kept_elsewhere_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    real = written(tmp_path / "kept", '{"slow": true}')
    link = tmp_path / "preferences.json"
    link.symlink_to(real)
    keep_preference(link, "theme", "light")
    assert stat.S_ISLNK(link.lstat().st_mode)
    assert json.loads(real.read_text()) == {"slow": True, "theme": "light"}


def test_the_values_are_those_that_the_app_has() -> None:
    choices = {setting.name: setting.choices for setting in settings_of(Preferences)}
    assert choices["theme"] == ("auto", *(short_name(theme.name) for theme in THEMES))
    assert choices["pictures"] == ("auto", *PIXEL_STYLES)


# Other keys


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ctrl+p", "ctrl+k", ""),
        ("F1", "F9", ""),
        ("?", "H", ""),
        ("shift+up", "alt+u", ""),
        ("pageup", "+", ""),
        ("ctrl+x", "ctrl+k", "no command has this key"),
        ("ctrl+p", "ctrl+t", "which is the key of another command: Next theme"),
        ("ctrl+p", "space", "which is typed into fields"),
        ("ctrl+p", "g", "which is typed into fields"),
        ("v", "g", "which is the key of another command: Follow the line"),
        ("?", "y", "which is the key of another command: Logarithmic or linear"),
        ("ctrl+p", "ctrl+m", "which a terminal sends as enter"),
        ("ctrl+p", "ctrl+c", "which copies what is selected"),
        ("ctrl+p", "prefix b", "expected the name of a key, such as ctrl+k or f9"),
        ("ctrl+p", "\x1b[31m", "expected the name of a key"),
        ("ctrl+p", "", "expected the name of a key"),
    ],
)
def test_other_keys_are_checked_against_the_table_of_commands(old: str, new: str, said: str) -> None:
    good, wrong = checked({old: new})
    assert bool(wrong) == bool(said)
    assert not wrong or (said in wrong[0] and wrong[0].isprintable())
    assert bool(good) != bool(said)


def test_two_keys_do_not_get_the_same_other_key() -> None:
    good, wrong = checked({"ctrl+p": "ctrl+k", "ctrl+t": "ctrl+k"})
    assert good == {"ctrl+p": "ctrl+k"}
    assert len(wrong) == 1


def test_with_other_keys_a_key_still_means_one_thing_in_a_pane() -> None:
    good, wrong = checked({"v": "V", "ctrl+p": "ctrl+k", "tab": "f9", "pageup": "alt+up"})
    assert wrong, "Decide has V already"
    use_other_keys(good)
    try:
        for entry in PANES:
            keys = [key for where in (entry.id, "app") for command in commands_of(where) for key in command.keys]
            assert sorted(keys) == sorted(set(keys)), entry.id
    finally:
        use_other_keys({})
