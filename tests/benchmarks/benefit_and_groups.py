"""What net benefit and groups add to a decision about 100,000 images, and to a moved threshold.

    uv run python -m tests.benchmarks.benefit_and_groups [--images 100000] [--classes 100] [--groups 50] [--rounds 5]

In seconds of the processor, so that what else runs on the machine does not count.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from time import process_time

import numpy as np

from engine.analysis.costs import costs_view
from engine.analysis.decisions import decision_curve, threshold_view
from engine.analysis.evidence import Evidence
from engine.analysis.grouping import Grouping
from engine.analysis.groups import groups_view, thresholds_of_groups
from engine.analysis.trust import trust_view
from engine.contract.cost_matrix import miss_and_false_alarm
from tests.benchmarks.table import table


def contenders(images: int, classes: int, groups: int) -> dict[str, Callable[[], object]]:
    """Each part of a decision alone."""
    random = np.random.default_rng(0)
    labels = random.integers(0, classes, images)
    logits = random.normal(size=(images, classes))
    logits[np.arange(images), labels] += 3
    evidence = Evidence.of_logits(logits, labels, tuple(map(str, range(classes))))
    numbers = random.integers(0, groups, images)
    grouping = Grouping("file", ("file", "none"), tuple(map(str, range(groups))), numbers)
    last = classes - 1
    costs = miss_and_false_alarm(classes, last, str(last), 50, 1)
    curve = decision_curve(evidence, last)
    thresholds = thresholds_of_groups(evidence, grouping, last, costs)

    def moved() -> None:
        threshold_view(evidence, last, 0.3, 0.001, curve)
        groups_view(evidence, grouping, last, 0.3, thresholds)

    return {
        "costs, for comparison": lambda: costs_view(evidence, costs, last),
        "trust, for comparison": lambda: trust_view(evidence, 0.2),
        "decision curve": lambda: decision_curve(evidence, last),
        "own thresholds": lambda: thresholds_of_groups(evidence, grouping, last, costs),
        "groups at a threshold": lambda: groups_view(evidence, grouping, last, 0.3, thresholds),
        "a moved threshold, whole": moved,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("images", 100_000), ("classes", 100), ("groups", 50), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    parts = contenders(options.images, options.classes, options.groups)
    seconds: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(options.rounds):
        for name, part in parts.items():
            began = process_time()
            part()
            seconds[name].append(process_time() - began)
    print(table(seconds, "seconds of the processor", "costs, for comparison"))


if __name__ == "__main__":
    main()
