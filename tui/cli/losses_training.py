"""`softmax-tui losses --train`: a stored run for each loss, side by side."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from engine.contract.codec import encode_for_scripts
from engine.contract.events import EpochDone, Finished
from engine.contract.loss_lab import LossQuestion, LossTrained
from engine.contract.progress import Notice, Progress
from tui.cli.arguments import data_dir_of, store_of
from tui.cli.following import prepared
from tui.cli.interruption import Interruption
from tui.cli.live import LiveLine
from tui.cli.page import Page

if TYPE_CHECKING:
    from engine.contract.config import TrainConfig
    from engine.session import Session, Training


def run_training(options: argparse.Namespace, question: LossQuestion, dataset: str, epochs: int) -> int:
    """Trains, tells what came of it, and returns the exit code: 0 also where a loss diverged, as one is meant to."""
    from engine.labs.loss_training import configs
    from engine.session import Places, Session

    with Interruption() as interruption:
        interruption.begin()
        session = Session(Places(data_dir_of(options), store_of(options)))
        trainings: dict[str, Training] = {}
        for name, config in configs(question, dataset, epochs).items():
            training = _started(session, config, interruption)
            if training is None:
                break
            trainings[name] = training
        outcome = _followed(trainings, interruption)
        _tell(outcome, options.json)
        return interruption.exit_code if interruption.requested else 0


def _started(session: Session, config: TrainConfig, interruption: Interruption) -> Training | None:
    """The run once its data are loaded, None where a signal came first."""
    live = LiveLine()

    def preparing(step: Progress | Notice) -> None:
        if isinstance(step, Notice):
            live.clear()
            Page(sys.stderr).line(f"softmax-tui: {step.text}", "yellow")
        else:
            live.preparing(step)

    training = prepared(session.start(config), preparing, interruption)
    live.clear()
    return training


def _followed(trainings: dict[str, Training], interruption: Interruption) -> list[LossTrained]:
    """Pulls all runs to their ends, and ends with a checkpoint those that a signal or an error cuts short."""
    from engine.labs.loss_training import side_by_side, trained

    epochs: dict[str, list[EpochDone]] = {name: [] for name in trainings}
    finished: dict[str, Finished] = {}
    try:
        for name, event in side_by_side({name: training.events for name, training in trainings.items()}):
            if isinstance(event, EpochDone):
                epochs[name].append(event)
            elif isinstance(event, Finished):
                finished[name] = event
            if interruption.requested:
                break
    finally:
        for name in trainings.keys() - finished.keys():
            finished[name] = trainings[name].stop(interruption.name if interruption.requested else "another run failed")
    return [trained(name, trainings[name].run_id, epochs[name], finished[name]) for name in trainings]


def _tell(outcome: list[LossTrained], as_json: bool) -> None:
    if as_json:
        for one in outcome:
            print(encode_for_scripts(one), flush=True)
        return
    from tui.cli.losses_text import write_training

    write_training(outcome, Page())
