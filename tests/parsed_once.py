"""The style sheets of the apps of all tests of a process, parsed once and not for each of them anew."""

from __future__ import annotations

from typing import Any

from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

_parse = Stylesheet._parse_rules
_parsed: dict[tuple[Any, ...], list[RuleSet]] = {}  # what is parsed is never changed


def parse_each_text_once() -> None:
    """From here on."""
    Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign]


def _parse_once(self: Stylesheet, css: str, *where: Any, **more: Any) -> list[RuleSet]:
    key = (css, *where, *more.items(), *self._variables.items())
    if key not in _parsed:
        _parsed[key] = _parse(self, css, *where, **more)
    return _parsed[key]
