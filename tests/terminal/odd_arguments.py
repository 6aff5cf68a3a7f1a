"""Command lines with values that nobody means, for every option and argument of every command, from a seed.

The options are found in the parsers: a new one is tried without a word here.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator

from tui.cli.command_line import parser_of
from tui.cli.help_text import SUBCOMMANDS

Words = list[str]

# Paths are all within the desk: a folder that is named for runs is made, and a file for results written.
VALUES = (
    *("", " ", "--", "-", "=", ",", ";", "\n", "a\nb", "\t", "\x1b[31m", "\x1b]52;c;aGk=\x07", "[/b]", "%s", "%", "{}"),
    *("0", "-0", "-1", "1", "2", "3", "007", "1.5", "1e3", "1_0", "0x10", "1,2", "１２", "²", "½", "٣", "1e", "--1"),
    *("inf", "-inf", "nan", "-nan", "1e308", "-1e308", "1.7976931348623157e308", "1e309", "5e-324", "1e-400", "+1"),
    *("9" * 20, "9" * 400, "9" * 5000, "1" + "0" * 308, "-" + "9" * 400, "a" * 5000, "é" * 300, "猫", "\u202e"),
    *("\udcff", "name\udce9", "\ud800", "\x00", "a\x00b", "\ufeff", "\U0010ffff", "ı", "İ", "ß", "\u200b"),
    *("on", "off", "True", "None", "null", "auto", "cpu", "cuda", "cuda:99", "mps", "all", "yours", "naive"),
    *(".", "no/such/file", "~", "*", "data", "store", "mine.py", "words.txt", "costs.csv", "theirs.npz", "own.npz"),
    *("no.npz", "r0001", "r0002", "r1", "R0001", "r9999", "s0001", "r" + "9" * 30, "learning-rate", "batch-size"),
    *("momentum", "float16", "float64", "sampled", "lethal", "half", "silhouettes", "mnist", "from-logits"),
)
# What keeps a command short where the odd values are taken. Odd values come later, and the last one counts.
_BRIEFLY = {
    "train": "--dataset own.npz --epochs 1",
    "sweep": "learning-rate 0.1 0.3 --dataset own.npz --epochs 1 --seeds 1",
    "softmax": "1 2 3",
    "losses": "--batch-size 4 --classes 3",
    "vocabulary": "--sizes 50 --methods full --positions 8 --dimension 8 --steps 3 --rounds 1 --train-words 500",
    "mistakes": "--limit 2",
    "runs show": "r0001",
    "runs compare": "r0001 r0002",
    "runs rename": "r0001 name",
    "runs note": "r0001 note",
    "runs delete": "r0001",
    "datasets check": "own.npz",
    "datasets fetch": "mnist",
    "open": "theirs.npz",
}


def commands() -> dict[str, argparse.ArgumentParser]:
    """Every command and action with its parser, "" for the one without a command."""
    return dict(_below("", parser_of(list(SUBCOMMANDS))))


def two_dashes() -> Iterator[tuple[str, Words]]:
    """Each option that takes a value, with `--` for it: argparse takes that for the end of the options."""
    for name, parser in commands().items():
        for action in _actions(parser):
            if action.option_strings and action.nargs != 0:
                yield action.option_strings[-1], [*_begun(name), *_spelled(action, "--", joined=True)]


def tries(seed: int, count: int) -> Iterator[Words]:
    """So many, each with one to three options or arguments: first each of them once, then at random."""
    draw = random.Random(seed)
    every = {name: (parser, actions) for name, parser in commands().items() if (actions := _actions(parser))}
    first = [(name, action) for name, (_, actions) in every.items() for action in actions]
    draw.shuffle(first)
    for number in range(count):
        name = first[number][0] if number < len(first) else draw.choice(list(every))
        chosen = [first[number][1]] if number < len(first) else draw.choices(every[name][1], k=draw.randint(1, 3))
        words = _begun(name)
        for action in chosen:
            values = draw.choices(VALUES, k=draw.choice((1, 1, 1, 2, 4)))
            words += _spelled(action, *values, joined=draw.random() < 0.5)
        if draw.random() < 0.1:
            words.insert(draw.randrange(len(words) + 1), draw.choice(VALUES))
        yield words


def _begun(name: str) -> Words:
    return [*name.split(), *_BRIEFLY.get(name, "").split()]


def _below(name: str, parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, of_it in action.choices.items():
                yield from _below(f"{name} {word}".strip(), of_it)


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    others = argparse._SubParsersAction | argparse._HelpAction
    return [action for action in parser._actions if not isinstance(action, others)]


def _spelled(action: argparse.Action, *values: str, joined: bool) -> Words:
    if not action.option_strings:
        return list(values)
    flag = action.option_strings[-1]
    if action.nargs == 0:
        return [flag]
    return [f"{flag}={values[0]}", *values[1:]] if joined else [flag, *values]
