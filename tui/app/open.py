"""`softmax-tui open`: the predictions of any other classifier, in Mistakes and Decide."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.contract.errors import InputError
from tui.app import command
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places

_EXAMPLES = """examples
  softmax-tui open predictions.npz       opens the app with the file in Mistakes (4) and Decide (5)

The file holds logits or probabilities (n, classes) and labels (n,). If you like, add images (n, height, width) or
(n, features), label_names (classes,) and groups (n,). numpy.savez writes such a file. Other usual names, such as
y_true and y_prob, and CSV files with the label first are read too. `mistakes`, `confusion` and `decide` also take the
file."""


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "open", run, _EXAMPLES)
    parser.add_argument("file", metavar="FILE", help="a file of predictions: .npz, .npy or CSV")
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    """Reads and checks the whole file first, so that one that is not right is a line and no app.

    Raises:
        InputError: the file is not right, or is named for an engine elsewhere.
    """
    if options.engine_command is not None:
        raise InputError("open: found --engine-command, expected the engine of this machine")
    from engine.analysis.foreign import evidence_of
    from engine.data.brought.predictions_file import read_predictions

    path = Path(options.file)
    predicted = read_predictions(path)
    if predicted.scores is not None:
        evidence_of(predicted)
    return command.run(options, opened=str(path.absolute()))
