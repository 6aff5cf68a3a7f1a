"""What a command line asks for: the app, or a subcommand. Importing this loads neither torch nor numpy nor textual.

A subcommand is imported only where it is named: the app's first frame waits for none.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from engine import __version__
from engine.contract.errors import InputError
from engine.verdicts.one_line import one_line
from tui.app import command
from tui.cli.arguments import OneLineParser, add_places, parse_arguments
from tui.cli.help_text import SUBCOMMANDS
from tui.cli.page import Page

_ABOUT = """A terminal laboratory for softmax regression from scratch (Dive into Deep Learning, section 4.4)."""

_EXAMPLES = """start with
  softmax-tui train                   ten epochs on Fashion-MNIST; without a network, on drawn silhouettes
  softmax-tui mistakes                the images that the last finished run gets wrong
  softmax-tui softmax 100 0.97 1.01   where an implementation of softmax breaks

Exit codes: 0, 1 (failed or diverged), 2 (bad usage or input) or 130 (interrupted)."""

_BROKEN_PIPE = 128 + 13  # what a shell shows for a program that SIGPIPE has ended


def run(words: Sequence[str]) -> int:
    """Runs a command line and returns its exit code."""
    warnings.filterwarnings("ignore", "Failed to initialize NumPy")  # torch's two lines; who needs numpy says so in one
    _open_what_is_closed()
    try:
        options = parse_arguments(parser_of(words), words)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except InputError as error:
        _complain(str(error))
        return 2
    except SystemExit as leaving:  # argparse has printed its help or the version, or a signal has ended the command
        return int(leaving.code or 0)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _forget_stdout()
        return _BROKEN_PIPE
    except OSError as error:
        if error.filename is not None:  # a name that is too long, a folder that must not be entered
            _complain(f"{one_line(error.filename)}: {error.strerror}")
            return 2
        if error.errno != errno.ENOSPC:  # not stdout's
            raise
        _forget_stdout()
        _complain(f"stdout: {error.strerror}")
        return 1


def _complain(what: str) -> None:
    """One line on stderr; a terminal that is narrower gets it in several."""
    Page(sys.stderr).line(f"softmax-tui: {what}")


def parser_of(words: Sequence[str]) -> OneLineParser:
    """Knows all commands by name, and of those among the words everything."""
    parser = OneLineParser(prog="softmax-tui", description=_ABOUT, epilog=_EXAMPLES)
    parser.set_defaults(run=command.run, parser=parser)
    parser.add_argument("--version", action="version", version=f"softmax-tui {__version__}")
    add_places(parser)
    command.add_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=OneLineParser)
    for name, subcommand in SUBCOMMANDS.items():
        if name in words:
            import_module(subcommand.module).add(commands)
        else:
            commands.add_parser(name, help=subcommand.about)
    return parser


def _open_what_is_closed() -> None:
    """`>&-` and `2>&-`: writes go nowhere, and no file that is opened later gets their descriptor."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - as long as the process


def _forget_stdout() -> None:
    """Nobody reads stdout any more: what is left in its buffer must not raise again when Python leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
