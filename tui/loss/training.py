"""`softmax-tui losses --train`: a stored run for each loss, side by side."""

from __future__ import annotations

import argparse

from msgspec.structs import replace

from engine.contract.loss_lab import LossQuestion
from engine.contract.loss_training import LossTrainingDone, LossTrainingEvent
from tui.cli.arguments import data_dir_of, store_of
from tui.cli.following import Report, followed, prepared
from tui.cli.interruption import Interruption
from tui.cli.json_lines import print_json
from tui.cli.page import Page


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

        def failed(error: Exception) -> LossTrainingDone:
            return replace(comparison.stop(str(error)), status="failed")

        return followed(comparison.events, report, interruption, LossTrainingDone, comparison.stop, failed)


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
