"""A process that its parent has left: it clears up and goes, whichever of its two pipes tells it first."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.processes.child import code_words, exit_status

CHILD = """
import pathlib, sys, time
from msgspec import Struct
from engine.processes.parent import Parent

class Word(Struct):
    text: str

def clear_up():
    time.sleep(0.3)
    pathlib.Path(sys.argv[1]).unlink()

parent = Parent(None, at_end=clear_up)
time.sleep(float(sys.argv[2]))
parent.send(Word("is anybody there?"))
time.sleep(30)
"""


@pytest.mark.parametrize("ended", ["stdin", "stdout", "both"])
def test_a_process_without_a_parent_clears_up_and_leaves(ended: str, tmp_path: Path) -> None:
    file = tmp_path / "unfinished"
    file.touch()
    child = subprocess.Popen(
        [sys.executable, "-P", "-c", CHILD, str(file), "0.1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    if ended != "stdout":
        child.stdin.close()
    if ended != "stdin":
        child.stdout.close()
    assert child.wait(20) == 0
    assert child.stderr.read() == b""
    assert not file.exists()
    child.stderr.close()


def test_the_end_of_a_process_is_told_by_its_signal_or_its_exit_code() -> None:
    assert (code_words(-15), code_words(3)) == ("SIGTERM", "exit code 3")
    assert exit_status(-11, "") == "the process ended (SIGSEGV)"
    assert exit_status(1, "no room") == "the process ended (exit code 1): no room"
