"""A drawn line before it has colours: stretches of text, each with the role that it plays."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Run(NamedTuple):
    """Text that plays one role: a key of the palette, such as `axis` or `validation`."""

    text: str
    role: str


Line = tuple[Run, ...]


def merged(cells: Iterable[tuple[str, str]]) -> Line:
    """`(text, role)` pairs as a line whose neighbours differ in role. Blanks join whatever stands before them."""
    runs: list[Run] = []
    texts: list[str] = []
    current: str | None = None
    for text, role in cells:
        if role != current and (text != " " or current is None):
            if current is not None:
                runs.append(Run("".join(texts), current))
            texts, current = [], role
        texts.append(text)
    return tuple(runs) if current is None else (*runs, Run("".join(texts), current))


def text_of(line: Line) -> str:
    """The characters of a line, without the blanks at its end."""
    return "".join(run.text for run in line).rstrip()
