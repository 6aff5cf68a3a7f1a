"""No value of any option is a traceback: it is taken, or refused in one line."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.terminal.desk import lay_out
from tests.terminal.odd_arguments import Words, commands, tries
from tests.terminal.typed import Kind, Seen, loaded, typed

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals")

WIDE = Kind(4000, {"TERM": "dumb", "SOFTMAX_TUI_MIRROR": "http://127.0.0.1:9"})
_TRIES, _SECONDS = 60, 60.0


def fault(seen: Seen) -> str:
    """What is wrong with how a command ended, "" for nothing."""
    said = [line for line in seen.text.splitlines() if line.startswith("softmax-tui: ")]
    if "Traceback" in seen.text or seen.code not in (0, 1, 2):
        return f"exit code {seen.code}: {seen.text[-1500:]}"
    if "\x1b" in seen.output:
        return f"an escape reached the terminal: {seen.output[-500:]!r}"
    if seen.code == 2 and (len(said) != 1 or len(seen.text.splitlines()) != 1):
        return f"refused in other than one line: {seen.text[-1500:]}"
    return ""


def test_odd_values_are_taken_or_refused_in_one_line(tmp_path: Path) -> None:
    faults: dict[str, str] = {}
    with loaded() as preloaded:
        lay_out(tmp_path)
        for rate in ("0.1", "0.01"):
            assert typed(preloaded, WIDE, tmp_path, ["train", "--epochs", "1", "--learning-rate", rate]).code == 0
        for words in tries(13, _TRIES):
            if found := fault(typed(preloaded, WIDE, tmp_path, words, "\x04\x04", _SECONDS)):
                faults[repr(words)[:300]] = found
    assert not faults, "\n".join(f"{words}: {found}" for words, found in faults.items())


def test_every_option_of_every_command_is_tried_with_two_dashes() -> None:
    tried: list[Words] = list(tries(13, 0))
    for name, parser in commands().items():
        for action in parser._actions:
            if action.option_strings and action.nargs is None:
                assert any(words[-1] == f"{action.option_strings[-1]}=--" for words in tried), (name, action)


def test_a_process_that_dies_is_a_fault() -> None:
    assert fault(Seen(-signal.SIGSEGV, "", 80))
    assert fault(Seen(1, "Traceback (most recent call last):", 80))
    assert fault(Seen(2, "softmax-tui: one line\nand another", 80))
    assert not fault(Seen(2, "softmax-tui: one line\n", 80))
