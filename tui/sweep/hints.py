"""What to try next in Sweep, by what goes on and what has come of it."""

from __future__ import annotations

from functools import partial

from engine.contract.sweeps import DEFAULT_SEEDS, Number, SweepConfig, swept_setting
from engine.verdicts.sweep import summaries
from tui.drawing.form_text import stepped, written
from tui.drawing.plain import plain
from tui.pane.hints import Offer, Press, Put, registered
from tui.pane.tour import Tour
from tui.sweep.sketch import Sketch
from tui.sweep.state import SweepState
from tui.sweep.words import Phase

_hint = partial(registered, "sweep")
_START, _VIEW = Press("toggle_sweep"), Press("next_view")

REVEAL = _hint(
    "reveal",
    "a sketch is drawn while the sweep goes on",
    "{do} reveals the results. {back} drops the sketch.",
    Press("enter"),
)
SKETCHED = _hint(
    "sketched", "a sketch is drawn before a sweep", "{do} starts the sweep. {back} drops the sketch.", Press("enter")
)
RUNNING = _hint(
    "running",
    "a sweep of one setting goes on",
    "{do} shows another view. {predict} hides the results for a sketch. {toggle_sweep} stops.",
    _VIEW,
)
RUNNING_GRID = _hint(
    "running-grid",
    "a grid goes on",
    "{do} shows another view. Arrows move in the grid. {toggle_sweep} stops.",
    _VIEW,
)
START = _hint(
    "start",
    "no sweep yet",
    "{do} starts the sweep. {predict} predicts first. {next_preset} takes the other exercise.",
    _START,
)
RESUME = _hint(
    "resume",
    "a sweep was stopped or has failed",
    "{do} continues {sweep}. Finished runs stay.",
    Press("resume_sweep"),
)
BATCH_SIZES = _hint(
    "batch-sizes",
    "learning rates were swept, batch sizes are open in the tour",
    "{do}: the same for the book's batch sizes.",
    Press("next_preset"),
    _START,
)
LEARNING_RATES = _hint(
    "learning-rates",
    "batch sizes were swept, learning rates are open in the tour",
    "{do}: the same for the book's learning rates.",
    Press("next_preset"),
    _START,
)
EQUAL_STEPS = _hint(
    "equal-steps",
    "batch sizes were swept at equal images, or with the rate scaled",
    "{do}: the same at equal steps.",
    Put("question", "steps"),
    _START,
)
SCALED_RATE = _hint(
    "scaled-rate",
    "batch sizes were swept at equal steps",
    "{do}: the rate scaled to the batch size.",
    Put("question", "scaled"),
    _START,
)
MORE_SEEDS = _hint(
    "more-seeds",
    "one seed was swept",
    "{do}: one seed cannot separate an effect from chance.",
    Put("seeds", str(DEFAULT_SEEDS)),
    _START,
)
LARGER = _hint(
    "larger",
    "the largest value is the best",
    "{do}: the largest value is the best so far.",
    Put("values", "{values}"),
    _START,
)
SMALLER = _hint(
    "smaller",
    "the smallest value is the best",
    "{do}: the smallest value is the best so far.",
    Put("values", "{values}"),
    _START,
)
OPEN = _hint(
    "open",
    "a value in the middle is the best",
    "{do} opens the row in Mistakes, {open_in_decide} in Decide. {next_preset}: the other exercise.",
    Press("enter"),
)


def next_to_try(sweep: SweepState, phase: Phase, sketch: Sketch | None, tour: Tour | None = None) -> Offer:
    """The hint for the sweep in front."""
    if sketch is not None and sketch.open:
        return (REVEAL if phase != "idle" else SKETCHED).offer()
    config = sweep.config
    if phase in ("running", "loading", "queued"):
        return (RUNNING_GRID if config is not None and config.second_parameter else RUNNING).offer()
    if config is None:
        return START.offer()
    if sweep.status in ("stopped", "interrupted", "failed"):
        return RESUME.offer(sweep=plain(sweep.sweep_id))
    return _in_the_tour(config, tour) or _after(sweep, config)


def _in_the_tour(config: SweepConfig, tour: Tour | None) -> Offer | None:
    """The other half of the exercise, then the next exercise that is open."""
    if tour is None or config.second_parameter:
        return None
    still = tour.open_in("sweep")
    if config.parameter == "learning_rate" and "5b" in still:
        return BATCH_SIZES.offer()
    if config.parameter == "batch_size" and "5a" in still:
        return LEARNING_RATES.offer()
    return tour.onward("sweep")


def _after(sweep: SweepState, config: SweepConfig) -> Offer:
    if config.question == "steps":
        return SCALED_RATE.offer()
    if "batch_size" in config.parameters:
        return EQUAL_STEPS.offer()
    if config.seeds == 1:
        return MORE_SEEDS.offer()
    best = _best(sweep)
    for hint, edge in ((LARGER, max(config.values)), (SMALLER, min(config.values))):
        if best == edge and not config.second_parameter and (values := _beyond(config, best, up=hint is LARGER)):
            return hint.offer(values=values)
    return OPEN.offer()


def _best(sweep: SweepState) -> Number | None:
    assert sweep.config is not None
    known = [(one.validation_loss, one.values[0]) for one in summaries(sweep.config, sweep.results) if one.seeds]
    return min(known)[1] if known else None


def _beyond(config: SweepConfig, best: Number, *, up: bool) -> str:
    """The default, the best value, and two beyond it, as they are typed; "" where the setting ends there."""
    setting, text = swept_setting(config.parameter), written(best)
    further = [text]
    for _ in range(2):
        text = stepped(setting, text, up)
        further += [text] if text not in further else []
    default = written(config.default[0])
    return " ".join(dict.fromkeys([default, *further])) if len(further) > 1 else ""
