"""One table has a style for whatever role a drawing or a command has."""

import re
from pathlib import Path
from typing import get_args

from engine.contract.answers import RunSummary
from tui.cli.doctor import Check
from tui.drawing.palette import DARK, STYLES, styled

_REPLACED = "multiple"  # by another before it is drawn
ROOT = Path(__file__).parents[2]


def test_every_role_of_the_drawings_has_a_style() -> None:
    assert DARK.keys() <= STYLES.keys()
    roles = {role for path in (ROOT / "tui").rglob("*.py") for role in _roles(path)}
    assert {"text", "muted", "title"} <= roles - {_REPLACED} <= STYLES.keys()


def test_every_state_of_a_run_and_of_a_check_has_a_style() -> None:
    statuses = set(get_args(RunSummary.__annotations__["status"])) | set(get_args(Check.__annotations__["status"]))
    assert statuses <= STYLES.keys()


def test_no_command_has_a_table_of_its_own() -> None:
    for path in (ROOT / "tui").rglob("*.py"):
        if path.name != "palette.py":
            assert not re.search(r"STYLES\s*(:[^=]*)?=\s*{", path.read_text("utf-8")), path.name


def test_an_unknown_role_is_plain() -> None:
    assert styled("text", "no such role") == "text"
    assert styled("text", "wrong") == "\x1b[31mtext\x1b[0m"


def _roles(path: Path) -> list[str]:
    return re.findall(r"Run\([^\n]*?, \"([a-z][a-z0-9-]*)\"\)", path.read_text("utf-8"))
