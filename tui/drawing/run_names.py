"""The name of a run in few cells: what tells it from its neighbours stays."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from engine.contract.stored_runs import IN_A_COMPARISON, IN_A_SWEEP
from tui.drawing.plain import plain
from tui.drawing.run_settings import SHORTER


def short_name(name: str, width: int) -> str:
    """The name in `width` cells: of a run of a sweep without what its neighbours share, else without its middle."""
    shown = ""
    for form in _forms(name):
        shown = plain(form)
        if cell_len(shown) <= width:
            return shown
    return _without_middle(shown, width)


def _forms(name: str) -> Iterator[str]:
    """The name, then what can stand for it, ever shorter; each has what is one run's alone: values and seed."""
    yield name
    of_a_comparison = IN_A_COMPARISON.fullmatch(name)
    if of_a_comparison is not None:
        yield f"{of_a_comparison[2]}/{of_a_comparison[3]}"
        yield of_a_comparison[3]
    of_a_sweep = IN_A_SWEEP.fullmatch(name)
    if of_a_sweep is not None:
        sweep, point, seed = of_a_sweep.groups()
        words = [SHORTER.get(word, word) for word in point.split(" ")]
        yield f"{sweep} {' '.join(words)} seed {seed}"
        yield f"{sweep} {' '.join(words[1::2])} seed {seed}"  # the settings are the same for all of them
        yield f"{sweep} {' '.join(words[1::2])}/{seed}"


def _without_middle(text: str, width: int) -> str:
    if width <= 1:
        return "…"[: max(0, width)]
    start = end = ""
    while cell_len(start + end) < width:
        before = start, end
        start, end = (text[: len(start) + 1], end) if len(start) <= len(end) else (start, text[-len(end) - 1 :])
    start, end = before
    return start + "…" + end
