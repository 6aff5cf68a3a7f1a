"""What to try next in the Vocabulary pane, by what was measured and trained."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from engine.contract.vocabulary import Method
from engine.contract.vocabulary_events import VocabularyMeasured
from tui.pane.hints import Offer, Press, registered
from tui.pane.tour import Tour
from tui.vocabulary.results import Race
from tui.vocabulary.words import Doing, View

_hint = partial(registered, "vocabulary")
_GO, _FURTHER = Press("go"), Press("slide(1)")

MEANWHILE = _hint(
    "meanwhile",
    "something is measured or trained",
    "{do} shows another view. {go} stops and keeps the figures.",
    Press("next_view"),
)
SWITCH_ON = _hint(
    "switch-on",
    "every method is switched off",
    "{do} switches full on, {toggle_method(1)} chunked.",
    Press("toggle_method(0)"),
)
TRAIN = _hint(
    "train",
    "training in front, nothing trained at this V",
    "{do} trains the methods at this V. {toggle_method(0)} {toggle_method(1)} {toggle_method(2)} {toggle_method(3)} "
    "{toggle_method(4)} {toggle_method(5)} switch methods off.",
    _GO,
)
TRAIN_FURTHER = _hint(
    "train-further", "training in front, trained at this V", "{do} raises V and trains again.", _FURTHER, _GO
)
STEPS = _hint(
    "steps",
    "training in front, trained with all words",
    "{do}: more steps, a text of yours, or a phrase to continue.",
    Press("toggle_form"),
)
MEASURE = _hint(
    "measure",
    "nothing was measured",
    "{do} measures. {slide(-1)} {slide(1)} move V. The memory is predicted at once.",
    _GO,
)
LEAVE_OUT = _hint(
    "leave-out",
    "a method does not fit, full is on",
    "{do} leaves full out. {show_training} trains the methods that fit.",
    Press("toggle_method(0)"),
)
MEASURE_HERE = _hint(
    "measure-here",
    "measured for fewer words than V",
    "{do} measures up to this V. From which V on is full too large for the memory?",
    _GO,
)
FURTHER = _hint(
    "further",
    "measured up to V, and V can grow",
    "{do} raises V and measures. From which V on is full too large for the memory?",
    _FURTHER,
    _GO,
)
TRAINING = _hint(
    "training",
    "measured up to all words",
    "{do} trains all methods side by side.",
    Press("show_training"),
    _GO,
)


def next_to_try(
    view: View,
    words: int,
    most: int,
    chosen: Sequence[Method],
    measured: Sequence[VocabularyMeasured],
    race: Race | None,
    doing: Doing,
    tour: Tour | None = None,
    *,
    wrong: bool = False,
) -> Offer | None:
    """The slider stands at `words` and goes up to `most`; where a setting is `wrong`, its field says what to do."""
    if doing.what:
        return MEANWHILE.offer()
    if wrong:
        return None
    if not chosen:
        return SWITCH_ON.offer()
    onward = tour.onward("vocabulary") if tour is not None else None
    if view == "training":
        if race is None or words != race.words:
            return TRAIN.offer()
        return onward or (TRAIN_FURTHER if words < most else STEPS).offer()
    if not measured:
        return MEASURE.offer()
    if "full" in chosen and any(one.outcome != "measured" for one in measured):
        return LEAVE_OUT.offer()
    return onward or _after_measuring(words, most, measured)


def _after_measuring(words: int, most: int, measured: Sequence[VocabularyMeasured]) -> Offer:
    sizes = {one.vocabulary_size for one in measured}
    if any(one.outcome != "measured" for one in measured):
        return TRAINING.offer()
    if words > max(sizes):
        return MEASURE_HERE.offer()
    if words < most and max(sizes) < most:
        return FURTHER.offer()
    return TRAINING.offer()
