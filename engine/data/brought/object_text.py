"""The texts in a numpy array of Python objects, such as `frame["label"].to_numpy()`, read without unpickling.

A pickle is a program. This follows its instructions just as far as texts, lists and numpy's own frame around them go,
calls nothing and imports nothing; at anything else it gives up.
"""

from __future__ import annotations

import pickletools
from typing import Any

_NUMPY = frozenset(
    f"{module} {name}"
    for module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
    for name in ("_reconstruct", "ndarray", "dtype")
)
_PUSHED_NAMES = (
    "BINUNICODE SHORT_BINUNICODE BINUNICODE8 UNICODE BININT BININT1 BININT2 LONG1 INT SHORT_BINBYTES BINBYTES "
    "BINSTRING SHORT_BINSTRING"
)
_PUSHED = frozenset(_PUSHED_NAMES.split())
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_IGNORED = frozenset(("PROTO", "FRAME", "STOP"))
_MOST_TEXT = 2**28  # characters together
_LONGEST = 2**16


class TextRefused(Exception):  # noqa: N818 - what happened, said as it is
    """The objects are not all texts."""


class _Frame:
    """What stands for an object of numpy's: nothing is made of it."""


class _Mark:
    """Where the arguments of an instruction begin."""


def read_text(content: bytes, count: int) -> list[str]:
    """The `count` texts of the pickled array `content`; bytes are taken for UTF-8.

    Raises:
        TextRefused: it holds anything else, or another number of texts.
    """
    try:
        lists = _lists_in(content)
    except TextRefused:
        raise
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError, EOFError) as error:
        raise TextRefused("they cannot be read") from error
    texts = next((found for found in lists if len(found) == count), None)
    if texts is None:
        raise TextRefused("they are not all texts")
    read = [text.decode("utf-8", "replace") if isinstance(text, bytes) else text for text in texts]
    other = next((text for text in read if not isinstance(text, str)), None)
    if other is not None or any(text is None for text in read):
        raise TextRefused("they are not all texts")
    width = max(map(len, read), default=0)
    if width > _LONGEST or width * len(read) > _MOST_TEXT:
        raise TextRefused("the texts are too long")
    return read


def _lists_in(content: bytes) -> list[list[Any]]:
    """Every list that the program builds."""
    stack: list[Any] = []
    memo: dict[int, Any] = {}
    lists: list[list[Any]] = []
    for code, argument, _ in pickletools.genops(content):
        _step(code.name, argument, stack, memo, lists)
    return lists


def _step(name: str, argument: Any, stack: list[Any], memo: dict[int, Any], lists: list[list[Any]]) -> None:
    if name in _PUSHED:
        stack.append(argument)
    elif name in _CONSTANTS:
        stack.append(_CONSTANTS[name])
    elif name == "EMPTY_LIST":
        lists.append([])
        stack.append(lists[-1])
    elif name == "MARK":
        stack.append(_Mark)
    elif name == "MEMOIZE":
        memo[len(memo)] = stack[-1]
    elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
        memo[argument] = stack[-1]
    elif name in ("GET", "BINGET", "LONG_BINGET"):
        stack.append(memo[argument])
    elif name in ("APPEND", "APPENDS"):
        items = [stack.pop()] if name == "APPEND" else _since_mark(stack)
        if not isinstance(stack[-1], list):
            raise TextRefused("they are not all texts")
        stack[-1].extend(items)
    elif name in ("GLOBAL", "STACK_GLOBAL"):
        _expect_numpy(argument if name == "GLOBAL" else " ".join((stack.pop(-2), stack.pop())))
        stack.append(_Frame)
    elif name in ("TUPLE", "LIST"):
        stack.append(_since_mark(stack))
    elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
        size = int(name[-1])
        stack[-size:] = [tuple(stack[-size:])]
    elif name == "REDUCE":
        del stack[-2:]
        stack.append(_Frame)
    elif name == "BUILD":
        stack.pop()
    elif name not in _IGNORED:
        raise TextRefused("they are not all texts")


def _since_mark(stack: list[Any]) -> list[Any]:
    place = len(stack) - 1 - stack[::-1].index(_Mark)
    items = stack[place + 1 :]
    del stack[place:]
    return items


def _expect_numpy(name: str) -> None:
    if name not in _NUMPY:
        raise TextRefused("they are not all texts")
