"""The autopsy of a diverged run, for people."""

from __future__ import annotations

from engine.contract.config import TrainConfig
from engine.contract.events import Diverged
from engine.contract.pairs import ENGINES_LOSSES, ENGINES_SOFTMAXES
from tui.cli.page import Page

_MOST_CLASSES = 12


def write_autopsy(diverged: Diverged, label_names: tuple[str, ...], config: TrainConfig, page: Page) -> None:
    """Where it broke, why, the numbers on the way there, and what every other pair gives for the same image."""
    autopsy = diverged.autopsy
    page.paragraph(f"Diverged at epoch {diverged.epoch}, minibatch {diverged.minibatch}: {autopsy.cause}.", "bold")
    page.line(f"training image {autopsy.image_index}, class {autopsy.label} ({autopsy.label_name})")
    _write_numbers(diverged, label_names, page)
    page.line(f"partition {number(autopsy.partition)}   loss {number(autopsy.loss)}")
    page.line()
    page.line("the loss of this image with each softmax (rows) and loss (columns)")
    _write_remedies(diverged, config, page)


def _write_numbers(diverged: Diverged, label_names: tuple[str, ...], page: Page) -> None:
    autopsy = diverged.autopsy
    columns = (autopsy.logits, autopsy.exponentials, autopsy.probabilities)
    shown = list(range(len(autopsy.logits)))
    if len(shown) > _MOST_CLASSES:
        # the ones that decide: the largest logits, and the true class
        shown = sorted({autopsy.label, *sorted(shown, key=lambda c: -_rank(autopsy.logits[c]))[: _MOST_CLASSES - 1]})
    rows = [
        (
            f"{'>' if index == autopsy.label else ' '} {index} {label_names[index] if label_names else ''}",
            *(number(column[index]) if column else "" for column in columns),
        )
        for index in shown
    ]
    page.table(("  class", "logit", "exponential", "probability"), rows, heading="", blank=False)
    if left_out := len(autopsy.logits) - len(shown):
        page.line(f"  and {left_out} classes with smaller logits")


def _rank(logit: float) -> float:
    """nan first: it is what one looks for."""
    return logit if logit == logit else float("inf")


def _write_remedies(diverged: Diverged, config: TrainConfig, page: Page) -> None:
    autopsy = diverged.autopsy
    values = {(remedy.softmax, remedy.loss): number(remedy.value) for remedy in autopsy.remedies}
    values[config.softmax, config.loss] = f"[{number(autopsy.loss)}]"
    losses = tuple(dict.fromkeys((*ENGINES_LOSSES, config.loss)))
    softmaxes = dict.fromkeys((*ENGINES_SOFTMAXES, config.softmax))
    rows = [(softmax, *(values.get((softmax, loss), "-") for loss in losses)) for softmax in softmaxes]
    page.table(("", *losses), rows, heading="", blank=False)
    page.line("[ ] this run   - no such pair")


def number(value: float) -> str:
    """Six significant digits."""
    return f"{value:.6g}"
