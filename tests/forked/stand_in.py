"""Stands in for `python -P -m MODULE ARGUMENTS`, as a fork of the process that listens at SOCKET.

`python -I -S stand_in.py SOCKET MODULE ARGUMENTS`: a process with the pid that whoever started it knows. It hands its
standard streams on and keeps none, so that their ends are those of the fork; signals are passed on; the fork's end is
its own, and where it is killed so is the fork. Of Python's libraries it imports the least: it is started often.
"""

import json
import os
import signal
import socket
import sys

_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGABRT, signal.SIGUSR1, signal.SIGWINCH)


def main(path: str, module: str, arguments: list[str]) -> None:
    forked = socket.socket(socket.AF_UNIX)
    forked.connect(path)
    request = {
        "module": module,
        "arguments": arguments,
        "environ": dict(os.environ),
        "folder": os.getcwd(),  # noqa: PTH109 - pathlib takes longer to import than all else
        "hang_up_ignored": signal.getsignal(signal.SIGHUP) is signal.SIG_IGN,
    }
    line = json.dumps(request).encode()
    socket.send_fds(forked, [len(line).to_bytes(4, "big")], [0, 1, 2])
    forked.sendall(line)
    os.closerange(0, 3)
    pid = _number(forked)
    for number in _PASSED_ON:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: _kill(pid, number))
    _end_as(_number(forked))


def _number(forked: socket.socket) -> int:
    answer = b""
    while len(answer) < 4:
        block = forked.recv(4 - len(answer))
        if not block:
            os._exit(70)  # what forks is gone
        answer += block
    return int.from_bytes(answer, "big", signed=True)


def _kill(pid: int, number: int) -> None:
    try:  # noqa: SIM105 - contextlib takes longer to import than all else
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it has just ended, and its end is on its way


def _end_as(code: int) -> None:
    if code < 0:
        if code not in (-signal.SIGKILL, -signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
