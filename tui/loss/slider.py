"""p on its way from 1 to 0: the slider, −log p and its gradients, and what clipping leaves of them."""

from __future__ import annotations

import math

from engine.labs.loss.curve import LossAt, loss_at
from tui.drawing.chart_spec import ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.numbers import with_minus
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table

STOPS = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, *(float(f"1e-{power}") for power in range(3, 46)), 0.0)
EPSILONS = tuple(float(f"1e-{power}") for power in range(1, 46))
_ZERO_AT = 48.0  # where 0 stands on the axis of −log10 p, a little beyond float32's last number


def epsilon_after(epsilon: float, step: int) -> float:
    """The next power of ten up or down to clip at, within 0.1 and 1e-45."""
    if step > 0:
        return min((one for one in EPSILONS if one > epsilon * 1.001), default=EPSILONS[0])
    return max((one for one in EPSILONS if one < epsilon * 0.999), default=EPSILONS[-1])


def stop_at(x: int, width: int) -> int:
    """The stop that a press at cell `x` of the track means."""
    start, length = _track(width)
    share = min(1.0, max(0.0, (x - start) / max(1, length - 1)))
    return min(range(len(STOPS)), key=lambda index: abs(_share(STOPS[index]) - share))


def track_line(probability: float, epsilon: float, width: int) -> Line:
    """The slider, with a mark where clipping begins."""
    start, length = _track(width)
    cells = ["─"] * length
    cells[round(_share(epsilon) * (length - 1))] = "┊"
    here = round(_share(probability) * (length - 1))
    before, after = "".join(cells[:here]), "".join(cells[here + 1 :])
    return Run(f"{'1 ':>{start}}", "muted"), Run(before, "axis"), Run("●", "accent"), Run(f"{after} 0", "axis")


def slider_lines(probability: float, epsilon: float, width: int) -> list[Line]:
    """p, the slider, and the table of loss and gradients, with and without clipping."""
    at = loss_at(probability, epsilon)
    rows = (
        ("−log p", _figure(at.value), _figure(at.gradient), _figure(at.logit_gradient)),
        ("clipped", _figure(at.clipped_value), _figure(at.clipped_gradient), _figure(at.clipped_logit_gradient)),
    )
    head, own, clipped = table(("", "loss", "d loss / d p", "d loss / d logit"), rows, gap="    ")
    dead = probability < epsilon
    return [
        (
            Run(f" p = {_figure(probability)}", "title"),
            Run(f"  {_in_float32(probability)}   ┊ clipping begins at {epsilon:g}", "muted"),
        ),
        track_line(probability, epsilon, width),
        (Run(f" {head}", "muted"),),
        (Run(f" {own}", "line-1"),),
        (Run(f" {clipped}", "line-3"), Run("   ! nothing is learned" if dead else "", "wrong")),
    ]


def slider_chart(probability: float, epsilon: float, gradient: bool) -> ChartSpec:
    """The loss, or d loss / d logit, against p on a logarithmic axis, with and without clipping."""
    stops = [stop for stop in STOPS if stop > 0]
    curve = sorted({*stops, epsilon, epsilon * (1 - 1e-9)}, reverse=True)

    def value(at: LossAt, clipped: bool) -> float:
        if gradient:
            return at.clipped_logit_gradient if clipped else at.logit_gradient
        return at.clipped_value if clipped else at.value

    lines = [
        Series(name, points((_place(p), value(loss_at(p, epsilon), clipped)) for p in curve), role=role, mark=mark)
        for name, clipped, role, mark in (("−log p", False, "line-1", "l"), ("clipped", True, "line-3", "c"))
    ]
    here = loss_at(probability, epsilon)
    marks = [  # as lines of one point: the signs of lines are set last, so that no letter stands over them
        Series(label, points([(_place(probability), value(here, clipped))]), role="accent", mark="●")
        for label, clipped in (("here", False), ("", True))
    ]
    return ChartSpec(
        (*lines, *marks),
        x_label="p",
        y_label="d loss / d logit" if gradient else "loss",
        x_range=(0.0, _ZERO_AT + 1),
        y_range=(-1.1, 0.1) if gradient else (0.0, 110.0),
        x_ticks=((0.0, "1"), *((float(power), f"1e−{power}") for power in (10, 20, 30, 40)), (_ZERO_AT, "0")),
    )


def beyond(probability: float) -> str:
    """What happens at p = 0 itself; "" elsewhere."""
    if probability > 0:
        return ""
    return (
        "At p = 0 the chain rule through the softmax multiplies −inf by 0: nan. from-logits never computes log p: "
        "its gradient is p − 1 = −1."
    )


def _in_float32(probability: float) -> str:
    if probability == 0:
        return "no logarithm"
    return "a subnormal of float32" if probability < 2**-126 else ""


def _place(probability: float) -> float:
    return -math.log10(probability) if probability > 0 else _ZERO_AT


def _share(probability: float) -> float:
    return min(1.0, _place(probability) / _ZERO_AT)


def _track(width: int) -> tuple[int, int]:
    return 3, max(8, width - 7)


def _figure(value: float) -> str:
    return with_minus(f"{value + 0.0:.4g}")
