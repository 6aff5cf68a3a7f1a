"""The next thing to try: it depends on what has just happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.contract.config import TrainConfig
from engine.contract.run_state import RunState
from engine.contract.settings import settings_of
from engine.verdicts.run_cause import Cause, cause_of
from tui.drawing.edits import Edit, from_the_next_start, labels_of
from tui.drawing.plain import plain
from tui.train.form import TrainFormText

# What decides how far the loss falls: with another value of one of these nothing is promised.
_OUTCOME = tuple(
    setting.name
    for setting in settings_of(TrainConfig)
    if setting.name not in ("seed", "device", "threads", "dtype", "patience", "stop_on_nan", "gradient")
)


# After a whole run, where changing the learning rate would be no help.
_ADVICE: Mapping[Cause, str] = {
    "label noise": "Next: h, label noise 0, space: the same run with true labels.",
    "unrelated": "Next: check that images and labels are in the same order, then space.",
    "large inputs": "Next: bring the inputs to about 0 to 1 in the file, then space.",
    "other validation inputs": "Next: bring both parts to the same range in the file, then space.",
    "bad start": "Next: h, more epochs, u goes on from here.",
    "training images only": "Next: press 4 for the images it gets wrong: are they like the training images?",
    "untold": "Next: h, more epochs, u goes on from here.",
}


def next_to_try(
    run: RunState,
    held: bool = False,
    texts: Mapping[str, str] | None = None,
    pace: str = "",
    edits: Sequence[Edit] = (),
    typing: bool = False,
) -> str:
    """One short sentence that names a key.

    `texts` are those of the form that the next run begins with, `edits` what of them the run in front has not,
    `typing` whether they are being typed and no letter is a key.
    """
    if edits and run.status is not None:
        return _with_edits(run, edits, typing)
    if run.status is None:
        return _before_a_run(texts or TrainFormText().texts, pace)
    if run.status == "running":
        if held:
            return "Next: . takes one minibatch, e goes to the end of the epoch, space lets it go on."
        return "Next: press 2 and see what a logit of 100 does; t, a and y change this view."
    if run.diverged is not None:
        return _after_divergence(run)
    if run.status in ("stopped", "interrupted"):
        return f"Next: u goes on with {run.run_id or 'it'} from its checkpoint, space begins anew."
    if run.status == "failed" or not run.epochs:
        return "Next: h changes the settings, space begins anew."
    return _after_a_whole_run(run)


def _with_edits(run: RunState, edits: Sequence[Edit], typing: bool) -> str:
    """That they are the next run's, and how that is started."""
    if run.status == "running":
        return from_the_next_start(edits, "" if typing else "r, space", "run")
    first = edits[0]
    changed = f"another {labels_of(edits)}"
    if len(edits) == 1:
        changed = f"{first.label} {plain(first.text, 16)} instead of {plain(first.before, 16)}"
    if run.status in ("stopped", "interrupted"):
        return f"Next: space begins anew with {changed}; u goes on with {run.run_id} as it was."
    if run.status == "finished" and first.name == "epochs" and len(edits) == 1:
        return "Next: u goes on from here where there are more epochs; space begins anew."
    return f"Next: space trains with {changed}."


def _before_a_run(texts: Mapping[str, str], pace: str) -> str:
    usual = TrainFormText().texts
    if all(texts[name].strip() == usual[name] for name in _OUTCOME):
        when = f"In {pace.removeprefix('pace ').removesuffix(' s')} seconds the" if pace.startswith("pace ") else "The"
        return f"Next: space trains. {when} loss should fall from 2.3 to below 0.5."
    rate = plain(texts["learning_rate"].strip(), 16)
    changed = rate != usual["learning_rate"]
    return (
        f"Next: space trains with a learning rate of {rate}." if changed else "Next: space trains with these settings."
    )


def _after_divergence(run: RunState) -> str:
    config = run.config
    if config.softmax not in ("row-max", "log-sum-exp"):
        return f"Next: h, softmax row-max instead of {config.softmax}, space: the same run without the nan."
    if config.loss != "from-logits":
        return f"Next: h, loss from-logits instead of {config.loss}, space: it never takes the logarithm of 0."
    return f"Next: h, learning rate {config.learning_rate / 10:g}, space."


def _after_a_whole_run(run: RunState) -> str:
    last = run.epochs[-1]
    losses = [epoch.validation_loss for epoch in run.epochs]
    cause = cause_of(run)
    if cause in _ADVICE:
        return _ADVICE[cause]
    if cause == "learning rate":
        return f"Next: h, learning rate {run.config.learning_rate / 10:g}, space: it did worse than guessing."
    if cause == "too few steps" or last.validation_accuracy < 0.5:
        return f"Next: h, learning rate {run.config.learning_rate * 10:g}, space: it hardly moved."
    wrong = round((1 - last.validation_accuracy) * (run.dataset.validation_size if run.dataset is not None else 0))
    return f"{last.validation_accuracy:.1%}: press 4 for the {wrong:,} it got wrong. {_and_then(losses, run)}"


def _and_then(losses: Sequence[float], run: RunState) -> str:
    rises = sum(after > before * 1.01 for before, after in pairwise(losses))
    if rises >= 2:
        return f"Or h, learning rate {run.config.learning_rate / 5:g}, space."
    if len(losses) > 1 and losses[-2] - losses[-1] > 0.005 * losses[-1]:
        return "Or h, more epochs, u goes on from here."
    return "Or o lays earlier runs over it."
