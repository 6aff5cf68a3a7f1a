"""How far something is: a bar, a clock, an amount, and the line where nothing is heard of it."""

from __future__ import annotations

from engine.contract.progress import Progress
from tui.drawing.plain import plain
from tui.drawing.spans import Line
from tui.drawing.wrapping import at_both_ends


def silent_line(silence: str, width: int, last_seen: str) -> Line:
    """That the engine is not heard from, and how far it was when it last was."""
    return at_both_ends(f"! {silence}", "wrong", f"last seen in {last_seen}" if last_seen else "", width)


def bar(share: float, width: int) -> str:
    """A bar of `width` cells, of which a share between 0 and 1 is filled."""
    done = round(min(1.0, max(0.0, share)) * width)
    return "█" * done + "░" * (width - done)


def clock(seconds: float) -> str:
    """`0:04`, `1:02:03`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def progress_words(progress: Progress) -> str:
    """ "downloading fashion-mnist 12 of 31 MB"."""
    what = f"{progress.stage} {plain(progress.subject)}"
    return f"{what}…" if progress.total is None and not progress.done else f"{what} {amount_words(progress)}"


def amount_words(progress: Progress) -> str:
    """ "12 of 31 MB", "12 MB" where it is not known of how much."""
    scale, unit = (1e6, "MB") if progress.unit == "bytes" else (1, progress.unit)
    of = f" of {progress.total / scale:,.0f}" if progress.total is not None else ""
    return f"{progress.done / scale:,.0f}{of} {unit}".rstrip()
