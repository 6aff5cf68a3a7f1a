"""How a terminal writes: the codes of SGR (ECMA-48, section 8.3.117), taken apart, and what changes one for another."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

_SEEN_ON_SPACES = frozenset({"4", "7", "9", "21", "53"})  # underlined, reversed, struck out, overlined
_COLOURS = {"2": 5, "5": 3}  # codes that a colour takes: 38;2;r;g;b and 38;5;n


class Pen(NamedTuple):
    """Codes, "" for none: bold and the like, the colour of characters, that behind them."""

    attributes: str = ""
    foreground: str = ""
    background: str = ""

    @property
    def on_spaces(self) -> Pen:
        """What of it is seen where nothing is written: the colour of characters is not."""
        return self if self.marks_spaces else Pen("", "", self.background)

    @property
    def marks_spaces(self) -> bool:
        """Whether a space looks like more than its colour."""
        return bool(_SEEN_ON_SPACES.intersection(self.attributes.split(";")))

    def after(self, before: Pen) -> str:
        """What makes it of the pen before, "" where nothing does."""
        if self == before:
            return ""
        if self.attributes == before.attributes:
            changed = [after for after, was in zip(self[1:], before[1:], strict=True) if after != was]
            if all(changed):
                return f"\x1b[{';'.join(changed)}m"
        return f"\x1b[{';'.join(filter(None, ('0', *self)))}m"


@lru_cache(4096)
def pen_after(before: Pen, codes: str) -> Pen:
    """The pen with these codes added; a 0 begins anew."""
    attributes, foreground, background = before
    parts = codes.split(";")
    while parts:
        code = parts[0]
        taken = _COLOURS.get(parts[1], 1) if code in ("38", "48") and len(parts) > 1 else 1
        whole = ";".join(parts[:taken])
        parts = parts[taken:]
        if code in ("", "0"):
            attributes = foreground = background = ""
        elif code == "38" or (len(code) == 2 and code[0] in "39" and code != "39" and code < "98"):
            foreground = whole
        elif code == "39":
            foreground = ""
        elif code == "48" or (code[:1] == "4" and len(code) == 2 and code != "49") or code[:2] == "10":
            background = whole
        elif code == "49":
            background = ""
        else:
            attributes = f"{attributes};{whole}" if attributes else whole
    return Pen(attributes, foreground, background)
