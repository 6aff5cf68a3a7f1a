"""What the app remembers from one start to the next: a small JSON file in the platform's configuration folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import msgspec.json
import platformdirs

from engine.contract.errors import InputError
from engine.contract.quantities import LONGEST_TEXT, described
from engine.store.files import write_whole
from engine.verdicts.one_line import one_line
from tui.drawing.pixels import PixelStyle

VARIABLE = "SOFTMAX_TUI_PREFERENCES"
KEYS = "keys."  # before the key that has another
_MOST_BYTES = 1_000_000
_Key = Annotated[str, msgspec.Meta(max_length=40)]


class Preferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each has a default. The app writes the theme and the style of pictures; people write the others."""

    theme: Annotated[
        Literal["auto", "dark", "light", "mono"], described("theme", "colours of the app; auto: dark, or none")
    ] = "auto"
    pictures: Annotated[
        Literal["auto", "ascii", "half", "braille"],
        described("pictures", "how images are drawn; auto: half blocks where there is colour"),
    ] = "auto"
    slow: Annotated[bool, described("slow", "redraw less often, for a slow connection")] = False
    engine_command: Annotated[
        str,
        described("engine_command", "what --engine-command is when it is not typed", max_length=LONGEST_TEXT),
    ] = ""
    keys: Annotated[dict[_Key, _Key], described("keys", "other keys for those that tmux takes", hidden=True)] = {}


@dataclass(frozen=True)
class Read:
    """The values that hold, and a line for whatever in the file does not."""

    values: Preferences
    troubles: tuple[str, ...] = ()


def preferences_path(environ: Mapping[str, str]) -> Path:
    """`$SOFTMAX_TUI_PREFERENCES` where it is set and not empty, else a file in the platform's configuration folder."""
    named = environ.get(VARIABLE)
    folder = platformdirs.user_config_path("softmax-tui", appauthor=False)
    return Path(named).expanduser() if named else folder / "preferences.json"


def read_preferences(path: Path) -> Read:
    """What the file says; the defaults where there is none. A file that is no JSON object is set aside."""
    try:
        content = _content(path)
    except InputError as error:
        return Read(Preferences(), (str(error),))
    if content is None:
        return Read(Preferences())
    try:
        values = msgspec.json.decode(content, type=Preferences)
        raw: dict[str, Any] = {"keys": values.keys} if values.keys else {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        try:
            raw = _object(content)
        except InputError as error:
            return Read(Preferences(), (f"preferences: {one_line(path)}: {error}. {_set_aside(path)}.",))
        values = Preferences()
    return _held(values, raw, path)


def keep_preference(path: Path, name: str, value: object) -> str:
    """Writes one value, atomically, and leaves the rest of the file as it is; None takes the name out.

    `keys.ctrl+p` is the name of the other key for that key.

    Returns the line that says so where a broken file was set aside for it, else "".

    Raises:
        InputError: the file cannot be read or written. What was there is still there.
    """
    path = path.resolve()  # a link to a file that is kept elsewhere stays a link
    content = _content(path)
    raw, said = {}, ""
    try:
        raw = _object(content) if content is not None else {}
    except InputError as error:
        said = f"preferences: {one_line(path)}: {error}. {_set_aside(path)}."
        if path.exists():
            raise InputError(said) from error
    _put(raw, name, value)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"preferences: {one_line(path.parent)}: {error.strerror}") from error
    write_whole(path, msgspec.json.format(msgspec.json.encode(raw), indent=2) + b"\n")
    return said


def keys_in(path: Path) -> dict[str, str]:
    """The other keys as the file has them, whether they hold or not; none where the file is broken."""
    content = _content(path)
    try:
        keys = _object(content).get("keys") if content is not None else None
    except InputError:
        return {}
    return {old: new for old, new in keys.items() if isinstance(new, str)} if isinstance(keys, dict) else {}


def unknown(name: str) -> InputError:
    """No preference is called that: which are, the nearest first."""
    if name == "keys":
        return InputError("preferences: found keys, expected keys.KEY, such as keys.ctrl+p")
    names = list(Preferences.__struct_fields__)
    nearest = get_close_matches(name, names, n=1)
    expected = f"; the nearest name is {nearest[0]}" if nearest else f", expected one of {', '.join(names)}"
    return InputError(f"preferences: found the unknown name {one_line(name, 60)!r}{expected}")


class Remembered:
    """The preferences of a session. Without a path nothing is read and nothing is written."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        read = read_preferences(path) if path is not None else Read(Preferences())
        self.values, self.troubles = read.values, read.troubles
        self.pictures: PixelStyle | None = None  # as chosen in this session, whatever the terminal has

    def keep(self, name: str, value: str) -> str:
        """For the next start; returns what there is to say of that, "" where it is done."""
        if self.path is None:
            return ""
        try:
            return keep_preference(self.path, name, value)
        except InputError as error:
            return f"Not remembered: {error}"


def _content(path: Path) -> bytes | None:
    """None where there is no such file. Raises InputError for what is there and cannot be read."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"preferences: {one_line(path)}: found no file, expected a JSON file")
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"preferences: {one_line(path)}: {error.strerror}") from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"preferences: {one_line(path)}: found more than 1 MB, expected a small JSON file")
    return content


def _object(content: bytes) -> dict[str, Any]:
    try:
        raw = msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InputError(f"found no JSON ({one_line(error, 100)})") from error
    if not isinstance(raw, dict):
        raise InputError("found no JSON object")
    return raw


def _put(raw: dict[str, Any], name: str, value: object) -> None:
    holder = raw
    if name.startswith(KEYS):
        holder, name = raw.setdefault("keys", {}), name.removeprefix(KEYS)
        if not isinstance(holder, dict):
            raise wrong_value("keys", holder)
    holder.pop(name, None)
    if value is not None:
        holder[name] = value
    if raw.get("keys") == {}:
        del raw["keys"]


def _set_aside(path: Path) -> str:
    """Moves the file to a name that nothing has yet, where that can be; returns where it is now."""
    aside, number = path.with_name(f"{path.name}.broken"), 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.broken-{number}")
    try:
        path.rename(aside)
    except OSError as error:
        return f"The file stays: {error.strerror}"
    return f"The file is kept as {one_line(aside.name)}"


def _held(values: Preferences, raw: Mapping[str, Any], path: Path) -> Read:
    """Each value of the file by itself: what is wrong with one takes nothing from the others."""
    troubles: list[str] = []
    for name, found in raw.items():
        if name == "keys" and isinstance(found, dict) and all(isinstance(key, str) for key in found.values()):
            from tui.pane.other_keys import checked  # who has no such keys does not wait for it

            keys, wrong = checked(found)
            values = msgspec.structs.replace(values, keys=keys)
            troubles += wrong
            continue
        try:
            values = _with(values, name, found)
        except InputError as error:
            troubles.append(str(error))
    return Read(values, tuple(f"{trouble}; in {one_line(path)}" for trouble in troubles))


def _with(values: Preferences, name: str, found: object) -> Preferences:
    if name not in Preferences.__struct_fields__:
        raise unknown(name)
    try:
        one = msgspec.convert({name: found}, Preferences)
    except msgspec.ValidationError as error:
        raise wrong_value(name, found) from error
    return msgspec.structs.replace(values, **{name: getattr(one, name)})


def wrong_value(name: str, found: object) -> InputError:
    """What was found for a preference, and what it has to be."""
    from engine.contract.settings import settings_of

    words = {"keys": "pairs of keys, such as ctrl+p and ctrl+k", "slow": "true or false", "engine_command": "a command"}
    expected = {one.name: one.expected for one in settings_of(Preferences)} | words
    return InputError(f"preferences: {name}: found {one_line(found, 60)!r}, expected {expected[name]}")
