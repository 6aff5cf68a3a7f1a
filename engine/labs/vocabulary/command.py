"""The command line of `python -m engine.labs.vocabulary.job`: JSON lines on stdout, of rank 0 alone under torchrun."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from engine.contract.codec import encode_for_scripts
from engine.contract.errors import InputError
from engine.contract.settings import parse, settings_of
from engine.contract.vocabulary import DEFAULT_SIZES, METHODS, VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyRefused,
    VocabularyStarted,
    VocabularyText,
    VocabularyTrained,
)
from engine.labs.vocabulary.arguments import methods_of, phrase_of, sizes_of
from engine.labs.vocabulary.source import Source
from engine.verdicts.vocabulary_text import fewer_words_notice

_FIRST_WORD = 5.0  # seconds that rank 0 has to say what is wrong before another rank's end ends it
_LINES = VocabularyText | VocabularyMeasured | VocabularyEvaluated | VocabularyTrained | VocabularyRefused


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message}; see --help")


def run(arguments: Sequence[str]) -> int:
    """0, 1 where a rank was lost, 2 for bad usage or input, 130 for ctrl+C."""
    if sys.stdout is None:  # closed: nothing else may get its descriptor
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    voice = _Voice(int(os.environ.get("RANK", "0")))
    try:
        plan, ranks = _plan(arguments), int(os.environ.get("WORLD_SIZE", "1"))
        source = Source.of(plan)
        if min(source.plan.sizes) < ranks:
            raise InputError(f"sizes: found {min(source.plan.sizes)} for {ranks} ranks, expected a word for each")
        if source.text is not None and (fewer := fewer_words_notice(plan.sizes, source.text)):
            voice.complain(fewer)
        for line in source.notices:
            voice.complain(line)
        if ranks == 1:
            _computed(source, voice.tell)
        else:
            return _as_a_rank(source, voice)
    except InputError as error:
        voice.refuse(str(error))
        return 2
    except KeyboardInterrupt:
        voice.complain("stopped by ctrl+C")
        os._exit(128 + signal.SIGINT)  # nor are torch's threads waited for, which wait for other ranks
    except OSError as error:  # a pipe that nobody reads, a full disk
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to be written must not raise again
        if isinstance(error, BrokenPipeError):
            return 128 + signal.SIGPIPE
        voice.complain(f"stdout: {error.strerror}")
        return 1
    return 0


def _computed(source: Source, tell: Callable[[VocabularyEvent], None]) -> None:
    from engine.labs.vocabulary.child import Begun
    from engine.labs.vocabulary.plan import work
    from engine.labs.vocabulary.ranks import Ranks

    for event in work(source, Ranks.alone(source.plan.question.device)):
        if not isinstance(event, Begun):
            tell(event)


def _as_a_rank(source: Source, voice: _Voice) -> int:
    from engine.labs.vocabulary.child import Begun
    from engine.labs.vocabulary.plan import work
    from engine.labs.vocabulary.ranks import Ranks
    from engine.ranks.rendezvous import RankLost

    def ended(number: int, frame: FrameType | None) -> None:
        raise RankLost(f"a rank has died, or the job was ended ({signal.Signals(number).name})")

    signal.signal(signal.SIGTERM, ended)  # what torchrun sends the others when one has died
    try:
        ranks = Ranks.joined(source.plan.question.device, voice.lament)
        for event in work(source, ranks):
            if not isinstance(event, Begun):
                voice.tell(event)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        ranks.leave()
    except RankLost as lost:
        voice.lament(str(lost))
        sys.stdout.flush()
        os._exit(1)  # whatever waits for the lost rank in a thread of torch's is not waited for
    return 0


class _Voice:
    """Rank 0 speaks, the others are silent. The end is told once, by whichever thread sees it first."""

    def __init__(self, rank: int) -> None:
        self._rank, self._speaks, self._began = rank, rank == 0, time.monotonic()
        self._lock, self._lamented = threading.Lock(), False

    def tell(self, event: VocabularyEvent) -> None:
        line = event.text if isinstance(event, VocabularyStarted) else event
        if self._speaks and isinstance(line, _LINES):
            with self._lock:
                if not self._lamented:
                    print(encode_for_scripts(line), flush=True)

    def lament(self, line: str) -> None:
        with self._lock:
            if self._speaks and not self._lamented:
                seconds = time.monotonic() - self._began
                print(encode_for_scripts(VocabularyFinished(status="failed", seconds=seconds, reason=line)), flush=True)
                print(line, file=sys.stderr, flush=True)
            self._lamented = True

    def refuse(self, line: str) -> None:
        """Says what is wrong with the input. All ranks see the same, as a rule, and rank 0 says it; torchrun ends the
        others with it, and would end it with one of them that was quicker. A rank that is not ended is alone with it.
        """
        if not self._speaks:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            time.sleep(_FIRST_WORD)
            line = f"rank {self._rank}: {line}"
        print(line, file=sys.stderr, flush=True)

    def complain(self, line: str) -> None:
        if self._speaks:
            print(line, file=sys.stderr, flush=True)


def _plan(arguments: Sequence[str]) -> VocabularyPlan:
    """Raises InputError for what is no use of the command."""
    parser = _Parser(prog="python -m engine.labs.vocabulary.job", allow_abbrev=False)
    sizes = f"numbers of words ({' '.join(map(str, DEFAULT_SIZES))}; with a text all of its words)"
    parser.add_argument("--sizes", nargs="+", default=[], metavar="N", help=sizes)
    parser.add_argument("--methods", nargs="+", default=[], metavar="METHOD", help=f"of {', '.join(METHODS)} (all)")
    parser.add_argument("--train", action="store_true", help="train the methods against each other too")
    parser.add_argument("--continue", dest="phrase", metavar="PHRASE", help="continue a phrase; trains")
    parser.add_argument("--json", action="store_true", help="JSON lines; there is nothing else")
    settings = settings_of(VocabularyQuestion)
    for setting in settings:
        parser.add_argument(
            setting.flag, dest=f"setting_{setting.name}", metavar=setting.metavar, help=setting.help_with_default
        )
    options = parser.parse_args(arguments)
    typed: dict[str, Any] = {
        setting.name: parse(setting, text)
        for setting in settings
        if (text := getattr(options, f"setting_{setting.name}")) is not None
    }
    phrase = phrase_of(options.phrase)
    return VocabularyPlan(
        question=VocabularyQuestion(**typed),
        sizes=sizes_of(options.sizes),
        methods=methods_of(options.methods) or METHODS,
        train=options.train or bool(phrase),
        phrase=phrase,
        up_to_text=True,
    )
