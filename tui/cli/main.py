"""`softmax-tui`: the app, or one of its subcommands. Importing this loads neither torch nor numpy nor textual."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from engine import __version__
from engine.contract.errors import InputError
from tui.cli import app, confusion, datasets, decide, doctor, engine, losses, mistakes, runs, softmax, sweep, train
from tui.cli.arguments import OneLineParser, add_places, parse_arguments
from tui.drawing.plain import plain

_ABOUT = """A terminal laboratory for softmax regression from scratch (Dive into Deep Learning, section 4.4)."""

_EXAMPLES = """start with
  softmax-tui train                   ten epochs on Fashion-MNIST, or on drawn silhouettes without a network
  softmax-tui mistakes                what the model of the latest run gets wrong
  softmax-tui softmax 100 0.97 1.01   where an implementation of softmax breaks

Exits with 0, 1 (failed or diverged), 2 (bad usage or input) or 130 (interrupted)."""

_BROKEN_PIPE = 128 + 13  # what a shell shows for a program that SIGPIPE has ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line (the process's own without `arguments`) and returns its exit code."""
    parser = _parser()
    try:
        options = parse_arguments(parser, sys.argv[1:] if arguments is None else arguments)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except InputError as error:
        print(f"softmax-tui: {plain(str(error))}", file=sys.stderr)
        return 2
    except SystemExit as leaving:  # argparse has printed its help or the version
        return int(leaving.code or 0)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:
        _forget_stdout()
        return _BROKEN_PIPE


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="softmax-tui", description=_ABOUT, epilog=_EXAMPLES)
    parser.set_defaults(run=app.run, parser=parser)
    parser.add_argument("--version", action="version", version=f"softmax-tui {__version__}")
    add_places(parser)
    app.add_options(parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=OneLineParser)
    for command in (train, sweep, softmax, losses, mistakes, confusion, decide, runs, datasets, engine, doctor):
        command.add(commands)
    return parser


def _forget_stdout() -> None:
    """Nobody reads stdout any more: what is left in its buffer must not raise again when Python leaves."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
