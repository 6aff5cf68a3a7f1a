"""A stored run's model, and what it says about every validation image."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from engine.contract.errors import InputError
from engine.contract.progress import Notice
from tui.cli.arguments import data_dir_of, store_of

if TYPE_CHECKING:
    from engine.analysis.predictions import Predictions
    from engine.session import Model


def judged(options: argparse.Namespace) -> tuple[Model, Predictions]:
    """The model of `options.run_name` (the latest without one) on its validation set.

    Raises:
        InputError: there is no such run, or its data are not there.
    """
    data_dir, store = data_dir_of(options), store_of(options)
    from tui.cli.stored import run_in

    run_id = run_in(store, options.run_name)  # before torch is imported
    from engine.analysis.predictions import predict
    from engine.session import Model, Places, Session
    from tui.cli.live import LiveLine
    from tui.cli.page import Page

    session = Session(Places(data_dir, store))
    live = LiveLine()
    try:
        for step in session.model(run_id):
            if isinstance(step, Model):
                return step, predict(step.weight, step.bias, step.data, step.config)
            if isinstance(step, Notice):
                live.clear()
                Page(sys.stderr).line(step.text, "yellow")
            else:
                live.preparing(step)
    finally:
        live.clear()
    raise AssertionError("the steps end with the model")


def class_named(text: str, label_names: tuple[str, ...]) -> int:
    """The class that a person means by its number or its name, in any case.

    Raises:
        InputError: there is no such class.
    """
    wanted = text.strip()
    if wanted in label_names:  # before numbers: the classes of MNIST are named by them
        return label_names.index(wanted)
    if wanted.isdecimal() and len(wanted) < 9 and int(wanted) < len(label_names):
        return int(wanted)
    folded = [name.casefold() for name in label_names]
    if wanted.casefold() in folded:
        return folded.index(wanted.casefold())
    some = ", ".join(label_names[:12]) + (", …" if len(label_names) > 12 else "")
    raise InputError(f"class: found {wanted[:60]!r}, expected 0 to {len(label_names) - 1} or one of {some}")
