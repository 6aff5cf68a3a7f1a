"""A program that speaks the protocol and computes nothing: it says its lines, then waits for its end."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.contract.codec import encode
from engine.contract.engine_events import PROTOCOL, Ready
from engine.contract.wire import Event

READY = Ready(
    protocol=PROTOCOL, version="0", python="3", torch="2", devices=("cpu",), host="here", pid=1, store="s", data_dir="d"
)
_PROGRAM = """
import json, pathlib, sys
starts, out, err = json.loads(sys.argv[1])
with pathlib.Path(starts).open("a") as file:
    file.write("started\\n")
for stream, text in ((sys.stderr, err), (sys.stdout, out)):
    stream.buffer.write(text.encode())
    stream.flush()
for line in sys.stdin:
    number = json.loads(line).get("request")
    if number:
        print(json.dumps({"type": "failed", "request": number, "message": "only lines are scripted"}), flush=True)
"""


def worker_that_says(starts: Path, events: Sequence[Event], stderr: str = "") -> list[str]:
    """The command of a worker that says these events. Every start of it adds a line to `starts`."""
    lines = "".join(encode(event).decode() for event in events)
    return [sys.executable, "-S", "-c", _PROGRAM, json.dumps([str(starts), lines, stderr])]
