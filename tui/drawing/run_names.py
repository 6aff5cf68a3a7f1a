"""The name of a run in few cells, where what tells it from its neighbours stays, and the settings that are its own."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.pairs import resolve_pair
from engine.contract.settings import settings_of, value_text
from engine.contract.stored_runs import IN_A_COMPARISON, IN_A_SWEEP
from tui.drawing.plain import plain

SHORTER = {"learning-rate": "rate", "batch-size": "batch", "weight-decay": "decay", "label-smoothing": "smoothing"}
_DECIDED = ("dataset", "device", "loss", "gradient")  # what a run decides itself where nothing is chosen


def changed_settings(config: TrainConfig) -> list[tuple[str, str]]:
    """Those settings by their flags, each with its value; what a run decides itself is left out."""
    return [
        (setting.flag, value_text(value))
        for setting in settings_of(TrainConfig)
        if (value := getattr(config, setting.name)) != setting.default
        and (setting.name not in _DECIDED or _was_chosen(config, setting.name))
    ]


def settings_words(config: TrainConfig) -> str:
    """The same in few cells, "rate 0.5  batch 64"; "" for the defaults."""
    flags = [(flag.removeprefix("--"), value) for flag, value in changed_settings(config)]
    return "  ".join(f"{SHORTER.get(name, name)} {value}" for name, value in flags)


def _was_chosen(config: TrainConfig, name: str) -> bool:
    """Whether a loss or gradient differs from what `auto` would have become."""
    if name not in ("loss", "gradient"):
        return False
    loss = "auto" if name == "loss" else config.loss
    try:
        pair = resolve_pair(config.softmax, loss, "auto", config.label_smoothing)
    except InputError:  # a stored pair that no run could begin with
        return True
    return bool(getattr(pair, name) != getattr(config, name))


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
