"""The presets, number types and signs of the playground as a list at its side, where there is room."""

from __future__ import annotations

from engine.contract.trace import DTYPES, SoftmaxTrace
from engine.numerics.presets import PRESETS
from tui.drawing.numbers import SIGN_WORDS
from tui.drawing.spans import Line, Run
from tui.softmax.sheet import Sheet
from tui.softmax.words import limits

_PRESETS_FROM = 1
_DTYPES_FROM = _PRESETS_FROM + len(PRESETS) + 2


def choice_lines(sheet: Sheet, trace: SoftmaxTrace | None) -> list[Line]:
    """Headings, choices with a mark at the one that is taken, and what the number type holds."""
    lines: list[Line] = [(Run("  presets", "title"),)]
    lines += [_choice(preset.title, preset is sheet.untouched) for preset in PRESETS]
    lines += [(), (Run("  number types", "title"),)]
    lines += [_choice(dtype, dtype == sheet.dtype) for dtype in DTYPES]
    lines.append(())
    if trace is not None:
        lines += [(Run(f"  {line}", "muted"),) for line in limits(trace)]
    return [*lines, (), *((Run(f"  {sign} {words}", "muted"),) for sign, words in SIGN_WORDS.items())]


def choice_at(y: int) -> tuple[str, int] | None:
    """What stands in line `y`: `("preset", index)`, `("dtype", index)`, or nothing to choose."""
    if _PRESETS_FROM <= y < _PRESETS_FROM + len(PRESETS):
        return "preset", y - _PRESETS_FROM
    if _DTYPES_FROM <= y < _DTYPES_FROM + len(DTYPES):
        return "dtype", y - _DTYPES_FROM
    return None


def _choice(text: str, taken: bool) -> Line:
    return (Run(f"{'▸' if taken else ' '} {text}", "accent" if taken else "text"),)
