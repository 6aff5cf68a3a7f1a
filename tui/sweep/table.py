"""The values of a sweep as rows: how many seeds have ended, what they came to, what of it is an effect."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec.structs import replace

from engine.contract.sweeps import Number, SweepConfig, SweepResult
from engine.verdicts.sweep import Comparison, Summary, compared, comparisons, summaries
from engine.verdicts.sweep_sentence import kind_of, point_words
from tui.drawing.numbers import MINUS
from tui.sweep.state import Place, SweepState

LETTERS = "abcdefghijklmnopqrstuvwxyz"  # which line of the chart is which row of the table
_EFFECTS = {
    "": "reference",
    "slower": "higher, slower",
    "within": "within 1 %",
    "within-lower": "lower < 1 %",
    "within-higher": "higher < 1 %",
}


def summary_table(config: SweepConfig, results: Sequence[SweepResult]) -> tuple[list[str], list[list[str]]]:
    """Header and rows: a row a value with the means over the seeds, and the difference from the reference.

    A value of which not all seeds have ended has no difference and no effect yet.
    """
    found = comparisons(config, results)
    header = [name.replace("_", " ") for name in config.parameters]
    header += ["seeds", "train", "validation", "difference", "effect", "accuracy"]
    return header, [_row(config, one, found.get(one.values)) for one in summaries(config, results)]


def difference_words(one: Comparison | None) -> str:
    """The mean difference of the validation losses with half of its interval, "-" where there is none."""
    if one is None or one.reference or math.isnan(one.difference.mean):
        return "-"
    said, half = _signed(one.difference.mean), one.difference.half_width
    return f"{said} ± {loss_words(half)}" if math.isfinite(half) else said


def effect_words(one: Comparison | None) -> str:
    """What a value does, compared with the reference; "" where that is not known yet."""
    if one is None:
        return ""
    kind = kind_of(one)
    if kind == "diverged":
        return f"{one.diverged} diverged"
    return _EFFECTS.get(kind, kind) + (", noisy" if one.noisier else "")


def live_results(sweep: SweepState) -> tuple[SweepResult, ...]:
    """The results, and for what is still under way the figures of its last epoch as if it ended there.

    Once the sweep is no longer going on those are "stopped": single figures, which make no mean.
    """
    return tuple(
        result for place in sweep.places if (result := _so_far(sweep, place)) is not None and sweep.config is not None
    )


def live_summaries(sweep: SweepState) -> tuple[Summary, ...]:
    """Of the figures so far while the sweep goes on; after that of values all of whose seeds have ended."""
    if sweep.config is None:
        return ()
    results = live_results(sweep)
    return summaries(sweep.config, results if sweep.status == "running" else compared(sweep.config, results))


def live_comparisons(sweep: SweepState) -> dict[tuple[Number, ...], Comparison]:
    """Each value beside the reference; none while a sweep goes on whose default, the reference to be, has not ended."""
    if sweep.config is None:
        return {}
    found = comparisons(sweep.config, sweep.results)
    default = sweep.config.default
    waits = sweep.status == "running" and default in sweep.config.points and default not in found
    return {} if waits else found


def live_table(sweep: SweepState) -> tuple[list[str], list[list[str]]]:
    """Header and rows, a row a value from the beginning on, with what is known of it so far."""
    config = sweep.config
    if config is None:
        return [], []
    known = {one.values: one for one in live_summaries(sweep)}
    found = live_comparisons(sweep)
    header = ["", *(name.replace("_", " ") for name in config.parameters)]
    header += ["seeds", "train", "validation", "difference", "effect", "accuracy"]
    return header, [
        _live_row(sweep, number, point, known.get(point) or _kept(sweep, point), found.get(point))
        for number, point in enumerate(config.points)
    ]


def run_of(sweep: SweepState, point: tuple[Number, ...]) -> str:
    """The run that stands for a value: the best of those that ended, else one that has told an epoch; "" for none."""
    members = [member for (values, _), member in sweep.members.items() if values == point]
    ended = [member.result for member in members if member.result is not None and member.result.status == "finished"]
    if ended:
        return min(ended, key=lambda result: (not math.isfinite(result.validation_loss), result.validation_loss)).run_id
    return next((member.run_id for member in members if member.epochs or member.status == "diverged"), "")


def letter(number: int) -> str:
    """The letter that stands for the value of that number, around the end."""
    return LETTERS[number % len(LETTERS)]


def loss_words(value: float) -> str:
    """Four decimals; "-" where there is no figure."""
    if math.isnan(value):
        return "-"
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.3f}" if abs(value) < 1e5 else f"{value:.3g}"


def _row(config: SweepConfig, one: Summary, found: Comparison | None) -> list[str]:
    return [
        *point_words(config, one.values),
        str(one.seeds),
        loss_words(one.train_loss),
        loss_words(one.validation_loss),
        difference_words(found),
        f"{one.diverged} diverged" if one.diverged else effect_words(found) or "-",
        f"{one.validation_accuracy:.1%}" if one.seeds else "-",
    ]


def _live_row(
    sweep: SweepState, number: int, point: tuple[Number, ...], known: Summary | None, found: Comparison | None
) -> list[str]:
    assert sweep.config is not None
    members = [member for (values, _), member in sweep.members.items() if values == point]
    ended = sum(member.result is not None for member in members)
    diverged = sum("diverged" in (member.status, member.result and member.result.status) for member in members)
    said = effect_words(found)
    if diverged:
        said = f"!{diverged} diverged"
    elif ended < sweep.config.seeds:
        epochs = max((len(member.epochs) for member in members), default=0)
        goes_on = sweep.status == "running"
        said = f"epoch {epochs}" if members else "waits" if goes_on else "not begun"
        if members and not goes_on:
            said = f"mean of {ended} seed{'s' if ended > 1 else ''}" if ended else f"stopped, epoch {epochs}"
    return [
        letter(number),
        *point_words(sweep.config, point),
        f"{ended}/{sweep.config.seeds}",
        *(loss_words(figure) for figure in ((known.train_loss, known.validation_loss) if known else (math.nan,) * 2)),
        difference_words(found),
        said,
        f"{known.validation_accuracy:.1%}" if known and known.seeds else "-",
    ]


def _kept(sweep: SweepState, point: tuple[Number, ...]) -> Summary | None:
    """What is known of a value after a stop: the seeds that have ended, else the last epochs of those under way.

    It is shown, and compared with nothing: other seeds, or other epochs, would have other losses.
    """
    assert sweep.config is not None
    here = [one for one in live_results(sweep) if one.values == point]
    ended = [one for one in here if one.status == "finished"]
    told = ended or [replace(one, status="finished") for one in here if one.status == "stopped"]
    return next(iter(summaries(sweep.config, told)), None)


def _signed(difference: float) -> str:
    return f"{MINUS if difference < 0 else '+'}{loss_words(abs(difference))}"


def _so_far(sweep: SweepState, place: Place) -> SweepResult | None:
    member, config = sweep.members.get(place), sweep.config
    if member is None or config is None:
        return None
    if member.result is not None or (not member.epochs and member.status != "diverged"):
        return member.result
    (point, seed), last = place, member.epochs[-1] if member.epochs else None
    diverged = member.status == "diverged" or last is None
    return SweepResult(
        parameter=config.parameter,
        value=point[0],
        second_parameter=config.second_parameter,
        second_value=point[1] if config.second_parameter else None,
        seed=seed,
        status="diverged" if diverged else "finished" if sweep.status == "running" else "stopped",
        train_loss=math.nan if diverged or last is None else last.train_loss,
        validation_loss=math.nan if diverged or last is None else last.validation_loss,
        validation_accuracy=math.nan if diverged or last is None else last.validation_accuracy,
        run_id=member.run_id,
    )
