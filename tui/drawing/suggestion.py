"""The next thing to try: it depends on what has just happened."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from engine.contract.run_state import RunState


def next_to_try(run: RunState, held: bool = False) -> str:
    """One short sentence that names a key."""
    if run.status is None:
        return "Next: space trains. In 20 seconds the loss should fall from 2.3 to below 0.5."
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
    classes = run.dataset.num_classes if run.dataset is not None else 10
    if not losses[-1] <= math.log(classes):
        return f"Next: h, learning rate {run.config.learning_rate / 10:g}, space: it did worse than guessing."
    if last.validation_accuracy < 0.5:
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
