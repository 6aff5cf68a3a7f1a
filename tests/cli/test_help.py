"""Help and version answer at once: nothing that computes is imported for them."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = ["", "train", "softmax", "mistakes", "confusion", "runs", "runs list", "runs export", "datasets"]
COMMANDS += ["datasets check", "engine", "doctor", "losses", "decide", "sweep", "open", "vocabulary", "preferences"]

LOADED = """
import sys
before = set(sys.modules)  # a tracer has its own
from tui.cli.main import main
code = main(sys.argv[1:])
heavy = {"torch", "torchvision", "numpy", "textual", "plotext", "sqlite3"} & (set(sys.modules) - before)
assert code == 0, code
assert not heavy, heavy
"""

ONLY_THE_APP = """
import sys
from tui.cli.help_text import SUBCOMMANDS
from tui.cli.main import main
assert main([]) == 2, "there is no terminal here"
loaded = {one.module for one in SUBCOMMANDS.values()} & set(sys.modules)
assert not loaded, loaded
"""


def test_the_app_waits_for_no_subcommands_import() -> None:
    done = subprocess.run([sys.executable, "-c", ONLY_THE_APP], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_the_list_of_commands_says_of_each_what_its_own_help_says(cli) -> None:
    listed = " ".join(cli("--help").out.split())
    for name in sorted({command.split()[0] for command in COMMANDS if command}):
        about = " ".join(cli(name, "--help").out.split("\n\n")[1].split())
        assert f" {name} {about} " in f"{listed} "


@pytest.mark.parametrize("command", COMMANDS)
def test_help_loads_neither_torch_nor_numpy_nor_textual(command: str) -> None:
    arguments = [*command.split(), "--help"]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: softmax-tui {command}".rstrip())


def test_the_help_of_train_names_every_setting(cli) -> None:
    from engine.contract.config import TrainConfig
    from engine.contract.settings import settings_of

    said = cli("train", "--help")
    assert said.code == 0
    for setting in settings_of(TrainConfig):
        assert setting.flag in said.out


def test_the_help_of_sweep_names_its_own_defaults(cli) -> None:
    from engine.contract.settings import settings_of, value_text
    from engine.contract.sweeps import DEFAULT_EPOCHS
    from tui.cli.arguments import parse_arguments
    from tui.cli.command_line import parser_of
    from tui.sweep.command import _asked

    words = ["sweep", "learning-rate"]
    taken = _asked(parse_arguments(parser_of(words), words)).base
    assert taken.epochs == DEFAULT_EPOCHS
    said = " ".join(cli("sweep", "--help").out.split())
    for setting in settings_of(type(taken)):
        of_setting = said.partition(f"{setting.flag} {setting.metavar} ")[2].partition(" --")[0]
        assert f"(default {value_text(getattr(taken, setting.name))})" in of_setting, setting.flag


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 140])
def test_help_stays_within_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from tui.cli.main import main

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for command in COMMANDS:
        assert main([*command.split(), "--help"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert max(map(len, lines)) <= columns
        assert lines[0].startswith("usage: softmax-tui")


def test_paragraphs_are_filled_and_notes_stand_in_one_way(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    from tui.cli.main import main

    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for command in COMMANDS:
        assert main([*command.split(), "--help"]) == 0
        text = capsys.readouterr().out
        for paragraph in text.split("\n\n"):
            lines = paragraph.splitlines()
            if all(line and line[0] != " " for line in lines):
                for line, after in pairwise(lines):
                    assert len(line) + 1 + len(after.split()[0]) > 79, (command, line, after)
            if lines[0] == "examples":
                below = [line for line in lines if line.startswith("      ") and not line.startswith("       ")]
                beside = [line for line in lines if re.search(r"\S {2,}\S", line)]
                assert not (below and beside), (command, below, beside)


def test_the_version_is_the_distributions(cli) -> None:
    import tomllib

    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert cli("--version").out == f"softmax-tui {version}\n"


def test_without_a_terminal_the_app_says_so_in_one_line(process) -> None:
    child = process()
    out, err = child.communicate(timeout=60)
    assert child.returncode == 2
    assert out == b""
    assert len(err.splitlines()) == 1
    assert b"no terminal" in err
