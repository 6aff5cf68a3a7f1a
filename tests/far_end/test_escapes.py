"""The bytes that reach a real terminal while the far end writes escapes into every name, path, notice and reason."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import sys
import threading
from pathlib import Path

from tests.far_end.mutations import ESCAPES, hostile, line_of
from tests.far_end.playing import ANSWERS, READY, RECORDED
from tests.far_end.stage import PEER
from tests.terminal.terminal import Terminal, bare, children
from tui.pane.commands import PANES

_ESCAPE = "".join(ESCAPES[:-1])  # the last one holds lone surrogates, which no message may
# What the app itself writes: cursor, colours, erasing, modes and their questions, and of OSC the pointer's shape.
_OWN = re.compile(rb"\x1b(?:\]22;[a-z-]*\x07|\[[?<>=]?[0-9;:]*(?:\$p|[A-HJKSTdfhlmnpqrstu])|[=>78]|\(B)")
_UNSEEN = re.compile("[\u0080-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")


def serve(path: str, lines: list[bytes]) -> socket.socket:
    """A socket at which whoever connects is told these lines."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen()

    def tell() -> None:
        peer, _ = server.accept()
        peer.sendall(b"".join(lines))
        peer.recv(1)  # until it leaves: the end of the socket would be the peer's

    threading.Thread(target=tell, daemon=True).start()
    return server


def test_no_byte_of_an_escape_reaches_the_terminal_as_one(tmp_path: Path) -> None:
    said = [hostile(one, _ESCAPE) for asked, one in RECORDED if asked is None and one["type"] != "ready"]
    lines = [
        {"answers": {tag: hostile(reply, _ESCAPE) for tag, reply in ANSWERS.items()}},
        {"complain": _ESCAPE.encode().decode("latin-1") + "\n"},
        *[{"say": line_of(one).decode() + "\n"} for one in (hostile(READY, _ESCAPE), *said)],
    ]
    path = str(tmp_path / "stage")
    server = serve(path, [json.dumps(line).encode() + b"\n" for line in lines])
    command = shlex.join([sys.executable, "-S", str(PEER), path])
    environ = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor"}
    terminal = Terminal([sys.executable, "-m", "tui.cli.main", "--engine-command", command], environ, (120, 40))
    try:
        terminal.wait_for("Train")
        for entry in (*PANES, *PANES):  # the second time all answers are there
            terminal.press(f"{entry.number}")
            settle(terminal)
        terminal.signal(signal.SIGKILL, worker_of(terminal))
        terminal.wait_for("line dropped")  # it has said that it is detached: the app tries again
        settle(terminal)
        terminal.press("\x11")
        settle(terminal)
    finally:
        terminal.close()
        server.close()
    assert_harmless(terminal.output)
    assert "PWNED" in terminal.output.decode(), "no name of the far end was drawn at all"


def settle(terminal: Terminal) -> None:
    """Until nothing is drawn for a while."""
    while terminal.read(0.4):
        pass


def worker_of(terminal: Terminal) -> int:
    found = children(terminal.process.pid)
    assert len(found) == 1, bare(terminal.output)[-3000:].decode()
    return found[0]


def assert_harmless(output: bytes) -> None:
    text = output.decode("utf-8")  # strictly: no lone surrogate, no half of a character
    assert not (found := _UNSEEN.search(text)), ascii(text[max(0, found.start() - 400) : found.end() + 40])
    rest = _OWN.sub(b"", output)
    place = rest.find(b"\x1b")
    assert place < 0, ascii(rest[max(0, place - 40) : place + 60])
    for control in rest:
        assert control >= 32 or control in b"\r\n\b"
