"""What to try next in the overflow playground, by where one stands."""

from __future__ import annotations

from functools import partial

from engine.numerics.presets import PRESETS
from tui.pane.hints import Hint, Offer, Press, registered
from tui.pane.tour import Tour
from tui.softmax.sheet import Sheet

_hint = partial(registered, "softmax")
_TEASERS = {
    "input-of-100": "a logit of 100, too much for naive",
    "near-minus-102": "near −102, where naive is wrong without a nan",
    "all-at-minus-200": "all at −200, where every exponential underflows",
    "rows-far-apart": "rows far apart, where global-max fails",
    "zero-times-log-zero": "0 · log 0, where a right softmax still ends in a loss of nan",
    "float16-edge": "float16's edge, where 11.08 fits and 11.09 does not",
}

BFLOAT16 = _hint(
    "bfloat16",
    "the example is float16's edge",
    "{do} for bfloat16, which has the range of float32 and fewer digits.",
    Press("next_dtype"),
)
# One for each example that comes next; the number of the example is its place.
EXAMPLES: tuple[Hint, ...] = tuple(
    _hint(
        f"example-{preset.name}",
        f"{preset.title} is the next example",
        f"{{do}} for {_TEASERS[preset.name]}.",
        Press("next_preset"),
    )
    for preset in PRESETS
)

_OF_YOURS = ("softmax-tui --mine FILE.py puts your function here.", "--mine FILE.py adds yours.")


def next_to_try(sheet: Sheet, tour: Tour | None = None) -> Offer:
    """The hint for the logits as they are."""
    if tour is not None and (onward := tour.onward("softmax")) is not None:
        return onward
    if sheet.untouched is not None and sheet.untouched.name == "float16-edge":
        return BFLOAT16.offer()
    return EXAMPLES[(sheet.preset + 1) % len(PRESETS)].offer()


def with_yours(line: str, room: int) -> str:
    """The line with how one's own softmax gets here, where `room` cells have it."""
    return next((whole for words in _OF_YOURS if len(whole := f"{line} {words}") <= room), line)
