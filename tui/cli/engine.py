"""`softmax-tui engine`: the worker on stdin and stdout."""

from __future__ import annotations

import argparse

from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, data_dir_of, store_of

_EXAMPLES = """The engine reads and writes JSON lines. The app starts the engine, also over an ssh connection."""


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "engine", run, _EXAMPLES)
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    from engine.worker.process import main

    return main([f"--store={store_of(options)}", f"--data-dir={data_dir_of(options)}"])
