"""Damaged files through everything that opens a file, in this process."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.contract.commands import ShowDecision, ShowMistakes
from engine.contract.errors import InputError
from engine.labs.vocabulary.text import read_words
from tests.data import archives
from tests.store.reading import answered, called


def opened(folder: Path, chance: random.Random) -> Iterator[tuple[str, Callable[[], str]]]:
    """One damaged file of each kind, with one thing that opens it."""
    (folder / "store").mkdir(parents=True)
    own = folder / "own.npz"
    archives.dataset(own, chance)
    yield "own archive", _command(folder, chance.choice((("datasets", "check", str(own)), _train(own))))
    archives.idx_folder(folder / "idx", chance)
    idx = folder / "idx"
    yield "IDX folder", _command(folder, chance.choice((("datasets", "check", str(idx)), _train(idx))))
    foreign = folder / "foreign.npz"
    archives.predictions(foreign, chance)
    name = str(foreign)
    if chance.random() < 0.3:
        question = chance.choice((ShowMistakes(run_id=name), ShowDecision(source=name)))
        yield "predictions in the app", lambda: answered(folder, question)
    else:
        command = chance.choice(("decide", "mistakes", "confusion"))
        yield f"predictions, {command}", _command(folder, (command, name, *chance.choice(((), ("--json",)))))
    good = folder / "good.npz"
    good.write_bytes(archives.good_predictions())
    archives.cost_matrix(folder / "costs.csv", chance)
    yield "cost matrix", _command(folder, ("decide", str(good), "--cost-matrix", str(folder / "costs.csv")))
    archives.text(folder / "words.txt", chance)
    yield "text", lambda: _read(folder / "words.txt")


def _train(path: Path) -> tuple[str, ...]:
    return ("train", "--dataset", str(path), "--epochs", "1")


def _command(folder: Path, arguments: tuple[str, ...]) -> Callable[[], str]:
    return lambda: called(folder, *arguments)


def _read(path: Path) -> str:
    try:
        read_words(str(path), 2)
    except InputError as error:
        return "" if str(error).isprintable() else repr(str(error))
    return ""
