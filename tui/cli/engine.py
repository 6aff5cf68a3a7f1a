"""`softmax-tui engine`: the worker on stdin and stdout."""

from __future__ import annotations

import argparse

from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of

_EXAMPLES = """The engine reads and writes JSON lines. The app starts the engine, also over an ssh connection:
  softmax-tui --engine-command 'ssh gpu-box softmax-tui engine'            saves and ends when the line drops
  softmax-tui --engine-command 'ssh gpu-box softmax-tui engine --attach'   goes on; the app connects again"""


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "engine", run, _EXAMPLES)
    parser.add_argument(
        "--attach",
        metavar="RUN",
        nargs="?",
        const="",
        help="connect to the engine in the background that trains RUN (default: the newest); without one, start one",
    )
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    from engine.worker.process import main

    attach = [] if options.attach is None else [f"--attach={options.attach}"]
    return main([f"--store={store_of(options)}", f"--data-dir={data_dir_of(options)}", *attach])
