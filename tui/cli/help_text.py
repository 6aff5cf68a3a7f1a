"""The table of subcommands, and how their help is laid out: within the terminal, in characters that it has."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from typing import NamedTuple

from tui.cli.page import Page
from tui.drawing.wrapping import wrap

_HELP_COLUMN = 30
_LEAST_BESIDE = 24  # cells in which a second column says something
_COLUMNS = re.compile(r"(?<=\S) {2,}(?=\S)")
_BELOW = " " * 6  # before a note that stands below its example


class HelpText(argparse.HelpFormatter):
    """Keeps the line breaks of descriptions and examples, gives the flags room, and folds what is too wide."""

    def __init__(self, prog: str) -> None:
        self._page = Page()
        width = self._page.width
        super().__init__(prog, max_help_position=min(_HELP_COLUMN, width // 3), width=width)

    def format_help(self) -> str:
        lines = super().format_help().splitlines()
        return "".join(f"{folded}\n" for line in lines for folded in _folded(line, self._width))

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None,
    ) -> str:
        """The options are listed below: with all their choices the usage would be a page.

        Without a prefix it is no usage but the name by which a subcommand is called.
        """
        words = [self._prog] if prefix == "" else [self._prog, "[options]"]
        words += [self._arguments_of(action) for action in actions if not action.option_strings]
        return f"{'usage: ' if prefix is None else prefix}{self._page.legible(' '.join(words))}\n\n"

    def _arguments_of(self, action: argparse.Action) -> str:
        metavar = str(action.metavar or action.dest)
        return f"[{metavar}]" if metavar.endswith("…") else self._format_args(action, metavar)

    def _format_action_invocation(self, action: argparse.Action) -> str:
        return self._page.legible(super()._format_action_invocation(action))

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Paragraphs are filled; a block of examples has its notes beside all of them, or below all of them."""
        blocks: list[list[str]] = [[]]
        for line in map(self._page.legible, text.splitlines()):
            if not line or (blocks[-1] and line[0] != " " and blocks[-1][-1][0] == " "):
                blocks.append([])
            if line and line[0] != " " and blocks[-1]:
                blocks[-1][-1] += f" {line}"
            elif line:
                blocks[-1].append(line)
        return "\n\n".join(f"{indent}{line}" for line in ("\n".join(_block(block, width)) for block in blocks if block))

    def _split_lines(self, text: str, width: int) -> list[str]:
        return wrap(self._page.legible(text), width)


def _block(lines: list[str], width: int) -> list[str]:
    """Lines whose notes are moved below them where they would not fit beside them all."""
    notes = [list(_COLUMNS.finditer(line)) for line in lines]
    far = any(columns and columns[-1].end() > width // 2 for columns in notes)
    if not far or max(map(len, lines)) <= width:
        return lines
    laid: list[str] = []
    for line, columns in zip(lines, notes, strict=True):
        example, note = (line[: columns[-1].start()], line[columns[-1].end() :]) if columns else (line, "")
        alone = not note and example.startswith(" " * (width // 2))  # a note, below a long example already
        laid += [f"{_BELOW}{example.lstrip()}"] if alone else [example, *([f"{_BELOW}{note}"] if note else [])]
    return laid


def _folded(line: str, width: int) -> list[str]:
    """A line that is too wide in several: what stands in a second column goes on in that column, or below."""
    columns = list(_COLUMNS.finditer(line))
    indent = len(line) - len(line.lstrip())
    if not columns:
        return wrap(line, width, indent + 2 if indent else 0)
    first, second = line[: columns[-1].start()], line[columns[-1].end() :]
    if width - columns[-1].end() >= _LEAST_BESIDE:
        return wrap(line, width, columns[-1].end())
    if len(line) <= width:
        return [line]
    below = " " * (indent + 4)
    return [*wrap(first, width, indent + 2), *wrap(f"{below}{second}", width, len(below))]


class Subcommand(NamedTuple):
    """`module` is imported only where the command line names it.

    Its `add(commands)` declares the flags. The `run(options)` that it hands to `add_command` carries the command out
    and returns the exit code; it raises InputError, one line, for what is wrong with what was typed.
    """

    module: str
    about: str


SUBCOMMANDS = {
    "train": Subcommand("tui.train.command", "train softmax regression and watch the loss"),
    "sweep": Subcommand("tui.sweep.command", "train several values of a setting, and tell an effect from luck"),
    "watch": Subcommand("tui.app.watch", "show a run that was started elsewhere, live"),
    "softmax": Subcommand("tui.softmax.command", "put logits through every softmax, and see which number breaks"),
    "losses": Subcommand("tui.loss.command", "measure every cross-entropy: value, gradient, time and memory"),
    "vocabulary": Subcommand(
        "tui.vocabulary.command", "softmax over 1,000 to 1,000,000 words: time, memory, and the error of sampling"
    ),
    "mistakes": Subcommand("tui.mistakes.command", "the images that a model gets wrong"),
    "confusion": Subcommand("tui.mistakes.confusion", "which class is taken for which"),
    "decide": Subcommand("tui.decide.command", "whether the most likely label is the best answer"),
    "open": Subcommand("tui.app.open", "open the predictions of any other classifier in the app"),
    "runs": Subcommand("tui.runs.command", "list, compare, stop, export and delete stored runs"),
    "datasets": Subcommand("tui.cli.datasets", "list, fetch and check datasets"),
    "preferences": Subcommand("tui.cli.preferences", "show and change what the app remembers"),
    "engine": Subcommand("tui.cli.engine", "run the engine on stdin and stdout"),
    "doctor": Subcommand("tui.cli.doctor", "check this machine, and say how to fix what is broken"),
}
