"""What the Monitor says in plain words: what changes, whether the model notices, and when an alarm sounds."""

from __future__ import annotations

from engine.contract.decisions import Interval
from engine.contract.monitoring import CHANGES, DEGREES, NO_WEIGHTS, Alarm, MonitorView
from engine.verdicts.naming import class_said, counted

_FEW = 30  # images: below, their accuracy is hardly more than an anecdote
_BLIND = "The alarms watch errors and confidence, not how often a class comes."
_HALF = 0.5  # of the fall in accuracy: a fall in confidence below that hides it


def monitor_sentence(view: MonitorView) -> str:
    """The change, accuracy and confidence before and after, and both alarms."""
    if nothing_changes(view):
        return f"Nothing changes in this stream of {view.num_examples:,} images. {_alarms_without_change(view)}"
    return f"After {view.moment:,} images, {change_words(view)}. {_figures(view)} {_alarms(view)}"


def nothing_changes(view: MonitorView) -> bool:
    """Whether all images come as they are."""
    return not view.after.size or (view.strength == 0 and view.change != "prevalence")


def change_words(view: MonitorView) -> str:
    """What happens to the images from the moment on: "each image is rotated by 27°"."""
    strength = view.strength
    match view.change:
        case "noise":
            return f"the images become noisy (standard deviation {strength:.3g} of the pixel range)"
        case "brightness":
            return f"each pixel becomes brighter by {strength:.3g} of the pixel range"
        case "rotation":
            return f"each image is rotated by {strength * DEGREES:.3g}°"
        case "occlusion":
            return f"a dark rectangle covers {_percent(strength)} of each image"
        case "prevalence":
            return f"the share of {class_said(view.positive_label, view.positive)} becomes {_percent(strength)}"


def limits_sentence(view: MonitorView) -> str:
    """Which changes cannot be made of this source, "" where all can."""
    if view.possible == CHANGES:
        return ""
    if view.possible == NO_WEIGHTS:
        return "A predictions file has no weights, so only the prevalence can change."
    return "The inputs are no pictures, so they cannot be rotated or covered."


def _figures(view: MonitorView) -> str:
    before, after = view.before, view.after
    if min(before.size, after.size) < _FEW:
        size, where = min((before.size, "before"), (after.size, "after"))
        return f"Only {size} images come {where} the change: too few for a conclusion about the accuracy."
    accuracy = f"from {before.accuracy:.1%} to {after.accuracy:.1%}"
    confidence = f"from {before.confidence:.1%} to {after.confidence:.1%}"
    if view.accuracy_change.low <= 0 <= view.accuracy_change.high:
        return f"Accuracy goes {accuracy}, confidence {confidence}: no clear change in accuracy."
    fall = before.accuracy - after.accuracy
    verb = "falls" if fall > 0 else "rises"
    how = _how(view.confidence_change, before.confidence - after.confidence, fall)
    return f"Accuracy {verb} {accuracy}, confidence {how}{confidence}."


def _how(change: Interval, sank: float, fall: float) -> str:
    """How confidence moves where accuracy clearly does: "only" where a fall of accuracy hardly shows in it."""
    clear = not change.low <= 0 <= change.high
    if clear and sank * fall < 0:
        return "rises " if sank < 0 else "falls "
    return "only " if fall > 0 and sank < _HALF * fall else ""


def _alarms(view: MonitorView) -> str:
    labelled, unlabelled = view.delay(view.labelled), view.delay(view.unlabelled)
    if labelled is None and unlabelled is None:
        none = "No alarm sounds until the end, with labels or without."
        return f"{none} {_BLIND}" if view.change == "prevalence" else none
    if labelled is not None and unlabelled is not None and min(labelled, unlabelled) > 0:
        after = counted(labelled, "changed image")
        return f"The alarm sounds after {after} with labels, after {unlabelled:,} without."
    said = [_alarm(view, "With labels", view.labelled), _alarm(view, "Without labels", view.unlabelled)]
    false = any(delay is not None and delay <= 0 for delay in (labelled, unlabelled))
    return " ".join([*said, _how_often(view)] if false else said)


def _alarm(view: MonitorView, who: str, alarm: Alarm) -> str:
    delay = view.delay(alarm)
    if delay is None:
        return f"{who}, no alarm sounds until the end."
    if delay <= 0:
        return f"{who}, a false alarm sounds at image {alarm.at:,}, before the change."
    return f"{who}, the alarm sounds after {counted(delay, 'changed image')}."


def _alarms_without_change(view: MonitorView) -> str:
    false = [
        f"{who}, a false alarm sounds at image {alarm.at:,}."
        for who, alarm in (("With labels", view.labelled), ("Without labels", view.unlabelled))
        if alarm.at is not None
    ]
    if not false:
        return f"No alarm sounds. {_how_often(view)}"
    return " ".join([*false, _how_often(view)])


def _how_often(view: MonitorView) -> str:
    return f"Each of the two has a false alarm in at most {_percent(view.alpha)} of such streams."


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"
