"""Commands that are typed into a terminal of a process that has imported everything already."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.terminal.terminal import bare

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Kind:
    """A kind of terminal."""

    columns: int
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """What a person sees who typed a command."""

    code: int
    output: str
    columns: int

    @property
    def lines(self) -> list[str]:
        """Each line as it was written, without sequences; one that was written over another is a line as well."""
        return [part for line in self.text.split("\n") for part in line.split("\r")]

    @property
    def text(self) -> str:
        return bare(self.output.encode()).decode()


@contextmanager
def loaded() -> Iterator[subprocess.Popen[str]]:
    """The process that commands are forked from."""
    command = [sys.executable, "-m", "tests.terminal.preloaded"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    assert json.loads(process.stdout.readline()) == "ready"
    try:
        yield process
    finally:
        process.stdin.close()
        process.wait(10)


def typed(
    preloaded: subprocess.Popen[str],
    kind: Kind,
    folder: Path,
    arguments: list[str],
    keys: str = "",
    seconds: float = 100,
) -> Seen:
    """Types a command at a desk, and keys after it. What takes longer is killed."""
    assert preloaded.stdin is not None
    assert preloaded.stdout is not None
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "SOFTMAX_TUI_STORE": str(folder / "store"),
        "SOFTMAX_TUI_DATA_DIR": str(folder / "data"),
        **kind.environ,
    }
    request = {
        "arguments": arguments,
        "environ": environ,
        "folder": str(folder),
        "columns": kind.columns,
        "keys": keys,
        "seconds": seconds,
    }
    preloaded.stdin.write(json.dumps(request) + "\n")
    preloaded.stdin.flush()
    answer = json.loads(preloaded.stdout.readline())
    output = answer["output"].encode("latin-1").decode()
    return Seen(answer["code"], output, kind.columns)
