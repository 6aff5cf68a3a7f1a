"""The groups as a table that fits the room: those with a gap stay, others fold."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from engine.contract.decisions import CostsView
from engine.contract.groups import GroupsView, GroupThresholds, RateName
from engine.verdicts.groups import groups_title, own_thresholds_line
from tui.decide.lines import figure, interval
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.drawing.wrapping import wrap

_LONGEST_NAME = 16  # cells: a longer one may be cut for another column
_GAP = "!"  # after a rate that is not that of the others
_NARROW = ("images", "truly", "sensitivity, 95 %", "false pos., 95 %", "precision")
_WIDE = (*_NARROW[:-1], "precision, 95 %", "threshold")
_ALL = (*_WIDE[:3], "specificity, 95 %", *_WIDE[3:])
_LEAST_ROWS = 3


def group_lines(view: GroupsView, costs: CostsView, width: int, room: int, key: str = "") -> list[Line]:
    """At most `room` lines of `width` cells; `key` is the one that takes other groups."""
    change = f" ({key})" if key else ""
    title = groups_title(view)
    if not title:
        return [_text(line) for line in wrap((view.why_none or "no groups are compared") + change, width - 2)]
    below = [_text(line) for line in wrap(plain(own_thresholds_line(view, costs)), width - 2)]
    rows = max(_LEAST_ROWS, room - 2 - len(below))
    shown = _shown(view, rows)
    lines = _table(view, shown, width)
    folded = _folded(view, len(shown))
    return [
        _text(f"{title}{change}; {_GAP} more than luck"),
        *(_text(line, "text" if number else "muted") for number, line in enumerate(lines)),
        *([_text(folded)] if folded else []),
        *below,
    ]


def _shown(view: GroupsView, rows: int) -> list[int]:
    """The places of the groups that have room, in their order: those with a gap first, then the largest."""
    places = range(len(view.groups))
    if len(view.groups) + bool(view.smaller) <= rows:
        return list(places)
    with_gap = list(dict.fromkeys(gap.group for gap in view.gaps))
    others = sorted(set(places) - set(with_gap), key=lambda place: -view.groups[place].size)
    return sorted([*with_gap, *others][: rows - 1])


def _folded(view: GroupsView, shown: int) -> str:
    """What is not shown, and whether a gap is among it."""
    left = len(view.groups) - shown + view.smaller
    if not left:
        return ""
    hidden = len({gap.group for gap in view.gaps}) - shown
    gap = f"{hidden} of them with a gap" if hidden > 0 else "none with a gap"
    return f"and {left:,} other group{'s' if left > 1 else ''}, {gap}"


def _table(view: GroupsView, places: Sequence[int], width: int) -> list[str]:
    """The table with as many of the columns as leave room for the names, which take what is left."""
    gaps = {(gap.group, gap.rate) for gap in view.gaps}
    names = [plain(view.groups[place].name) or "(no name)" for place in places]
    least = min(_LONGEST_NAME, max(map(cell_len, names)))
    for columns in (_ALL, _WIDE, _NARROW):
        rows = [_columns(view, place, gaps) for place in places]
        figures = table(tuple(columns), [tuple(row[name] for name in columns) for row in rows], left=0)
        room = width - len(figures[0]) - 3
        if room >= least:
            break
    first = [plain(name, max(5, room)) for name in ("group", *names)]
    wide = max(map(cell_len, first))
    return [f"{padded(name, wide)}  {line}" for name, line in zip(first, figures, strict=True)]


def _columns(view: GroupsView, place: int, gaps: set[tuple[int, RateName]]) -> dict[str, str]:
    """Every column of a row by its heading."""
    group = view.groups[place]

    def rate(name: RateName, value: float) -> str:
        return figure(value) + (_GAP if (place, name) in gaps else " ")

    precision = rate("precision", group.precision)
    return {
        "images": f"{group.size:,}{' few' if group.few else ''}",
        "truly": f"{group.positives:,}",
        "sensitivity, 95 %": f"{rate('sensitivity', group.sensitivity)} {interval(group.sensitivity_interval)}",
        "specificity, 95 %": f"{figure(group.specificity)}  {interval(group.specificity_interval)}",
        "false pos., 95 %": (
            f"{rate('false_positive_rate', group.false_positive_rate)} {interval(group.false_positive_rate_interval)}"
        ),
        "precision": precision,
        "precision, 95 %": f"{precision} {interval(group.precision_interval)}",
        "threshold": _own(view.thresholds, place),
    }


def _own(thresholds: GroupThresholds | None, place: int) -> str:
    """The group's own threshold; a dash where the costs have none, "never" where no alarm is cheapest."""
    if thresholds is None:
        return "-"
    own = thresholds.own[place]
    return "never" if own == float("inf") else f"{own:.3g}"


def _text(line: str, role: str = "text") -> Line:
    return (Run(f" {line}", role),)
