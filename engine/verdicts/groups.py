"""What the groups say, in plain words: where a rate is not that of the others, and what own thresholds are worth."""

from __future__ import annotations

from engine.contract.decisions import CostsView
from engine.contract.groups import FEW_IMAGES, STAND_INS, Gap, GroupsBy, GroupsView, GroupThresholds, RateName
from engine.verdicts.naming import counted

RATE_WORDS: dict[RateName, str] = {
    "sensitivity": "sensitivity",
    "false_positive_rate": "false-positive rate",
    "precision": "precision",
}
_MADE_BY: dict[GroupsBy, str] = {"brightness": "by brightness", "size": "by the number of lit pixels"}
_MOST_GAPS = 2


def groups_sentence(view: GroupsView) -> str:
    """What is more than luck between the groups, and whether each should have its own threshold."""
    if not view.groups:
        return view.why_none or "No groups are compared."
    said = [
        f"The groups are a stand-in made of the images, {_MADE_BY[view.by]}." if view.by in STAND_INS else "",
        *_gaps(view),
        _few(view),
        _own(view.thresholds),
    ]
    return " ".join(filter(None, said))


def groups_title(view: GroupsView) -> str:
    """What the groups are, in a few words; "" where there are none."""
    if not view.groups:
        return ""
    if view.by in STAND_INS:
        return f"groups {_MADE_BY[view.by]}, a stand-in made of the images"
    return f"{counted(len(view.groups) + view.smaller, 'group')} as the file names them"


def _gaps(view: GroupsView) -> list[str]:
    if not view.comparisons:
        return ["There is nothing to compare: one group, or too few images in each."]
    tested = counted(view.comparisons, "comparison")
    if not view.gaps:
        return [f"No gap is more than luck, of {tested}."]
    left = len(view.gaps) - _MOST_GAPS
    return [
        f"{counted(len(view.gaps), 'gap')} {'is' if len(view.gaps) == 1 else 'are'} more than luck, of {tested}.",
        *(_gap(gap, view) for gap in view.gaps[:_MOST_GAPS]),
        f"The table marks {'the other gap' if left == 1 else f'the other {left} gaps'}." if left > 0 else "",
    ]


def _gap(gap: Gap, view: GroupsView) -> str:
    low, high = sorted((abs(gap.interval.low), abs(gap.interval.high)))
    more = "more" if gap.value > gap.others else "less"
    return (
        f"{view.groups[gap.group].name}: {RATE_WORDS[gap.rate]} {gap.value:.1%}, {100 * low:.1f} to {100 * high:.1f} "
        f"points {more} than the others ({gap.others:.1%})."
    )


def _few(view: GroupsView) -> str:
    few = sum(group.few for group in view.groups)
    if not few:
        return ""
    return (
        f"{counted(few, 'group')} of fewer than {FEW_IMAGES} images {'carries' if few == 1 else 'carry'} no conclusion."
    )


def _own(thresholds: GroupThresholds | None) -> str:
    """What one threshold for each group costs beside one for all; "" where the costs have none."""
    if thresholds is None:
        return ""
    costs = f"{_cost(thresholds.own_cost)} per image, one for all {_cost(thresholds.shared_cost)}"
    said = f"A threshold for each group costs {costs}"
    interval = thresholds.saving_interval
    if interval.low > 0:
        return f"{said}: cheaper."
    if interval.high < 0:
        return f"{said}: more expensive, so keep one for all."
    return f"{said}: no clear difference."


def _cost(cost: float) -> str:
    return f"{cost:,.3g}" if abs(cost) < 1000 else f"{cost:,.4g}" if abs(cost) < 1e6 else f"{cost:.3g}"


def own_thresholds_line(view: GroupsView, costs: CostsView) -> str:
    """The thresholds' costs in one line for a table, or why there are none; "" where there are no groups."""
    if not view.groups:
        return ""
    found = view.thresholds
    if found is None:
        return f"No single threshold is cheapest at these costs ({costs.costs.title}), so none is compared."
    interval = found.saving_interval
    return (
        f"chosen on one half, per image of the other: one threshold for all {_cost(found.shared_cost)}, one for "
        f"each group {_cost(found.own_cost)}, saved {_cost(found.saving)} ({_cost(interval.low)} to "
        f"{_cost(interval.high)})"
    )
