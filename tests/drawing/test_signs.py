"""Every sign that this program writes has one in ASCII."""

import ast
import gc
from collections.abc import Iterator
from pathlib import Path

from rich.cells import cell_len

from tui.drawing.signs import in_ascii, spelled_out

ROOT = Path(__file__).parents[2]
_DRAWN_OTHERWISE = set("\ufffd")  # refused in fields

_READ = ROOT / "engine" / "labs" / "vocabulary" / "tokens.py"  # its letters are looked for in texts, and never written

_IN_SENTENCES = set("±²“”≤≥")  # in no drawing


def written_signs() -> Iterator[str]:
    """The characters beyond ASCII in the strings of the program, docstrings left out."""
    for path in [*(ROOT / "tui").rglob("*.py"), *(ROOT / "engine").rglob("*.py")]:
        if path == _READ:
            continue
        gc.disable()  # a task of another test that is collected meanwhile formats a traceback, which parses, too
        tree = ast.parse(path.read_text("utf-8"))
        gc.enable()
        alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
                yield from (character for character in node.value if not character.isascii())


def test_no_sign_of_the_program_becomes_a_question_mark_or_an_escape() -> None:
    written = {sign for sign in written_signs() if cell_len(sign) == 1}  # wide ones are read, never written
    assert {sign for sign in written if "\\" in spelled_out(sign)} <= _DRAWN_OTHERWISE
    assert {sign for sign in written if in_ascii(sign) == "?"} <= _DRAWN_OTHERWISE | _IN_SENTENCES


def test_a_drawing_keeps_its_shape() -> None:
    text = "▸ ↓0 ≠0.1 −3 Σ ÷ 0 · × → ← 1–5 ↑ ☃ 日本"
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == cell_len(text)


def test_a_letter_loses_its_accents() -> None:
    assert in_ascii("Hülle, école, 10²") == "Hulle, ecole, 10?"


def test_a_sentence_reads_well_and_two_names_stay_apart() -> None:
    assert spelled_out("784 → 10 · 0.01² … ±1") == "784 -> 10 . 0.01^2 ... +-1"
    assert spelled_out("Hülle") == "H\\xfclle"
    assert spelled_out("猫") == "\\u732b"
    assert spelled_out("猫") != spelled_out("犬")
