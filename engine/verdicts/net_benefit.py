"""What a decision curve says, in plain words: which way to decide is best, and where nobody can tell."""

from __future__ import annotations

from engine.contract.decisions import ThresholdView
from engine.contract.interval import Interval
from engine.contract.net_benefit import BestRange, NetBenefitHere, Strategy
from engine.verdicts.naming import class_said

_SAID: dict[Strategy, str] = {"model": "the model", "all": "treating all", "none": "treating none"}
_MOST_RANGES = 3


def net_benefit_sentence(view: ThresholdView) -> str:
    """What the model is worth at the threshold, where it is best, and at which prevalence that is so."""
    curve, here = view.net_benefit.curve, view.net_benefit.here
    label = class_said(view.positive_label, view.positive)
    if curve.prevalence in (0, 1):
        what = "No image is" if not curve.prevalence else "Every image is"
        return f"{what} truly {label}, so a decision curve says nothing."
    said = [_at(view.threshold, here), *_best(curve.ranges), _avoided(here)]
    return " ".join([*filter(None, said), f"Prevalence as in the data: {curve.prevalence:.1%}."])


def _at(threshold: float, here: NetBenefitHere) -> str:
    if here.model != here.model:
        return "At a threshold of 1 nothing outweighs a false alarm: there is no net benefit."
    said = (
        f"Net benefit at {threshold:g}: {here.model:z.3f} ({interval_words(here.model_interval)}) for the model, "
        f"{here.treat_all:z.3f} for treating all images, 0 for treating none."
    )
    if len(here.options) > 1:
        return f"{said} No clear winner here: {_either(here.options)}."
    return said


def _best(ranges: tuple[BestRange, ...]) -> list[str]:
    """The widest ranges in which one option is the best; that there are none, where there are none."""
    sure = sorted((one for one in ranges if len(one.options) == 1), key=lambda one: one.low - one.high)
    if not sure:
        return ["No option is clearly best at any threshold: no conclusion."]
    told = sorted(sure[:_MOST_RANGES], key=lambda one: one.low)
    found = [f"{_capital(_SAID[one.options[0]])} is best {_places(one)}." for one in told]
    if len(sure) > len(told) or len(sure) < len(ranges):
        found.append("Elsewhere there is no clear winner." if len(sure) == len(told) else "Elsewhere it varies.")
    return found


def _avoided(here: NetBenefitHere) -> str:
    """How the net benefit counts in interventions, where the model clearly avoids some."""
    if not here.avoided_interval.low > 0 or "model" not in here.options:
        return ""
    spared = f"the model spares {here.avoided:.3g} of 100 people an intervention"
    return f"Compared with treating all, {spared}, net of misses."


def range_words(one: BestRange) -> str:
    """ "0.02–0.61", "0.02"."""
    return f"{one.low:g}" if one.low == one.high else f"{one.low:g}–{one.high:g}"


def options_words(options: tuple[Strategy, ...]) -> str:
    """What nothing is clearly better than, for a table: "model", "treat all", "unclear: model, all"."""
    if len(options) > 1:
        return f"unclear: {', '.join(options)}"
    return "model" if options == ("model",) else f"treat {options[0]}"


def interval_words(of: Interval) -> str:
    """ "0.031–0.052"; two ends of which one is negative are "-0.012 to 0.031"."""
    return f"{of.low:z.3f}{' to ' if of.low < 0 else '–'}{of.high:z.3f}"


def _places(one: BestRange) -> str:
    return (
        f"at a threshold of {one.low:g}" if one.low == one.high else f"at thresholds from {one.low:g} to {one.high:g}"
    )


def _either(options: tuple[Strategy, ...]) -> str:
    *before, last = (_SAID[option] for option in options)
    return f"{', '.join(before)} or {last}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
