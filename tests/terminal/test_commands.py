"""Every command in a real terminal: no traceback, the promised exit code, no line too wide, no letter it lacks."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.terminal.desk import LONG_NAME, README, blocks, lay_out, readme_lines
from tests.terminal.typed import Kind, Seen, typed
from tui.cli.help_text import SUBCOMMANDS

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals")

KINDS = {
    "80": Kind(80),
    "140": Kind(140),
    "NO_COLOR": Kind(80, {"NO_COLOR": "1"}),
    "dumb": Kind(80, {"TERM": "dumb"}),
    "C": Kind(80, {"LANG": "C"}),
}
_COLOURED = ("80", "140", "C")

_ELSEWHERE = re.compile(r"--engine-command|^softmax-tui (engine|doctor)$")  # with a test of their own

# What makes a command of README quick, and changes nothing in how it writes.
_BRIEFLY = {
    "sweep": "--epochs 1",
    "vocabulary": "--positions 16 --dimension 16 --steps 4 --rounds 1 --train-words 2000",
    "losses": "--batch-size 8",
}
_ACTIONS = {
    "runs": ("list", "show", "compare", "export", "delete", "rename", "note"),
    "datasets": ("list", "fetch", "check"),
}
HELP = [
    "--help",
    *(f"{name} --help" for name in SUBCOMMANDS),
    *(f"{name} {action} --help" for name, actions in _ACTIONS.items() for action in actions),
]
# The runs r0001 and r0002 are stored. Each form is alone on its desk, or after those before it.
FORMS = [
    "--version",
    "train --epochs 2",
    "train --epochs 50 --learning-rate 0.01",
    "train --dataset silhouettes --train-size 100 --validation-size 50 --epochs 1",
    "train --epochs 1 --json",
    "train --loss integer-labels --epochs 1",
    "train --learning-rate 1e6 --epochs 1 --softmax row-max",
    "train --resume r0001 --epochs 3",
    "train --dataset own.npz --epochs 1",
    "mistakes --limit 2",
    "confusion",
    "sweep momentum 0 0.5 0.9 --epochs 1 --seeds 2",
    "sweep learning-rate 1e6 1e7 --softmax naive --epochs 1 --seeds 1",
    "sweep learning-rate 0.1 0.3 --epochs 1 --seeds 1 --json",
    "softmax --preset zero-times-log-zero",
    "softmax -1e3 -inf nan --dtype float64",
    "softmax 88 89 90 --dtype float16 --json",
    "losses --classes 4 --batch-size 8 --json",
    "losses --classes 4 --batch-size 8 16 --mixing 0.1",
    "losses --classes 4 --batch-size 8 --train --epochs 1",
    "vocabulary --sizes 100 --methods full sampled --train",
    "vocabulary --text words.txt --continue 'the cat' --methods full",
    "vocabulary --text 猫.txt --continue '猫 坐在' --methods full",
    "mistakes --limit 5",
    "mistakes r0001 --style half --limit 2",
    "mistakes --style braille --limit 2 --sort margin --ascending",
    "mistakes theirs.npz --limit 5",
    "mistakes --limit 2 --json",
    "confusion",
    "confusion theirs.npz",
    "decide theirs.npz",
    "decide --cost-matrix costs.csv",
    "decide --ensemble r0001",
    "decide --json",
    "runs",
    "runs list",
    "runs list --json",
    "runs show",
    "runs show r0001",
    "runs compare r0001 r0002",
    "runs export r0001 --format markdown",
    "runs export r0001 --format csv",
    "runs rename r0001 'the first of all runs, with a name that goes on for longer than the columns of any list'",
    "runs note r0001 'a note that says at great length what this run was for, why it was made and what came of it'",
    "runs list",
    "runs show r0001",
    "runs compare r0001 r0002",
    "runs rename r0001 猫の最初の実行、とても長い名前を持っている、端末の幅よりも長い名前、まだ続いている",
    "runs show r0001",
    "runs delete r0001 --yes",
    "datasets",
    "datasets list",
    "datasets check silhouettes",
    "datasets check own.npz",
    "datasets fetch silhouettes",
]
# Refused or failed, with the exit code.
REFUSALS = [
    (2, "train --no-such-option"),
    (2, "train --dataset no-such-dataset-whose-name-is-as-long-as-many-a-path-on-a-cluster-of-machines-can-well-be"),
    (2, f"train --dataset {LONG_NAME}"),
    (2, "train --epochs many"),
    (2, "train --softmax no-such-softmax"),
    (2, "train --resume r9999"),
    (2, "train --mine no-such-file.py"),
    (2, "train --softmax row-max --loss from-logits --gradient no-such-gradient --learning-rate 0"),
    (2, "sweep"),
    (2, "sweep batch-size --at no-such-question"),
    (2, "sweep learning-rate --export words.txt"),
    (2, "sweep softmax 1 2"),
    (2, "softmax"),
    (2, "softmax 1 2 three"),
    (2, "softmax --preset no-such-preset"),
    (2, "losses --preset log-0 --classes 10"),
    (2, "losses --epochs 3"),
    (2, "vocabulary --methods no-such-method"),
    (2, "vocabulary --text no-such-text.txt"),
    (2, "mistakes r9999"),
    (2, "mistakes --true 猫"),
    (2, "mistakes --sort no-such-key"),
    (2, f"confusion {LONG_NAME}"),
    (2, "decide --positive no-such-class"),
    (2, "decide --cost-matrix no-such-file.csv"),
    (2, "decide words.npz"),
    (2, "open no-such-file.npz"),
    (2, "runs show r9999"),
    (2, "runs compare r0002"),
    (2, "runs export --format xlsx"),
    (2, "runs delete r9999"),
    (2, "datasets check no-such-dataset"),
    (2, "datasets check fashion-mnist"),  # 300 drawn images are not those that were published
    (2, "no-such-command"),
    (2, "engine --store ''"),
]


Type = Callable[..., Seen]


@pytest.fixture(scope="module")
def first_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk on which nothing was typed yet but two trainings."""
    folder = tmp_path_factory.mktemp("desk")
    lay_out(folder)
    for rate in ("0.1", "0.01"):
        seen = typed(Kind(80), folder, ["train", "--epochs", "2", "--learning-rate", rate])
        assert seen.code == 0, seen.output
    return folder


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def type_(first_desk: Path, kind: str, tmp_path_factory: pytest.TempPathFactory) -> Type:
    """Types a command in a terminal of that kind, on a desk of its own."""
    folder = tmp_path_factory.mktemp(f"desk-{kind}") / "desk"
    shutil.copytree(first_desk, folder)

    def type_(line: str, *more: str, keys: str = "") -> Seen:
        return typed(KINDS[kind], folder, [*shlex.split(line, comments=True), *more], keys)

    return type_


def check(seen: Seen, code: int, kind: str, for_scripts: bool = False) -> None:
    """What holds for every command in every terminal."""
    assert seen.code == code, seen.output
    assert seen.text.strip(), "nothing was said"
    assert "Traceback" not in seen.text, seen.output
    if not for_scripts:
        wide = [line for line in seen.lines if cell_len(line) > seen.columns]
        assert not wide, f"wider than {seen.columns} columns: {wide}"
    if kind == "C":
        lacking = sorted({character for character in seen.output if not character.isascii()})
        assert not lacking, f"letters that the locale lacks: {lacking}\n{seen.output}"
    if kind not in _COLOURED:
        assert not re.search(r"\x1b\[[0-9;]*m", seen.output), "colours where none are wanted"
    if kind == "dumb":
        assert "\x1b" not in seen.output


def for_scripts(line: str) -> bool:
    """Lines for other programs are as long as they are."""
    return "--json" in line or "export" in line


def test_the_commands_of_readme_are_found() -> None:
    lines = readme_lines()
    assert len(lines) > 20
    for name in ("train", "sweep", "softmax", "losses", "vocabulary", "decide"):
        assert any(line.startswith(f"softmax-tui {name}") for line in lines), name


def test_readme_speaks_of_all_five_exercises() -> None:
    after = README.partition("## The exercises, answered by doing")[2].partition("\n## ")[0]
    assert re.findall(r"^### (\d)\.", after, re.MULTILINE) == ["1", "2", "3", "4", "5"]
    assert any(text.startswith("# mine.py\n") for language, text in blocks() if language)


def test_the_lines_of_readme_one_after_the_other(type_: Type, kind: str) -> None:
    """As whoever follows it types them: many are about the run that was trained before."""
    lines = [line for line in readme_lines() if not _ELSEWHERE.search(line)]
    expect_all(lines, lambda line: expect_what_readme_promises(type_, kind, line))


def expect_all(lines: list[str], expect: Callable[[str], None]) -> None:
    """Of one line after the other; every line that is not as expected is named."""
    faults: dict[str, str] = {}
    for line in lines:
        try:
            expect(line)
        except AssertionError as fault:
            faults[line] = str(fault)
    assert not faults, "\n\n".join(f"{line}\n{fault}" for line, fault in faults.items())


def expect_what_readme_promises(type_: Type, kind: str, line: str) -> None:
    command = line.removeprefix("softmax-tui ")
    name = command.split()[0]
    briefly = "" if name == "losses" and "--preset" in line else _BRIEFLY.get(name, "")
    seen = type_(command, *briefly.split())
    check(seen, 1 if "diverges" in line else 0, kind, for_scripts(line))
    if kind in _COLOURED and not for_scripts(line):
        assert "\x1b[" in seen.output, "no colours in a terminal that has them"


@pytest.mark.parametrize("line", HELP)
def test_a_help(type_: Type, kind: str, line: str) -> None:
    seen = type_(line)
    check(seen, 0, kind)
    assert seen.text.startswith("usage: softmax-tui")


def test_the_forms_of_the_commands_one_after_the_other(first_desk: Path, kind: str, tmp_path: Path) -> None:
    """On a desk of their own: the last ones delete what the first ones need."""
    shutil.copytree(first_desk, folder := tmp_path / "desk")

    def expect(line: str) -> None:
        briefly = _BRIEFLY["vocabulary"].split() if line.startswith("vocabulary") else []
        check(typed(KINDS[kind], folder, [*shlex.split(line), *briefly]), 0, kind, for_scripts(line))

    expect_all(FORMS, expect)


@pytest.mark.parametrize(("code", "line"), REFUSALS)
def test_a_refusal(type_: Type, kind: str, code: int, line: str) -> None:
    seen = type_(line)
    check(seen, code, kind)
    assert any(said.startswith("softmax-tui:") for said in seen.lines)
    if LONG_NAME in line:
        assert LONG_NAME in "".join(seen.text.split()), "a part of the name is lost"


def test_a_question_is_asked_and_no_is_an_answer(type_: Type, kind: str) -> None:
    check(type_("runs delete r0002", keys="n\n"), 1, kind)
    check(type_("runs delete r0002", keys="\x04"), 1, kind)
    check(type_("runs show r0002"), 0, kind)


def test_the_engine_ends_with_its_input(type_: Type, kind: str) -> None:
    check(type_("engine", keys="\x04"), 0, kind, for_scripts=True)


@pytest.mark.parametrize("line", ["", "open theirs.npz", "--engine-command 'no-such-program engine'"])
def test_the_app_refuses_a_terminal_that_cannot_move_its_cursor(type_: Type, kind: str, line: str) -> None:
    if kind != "dumb":
        pytest.skip("the app opens there: see test_life.py")
    check(type_(line), 2, kind)


def test_the_doctor(type_: Type, kind: str) -> None:
    check(type_("doctor"), 0, kind)
