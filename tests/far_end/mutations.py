"""What a far end may say: messages with a part of another kind, size or number, drawn from a seed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from random import Random
from typing import Any, get_args

from msgspec import inspect

from engine.contract.wire import Event
from tests.far_end.recorded import Message

# What a terminal obeys or shows wrongly: clipboard, title, colours, a reset, C1, direction, what cannot be seen.
ESCAPES = (
    "\x1b]52;c;UFdORUQ=\x07",
    "\x1b]0;PWNED\x1b\\",
    "\x1b[31;5mPWNED\x1b[6n",
    "\x1bc",
    "\x9b31mPWNED\x9d52;c;UFdORUQ=\x9c",
    "\u202ePWNED\u2066\u2069\u200f\u061c",
    "PW\u200bN\u200dE\u2060D\ufeff\u00ad\U000e0041",
    "猫👩‍👩‍👧‍👦ｗｉｄｅ",
    "z" + "\u0301" * 40,
    "[/b][red]@click=app.quit[/]",
    "a\nb\r\tc\x00\x08\x7f",
    "\udce9\ud800",
)
_AS_THEY_ARE = ("type", "parameter", "pixels", "values", "evidence", "levels", "before", "after", "data")  # also base64
_NUMBERS = (0, 1, -1, 2, 1e308, -1e308, 5e-324, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**400, 0.5, -0.5, 1e15)
_WORDS = ("nan", "inf", "-inf", "", "x", "A" * 9_999, "A" * 20_000)
_THINGS = (None, True, [], {}, [[]], [None], {"type": "done"})


def mutations(said: Message, random: Random, count: int) -> Iterator[Message]:
    """`count` variants of a message, each with one to three parts changed."""
    for _ in range(count):
        changed = copy.deepcopy(said)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            _mutate(changed, random)
        yield changed


def hostile(said: Any, escape: str, name: str = "") -> Any:
    """The message with an escape within every text that is a name or a sentence of its own."""
    if isinstance(said, str):
        chosen = said in _words_to_choose_from() or name in _AS_THEY_ARE
        return said if chosen or not said else f"{said[:3]}{escape}"
    if isinstance(said, dict):
        return {key: hostile(value, escape, key if isinstance(value, str) else name) for key, value in said.items()}
    return [hostile(value, escape, name) for value in said] if isinstance(said, list) else said


@cache
def _words_to_choose_from() -> frozenset[object]:
    """The words of all `Literal`s of the wire, and the numbers that travel as words."""
    words: set[object] = {"nan", "inf", "-inf"}
    seen: set[type] = set()

    def look_at(kind: inspect.Type) -> None:
        if isinstance(kind, inspect.LiteralType):
            words.update(kind.values)
        elif isinstance(kind, inspect.StructType) and kind.cls not in seen:
            seen.add(kind.cls)
            for field in kind.fields:
                look_at(field.type)
        for part in ("type", "item_type", "value_type"):
            if isinstance(inner := getattr(kind, part, None), inspect.Type):
                look_at(inner)
        for inner in (*getattr(kind, "types", ()), *getattr(kind, "item_types", ())):
            look_at(inner)

    for kind in inspect.multi_type_info(get_args(Event)):
        look_at(kind)
    return frozenset(words)


def line_of(said: Message) -> bytes:
    """As the far end writes it: lone surrogates are escaped, as JSON allows."""
    return json.dumps(said).encode()


def _mutate(said: Message, random: Random) -> None:
    """Changes one part in place, far inside as often as outside."""
    if not _keys(said):
        return
    holder, key = _part(said, random)
    value = holder[key]
    what = random.random()
    if what < 0.12:
        del holder[key]
    elif what < 0.2 and isinstance(holder, list):
        holder.insert(int(key), copy.deepcopy(value))
    elif isinstance(value, list) and what < 0.6:
        holder[key] = random.choice(([], value[:1], value[:-1], value * 2))
    elif isinstance(value, str) and what < 0.6:
        holder[key] = random.choice((*ESCAPES, *_WORDS, value[:-4], value * 2))
    elif what < 0.75:
        holder[key] = random.choice(_WORDS)
    elif what < 0.95:
        holder[key] = random.choice(_NUMBERS)
    else:
        holder[key] = copy.deepcopy(random.choice(_THINGS))


def _part(said: Message, random: Random) -> tuple[Any, Any]:
    """Where a part is held, and by which key or place; the type of a message is no part."""
    holder: Any = said
    while True:
        key = random.choice(_keys(holder))
        if not _keys(holder[key]) or random.random() < 0.25:
            return holder, key
        holder = holder[key]


def _keys(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [key for key in value if key != "type"]
    return list(range(len(value))) if isinstance(value, list) else []
