"""Over ssh to a real sshd, in a tmux there: `c` fills tmux's buffer with the command, and shows it."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal.desk import environ_at
from tests.terminal.shown import Shown

SSHD = shutil.which("sshd") or shutil.which("/usr/sbin/sshd")
MISSING = [name for name in ("ssh", "ssh-keygen", "tmux") if shutil.which(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING) or SSHD is None, reason=f"needs {', '.join([*MISSING, 'sshd'])}"),
    pytest.mark.skipif(
        os.geteuid() == 0 and not Path("/run/sshd").is_dir(), reason="sshd, started by root, needs the folder /run/sshd"
    ),
]
ESCAPE, CTRL_Q = "\x1b", "\x11"


@pytest.fixture
def to_there(tmp_path: Path) -> Iterator[list[str]]:
    """The words of `ssh` to this machine, through a daemon with keys of its own."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "ListenAddress": f"127.0.0.1:{port}",
        "HostKey": tmp_path / "host",
        "AuthorizedKeysFile": tmp_path / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",  # the folder of a test need not be one that only its owner can enter
        "UsePAM": "no",
        "PermitRootLogin": "prohibit-password",
    }
    (tmp_path / "config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    assert SSHD is not None
    log = (tmp_path / "sshd.log").open("wb")
    daemon = subprocess.Popen([SSHD, "-D", "-e", "-f", str(tmp_path / "config")], stderr=log)
    options = ("IdentitiesOnly=yes", f"UserKnownHostsFile={tmp_path}/known", "StrictHostKeyChecking=accept-new")
    flags = [word for option in options for word in ("-o", option)]
    try:
        _until_it_listens(port, daemon, tmp_path / "sshd.log")
        yield ["ssh", "-tt", "-F", "none", "-p", str(port), "-i", str(tmp_path / "user"), *flags]
    finally:
        daemon.terminate()
        daemon.wait(20)
        log.close()


def _until_it_listens(port: int, daemon: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 20
    while True:
        with closing(socket.socket()) as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert daemon.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.05)


def test_c_fills_the_buffer_of_tmux_at_the_far_end_and_shows_the_command(tmp_path: Path, to_there: list[str]) -> None:
    environ = environ_at(tmp_path)
    places = [f"{name}={value}" for name, value in environ.items() if name not in ("TERM", "PATH")]
    app = ["env", *places, sys.executable, "-P", "-m", "tui.cli.main"]
    buffer_socket = f"/tmp/tmux-ssh-{os.getpid()}"  # not pytest's folder: a socket's path is under 104 bytes
    tmux = ["tmux", "-u", "-S", buffer_socket, "-f", "/dev/null"]
    command = [*to_there, f"{getpass.getuser()}@127.0.0.1", shlex.join([*tmux, "new-session", shlex.join(app)])]
    shown = Shown(command, environ)
    try:
        shown.until("No run has started yet")
        shown.press("6")
        shown.until("no sweep yet")
        shown.press("c")
        shown.until("Copied to tmux's buffer")
        wanted = "softmax-tui sweep learning-rate 0.001 0.01 0.03 0.1 0.3 1"
        assert any(line.strip() == wanted for line in shown.lines)
        found = subprocess.run([*tmux, "show-buffer"], capture_output=True, text=True, check=True)
        assert found.stdout == wanted
        shown.press(ESCAPE)
        shown.settle()
        shown.press(CTRL_Q)
        shown.leave()
        assert b"Traceback" not in shown.output
    finally:
        shown.close()
        subprocess.run([*tmux, "kill-server"], capture_output=True, check=False)  # it has ended with the app
        Path(buffer_socket).unlink(missing_ok=True)
