"""What is said of a sweep: the settings in a line, what is to be seen, what to try next, how far it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from engine.contract.sweeps import DEFAULT_EPOCHS, DEFAULT_SEEDS, DEFAULT_VALUES, QUESTIONS, SweepConfig
from engine.verdicts.sweep import interval_width, summaries
from engine.verdicts.sweep_sentence import point_named
from tui.drawing.plain import plain
from tui.drawing.progress import bar, clock, silent_line
from tui.drawing.spans import Line, Run
from tui.drawing.wrapping import at_both_ends
from tui.sweep.form import BRIEF_EPOCHS, NO_SECOND
from tui.sweep.sketch import Sketch, judgement
from tui.sweep.state import SweepState
from tui.sweep.table import live_comparisons, live_summaries, loss_words

Phase = Literal["idle", "queued", "loading", "running"]


def form_line(texts: Mapping[str, str], faults: int, opened: bool, width: int) -> Line:
    """The sweep that would start next, in one line."""
    grid = f" and {texts['second']} {texts['second_values']}" if texts["second"] != NO_SECOND else ""
    said = f"next: {texts['parameter']} {texts['values']}{grid}"
    tail = f" · seeds {texts['seeds']} · epochs {texts['epochs']}"
    if "batch-size" in (texts["parameter"], texts["second"]):
        tail += f" · {texts['question']}"
    wrong = f"{faults} wrong  " if faults else ""
    right = f"{wrong}h {'charts' if opened else 'form'}"
    room = width - len(right) - 4
    left = plain(said, max(8, room - len(tail))) + tail
    return at_both_ends(left, "wrong" if faults else "text", right, width)


def sweep_line(sweep: SweepState, width: int, looked_back: bool) -> Line:
    """Which sweep is looked at."""
    config = sweep.config
    if config is None:
        return (Run(" no sweep yet", "muted"),)
    names = " and ".join(name.replace("_", " ") for name in config.parameters)
    data = plain(sweep.dataset.name, 24) if sweep.dataset is not None else ""
    before = "earlier: " if looked_back else ""
    said = f"{before}{plain(sweep.sweep_id)} {names}, {_asked(config)} · {config.base.epochs} epochs · {data}"
    ranks = f", {sweep.ranks} ranks" if sweep.ranks > 1 else ""
    return at_both_ends(f"{said} · {plain(sweep.device)}{ranks}", "title", "", width)


def sentence(sweep: SweepState, phase: Phase, sketch: Sketch | None, planned: SweepConfig | None) -> str:
    """What is to be seen: the sketch's fate first, then the verdict, or the figures while it runs.

    `planned` is the sweep of the form; None where something is wrong in it.
    """
    if sketch is not None and sketch.open:
        return (
            "Where will the validation loss of each value end? up and down move the mark; left and right change the "
            "value. The measured losses stay hidden."
        )
    config = sweep.config
    if config is None:
        if phase != "idle":
            return "The curves appear here during training."
        return (
            "Each value is compared with the default, seed by seed. A difference counts as an effect only if it is "
            f"larger than the differences between seeds. {what_seeds_tell(planned)}"
        )
    judged = judgement(sketch, sweep.results) if sketch is not None and sweep.status != "running" else ""
    if sweep.finished is not None and sweep.status in ("finished", "stopped", "interrupted"):
        said = sweep.finished.verdict or sweep.verdict
        before = "" if sweep.status == "finished" else f"{sweep.status.capitalize()}: {_ended(sweep)}. "
        return " ".join(part for part in (judged, before + said, _what_is_left_out(sweep)) if part)
    if sweep.status == "failed":
        reason = sweep.finished.reason if sweep.finished is not None else ""
        return f"Failed: {plain(reason)}. {_ended(sweep)}; their results are kept."
    return _so_far(sweep)


def _what_is_left_out(sweep: SweepState) -> str:
    """Of the book's batch sizes in few epochs, where it is known what more of them change; else ""."""
    config, dataset = sweep.config, sweep.dataset
    assert config is not None
    brief = (config.base.epochs, config.question, config.seeds) == (BRIEF_EPOCHS, "images", DEFAULT_SEEDS)
    if not brief or config.parameter != "batch_size" or config.values != DEFAULT_VALUES["batch_size"]:
        return ""
    if dataset is None or dataset.name != "fashion-mnist" or sweep.status != "finished":
        return ""
    return (
        f"Epochs {BRIEF_EPOCHS + 1} to {DEFAULT_EPOCHS} are left out because they take three times as long. "
        f"After epoch {DEFAULT_EPOCHS} the same sizes differ, and also the sizes 4 and 8."
    )


def what_seeds_tell(planned: SweepConfig | None) -> str:
    """How narrow the intervals of a planned sweep are, and what more or fewer seeds would give; "" for no plan."""
    if planned is None:
        return ""
    seeds, values = planned.seeds, len(planned.points)
    if seeds == 1:
        return f"One seed cannot separate an effect from chance; {DEFAULT_SEEDS} seeds can."
    others = ", ".join(f"{other}: ± {interval_width(other, values):.1f}" for other in (3, 5, 10) if other != seeds)
    return f"Intervals of {seeds} seeds are ± {interval_width(seeds, values):.1f} standard deviations ({others})."


def progress_line(
    sweep: SweepState,
    phase: Phase,
    width: int,
    *,
    share: float,
    seconds_left: float | None,
    runs: int | None,
    loading: str,
    silence: str = "",
) -> Line:
    """How far it is and how long it takes. `runs` and `seconds_left` are of the next sweep while none is going on.

    None of it is known in a `silence`, whose words take its place.
    """
    if silence:
        return silent_line(silence, width, f"run {len(sweep.results)} of {sweep.runs}" if phase == "running" else "")
    if phase == "queued":
        return at_both_ends("… starts when the engine is ready", "accent", "space cancels", width)
    if phase == "loading":
        return at_both_ends(f"… {loading or 'loading the data'}", "accent", "space stops", width)
    about = f"about {clock(seconds_left)}" if seconds_left is not None else ""
    if phase == "running":
        start = f"▶ {len(sweep.results)} of {sweep.runs} runs "
        end = f" {about} left" if about else ""
        room = max(5, min(width - len(start) - len(end) - 20, width // 2))
        return at_both_ends(start + bar(share, room) + f" {share:.0%}", "accent", end.strip(), width)
    start = f"space starts {runs} run{'s' if runs != 1 else ''}, {about}" if runs else "a setting is wrong"
    if sweep.finished is None:
        return at_both_ends(start, "accent" if runs else "wrong", "", width)
    took = f" in {sweep.finished.seconds:.3g} s of training" if sweep.finished.seconds else ""
    return at_both_ends(f"■ {sweep.status}, {_ended(sweep)}{took}", "text", start, width)


def _asked(config: SweepConfig) -> str:
    """Seeds, and the question where there is one to choose."""
    seeds = f"{config.seeds} seed{'s' if config.seeds > 1 else ''}"
    return f"{seeds}, {QUESTIONS[config.question]}" if "batch_size" in config.parameters else seeds


def _ended(sweep: SweepState) -> str:
    broken = sum(result.status == "diverged" for result in sweep.results)
    said = f"{len(sweep.results)} of {sweep.runs} runs have ended"
    return f"{said}, {broken} of them diverged" if broken else said


def _so_far(sweep: SweepState) -> str:
    """Live figures: no verdict before the end."""
    assert sweep.config is not None
    known = [one for one in summaries(sweep.config, sweep.results) if one.seeds]
    if not known:
        return _leading(sweep)
    best = min(known, key=lambda one: one.validation_loss)
    lowest = f"{loss_words(best.validation_loss)}, at {point_named(sweep.config, best.values)}"
    said = f"So far the lowest validation loss is {lowest}."
    others = [one for one in live_comparisons(sweep).values() if not one.reference]
    if others:
        differ = sum(one.difference.effect in ("lower", "higher") for one in others)
        said += f" {differ} of {len(others)} other values differ from the reference."
    return f"{said} {_ended(sweep)}."


def _leading(sweep: SweepState) -> str:
    """While no run has ended."""
    assert sweep.config is not None
    epochs = [member.epochs[-1].epoch for member in sweep.members.values() if member.epochs]
    if not epochs:
        return "The first epoch is running."
    begun = [one for one in live_summaries(sweep) if one.seeds]
    if len(begun) == 1:
        only = begun[0]
        return (
            f"After {_epochs(min(epochs))} {point_named(sweep.config, only.values)} has a mean validation loss of "
            f"{loss_words(only.validation_loss)}. The other values follow."
        )
    best = min(
        begun,
        key=lambda one: one.validation_loss if math.isfinite(one.validation_loss) else math.inf,
    )
    return (
        f"After {_epochs(min(epochs))} {point_named(sweep.config, best.values)} has the "
        f"lowest mean validation loss, {loss_words(best.validation_loss)}. No run has ended yet."
    )


def _epochs(number: int) -> str:
    return f"{number} epoch{'s' if number > 1 else ''}"
