"""The table of subcommands: where each is, and the line that both lists of help have of it."""

from __future__ import annotations

from typing import NamedTuple


class Subcommand(NamedTuple):
    """`module` is imported only where the command line names it.

    Its `add(commands)` declares the flags. The `run(options)` that it hands to `add_command` carries the command out
    and returns the exit code; it raises InputError, one line, for what is wrong with what was typed.
    """

    module: str
    about: str


SUBCOMMANDS = {
    "train": Subcommand("tui.train.command", "train softmax regression and watch the loss"),
    "sweep": Subcommand("tui.sweep.command", "sweep a setting, and see what of it is an effect and what is luck"),
    "softmax": Subcommand("tui.softmax.command", "put logits through every softmax, and see which number breaks"),
    "losses": Subcommand("tui.loss.command", "measure every cross-entropy: value, gradient, time and memory"),
    "vocabulary": Subcommand(
        "tui.vocabulary.command", "softmax over a thousand to a million words: time, memory, and what sampling loses"
    ),
    "mistakes": Subcommand("tui.mistakes.command", "the images that a model gets wrong"),
    "confusion": Subcommand("tui.mistakes.confusion", "which class is taken for which"),
    "decide": Subcommand("tui.decide.command", "whether the most likely label is the best answer"),
    "open": Subcommand("tui.app.open", "look at the predictions of any other classifier"),
    "runs": Subcommand("tui.runs.command", "list, compare, export and delete stored runs"),
    "datasets": Subcommand("tui.cli.datasets", "list, fetch and check datasets"),
    "engine": Subcommand("tui.cli.engine", "the worker on stdin and stdout"),
    "doctor": Subcommand("tui.cli.doctor", "what works on this machine, what does not, and what to do"),
}
