"""The view Sets as lines: the rule that makes a set, coverage by class with its level, and how large the sets are."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len

from engine.contract.conformal import ClassSets, SetsView, size_bins
from engine.contract.decisions import Interval
from engine.verdicts.sets import level_words, size_words
from tui.decide.lines import class_words
from tui.drawing.bars import EIGHTHS
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run, merged

_TRUE = "true class"
_NAME = 16  # cells of a class's name
_LEAST_PLOT, _MOST_PLOT = 12, 60
_FLAGS = {"": " ", "below": "!", "above": "+"}
METHOD_WORDS = {"lac": "LAC", "aps": "APS", "class-conditional": "class-conditional"}


def sets_lines(view: SetsView, width: int) -> list[Line]:
    """What makes a set, and what comes of it, in three lines."""
    texts = (
        f"calibrated on {view.calibrated:,}, judged on {view.judged:,} images (seed {view.split_seed})   "
        f"{size_words(view.mean_size)} classes a set",
        _rule(view),
        f"true class in {view.coverage:.1%} of the sets ({shares(view.interval)}), by luck {shares(view.by_luck)}",
    )
    return [(Run(plain(f" {text}", width), "text"),) for text in texts]


def _rule(view: SetsView) -> str:
    if view.method == "class-conditional":
        return "in the set: each class from a probability of its own"
    if math.isinf(view.quantile):
        return f"in the set: {'all' if view.quantile > 0 else 'none'} of the classes"
    if view.method == "aps":
        return f"in the set: the likeliest classes, until their sum exceeds {view.quantile:.4g}"
    return f"in the set: classes of at least {1 - view.quantile:.3g} probability"


def class_lines(view: SetsView, names: Sequence[str], width: int, height: int) -> list[Line]:
    """Each class's coverage with its interval of 95 %, the least first, and the level as a vertical line.

    What finds no room is counted on the last line. `!` and `+` mark what luck does not explain.
    """
    present = sorted((one.coverage, label) for label, one in enumerate(view.classes) if one.images)
    order = [label for _, label in present]
    order += [label for label, one in enumerate(view.classes) if not one.images]
    shown = class_words(names)
    wide = max(len(_TRUE), min(_NAME, max(cell_len(shown[label]) for label in order)))
    room = max(_LEAST_PLOT, min(_MOST_PLOT, width - wide - 10))
    low = _axis_from(view)
    level = level_words(view.level)
    start, end = f"{low:.0%}", "100%"
    axis = list(f"{start}{' ' * max(0, room - len(start) - len(end))}{end}")
    place = _place(view.level, low, room)
    left = max(0, min(place - len(level) // 2, room - len(level)))
    if left > len(start) and left + len(level) < room - len(end):
        axis[left : left + len(level)] = level
    lines: list[Line] = [(Run(padded(f" {_TRUE:<{wide}}  in set {''.join(axis)}", width), "muted"),)]
    kept = order if len(order) < height else order[: max(0, height - 2)]
    for label in kept:
        one = view.classes[label]
        share = f"{one.coverage:.1%}" if one.images else "-"
        head = f" {padded(shown[label], wide)}  {share:>6}{_FLAGS[one.luck]}"
        role = "wrong" if one.luck == "below" else "text"
        lines.append((Run(head, role), *_plotted(one, view.level, low, room)))
    if len(kept) < len(order):
        lines.append((Run(padded(f" and {len(order) - len(kept):,} more classes", width), "muted"),))
    return lines


def _axis_from(view: SetsView) -> float:
    """The left end of the axis: a multiple of 10 % below all intervals and the level."""
    ends = [one.interval.low for one in view.classes if one.images]
    return max(0.0, min(0.9, math.floor(10 * min([*ends, view.level - 0.05])) / 10))


def _place(share: float, low: float, room: int) -> int:
    return max(0, min(room - 1, round((share - low) / (1 - low) * (room - 1))))


def _plotted(one: ClassSets, level: float, low: float, room: int) -> Line:
    cells = [(" ", "muted")] * room
    if one.images:
        for place in range(_place(one.interval.low, low, room), _place(one.interval.high, low, room) + 1):
            cells[place] = ("─", "line-1")
    cells[_place(level, low, room)] = ("│", "muted")
    if one.images:
        cells[_place(one.coverage, low, room)] = ("●", "wrong" if one.luck == "below" else "line-1")
    return merged(cells)


def size_rows(view: SetsView, width: int) -> tuple[str, list[str]]:
    """A heading and a row for all sets, then one for each bin of sizes: images, the share that holds the true class,
    and a bar of the images.
    """
    rows = [("all", view.judged, view.covered)]
    for first, last in bins_of(view):
        some = [one for one in view.sizes if first <= one.size <= last]
        name = f"{first:,}" if first == last else f"{first:,}–{last:,}"
        rows.append((name, sum(one.images for one in some), sum(one.covered for one in some)))
    digits = max(6, len(f"{view.judged:,}"))
    names = max(7, *(len(name) for name, *_ in rows))
    room = width - names - digits - 11
    most = max(images for _, images, _ in rows[1:])
    heading = f"{'classes':<{names}} {'images':>{digits}} {'covered':>7}"
    return heading, [
        f"{name:<{names}} {images:>{digits},} {_share(covered, images):>7} "
        + (_bar(images / most, room) if place and room > 3 else "")
        for place, (name, images, covered) in enumerate(rows)
    ]


def bins_of(view: SetsView) -> tuple[tuple[int, int], ...]:
    """The bins of sizes that there are rows for."""
    return size_bins(max(one.size for one in view.sizes))


def shares(of: Interval) -> str:
    """ "89.6%–91.2%"."""
    return "-" if of.low != of.low else f"{of.low:.1%}–{of.high:.1%}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _bar(share: float, room: int) -> str:
    eighths = round(share * room * 8)
    if share > 0:
        eighths = max(1, eighths)  # what is not zero is never drawn as nothing
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).strip()
