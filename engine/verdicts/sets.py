"""What the view Sets says: whether the sets hold the true class as often as asked for, and which classes they miss."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.conformal import SetsView
from engine.verdicts.naming import class_said, counted, listed

_FEW = 30  # judged images: below, the coverage is hardly more than an anecdote
_MOST_NAMED = 3  # classes


def sets_sentence(view: SetsView, label_names: Sequence[str]) -> str:
    """The coverage and the size first, then the classes that are covered less often, then what is not known."""
    nothing = _without_choice(view)
    if nothing:
        return nothing
    said = [
        f"At a level of {level_words(view.level)} the true class is in {view.coverage:.1%} of the sets (between "
        f"{view.interval.low:.1%} and {view.interval.high:.1%}).",
        f"A set has {size_words(view.mean_size)} classes on average. {_single(view)}",
    ]
    if view.judged < _FEW:
        said.append(f"Only {counted(view.judged, 'image')} judged: too few for a conclusion.")
    else:
        said += [_by_class(view, label_names), _too_few(view, label_names)]
    said.append(_absent(view, label_names))
    return " ".join(filter(None, said))


def level_words(level: float) -> str:
    """0.9 -> "90%", 0.9995 -> "99.95%"."""
    return f"{100 * level:.6g}%"


def size_words(size: float) -> str:
    """ "0.99", "1.25", "24.4", "251"."""
    return f"{size:,.{2 if size < 9.995 else 1 if size < 99.95 else 0}f}"


def _without_choice(view: SetsView) -> str:
    """Where the figures would be the same for every model."""
    level, classes = level_words(view.level), len(view.classes)
    if all(one.quantile == -math.inf for one in view.classes):
        return f"A level of {level} asks for nothing, so all sets are empty."
    if view.level == 1:
        return f"A level of 100% allows no miss, so each set has all {classes:,} classes."
    if all(one.quantile == math.inf for one in view.classes):
        needed = _needed(view.level)
        what = "image" if view.method != "class-conditional" else "image of each class"
        return (
            f"A level of {level} needs {needed:,} calibrating {what.replace('image', 'images', 1)}. There are fewer, "
            f"so each set has all {classes:,} classes."
        )
    return ""


def _needed(level: float) -> int:
    """The least n for which ⌈(n + 1) · level⌉ ≤ n."""
    least = max(0, math.floor(level / (1 - level)) - 1)
    return next(n for n in range(least, least + 4) if n and math.ceil(round((n + 1) * level, 9)) <= n)


def _single(view: SetsView) -> str:
    singles = next((one for one in view.sizes if one.size == 1), None)
    if singles is None:
        return "No image is left with one class."
    share = singles.covered / singles.images
    return f"{singles.images / view.judged:.1%} of the images have one class, which is right for {share:.1%}."


def _by_class(view: SetsView, names: Sequence[str]) -> str:
    below = [(label, one.coverage) for label, one in enumerate(view.classes) if one.luck == "below"]
    if below:
        below.sort(key=lambda one: one[1])
        worst = [f"{class_said(names[label], label)} ({share:.1%})" for label, share in below[:_MOST_NAMED]]
        rest = len(below) - len(worst)
        others = [f"{rest:,} other class{'es' if rest > 1 else ''}"] if rest else []
        return f"Below {level_words(view.level)} by more than luck: {listed([*worst, *others])}."
    present = [(one.coverage, label) for label, one in enumerate(view.classes) if one.images]
    if len(present) < 2:
        return ""
    (low, lowest), (high, highest) = min(present), max(present)
    ends = f"{low:.1%} for {class_said(names[lowest], lowest)} to {high:.1%} for {class_said(names[highest], highest)}"
    return f"No class is below {level_words(view.level)} by more than luck: {ends}."


def _too_few(view: SetsView, names: Sequence[str]) -> str:
    if view.method != "class-conditional":
        return ""
    few = [label for label, one in enumerate(view.classes) if one.quantile == math.inf]
    if not few:
        return ""
    return f"{_named(few, names)} {'has' if len(few) == 1 else 'have'} too few calibrating images: in every set."


def _absent(view: SetsView, names: Sequence[str]) -> str:
    absent = [label for label, one in enumerate(view.classes) if not one.images]
    return f"No judged image is truly {_named(absent, names, 'or')}: coverage unknown." if absent else ""


def _named(labels: Sequence[int], names: Sequence[str], join: str = "and") -> str:
    """Three classes by their names, more by their number."""
    if len(labels) > _MOST_NAMED:
        return f"of {len(labels):,} classes" if join == "or" else f"{len(labels):,} classes"
    words = listed([class_said(names[label], label) for label in labels])
    return words.replace(" and ", f" {join} ") if join != "and" else words
