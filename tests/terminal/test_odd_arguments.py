"""No value of any option is a traceback: it is taken, or refused in one line."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.terminal.desk import lay_out
from tests.terminal.odd_arguments import tries, two_dashes
from tests.terminal.typed import Kind, Seen, typed
from tui.cli.main import main

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux's pseudo-terminals")

WIDE = Kind(20_000, {"TERM": "dumb", "SOFTMAX_TUI_MIRROR": "http://127.0.0.1:9"})
_TRIES, _SECONDS = 100, 60.0


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


def lay_out_with_runs(folder: Path) -> None:
    lay_out(folder)
    for rate in ("0.1", "0.01"):
        assert typed(WIDE, folder, ["train", "--epochs", "1", "--learning-rate", rate]).code == 0


def test_odd_values_are_taken_or_refused_in_one_line(tmp_path: Path) -> None:
    faults: dict[str, str] = {}
    lay_out_with_runs(tmp_path)
    for words in tries(13, _TRIES):
        if found := fault(typed(WIDE, tmp_path, words, "\x04\x04", _SECONDS)):
            faults[repr(words)[:300]] = found
    assert not faults, "\n".join(f"{words}: {found}" for words, found in faults.items())


def test_two_dashes_for_a_value_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    tried = list(two_dashes())
    assert len(tried) > 100
    for flag, words in tried:
        assert main(words) == 2, words
        assert capsys.readouterr().err.startswith(f"softmax-tui: {flag}: found '--', expected a value; see softmax-tui")


def test_a_folder_of_the_engine_may_begin_with_dashes(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []
    monkeypatch.setattr("engine.worker.process.main", lambda arguments: told.append(arguments) or 0)
    assert main(["engine", "--store=--1", "--data-dir=--2"]) == 0
    assert told == [["--store=--1", "--data-dir=--2"]]


def test_a_process_that_dies_is_a_fault() -> None:
    assert fault(Seen(-signal.SIGSEGV, "", 80))
    assert fault(Seen(1, "Traceback (most recent call last):", 80))
    assert fault(Seen(2, "softmax-tui: one line\nand another", 80))
    assert not fault(Seen(2, "softmax-tui: one line\n", 80))
