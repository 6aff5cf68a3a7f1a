"""How much memory the worker takes, for whoever watches it."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import torch

_STATM = Path("/proc/self/statm")


def memory_bytes() -> int:
    """What tensors take on the CUDA devices; where that is nothing, what the process takes of the machine's memory."""
    started: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count()) if started else ()
    return sum(torch.cuda.memory_allocated(device) for device in devices) or _resident_bytes()


def _resident_bytes() -> int:
    if _STATM.exists():
        return int(_STATM.read_text("ascii").split()[1]) * resource.getpagesize()
    # Elsewhere only the most that it ever was can be had without another package: in bytes on a Mac, else in KiB.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
