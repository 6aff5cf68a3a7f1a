"""The figures of Monitor as lines: accuracy, confidence and their gap before and after the change."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.monitoring import ChangedImage, MonitorView, Stretch
from engine.verdicts.naming import counted
from tui.decide.lines import interval
from tui.drawing.confusions import name_of
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table

_NAME = 14  # columns
_ROOMY = 76  # columns: from here on the intervals stand in the table


def monitor_lines(view: MonitorView, width: int) -> list[Line]:
    """Before and after the moment, and what the charts rest on, in `width` columns."""
    rows = [_row("before", view.before), _row("after", view.after)]
    header = ("", "images", "accuracy", "95 % interval", "confidence", "gap")
    if width < _ROOMY:
        keep = (0, 1, 2, 4, 5)
        header, *rows = (tuple(row[column] for column in keep) for row in (header, *rows))  # type: ignore[assignment]
    lines = table(header, rows)
    return [(Run(f" {line}", "text" if index else "muted"),) for index, line in enumerate(lines)]


def rests_on(view: MonitorView) -> str:
    """What the figures over time are figures of, and where the alarm lies."""
    images, level = counted(view.windows.size, "image"), 1 / view.alpha
    return f"Curves: last {images}. Reference: first {view.reference:,}. Alarm: martingale {level:.4g}."


def image_titles(image: ChangedImage, names: Sequence[str]) -> tuple[str, str]:
    """Over the pictures: what the model calls the image, how sure it is, and whether it is right."""
    first, then = (
        f"{name_of(names, label, _NAME)} {sure:.0%}, {'right' if label == image.true else 'wrong'}"
        for label, sure in zip(image.predicted, image.confidence, strict=True)
    )
    return f"before: {first}", f"after: {then}"


def _row(name: str, part: Stretch) -> tuple[str, ...]:
    return (
        name,
        f"{part.size:,}",
        _percent(part.accuracy),
        interval(part.accuracy_interval),
        _percent(part.confidence),
        f"{part.gap:+.1%}" if part.gap == part.gap else "-",
    )


def _percent(share: float) -> str:
    return f"{share:.1%}" if share == share else "-"
