"""The next thing to try: it depends on what has just happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState
from engine.contract.settings import settings_of
from engine.verdicts.run_cause import Cause, cause_of
from tui.drawing.edits import Edit, labels_of
from tui.drawing.form_text import written
from tui.drawing.plain import plain
from tui.pane.hints import Offer, Press, Put, registered
from tui.pane.tour import Tour
from tui.train.form import TrainFormText

# What decides how far the loss falls: with another value of one of these nothing is promised.
_OUTCOME = tuple(
    setting.name
    for setting in settings_of(TrainConfig)
    if setting.name not in ("seed", "device", "threads", "dtype", "patience", "stop_on_nan", "gradient")
)

_hint = partial(registered, "train")
_START, _RESUME = Press("toggle_run"), Press("resume_run")
_RATE, _EPOCHS = Put("learning_rate", "{rate}"), Put("epochs", "{epochs}")
_MISTAKES = Press("show_pane('mistakes')")

START = _hint(
    "start",
    "no run, and the settings are the book's",
    "{do} trains. {when} loss should fall from 2.3 to below 0.5.",
    _START,
)
START_RATE = _hint(
    "start-rate", "no run, another learning rate", "{do} trains with a learning rate of {typed}.", _START
)
START_OTHER = _hint("start-other", "no run, other settings", "{do} trains with these settings.", _START)
RUNNING = _hint(
    "running",
    "a run goes on, and every exercise is answered",
    "{do} goes to the end of the epoch, then pauses.",
    Press("step_epoch"),
)
HELD = _hint(
    "held", "the run is held", "{do} takes one minibatch. {toggle_run} continues the run.", Press("step_minibatch")
)
CHANGED = _hint("changed", "a run has ended, one setting was edited", "{do} trains with {changed}.", _START)
CHANGED_STOPPED = _hint(
    "changed-stopped",
    "a run was stopped, settings were edited",
    "{do} trains anew with {changed}. {resume_run} continues {run} without the change.",
    _START,
)
MORE_EPOCHS = _hint(
    "more-epochs",
    "a run has ended, its epochs were raised",
    "{do} continues this run up to epoch {epochs}. {toggle_run} trains anew.",
    _RESUME,
)
STOPPED = _hint("stopped", "a run was stopped", "{do} continues {run} from its checkpoint.", _RESUME)
FAILED = _hint("failed", "a run has failed", "{do} trains anew. {toggle_form} shows the settings.", _START)
OTHER_SOFTMAX = _hint(
    "other-softmax",
    "a run has diverged with a softmax that overflows",
    "{do}: the same run without the overflow.",
    Put("softmax", "row-max"),
    _START,
)
OTHER_LOSS = _hint(
    "other-loss",
    "a run has diverged in the logarithm",
    "{do}: this loss never takes the logarithm of 0.",
    Put("loss", "from-logits"),
    _START,
)
LOWER_RATE = _hint(
    "lower-rate", "a run has diverged all the same", "{do}: the same run in smaller steps.", _RATE, _START
)
WORSE = _hint(
    "worse-than-guessing",
    "a run has ended, worse than guessing",
    "{do}: smaller steps. This run did worse than guessing.",
    _RATE,
    _START,
)
HARDLY = _hint(
    "hardly-moved",
    "a run has ended, hardly better than guessing",
    "{do}: larger steps. The loss hardly fell.",
    _RATE,
    _START,
)
TRUE_LABELS = _hint(
    "true-labels",
    "a run has ended, with label noise",
    "{do}: the same run with true labels.",
    Put("label_noise", "0"),
    _START,
)
SAME_ORDER = _hint(
    "same-order",
    "a run has ended, its labels have nothing to do with its images",
    "check that images and labels are in the same order, then {do}.",
    _START,
)
SMALLER_INPUTS = _hint(
    "smaller-inputs",
    "a run has ended, with large inputs",
    "bring the inputs to about 0 to 1 in the file, then {do}.",
    _START,
)
SAME_RANGE = _hint(
    "same-range",
    "a run has ended, with validation inputs of another range",
    "bring both parts to the same range in the file, then {do}.",
    _START,
)
GO_ON = _hint(
    "go-on",
    "a run has ended, and its loss still falls",
    "{do} continues this run up to epoch {epochs}.",
    _EPOCHS,
    _RESUME,
)
LIKE_TRAINING = _hint(
    "like-training",
    "a run has ended, good on training images alone",
    "{do} shows the misclassified images. Are they like the training images?",
    _MISTAKES,
)
MISTAKES = _hint(
    "mistakes",
    "a run has ended, its mistakes were not looked at",
    "{accuracy} are right. {do} shows the {wrong} that are wrong.",
    _MISTAKES,
)
SMALLER_STEPS = _hint(
    "smaller-steps",
    "a run has ended, its validation loss went up and down",
    "{do}: smaller steps, because the validation loss went up and down.",
    _RATE,
    _START,
)
OVERLAY = _hint(
    "overlay", "a run has ended, nothing is wrong", "{do} draws earlier runs over this run.", Press("overlay")
)

_STEADY = {
    "label noise": TRUE_LABELS,
    "unrelated": SAME_ORDER,
    "large inputs": SMALLER_INPUTS,
    "other validation inputs": SAME_RANGE,
    "training images only": LIKE_TRAINING,
}


def next_to_try(
    run: RunState,
    held: bool = False,
    texts: Mapping[str, str] | None = None,
    pace: str = "",
    edits: Sequence[Edit] = (),
    tour: Tour | None = None,
) -> Offer:
    """The hint for what has just happened.

    `texts` are those of the form that the next run begins with, `edits` what of them the run in front has not.
    """
    tour = tour or Tour()
    if run.status is None:
        return _before_a_run(texts or TrainFormText().texts, pace)
    if run.status == "running":
        return HELD.offer() if held else tour.onward("train") or RUNNING.offer()
    if edits:
        return _with_edits(run, edits)
    if run.diverged is not None:
        return _after_divergence(run)
    if run.status in ("stopped", "interrupted"):
        return STOPPED.offer(run=plain(run.run_id))
    if run.status == "failed" or not run.epochs:
        return FAILED.offer()
    return _after_a_whole_run(run, tour)


def _with_edits(run: RunState, edits: Sequence[Edit]) -> Offer:
    """How the next run, which they are of, is started."""
    first = edits[0]
    changed = f"another {labels_of(edits)}"
    if len(edits) == 1:
        changed = f"{first.label} {plain(first.text, 16)} instead of {plain(first.before, 16)}"
    if run.status in ("stopped", "interrupted"):
        return CHANGED_STOPPED.offer(changed=changed, run=plain(run.run_id))
    if run.status == "finished" and first.name == "epochs" and len(edits) == 1 and _is_more(first.text, run):
        return MORE_EPOCHS.offer(epochs=plain(first.text, 16))
    return CHANGED.offer(changed=changed)


def _is_more(epochs: str, run: RunState) -> bool:
    return epochs.isdecimal() and int(epochs) > run.config.epochs


def _before_a_run(texts: Mapping[str, str], pace: str) -> Offer:
    usual = TrainFormText().texts
    if all(texts[name].strip() == usual[name] for name in _OUTCOME):
        seconds = pace.removeprefix("pace ").removesuffix(" s")
        return START.offer(when=f"In {seconds} seconds the" if pace.startswith("pace ") else "The")
    rate = plain(texts["learning_rate"].strip(), 16)
    return START_RATE.offer(typed=rate) if rate != usual["learning_rate"] else START_OTHER.offer()


def _after_divergence(run: RunState) -> Offer:
    config = run.config
    if config.softmax not in ("row-max", "log-sum-exp"):
        return OTHER_SOFTMAX.offer()
    if config.loss != "from-logits":
        return OTHER_LOSS.offer()
    return LOWER_RATE.offer(rate=_times(run, 0.1))


def _times(run: RunState, factor: float) -> str:
    return written(float(f"{run.config.learning_rate * factor:.4g}"))


def _after_a_whole_run(run: RunState, tour: Tour) -> Offer:
    last = run.epochs[-1]
    losses = [epoch.validation_loss for epoch in run.epochs]
    cause: Cause = cause_of(run)
    if cause in _STEADY:
        return _STEADY[cause].offer()
    if cause in ("bad start", "untold"):
        return _more(run)
    if cause == "learning rate":
        return WORSE.offer(rate=_times(run, 0.1))
    if cause == "too few steps" or last.validation_accuracy < 0.5:
        return HARDLY.offer(rate=_times(run, 10))
    if "mistakes" not in tour.panes:
        size = run.dataset.validation_size if run.dataset is not None else 0
        wrong = round((1 - last.validation_accuracy) * size)
        return MISTAKES.offer(accuracy=f"{last.validation_accuracy:.1%}", wrong=f"{wrong:,}")
    return tour.onward("train") or _better(losses, run)


def _better(losses: Sequence[float], run: RunState) -> Offer:
    rises = sum(after > before * 1.01 for before, after in pairwise(losses))
    if rises >= 2:
        return SMALLER_STEPS.offer(rate=_times(run, 0.2))
    if len(losses) > 1 and losses[-2] - losses[-1] > 0.005 * losses[-1]:
        return _more(run)
    return OVERLAY.offer()


def _more(run: RunState) -> Offer:
    return GO_ON.offer(epochs=written(2 * run.config.epochs))
