"""Watching the child process of a download: what has arrived, and that something still arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from engine.data.mirrors import MirrorReport
from engine.processes.child import Child

STALL_SECONDS = 30.0
# Importing torchvision is not a stalled download; on a cold disk it takes its time.
IMPORT_SECONDS = 120.0
_POLL_SECONDS = 0.1


class Stalled(Exception):  # noqa: N818 - what happened to the download, said as it is
    """Nothing has arrived for too long; `str()` says for how long."""


def watched(
    child: Child[MirrorReport],
    measure: Callable[[], tuple[int, int]],
    reports: list[MirrorReport],
    stall_seconds: float,
    begun: Callable[[], bool] = lambda: True,
) -> Generator[int, None, None]:
    """Yields the bytes that have arrived, ten times a second, and gathers what the child says.

    `measure` gives what is told as progress and what has been written in all; `begun` whether the child has imported
    what it needs.

    Raises:
        Ended: the child is done, or has failed.
        Stalled: nothing arrives.
    """
    seen, since = (-1, -1), time.monotonic()
    while True:
        arrived, written = measure()
        yield arrived
        has_begun = begun()  # looked at before the report that comes with it is heard
        while (report := child.receive(_POLL_SECONDS)) is not None:
            reports.append(report)
        if seen != (written, len(reports)):
            seen, since = (written, len(reports)), time.monotonic()
        limit = stall_seconds if has_begun else max(stall_seconds, IMPORT_SECONDS)
        if time.monotonic() - since > limit:
            raise Stalled(f"nothing arrived for {limit:g} s")
