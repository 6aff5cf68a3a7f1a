"""`softmax-tui vocabulary`: softmax over a thousand to a million words, with every output layer."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.progress import Notice, Progress
from engine.contract.settings import Setting, counting, parse, settings_of
from engine.contract.vocabulary import (
    DEFAULT_SIZES,
    LEAST_SIZE,
    METHODS,
    MOST_SIZE,
    VocabularyPlan,
    VocabularyQuestion,
)
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyText,
    VocabularyTrained,
)
from engine.verdicts.vocabulary_text import fewer_words_notice, text_sentence
from tui.cli.arguments import (
    Commands,
    OneLineParser,
    add_command,
    add_places,
    add_settings,
    data_dir_of,
    typed_settings,
)
from tui.cli.interruption import Interruption
from tui.cli.json_lines import print_json
from tui.cli.live import LiveLine
from tui.cli.page import Page
from tui.cli.ranks import follows, rank_group_of, ranks, serve

if TYPE_CHECKING:
    from engine.ranks.rank_group import RankGroup

_SETTINGS = tuple(replace(setting, label=setting.flag) for setting in settings_of(VocabularyQuestion))
_SIZES = counting("sizes", LEAST_SIZE, MOST_SIZE)
_METHODS = Setting(name="methods", label="--methods", kind="choice", default=METHODS[0], choices=METHODS)
_LINES = VocabularyMeasured | VocabularyEvaluated | VocabularyTrained | VocabularyRefused

_EXAMPLES = """examples
  softmax-tui vocabulary                              time, memory and error, from 1,000 to 100,000 words
  softmax-tui vocabulary --sizes 1000000 --methods full chunked sampled
  softmax-tui vocabulary --sizes 10000 --train        compare the methods at equal steps and at equal time
  softmax-tui vocabulary --text book.txt --continue "the cat"
  softmax-tui vocabulary --text time-machine --continue "the time traveller"
                                                      the book's own text, downloaded once
  torchrun --standalone --nproc-per-node 2 --no-python softmax-tui vocabulary --sizes 1000000 --device cuda
                                                      divide the vocabulary between two GPUs, or two processes"""


def add(commands: Commands[OneLineParser]) -> None:
    """The subcommand `vocabulary` with its flags, a group of them for each group of settings."""
    parser = add_command(
        commands, "vocabulary", run, _EXAMPLES, json="one JSON object a line, one for each method and size"
    )
    parser.add_argument(
        "--sizes",
        nargs="+",
        default=[],
        metavar="N",
        help=f"numbers of words (default {' '.join(map(str, DEFAULT_SIZES))}; with --text, all words of the text)",
    )
    parser.add_argument(
        "--methods", nargs="+", default=[], metavar="METHOD", help=f"one or more of {', '.join(METHODS)} (default all)"
    )
    parser.add_argument("--train", action="store_true", help="also train the methods, in turns, on the same words")
    parser.add_argument(
        "--continue",
        dest="phrase",
        metavar="PHRASE",
        help="train chunked (or --methods) on the text, and continue this phrase",
    )
    add_settings(parser, VocabularyQuestion())
    add_places(parser, data=True, store=False)


def plan_of(options: argparse.Namespace) -> VocabularyPlan:
    """What the command line asks for.

    Raises:
        InputError: a value that is no number or no method, or out of its bounds.
    """
    phrase = options.phrase or ""
    if options.phrase is not None and not phrase.strip():
        raise InputError(f"--continue: found {phrase!r}, expected a phrase with a word of the text")
    continues = bool(phrase) and not options.train
    return VocabularyPlan(
        question=VocabularyQuestion(**typed_settings(options, _SETTINGS)),
        sizes=_each(_SIZES, options.sizes),
        methods=_each(_METHODS, options.methods) or (("chunked",) if continues else METHODS),
        measure=not continues,
        train=options.train or continues,
        phrase=phrase,
        up_to_text=True,
    )


def _each(setting: Setting, typed: Sequence[str]) -> tuple[Any, ...]:
    """Every value once. Raises InputError for what is none, or out of bounds."""
    return tuple(dict.fromkeys(parse(setting, text) for text in typed))


def run(options: argparse.Namespace) -> int:
    """0 also where some were refused or diverged; 1 where the job failed, or all were; 130 for ctrl+C."""
    if follows():
        return serve()
    plan = plan_of(options)
    from engine.data.catalog import DATA_DIR_VARIABLE

    os.environ[DATA_DIR_VARIABLE] = str(data_dir_of(options))  # for the process that reads a text with a name
    report = _Report(options.json, plan)
    with Interruption(patient=ranks() > 1) as interruption:
        with rank_group_of(ranks()) as rank_group:
            finished = _followed(plan, report, rank_group, interruption)
            report.end()
        if interruption.requested and finished.status == "stopped":
            Page(sys.stderr).line(f"softmax-tui: stopped by {finished.reason} after {finished.seconds:.0f} s", "yellow")
            return interruption.exit_code
    return report.exit_code or int(report.nothing_done)


def _followed(
    plan: VocabularyPlan, report: _Report, rank_group: RankGroup | None, interruption: Interruption
) -> VocabularyFinished:
    """Reports every event; the last one, also where a signal ended the job."""
    from engine.labs.vocabulary.job import VocabularyJob

    job = VocabularyJob(plan, rank_group)
    try:
        for event in job.events:
            report.event(event)
            if interruption.requested:
                break
    finally:
        report.live.clear()
        if rank_group is not None and interruption.signal_number == signal.SIGTERM:
            rank_group.ended_from_outside = True
        finished = job.stop(interruption.name if interruption.requested else "")
    if interruption.requested and finished.status == "failed":
        report.event(finished)
    return finished


class _Report:
    """Tells each line when it comes, and the conclusions at the end."""

    def __init__(self, as_json: bool, plan: VocabularyPlan) -> None:
        self._json, self._plan, self.exit_code, self.live = as_json, plan, 0, LiveLine()
        self._text: VocabularyText | None = None
        self._measured: list[VocabularyMeasured] = []
        self._trained: list[VocabularyTrained] = []
        self._evaluated: list[VocabularyEvaluated] = []

    def event(self, event: VocabularyEvent) -> None:
        if isinstance(event, VocabularyProgress):
            self.live.preparing(
                Progress(event.stage, _subject(event), event.done, event.total or None, _UNITS.get(event.stage, ""))
            )
            return
        if isinstance(event, VocabularyFinished):
            if event.status == "failed":
                self.warn(event.reason)
                self.exit_code = 1
            return
        if isinstance(event, VocabularyStarted):
            self._begin(event)
            return
        reason = event.reason if isinstance(event, VocabularyMeasured | VocabularyRefused) else ""
        if reason:
            self.warn(reason)
        if isinstance(event, VocabularyMeasured):
            self._size_ends(event.vocabulary_size)
            self._measured.append(event)
        elif isinstance(event, VocabularyTrained):
            self._trained.append(event)
        elif isinstance(event, VocabularyEvaluated):
            self._evaluated.append(event)
        if self._json and isinstance(event, _LINES):
            self.live.clear()
            print_json(event)

    def _begin(self, event: VocabularyStarted) -> None:
        """What was found in the text, and what of it is not as it was asked for."""
        self._text = event.text
        if event.text is not None:
            self.live.clear()
            if self._json:
                print_json(event.text)
            else:
                Page().paragraph(text_sentence(event.text))
            if fewer := fewer_words_notice(self._plan.sizes, event.text):
                self.warn(fewer)
        for notice in event.notices:
            self.warn(notice)

    @property
    def nothing_done(self) -> bool:
        """Whether there was room for nothing, or all that was trained has diverged."""
        if self._trained:
            return not any(math.isfinite(one.perplexity_at_equal_steps) for one in self._trained)
        return all(one.peak_bytes is None for one in self._measured)

    def end(self) -> None:
        """The last table, and what all of them say."""
        self._size_ends(None)
        if self._json:
            return
        from tui.vocabulary.text import write_conclusion, write_training

        if self._measured:
            write_conclusion(self._measured, Page(), self._plan.question, self._text)
        for words in dict.fromkeys(one.vocabulary_size for one in self._trained):
            trained = [one for one in self._trained if one.vocabulary_size == words]
            write_training(trained, [one for one in self._evaluated if one.vocabulary_size == words], Page())

    def _size_ends(self, next_size: int | None) -> None:
        """The table of a size is written when the next one begins."""
        last = self._measured[-1].vocabulary_size if self._measured else None
        if self._json or last in (None, next_size):
            return
        from tui.vocabulary.text import write_measured

        self.live.clear()
        write_measured([one for one in self._measured if one.vocabulary_size == last], Page())

    def warn(self, line: str) -> None:
        """A notice on stderr."""
        self.live.told(Notice(line), "softmax-tui: ")


_UNITS = {"measuring": "rounds", "training": "steps"}


def _subject(event: VocabularyProgress) -> str:
    words = f"{event.vocabulary_size:,} words" if event.vocabulary_size else ""
    return " with ".join(filter(None, (words, event.method)))
