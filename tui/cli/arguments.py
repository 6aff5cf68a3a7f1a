"""What the subcommands' arguments have in common: settings as flags, folders, numbers, errors of one line."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, get_args

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import JudgedPart
from engine.contract.settings import Setting, parse, settings_of
from engine.verdicts.one_line import one_line
from tui.cli.help_text import SUBCOMMANDS, HelpText

Commands = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns
Run = Callable[[argparse.Namespace], int]  # carries a subcommand out; its exit code
_PREFIX = "setting_"
_BOOK = TrainConfig()
_SETTINGS = settings_of(TrainConfig)


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong in one line that points to the help, where argparse would print the whole usage.

    Raises:
        InputError: instead of leaving the process.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"allow_abbrev": False, "formatter_class": HelpText, **options})

    def error(self, message: str) -> NoReturn:
        """A bad argument is one line: InputError, which ends the command with 2."""
        raise InputError(f"{message}; see {self.prog} --help")


def parse_arguments(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The options as typed; an unknown one is named with the nearest known one.

    Raises:
        InputError: one line, for anything that is no use of the command.
    """
    for argument in arguments:
        _check(argument)
    flags = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if empty := next((flag for flag in flags if flag.startswith("--") and flag.endswith("=--")), None):
        # argparse takes these two dashes for the end of the options, and gives a list for the value
        raise InputError(f"{empty.removesuffix('=--')}: found '--', expected a value; see {parser.prog} --help")
    options, unknown = parser.parse_known_args([_shielded(argument) for argument in arguments])
    for name, value in vars(options).items():
        setattr(options, name, _unshielded(value))
    if unknown:
        of = getattr(options, "parser", parser)
        raise InputError(f"{_unknown(of, unknown[0].strip())}; see {of.prog} --help")
    return options


def _check(argument: str) -> None:
    """Raises InputError for what is no text: no file, the store or the engine could be told of it."""
    try:
        whole = "\0" not in argument.encode().decode()
    except UnicodeEncodeError:
        whole = False
    if not whole:
        raise InputError(f"arguments: found {one_line(argument, 60)}, expected text in UTF-8")


def _shielded(argument: str) -> str:
    """argparse takes -1e3 and -inf for options; with a space in front they are values."""
    return f" {argument}" if argument.startswith("-") and _is_number(argument) else argument


def _unshielded(value: Any) -> Any:
    """Without that space: a folder may be called -1."""
    if isinstance(value, list):
        return [_unshielded(one) for one in value]
    return value[1:] if isinstance(value, str) and value.startswith(" -") and _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _unknown(parser: argparse.ArgumentParser, found: str) -> str:
    if not found.startswith("-"):
        return f"found {found!r}, expected nothing more"
    flags = [flag for action in parser._actions for flag in action.option_strings]
    nearest = get_close_matches(found.split("=")[0], flags, n=1)
    return f"no option is called {found.split('=')[0]!r}" + (f"; the nearest option is {nearest[0]}" if nearest else "")


def add_command(
    commands: Commands[OneLineParser], name: str, run: Run, examples: str = "", json: str = ""
) -> OneLineParser:
    """A subcommand with its line of the table; `json` says what `--json` prints, "" where there is no such option."""
    return _added(commands, name, SUBCOMMANDS[name].about, run, examples, json)


def add_actions(
    commands: Commands[OneLineParser], name: str, examples: str, run: Run | None = None, json: str = ""
) -> Commands[OneLineParser]:
    """The words after a subcommand, for `add_action`; without one of them it runs `run`, or prints its help."""
    return add_command(commands, name, run or _print_help, examples, json).add_subparsers(
        title="actions", metavar="ACTION", parser_class=OneLineParser
    )


def add_action(
    actions: Commands[OneLineParser], name: str, about: str, run: Run, json: str = "", *, data: bool | None
) -> OneLineParser:
    """What a subcommand is told to do, with a help of its own: `runs list`.

    It has the folder of the `data` or that of runs, neither where `data` is None.
    """
    parser = _added(actions, name, about, run, "", json)
    if data is not None:
        add_places(parser, data=data, store=not data)
    return parser


def _added(
    commands: Commands[OneLineParser], name: str, about: str, run: Run, examples: str, json: str
) -> OneLineParser:
    parser = commands.add_parser(name, help=about, description=about, epilog=examples)
    parser.set_defaults(parser=parser, run=run)
    if json:
        parser.add_argument("--json", action="store_true", help=f"print {json}, and nothing else on stdout")
    return parser


def _print_help(options: argparse.Namespace) -> int:
    options.parser.print_help()
    return 0


def add_source(parser: OneLineParser) -> None:
    """What `tui.cli.judged` looks at."""
    words = "a stored run (default: the last that finished), or a file of predictions"
    parser.add_argument("source", nargs="?", default="", metavar="RUN|FILE", help=words)
    parser.add_argument(
        "--part",
        default="validation",
        metavar="|".join(get_args(JudgedPart)),
        help="which images a run is judged on; test is the third part of a dataset (default validation)",
    )


def add_places(parser: argparse.ArgumentParser, data: bool = True, store: bool = True) -> None:
    """The flags that say where datasets and runs lie."""
    group = parser.add_argument_group("folders")
    if data:
        group.add_argument(
            "--data-dir",
            metavar="FOLDER",
            default=argparse.SUPPRESS,
            help="folder of the datasets (default $SOFTMAX_TUI_DATA_DIR, else the platform's cache folder)",
        )
    if store:
        group.add_argument(
            "--store",
            metavar="FOLDER",
            default=argparse.SUPPRESS,
            help="folder of the runs (default $SOFTMAX_TUI_STORE, else the platform's data folder)",
        )


def data_dir_of(options: argparse.Namespace) -> Path:
    """The folder of the datasets that was asked for, else the environment's or the platform's."""
    from engine.data.catalog import default_data_dir

    return _folder(options, "data_dir") or default_data_dir(os.environ)


def store_of(options: argparse.Namespace) -> Path:
    """The folder of the runs that was asked for, else the environment's or the platform's."""
    from engine.store.runs import default_store

    return _folder(options, "store") or default_store(os.environ)


def _folder(options: argparse.Namespace, name: str) -> Path | None:
    text: str | None = getattr(options, name, None)
    if text is not None and (not text or "\0" in text):
        raise InputError(f"--{name.replace('_', '-')}: found {text!r}, expected a folder")
    return Path(text) if text else None


def words_of_command(where: str, command: str) -> list[str]:
    """The words of a command that starts the engine; `where` it was found stands in the line that rejects it.

    Raises:
        InputError: there are no words, or a quote is not closed.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InputError(f"{where}: found {command!r}, {str(error).lower()}") from error
    if not words:
        raise InputError(f"{where}: found nothing, expected a command")
    return words


def add_settings(parser: argparse.ArgumentParser, base: Struct = _BOOK) -> None:
    """A flag for every setting of a run, or of another question, read as text: `typed_settings` knows the bounds.

    `base` has what the command takes where nothing is typed.
    """
    groups: dict[str, argparse._ArgumentGroup] = {}
    for setting in settings_of(type(base)):
        title = f"{setting.group}{', advanced' if setting.advanced else ''}"
        if title not in groups:
            groups[title] = parser.add_argument_group(title)
        groups[title].add_argument(
            setting.flag,
            dest=_PREFIX + setting.name,
            metavar=setting.metavar,
            help=setting.help_with(getattr(base, setting.name)).replace("%", "%%"),
        )


def typed_settings(options: argparse.Namespace, settings: Sequence[Setting] = _SETTINGS) -> dict[str, Any]:
    """The values of those settings that were typed, by name, and only those.

    Raises:
        InputError: naming what was found and the bounds.
    """
    return {
        setting.name: parse(setting, text)
        for setting in settings
        if (text := getattr(options, _PREFIX + setting.name)) is not None
    }
