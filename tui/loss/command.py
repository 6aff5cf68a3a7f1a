"""`softmax-tui losses`: the same batch through every cross-entropy."""

from __future__ import annotations

import argparse
import sys
from typing import cast

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.loss_lab import (
    CLASS_COUNTS,
    LOSS_PRESETS,
    LossesMeasured,
    LossQuestion,
    checked,
    default_epsilon,
)
from engine.contract.loss_training import LossTrainingDone, LossTrainingEvent
from engine.contract.progress import Progress
from engine.contract.settings import parse, settings_of, value_text
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of
from tui.cli.following import Report, followed, prepared
from tui.cli.interruption import Interruption
from tui.cli.json_lines import print_json
from tui.cli.page import Page
from tui.cli.yours import add_yours, yours_of
from tui.pane.headless import LOSS_FLAGS

_LISTS = ("batch_size", "num_classes")  # several of them measure one after the other
_SETTINGS = {
    setting.name: replace(setting, label=LOSS_FLAGS.get(setting.name, setting.flag))
    for setting in settings_of(LossQuestion)
}
_OF_TRAINING = {
    setting.name: replace(setting, label=setting.flag)
    for setting in settings_of(TrainConfig)
    if setting.name in ("dataset", "epochs")
}

_EXAMPLES = f"""examples
  softmax-tui losses
  softmax-tui losses --classes {" ".join(map(str, CLASS_COUNTS))}       where the definition becomes expensive
  softmax-tui losses --label-smoothing 0.1           soft labels, for which the definition is right
  softmax-tui losses --preset zero-times-log-zero
  softmax-tui losses --mine FILE.py                  your own cross_entropy beside the others
  softmax-tui losses --train --epochs 10             then a whole run with each loss, side by side

presets
""" + "\n".join(f"  {preset.name:<20} {preset.look_for}" for preset in LOSS_PRESETS)


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "losses", run, _EXAMPLES, json="one JSON object a line, one for each loss")
    for setting in _SETTINGS.values():
        several = setting.name in _LISTS
        default = "1e-4 with float16, else 1e-07" if setting.name == "epsilon" else value_text(setting.default)
        parser.add_argument(
            setting.label,
            dest=setting.name,
            nargs="+" if several else None,
            metavar=setting.metavar,
            help=f"{setting.help}{', one value or several' if several else ''} (default {default or 'none'})",
        )
    parser.add_argument("--train", action="store_true", help="also train with each loss; the runs are stored")
    for setting in _OF_TRAINING.values():
        parser.add_argument(
            setting.label,
            dest=setting.name,
            metavar=setting.metavar,
            help=f"with --train: {setting.help_with_default}",
        )
    add_yours(parser, "the cross_entropy is measured with the others, and judged")
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    questions = _questions(options)
    dataset, epochs = _training(options, questions)
    if options.train:
        from engine.data.load import expect_readable

        expect_readable(dataset)
    source = yours_of(options)
    own = _working(source) if source else ""
    several = []
    for question in questions:
        measured = _measured(question, own)
        several.append(measured)
        _tell(measured, options.json, len(questions) == 1)
    if not options.json:
        from tui.loss.text import write_scale

        write_scale(several, Page())
    if not options.train:
        return 0
    return run_training(options, questions[0], dataset, epochs, own)


def _questions(options: argparse.Namespace) -> list[LossQuestion]:
    """One for each batch size and number of classes, checked before torch is imported."""
    values = {
        name: parse(setting, text)
        for name, setting in _SETTINGS.items()
        if name not in _LISTS and (text := getattr(options, name)) is not None
    }
    values.setdefault("epsilon", default_epsilon(str(values.get("dtype", ""))))
    lists = {name: getattr(options, name) for name in _LISTS}
    if values.get("preset") and any(lists.values()):
        raise InputError("--preset: found --batch-size or --classes as well, expected the preset's own batch")
    sizes, counts = (
        [cast(int, parse(_SETTINGS[name], text)) for text in lists[name] or [str(_SETTINGS[name].default)]]
        for name in _LISTS
    )
    return [
        checked(LossQuestion(**{**values, "batch_size": size, "num_classes": count}))  # type: ignore[arg-type]
        for size in sizes
        for count in counts
    ]


def _training(options: argparse.Namespace, questions: list[LossQuestion]) -> tuple[str, int]:
    """The dataset and the epochs of `--train`."""
    typed = {name: getattr(options, name) for name in _OF_TRAINING if getattr(options, name) is not None}
    if typed and not options.train:
        raise InputError(f"{_OF_TRAINING[next(iter(typed))].label}: found no --train, expected both options")
    first = questions[0]
    if options.train:
        if first.preset or first.mixing or len({question.batch_size for question in questions}) > 1:
            raise InputError("--train: found --preset, --mixing or several batch sizes as well, expected none of them")
        if first.dtype not in ("float32", "float64"):
            raise InputError(f"--train: found --dtype {first.dtype}, expected float32 or float64")
    values = {name: parse(setting, typed.get(name, str(setting.default))) for name, setting in _OF_TRAINING.items()}
    return cast(str, values["dataset"]), cast(int, values["epochs"])


def _working(source: str) -> str:
    """The text of the user's file where its cross-entropy can be measured, else ""; what is wrong with it is told."""
    from engine.labs.yours.offered import Yours

    yours = Yours(source)
    try:
        judged = yours.judged
    finally:
        yours.close()
    if not judged.has_cross_entropy:
        raise InputError(
            "--mine: found no cross_entropy(probabilities, labels) in the file, expected this function; "
            f"its softmax: {judged.softmax_verdict}"
        )
    if judged.loss_remark:
        left_out = "" if judged.loss_works else "not measured, "
        Page(sys.stderr).line(f"softmax-tui: cross_entropy of yours: {left_out}{judged.loss_remark}", "yellow")
    return source if judged.loss_works else ""


def _measured(question: LossQuestion, own: str) -> LossesMeasured:
    from engine.labs.loss.child import measure_with_yours
    from engine.labs.loss.measuring import measure_losses
    from tui.cli.interruption import interruptible
    from tui.cli.live import LiveLine

    live, subject = LiveLine(), f"{question.batch_size:,} × {question.num_classes:,}"
    try:
        for event in interruptible(measure_with_yours(question, own) if own else measure_losses(question)):
            if isinstance(event, LossesMeasured):
                return event
            live.preparing(Progress("measuring", subject, event.done, event.rounds, "rounds"))
    finally:
        live.clear()
    raise AssertionError("a measurement ends with what was measured")


def _tell(measured: LossesMeasured, as_json: bool, whole: bool) -> None:
    if as_json:
        for one in measured.losses:
            print_json(one)
        return
    from tui.loss.text import write_losses

    write_losses(measured, Page(), whole)


def run_training(options: argparse.Namespace, question: LossQuestion, dataset: str, epochs: int, own: str) -> int:
    """Trains, tells what came of it, and returns the exit code: 0 also where a loss diverged, as one is meant to.

    `own` is the text of a user's file whose cross-entropy trains as well, "" for none.
    """
    from engine.jobs.comparison import compare
    from engine.jobs.recorded_run import Places, Session

    session = Session(Places(data_dir_of(options), store_of(options)))
    if own:
        session.offer(own)
    with Interruption() as interruption:
        report = _Report(options.json)
        comparison = prepared(compare(session, question, dataset, epochs), report, interruption)
        if comparison is None:
            return interruption.exit_code

        return followed(comparison.events, report, interruption, LossTrainingDone, comparison.stop, comparison.failed)


class _Report(Report):
    """A live line on the way, and at the end what came of each run."""

    def __init__(self, as_json: bool) -> None:
        super().__init__("softmax-tui: ")
        self._as_json = as_json

    def event(self, event: LossTrainingEvent) -> None:
        if not isinstance(event, LossTrainingDone):
            return
        self.live.clear()
        if self._as_json:
            for one in event.trained:
                print_json(one)
            return
        from tui.loss.text import write_training

        write_training(list(event.trained), Page())
