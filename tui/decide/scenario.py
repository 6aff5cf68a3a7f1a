"""What Decide is asked, by which costs, and how keys and typing change it."""

from __future__ import annotations

import re
import shlex
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from engine.contract.commands import ShowSets
from engine.contract.conformal import LEVEL, METHOD
from engine.contract.cost_matrix import (
    FALSE_ALARM,
    LARGEST_COST,
    MISS,
    PRESET_NAMES,
    CostMatrix,
    CostRows,
    miss_and_false_alarm,
    preset,
)
from engine.contract.decisions import PREVALENCE, REFERRAL, THRESHOLD
from engine.contract.events import JudgedPart
from engine.contract.groups import GroupsBy
from engine.contract.settings import Setting, parse
from tui.drawing.form_text import written

EDITED = "costs edited by hand"
TWO_PRICES = "miss and false alarm"


@dataclass(frozen=True)
class CostChoice:
    """`rows`, else the matrix called `preset`, else the two prices. `path` is the file whose `rows` are unchanged."""

    miss: float = MISS
    false_alarm: float = FALSE_ALARM
    preset: str = ""
    rows: CostRows | None = None
    title: str = ""
    path: str = ""

    @property
    def name(self) -> str:
        """What the key that goes through the presets calls it."""
        if self.rows is not None:
            return "edited" if not self.path else "file"
        return self.preset or TWO_PRICES

    def matrix(self, classes: int, positive: int, label: str) -> CostMatrix:
        """The costs (classes, classes), where class `positive` is called `label`."""
        if self.rows is not None:
            return CostMatrix(title=self.title, rows=self.rows)
        if self.preset:
            return preset(self.preset, classes, positive, label)
        return miss_and_false_alarm(classes, positive, label, self.miss, self.false_alarm)

    def next_preset(self) -> CostChoice:
        """Two prices, then each ready-made matrix, around; what was read or edited is left behind."""
        names = ("", *PRESET_NAMES)
        place = names.index(self.preset) if self.rows is None else -1
        return replace(self, preset=names[(place + 1) % len(names)], rows=None, title="", path="")

    def with_prices(self, miss: float, false_alarm: float) -> CostChoice:
        """Two prices, in place of any matrix."""
        return CostChoice(miss=miss, false_alarm=false_alarm)

    def with_file(self, matrix: CostMatrix, path: str) -> CostChoice:
        """The matrix that was read from `path`."""
        return replace(self, preset="", rows=matrix.rows, title=matrix.title, path=path)

    def with_cell(self, matrix: CostMatrix, row: int, column: int, cost: float) -> CostChoice:
        """`matrix`, which is the one that is shown, with one other cost."""
        line = (*matrix.rows[row][:column], cost, *matrix.rows[row][column + 1 :])
        rows = (*matrix.rows[:row], line, *matrix.rows[row + 1 :])
        return replace(self, preset="", rows=rows, title=EDITED, path="")


COSTS_FILE = "softmax-tui-costs.csv"
_ODDS = re.compile(r"\s*1\s*(?:in|/|:)\s*(\d[\d,_ ]*)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Scenario:
    """Of which source, with which others as an ensemble; `positive` None is the last class.

    `groups` None are those of the file, else stand-ins made of the images.
    """

    source: str = ""
    members: tuple[str, ...] = ()
    positive: int | None = None
    threshold: float = THRESHOLD
    prevalence: float = PREVALENCE
    referral: float = REFERRAL
    costs: CostChoice = field(default_factory=CostChoice)
    part: JudgedPart = "validation"
    groups: GroupsBy | None = None

    @property
    def told(self) -> bool:
        """Whether it is still the scenario that Decide opens on, of whichever class."""
        return (self.threshold, self.prevalence, self.costs) == (THRESHOLD, PREVALENCE, CostChoice())


def _setting(name: str, label: str, words: str, default: float, low: float, high: float) -> Setting:
    return Setting(
        name=name,
        label=label,
        help=words,
        kind="number",
        default=default,
        minimum=low,
        maximum=high,
    )


_COSTS = CostChoice()
SETTINGS = {
    one.name: one
    for one in (
        _setting("threshold", "threshold", "probability from which the class counts as found", THRESHOLD, 0, 1),
        _setting("prevalence", "prevalence", "share of positives, such as 0.001 or 1 in 1,000", PREVALENCE, 0, 1),
        _setting("miss", "a miss costs", "cost of taking the class for another class", _COSTS.miss, 0, LARGEST_COST),
        _setting(
            "false_alarm",
            "a false alarm",
            "cost of taking another class for the class",
            _COSTS.false_alarm,
            0,
            LARGEST_COST,
        ),
        _setting("referral", "referral cost", "cost of asking somebody else, where a mistake costs 1", REFERRAL, 0, 1),
        _setting("level", "level", "share of images whose set has to hold the true class", LEVEL, 0, 1),
    )
}
COST = _setting("cost", "cost", "cost of one decision for one true class", 0.0, -LARGEST_COST, LARGEST_COST)


def number_typed(setting: Setting, text: str) -> float:
    """The number that a text stands for; a share may be written as "1 in 1,000".

    Raises:
        InputError: naming what was found and the bounds.
    """
    odds = _ODDS.fullmatch(text) if setting.name == "prevalence" else None
    if odds is not None and (whole := int(re.sub(r"\D", "", odds[1]))) > 0:
        return 1 / whole
    return float(parse(setting, text))


def with_number(scenario: Scenario, name: str, value: float) -> Scenario:
    """The scenario with another number in the field of that name."""
    if name == "threshold":
        return replace(scenario, threshold=value)
    return replace(scenario, prevalence=value) if name == "prevalence" else replace(scenario, referral=value)


@cache
def _ladder() -> tuple[float, ...]:
    """Hundredths in the middle, and ever finer towards 0 and 1, where rare and common classes are decided."""
    fine = [float(f"{factor}e{power}") for power in (-6, -5, -4, -3) for factor in (1, 2, 5)]
    hundredths = [number / 100 for number in range(1, 100)]
    return (0.0, *fine, *hundredths, *(round(1 - one, 6) for one in reversed(fine)), 1.0)


def moved(value: float, step: int, coarse: bool = False) -> float:
    """The next rung up (1) or down (−1): tenths where it is `coarse`."""
    rungs = tuple(number / 10 for number in range(11)) if coarse else _ladder()
    place = bisect_right(rungs, value) if step > 0 else bisect_left(rungs, value) - 1
    return rungs[max(0, min(place, len(rungs) - 1))]


def decide_command(
    scenario: Scenario, view_rows: CostRows | None = None, sets: ShowSets | None = None, monitored: Sequence[str] = ()
) -> str:
    """The command line that gives the same. A matrix edited by hand is written to a file first.

    `monitored` are the flags of the view Monitor.
    """
    words = ["softmax-tui", "decide", *([scenario.source] if scenario.source else [])]
    words += [] if scenario.positive is None else ["--positive", str(scenario.positive)]
    words += ["--threshold", written(scenario.threshold), "--prevalence", written(scenario.prevalence)]
    words += ["--referral", written(scenario.referral)]
    costs, before = scenario.costs, ""
    if costs.path:
        words += ["--cost-matrix", costs.path]
    elif costs.rows is not None and view_rows is not None:
        words += ["--cost-matrix", COSTS_FILE]
        lines = "\n".join(",".join(map(repr, row)) for row in view_rows)
        before = f"printf '%s\\n' {shlex.quote(lines)} > {COSTS_FILE} && "
    elif costs.preset:
        words += ["--cost-matrix", costs.preset]
    else:
        words += ["--miss", written(costs.miss), "--false-alarm", written(costs.false_alarm)]
    words += ["--groups", scenario.groups] if scenario.groups is not None else []
    if sets is not None and (sets.level, sets.method) != (LEVEL, METHOD):
        words += ["--level", written(sets.level), "--sets", sets.method]
    words += monitored
    words += ["--part", scenario.part] if scenario.part != "validation" else []
    words += ["--ensemble", *scenario.members] if scenario.members else []
    return before + shlex.join(words)
