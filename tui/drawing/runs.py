"""A drawn line before it has colours: stretches of text, each with the role that it plays."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple


class Run(NamedTuple):
    """Text that plays one role: a key of the palette, such as `axis` or `validation`."""

    text: str
    role: str


Line = tuple[Run, ...]


def merged(cells: Iterable[tuple[str, str]]) -> Line:
    """`(text, role)` pairs as a line whose neighbours differ in role. Blanks join whatever stands before them."""
    joined: list[tuple[str, str]] = []
    for text, role in cells:
        if text == " " and joined:
            role = joined[-1][1]
        joined.append((text, role))
    return tuple(Run("".join(text for text, _ in group), role) for role, group in groupby(joined, key=itemgetter(1)))


def text_of(line: Line) -> str:
    """The characters of a line, without the blanks at its end."""
    return "".join(run.text for run in line).rstrip()
