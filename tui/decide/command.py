"""`softmax-tui decide`: is the most likely label always the answer?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec
from msgspec.structs import replace

from engine.contract.conformal import LEVEL, METHOD, SetMethod, SetsView
from engine.contract.cost_matrix import (
    FALSE_ALARM,
    MISS,
    PRESET_NAMES,
    CostMatrix,
    miss_and_false_alarm,
    preset,
)
from engine.contract.decisions import PREVALENCE, REFERRAL, THRESHOLD, DecideQuestion, Decision
from engine.contract.errors import InputError
from engine.contract.groups import GroupsBy
from engine.contract.monitoring import MonitorView
from engine.contract.settings import parse
from engine.contract.stories import story_of, usual_costs
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, add_source
from tui.cli.json_lines import print_json
from tui.decide.monitor_flags import add_monitor_flags, monitor_asked, monitor_question
from tui.decide.scenario import SETTINGS

if TYPE_CHECKING:
    from engine.analysis.evidence import Evidence
    from engine.jobs.judged_model import Judged

_EXAMPLES = """examples
  softmax-tui decide                                          must not miss the last class
  softmax-tui decide --positive shirt --threshold 0.2 --prevalence 0.01
  softmax-tui decide --miss 50 --false-alarm 1                the cost of each kind of mistake
  softmax-tui decide --cost-matrix lethal                     or symmetrical, ordinal, or a CSV file
  softmax-tui decide predictions.npz                          any other classifier: logits or probabilities, and labels
  softmax-tui decide --groups size                            compare groups of images: rates, gaps, own thresholds
  softmax-tui decide --level 0.95 --sets class-conditional    sets of labels, with each class in 95 % of its sets
  softmax-tui decide RUN --ensemble RUN RUN                   the mean of several models
  softmax-tui decide --monitor noise --moment 5000 --strength 0.3
                                                              who notices when the images change"""


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "decide", run, _EXAMPLES, json="one JSON object")
    add_source(parser)
    parser.add_argument(
        "--positive",
        metavar="CLASS",
        help="the class to find, by number or name (default: the disease, else the last class)",
    )
    parser.add_argument(
        "--threshold",
        default=str(THRESHOLD),
        metavar="P",
        help=f"probability from which the class counts as found (default {THRESHOLD})",
    )
    parser.add_argument(
        "--prevalence",
        default=str(PREVALENCE),
        metavar="P",
        help=f"judge the same test where this share is positive (default {PREVALENCE})",
    )
    parser.add_argument(
        "--cost-matrix",
        metavar="FILE",
        help=f"table in a text file (rows: true classes, columns: decisions), or one of {', '.join(PRESET_NAMES)}",
    )
    parser.add_argument("--miss", metavar="COST", help=f"cost of taking the class for another class (default {MISS:g})")
    parser.add_argument(
        "--false-alarm", metavar="COST", help=f"cost of taking another class for the class (default {FALSE_ALARM:g})"
    )
    parser.add_argument(
        "--referral",
        default=str(REFERRAL),
        metavar="COST",
        help=f"cost of asking somebody else, where a mistake costs 1 (default {REFERRAL})",
    )
    parser.add_argument(
        "--groups",
        metavar="BY",
        help=f"compare groups: {', '.join(get_args(GroupsBy))} (default: the file's, else by brightness of the images)",
    )
    parser.add_argument(
        "--level",
        metavar="P",
        help=f"share of images whose set of labels has to hold the true class (default {LEVEL})",
    )
    parser.add_argument(
        "--sets",
        default=METHOD,
        metavar="METHOD",
        help=f"how sets of labels are made: {', '.join(get_args(SetMethod))} (default {METHOD})",
    )
    parser.add_argument(
        "--ensemble",
        nargs="+",
        default=[],
        metavar="RUN|FILE",
        help="judge the mean of RUN|FILE and these models, on the same images",
    )
    add_monitor_flags(parser)
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    if options.sets not in get_args(SetMethod):
        raise InputError(f"--sets: found {options.sets[:60]!r}, expected {', '.join(get_args(SetMethod))}")
    numbers = {
        name: float(parse(replace(setting, label=setting.flag), text))
        for name, setting in SETTINGS.items()
        if (text := getattr(options, name)) is not None
    }
    if options.cost_matrix is not None and {"miss", "false_alarm"} & numbers.keys():
        raise InputError("--cost-matrix: found --miss or --false-alarm as well, expected a matrix or these costs")
    by = _groups_by(options.groups)
    asked = monitor_asked(options)
    from tui.cli.judged import judged, source_of

    first = source_of(options)
    sources = [judged(options, source) for source in (first.run_id, *options.ensemble)]
    from engine.analysis.conformal import sets_of
    from engine.analysis.decisions import decide
    from engine.analysis.evidence import Evidence

    members = [source.evidence for source in sources]
    evidence = Evidence.of_ensemble(members) if len(members) > 1 else members[0]
    question = _question(options, numbers, evidence.label_names)
    decision = decide(evidence, question, members if len(members) > 1 else (), sources[0].grouping(by))
    sets = sets_of(evidence, cast(SetMethod, options.sets), numbers.get("level", LEVEL))
    monitor, refusal = _monitor(sources, evidence, asked, decision.threshold.positive)
    if options.json:
        print_json(_for_scripts([one.source for one in sources], decision, sets, monitor))
    else:
        from tui.cli.page import Page
        from tui.decide.text import write_caution, write_decision, write_monitor

        page = Page()
        page.note(first.said)
        write_decision(decision, sets, page)
        write_monitor(monitor, refusal, page)
        write_caution(decision, page)
    return 0


def _groups_by(text: str | None) -> GroupsBy | None:
    """What groups are made by; None where that was not said."""
    if text is not None and text not in get_args(GroupsBy):
        raise InputError(f"--groups: found {text[:60]!r}, expected one of {', '.join(get_args(GroupsBy))}")
    return cast("GroupsBy | None", text)


def _monitor(
    sources: list[Judged], evidence: Evidence, asked: dict[str, Any] | None, positive: int
) -> tuple[MonitorView | None, str]:
    """The view; without one, why there is none. What was typed is refused as any other input is."""
    from engine.jobs.monitored import Monitoring

    try:
        return Monitoring(sources, evidence).view(monitor_question(asked, positive)), ""
    except InputError as error:
        if asked is not None:
            raise
        return None, str(error)


def _question(options: argparse.Namespace, numbers: dict[str, float], names: tuple[str, ...]) -> DecideQuestion:
    from tui.cli.judged import class_named

    positive = (
        story_of(names).positive if options.positive is None else class_named("--positive", options.positive, names)
    )
    return DecideQuestion(
        positive=positive,
        threshold=numbers["threshold"],
        prevalence=numbers["prevalence"],
        costs=_costs(options.cost_matrix, numbers, positive, names),
        referral=numbers["referral"],
    )


def _costs(matrix: str | None, numbers: dict[str, float], positive: int, names: tuple[str, ...]) -> CostMatrix:
    if matrix is None and not {"miss", "false_alarm"} & numbers.keys():
        return usual_costs(names, positive)
    if matrix is None:
        miss, false_alarm = numbers.get("miss", MISS), numbers.get("false_alarm", FALSE_ALARM)
        return miss_and_false_alarm(len(names), positive, names[positive], miss, false_alarm)
    if matrix in PRESET_NAMES:
        return preset(matrix, len(names), positive, names[positive])
    from engine.data.brought.costs import read_cost_matrix

    return read_cost_matrix(Path(matrix), names)


def _for_scripts(sources: list[str], decision: Decision, sets: SetsView, monitor: MonitorView | None) -> dict[str, Any]:
    """The figures that a script asks for first, over all images; then everything else, view by view."""
    threshold, costs, trust = decision.threshold, decision.costs, decision.trust
    views = {"threshold": threshold, "costs": costs, "trust": trust, "groups": decision.groups, "sets": sets}
    return {
        "sources": sources,
        "num_examples": decision.num_examples,
        "labels": decision.label_names,
        "positive": threshold.positive,
        "positive_label": threshold.positive_label,
        "threshold": threshold.threshold,
        "true_positive": threshold.true_positive,
        "false_positive": threshold.false_positive,
        "true_negative": threshold.true_negative,
        "false_negative": threshold.false_negative,
        "auc": threshold.auc,
        "average_precision": threshold.average_precision,
        "argmax_cost": costs.argmax_cost,
        "least_expected_cost": costs.least_expected_cost,
        "flipped": len(costs.flipped),
        "ece": trust.overall.ece,
        "brier": trust.overall.brier,
        "loss": trust.overall.loss,
        "zero_probability_labels": trust.zero_probability_labels,
        "temperature": trust.temperature,
        "views": {
            **{name: msgspec.to_builtins(view) for name, view in views.items()},
            "monitor": None if monitor is None else _without_pixels(monitor),
        },
    }


def _without_pixels(view: MonitorView) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(view)
    for name in ("before", "after") if found["image"] is not None else ():
        del found["image"][name]
    return found
