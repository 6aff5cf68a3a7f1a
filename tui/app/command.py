"""`softmax-tui` without a subcommand: the app."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from engine.contract.errors import InputError
from tui.cli.arguments import data_dir_of, store_of, words_of_command
from tui.cli.endings import heeded
from tui.cli.yours import add_yours, yours_of


def add_options(parser: argparse.ArgumentParser) -> None:
    """What only the app can be told."""
    group = parser.add_argument_group("the app (opens without a command)")
    group.add_argument(
        "--engine-command",
        metavar="COMMAND",
        help="command that starts the engine, such as 'ssh gpu-box softmax-tui engine', which has its own folders "
        "(default the preference engine_command, else the engine of this machine)",
    )
    add_yours(group, "shown as yours in the panes, and used for training")
    group.add_argument(
        "--slow",
        action=argparse.BooleanOptionalAction,
        help="redraw less often, for a slow connection (default the preference slow)",
    )


def run(options: argparse.Namespace, opened: str = "") -> int:
    """Opens the app, with the path of a predictions file if one likes, and gives back what it ended with.

    Raises:
        InputError: --mine names no Python file, or there is no terminal; nothing has been written to anything then.
    """
    source = yours_of(options)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if not stream.isatty():
            name = stream.name.strip("<>")
            raise InputError(
                f"the app: found {name}, which is no terminal, expected a terminal; see softmax-tui --help"
            )
    if os.environ.get("TERM", "dumb") == "dumb":
        raise InputError("the app: found TERM=dumb, expected a terminal that can move its cursor")
    engine_command(options)  # what is wrong with what was typed is said before anything is imported
    from tui.app.app import SoftmaxApp
    from tui.cli.page import shows_unicode
    from tui.pane.base import DisplayOptions
    from tui.pane.preferences import Remembered, preferences_path
    from tui.pane.terminal_line import TerminalLine

    remembered = Remembered(preferences_path(os.environ))
    command = engine_command(options, "" if opened else remembered.values.engine_command)
    slow = is_slow(options, remembered.values.slow)
    ascii_only = not shows_unicode(sys.stdout, os.environ)
    line = TerminalLine(squeezes="SSH_CONNECTION" in os.environ)
    display = DisplayOptions(slow=slow, ascii_only=ascii_only, opened=opened, remembered=remembered, line=line)
    app = SoftmaxApp(command, display)
    if options.engine_command is None and command[:1] == [sys.executable]:
        app.engine.watch_command = lambda run_id: [*command, f"--attach={run_id}"]
    if source:
        app.engine.offer(source, options.mine)
    before = {number: signal.getsignal(number) for number in heeded()}
    app.run()
    for number, handler in before.items():  # the app's event loop gives them back as Python has them
        signal.signal(number, handler)
    return app.return_code or 0


def is_slow(options: argparse.Namespace, preferred: bool) -> bool:
    """What was typed, either way, else what is `preferred`."""
    return preferred if options.slow is None else bool(options.slow)


def engine_command(options: argparse.Namespace, preferred: str = "") -> list[str]:
    """What starts the engine: what was asked for, else what is `preferred`, else a worker of this machine.

    Folders that were typed are those of this machine, and its engine is the one that knows them.

    Raises:
        InputError: the command is none, or folders of this machine were named for an engine elsewhere.
    """
    folders = _folders(options)
    if options.engine_command is None and preferred and not folders:
        return words_of_command("preferences: engine_command", preferred)
    if options.engine_command is None:
        from engine.processes.client import worker_command

        return worker_command(folders)
    if folders:
        raise InputError(
            f"--engine-command: found {folders[0]} beside the command, expected the folder inside the command"
        )
    return words_of_command("--engine-command", options.engine_command)


def _folders(options: argparse.Namespace) -> list[str]:
    """Only those that were typed: the worker knows the others as well, and finding out here delays the first frame."""
    words = []
    if hasattr(options, "store"):
        words.append(f"--store={store_of(options)}")
    if hasattr(options, "data_dir"):
        words.append(f"--data-dir={data_dir_of(options)}")
    return words
