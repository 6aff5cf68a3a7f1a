"""The lines under the charts of a run: figures, progress, the settings in short, the earlier runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from engine.contract.answers import RunSummary
from engine.contract.progress import Progress
from engine.contract.run_state import RunState
from engine.verdicts.figures import loss_figure
from tui.drawing.edits import Edit, next_words
from tui.drawing.plain import padded, plain
from tui.drawing.progress import amount_words, bar, clock, silent_line
from tui.drawing.run_list import Group, Offer, Row
from tui.drawing.run_names import short_name
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import at_both_ends
from tui.train.charts import OVERLAY_MARKS, OVERLAY_ROLES

_LEVELS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[float], most: int) -> str:
    """The last `most` values as one character each, between their least and greatest; a gap where not finite."""
    values = values[-most:] if most > 0 else ()
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(finite) / 2, max(finite) / 2  # halves: their difference is a float, however far they are apart
    top = len(_LEVELS) - 1
    return "".join(
        _LEVELS[round((value / 2 - low) / (high - low) * top) if high > low else top // 2]
        if math.isfinite(value)
        else " "
        for value in values
    )


def figures_line(run: RunState, width: int) -> Line:
    """Losses, accuracy with its course, and where it was computed."""
    if run.status is None:
        return (Run(" ", "text"),)
    runs: list[Run] = [Run(" ", "text")]
    if run.epochs:
        last = run.epochs[-1]
        runs += [
            *_figure("train", loss_figure(last.train_loss), "train"),
            *_figure("validation", loss_figure(last.validation_loss), "validation"),
            *_figure("accuracy", f"{last.validation_accuracy:.1%}", "validation"),
        ]
        # The device stands whole or not at all: the line above the charts has it too.
        room = max(min(5, width - 70), width - 68 - len(run.device))
        course = sparkline([epoch.validation_accuracy for epoch in run.epochs], room)
        runs.append(Run(course + "  ", "validation"))
    if run.losses:
        runs += _figure("minibatch", loss_figure(run.losses[-1].last), "muted")
    used = sum(len(run.text) for run in runs)
    room = max(0, width - used - 1)
    device = plain(run.device)
    return (*runs, Run((device if len(device) <= room else "").rjust(room), "muted"))


def _figure(label: str, value: str, role: str) -> tuple[Run, Run]:
    return Run(f"{label} ", "muted"), Run(f"{value}  ", role)


def progress_line(
    run: RunState,
    phase: str,
    width: int,
    *,
    pace: str,
    images_per_second: float | None = None,
    seconds_left: float | None = None,
    progress: Progress | None = None,
    waiting_for: str = "",
    silence: str = "",
) -> Line:
    """What goes on, how far it is, how long it takes and how fast it goes, in one line of `width` cells.

    None of it is known in a `silence`, whose words take its place.
    """
    if silence:
        return silent_line(silence, width, f"epoch {_epoch(run)}/{run.config.epochs}" if phase != "idle" else "")
    if phase == "queued":
        said = "starts when the engine is ready" + (f" ({waiting_for})" if waiting_for else "")
        return at_both_ends("… " + said, "accent", "space cancels", width)
    if phase == "loading":
        return _loading(progress, pace, width)
    if phase in ("running", "paused"):
        return _under_way(run, phase == "paused", width, pace, images_per_second, seconds_left)
    if run.finished is None:
        return at_both_ends("space trains", "accent", pace, width)
    said = f"{run.status} in epoch {_epoch(run)} of {run.config.epochs}"
    if run.status == "finished":
        said = f"finished, {len(run.epochs)} epochs"
    if run.finished.seconds:
        said += f", {run.finished.seconds:.2g} s of computing, {run.finished.images_per_second:,.0f} img/s"
    return at_both_ends("■ " + said, "text", pace, width)


def _loading(progress: Progress | None, pace: str, width: int) -> Line:
    if progress is None:
        return at_both_ends("… loading the data", "accent", pace, width)
    said = f"… {progress.stage} {plain(progress.subject, 24)} "
    amount = f" {amount_words(progress)} "
    if progress.total is None:
        return at_both_ends(f"{said.rstrip()}{amount}", "accent", pace, width)
    room = max(5, width - cell_len(said) - len(amount) - 2)
    return at_both_ends(said + bar(progress.done / (progress.total or 1), room) + amount, "accent", "", width)


def _under_way(
    run: RunState, held: bool, width: int, pace: str, images_per_second: float | None, seconds_left: float | None
) -> Line:
    done, size = run.position % (run.minibatches_per_epoch or 1), run.minibatches_per_epoch
    minibatch = f", minibatch {done} of {size}" if held and done else ""
    start = f"{'= paused at' if held else '▶'} epoch {_epoch(run)}/{run.config.epochs}{minibatch} "
    end = pace
    if not held:
        speed = f"{images_per_second:,.0f} img/s   " if images_per_second else ""
        eta = f"eta {clock(seconds_left)}   " if seconds_left is not None else ""
        end = eta + speed + pace
    room = max(5, min(width - len(start) - len(end) - 5, width // 2))
    return at_both_ends(start + bar(run.progress, room), "accent", end, width)


def _epoch(run: RunState) -> int:
    return min(run.config.epochs, int(run.epoch_fraction) + 1)


def summary_line(texts: Mapping[str, str], edits: Sequence[Edit], wrong: int, opened: bool, width: int) -> Line:
    """The settings of the run in front in one line, and what the next run will have instead; before any run, its own.

    What is the next run's stands whole as long as it leaves half of the line.
    """
    loss = texts["loss"] if texts["loss"] != "auto" else ""
    said = [
        f"rate {texts['learning_rate']}",
        f"batch {texts['batch_size']}",
        f"epochs {texts['epochs']}",
        texts["softmax"],
        loss,
        f"seed {texts['seed']}",
        texts["dataset"] if texts["dataset"] != "auto" else "",
    ]
    right = f"{f'{wrong} wrong  ' if wrong else ''}h {'charts' if opened else 'form'}"
    room = width - 2 - len(right) - 2
    following = next_words(edits, max(room // 2, 8))
    left = plain("  ".join(part for part in said if part), max(0, room - cell_len(following) - 2 * bool(edits)))
    space = max(2, width - 2 - cell_len(left) - 2 * bool(edits) - cell_len(following) - len(right))
    shown = (Run(f" {left}", "text"), Run(f"  {following}" if edits else "", "accent"))
    return *shown, Run(" " * space + right, "wrong" if wrong else "muted")


def earlier_lines(rows: Sequence[Row], marked: Sequence[str], width: int, height: int) -> list[Line]:
    """Earlier runs with their validation loss; those laid over the chart carry their mark."""
    if not rows or height < 2:
        return []
    lines: list[Line] = [(Run(padded("earlier runs (o overlays)", width), "muted"),)]
    for row in rows[: height - 1]:
        assert not isinstance(row, Offer)
        run = row.best if isinstance(row, Group) else row
        mark, role = " ", "muted"
        if run is row and run.run_id in marked:
            index = marked.index(run.run_id)
            mark, role = OVERLAY_MARKS[index], OVERLAY_ROLES[index]
        figure = "" if run is None else _outcome(run)
        room = max(0, width - 3 - len(figure))
        name = f"{row.name}: {row.total} runs" if isinstance(row, Group) else short_name(row.name or row.run_id, room)
        lines.append((Run(f"{mark} ", role), Run(f"{padded(name, room)} {figure}", "text")))
    return lines


def _outcome(run: RunSummary) -> str:
    return loss_figure(run.validation_loss) if math.isfinite(run.validation_loss) else run.status
