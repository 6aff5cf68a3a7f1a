"""The figures of Decide as lines: counts and rates of a threshold, what costs come to, whether to trust."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from engine.contract.cost_matrix import CostMatrix, cheapest_threshold
from engine.contract.decisions import Abstention, CostsView, Flip, Interval, ThresholdView, TrustView
from engine.verdicts.decision import odds
from engine.verdicts.naming import class_said
from tui.drawing.confusions import name_of, pair_words
from tui.drawing.plain import padded, plain
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table

_LABEL = 20  # cells of the positive class's name
_CHEAPER = "cheaper"  # of the flips, those that lower the cost
_SIDE = 76  # columns: from here on two tables stand beside each other

Rows = Sequence[tuple[str, ...]]


def counts_lines(view: ThresholdView, width: int) -> list[Line]:
    """The 2×2 table, here and in 1,000 people where another share is ill."""
    shift, label = view.shift, plain(class_said(view.positive_label, view.positive), _LABEL)
    rows = [
        (label, view.true_positive, view.false_negative, shift.true_positive, shift.false_negative),
        ("others", view.false_positive, view.true_negative, shift.false_positive, shift.true_negative),
    ]
    there = "in 1,000 people: alarm" if width >= _SIDE else "in 1,000: alarm"
    header = ("truly", "here: alarm", "no alarm", there, "no alarm")
    return _lines(header, [(name, f"{a:,}", f"{b:,}", _people(c), _people(d)) for name, a, b, c, d in rows])


def rates_lines(view: ThresholdView, width: int) -> list[Line]:
    """Each rate with its 95 % interval, in two columns where there is room."""
    shift = view.shift
    left = [
        ("sensitivity", figure(view.sensitivity), interval(view.sensitivity_interval)),
        ("specificity", figure(view.specificity), interval(view.specificity_interval)),
        ("AUC", figure(view.auc), interval(view.auc_interval)),
    ]
    right = [
        ("precision here", figure(view.precision), interval(view.precision_interval)),
        (
            f"precision at {odds(shift.prevalence)}",
            figure(shift.positive_predictive_value),
            interval(shift.positive_predictive_interval),
        ),
        ("average precision", figure(view.average_precision), ""),
    ]
    if width < _SIDE:
        return _lines(left[0], [*left[1:], *right], header_role="text")
    both = [(*one, *other) for one, other in zip(left, right, strict=True)]
    texts = [_beside(row) for row in _columns(both)]
    return [(Run(f" {text}", "text"),) for text in texts]


def costs_lines(view: CostsView, width: int) -> list[Line]:
    """Both ways to decide: the cost per image, of all images, and what the probabilities forecast."""
    images = view.num_examples
    saved = f"{figure(view.saving)} ({interval(view.saving_interval)})"
    rows = [
        ("most likely label", figure(view.argmax_cost), total(view.argmax_cost * images), "", ""),
        (
            "least-cost decision",
            figure(view.least_expected_cost),
            total(view.least_expected_cost * images),
            figure(view.predicted_cost),
            saved,
        ),
    ]
    header = ("decision", "per image", f"all {images:,}", "forecast", "saved per image")
    shown = 5 if width >= _SIDE else 3
    return _lines(header[:shown], [row[:shown] for row in rows])


def title_line(costs: CostMatrix, width: int) -> Line:
    """What the costs are."""
    return (Run(f" {plain(costs.title, width - 2)}", "text"),)


def prices_line(view: ThresholdView, costs: CostsView, width: int, key: str = "") -> Line:
    """What the costs come to at the threshold of `view`; `key` is the one that changes them.

    Only costs that come to one miss and one false alarm have a price at a threshold, and a cheapest threshold.
    """
    matrix = costs.costs
    change = f" ({key})" if key else ""
    cheapest = cheapest_threshold(matrix, view.positive)
    if cheapest != cheapest:
        rest = f"{change}: no single cheapest threshold"
        return (Run(f" {plain(matrix.title, width - 1 - len(rest))}{rest}", "text"),)
    miss, alarm = matrix.prices(view.positive)
    price = (view.false_negative * miss + view.false_positive * alarm) / costs.num_examples
    words = f" a miss costs {miss:g}, a false alarm {alarm:g}{change}"
    there = f"{figure(price)} per image, least at {cheapest:.4g}"
    return (Run(plain(f"{words}   {there}", width), "text"),)


def kinds_of(flips: Sequence[Flip], flipped: int, names: Sequence[str], width: int) -> list[str]:
    """A row for all that flipped, then one for each kind: how many, how many became cheaper, from what to what."""
    digits = max(5, len(f"{flipped:,}"))
    cheaper, words = max(digits, len(_CHEAPER)), max(12, width - digits - len(_CHEAPER) - 6)
    rows = [f"{flipped:>{digits},} {sum(flip.cheaper for flip in flips):>{cheaper},}  all"]
    for flip in flips:
        pair = pair_words(names, flip.most_likely, flip.decision, words)
        rows.append(f"{flip.count:>{digits},} {flip.cheaper:>{cheaper},}  {pair}")
    return rows


def kinds_heading(flipped: int, width: int) -> str:
    """Over the rows of `kinds_of`, as much of it as `width` cells hold."""
    digits = max(5, len(f"{flipped:,}"))
    head, words = f"{'flips':>{digits}} {_CHEAPER:>{digits}}  ", "most likely to cheapest"
    longest_first = (head + words, head + "from to", head.rstrip(), f"{'flips':>{digits}}")
    return next((text for text in longest_first if len(text) <= width), longest_first[-1])


def trust_lines(view: TrustView, width: int) -> list[Line]:
    """Calibration of all and before and after the temperature, and what abstaining comes to."""
    left, right = _calibration(view), _abstention(view.abstention)
    if width < _SIDE:
        return [_text(line, index == 0) for index, line in enumerate((*left, *right))]
    room = max(map(len, left)) + 3
    return [
        _text(f"{one:<{room}}{other}", index == 0) for index, (one, other) in enumerate(zip(left, right, strict=True))
    ]


def _calibration(view: TrustView) -> list[str]:
    """Of all images; of the half that is judged, before and with the temperature, where there is one."""
    every = view.overall
    rows = [
        ("calibration error", every.ece, view.ece, view.ece_after),
        ("  equal-count bins", every.ece_equal_mass, view.ece_equal_mass, view.ece_equal_mass_after),
        ("Brier score", every.brier, view.brier, view.brier_after),
        ("loss", every.loss, view.loss, view.loss_after),
    ]
    header = (f"of {every.size:,} images", "all", "half", f"T={view.temperature:.3g}")
    columns = 4 if view.temperature == view.temperature else 2
    return table(header[:columns], [(name, *map(figure, figures))[:columns] for name, *figures in rows])


def _abstention(view: Abstention) -> list[str]:
    by = [figure(area) for area in (view.area_by_confidence, view.area_by_margin, view.area_by_entropy)]
    return [
        f"refer below a confidence of {view.threshold:.3g}",
        f"decided {view.coverage:.1%}, of them wrong {_share(view.risk)}",
        f"cost per image {figure(view.cost)}, was {figure(view.cost_without)}",
        f"area under the curve {by[0]}",
        f"  by margin {by[1]}, entropy {by[2]}",
    ]


def figure(value: float) -> str:
    """Three decimals and no more than seven cells; a ratio without a denominator is a dash."""
    if value != value:
        return "-"
    size = abs(value)
    if size >= 1e6:
        return f"{value:.2e}".replace("e+0", "e").replace("e+", "e")
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.3f}"


def total(value: float) -> str:
    """A sum of costs."""
    return figure(value) if abs(value) >= 1e6 else f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.1f}"


def interval(of: Interval) -> str:
    """Low and high end; a dash where there is no interval."""
    return "-" if of.low != of.low else f"{figure(of.low)}–{figure(of.high)}"


def class_words(names: Sequence[str]) -> list[str]:
    """The classes' names; with their number where two are called the same."""
    shown = [name_of(names, label) for label in range(len(names))]
    seen: dict[str, int] = {}
    for name in shown:
        seen[name] = seen.get(name, 0) + 1
    return [name if seen[name] == 1 else f"{name} ({label})" for label, name in enumerate(shown)]


def _columns(rows: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Cells of equal width in each column; names to the left, figures to the right."""
    widths = [max(cell_len(plain(row[column])) for row in rows) for column in range(len(rows[0]))]
    return [
        [
            padded(cell, wide, right=place not in (0, 3))
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        for row in rows
    ]


def _beside(cells: Sequence[str]) -> str:
    return "  ".join(cells[:3]) + "   " + "  ".join(cells[3:])


def _lines(header: tuple[str, ...], rows: Rows, header_role: str = "muted") -> list[Line]:
    return [(Run(f" {line}", "text" if index else header_role),) for index, line in enumerate(table(header, rows))]


def _text(line: str, heading: bool) -> Line:
    return (Run(f" {line}", "muted" if heading else "text"),)


def _people(count: float) -> str:
    return "-" if count != count else f"{count:,.2f}" if count < 10 else f"{count:,.1f}"


def _share(share: float) -> str:
    return "-" if share != share else f"{share:.1%}"
