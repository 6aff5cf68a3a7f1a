"""How much memory may still be taken, and how much the process has taken."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

_MARGIN = 0.9  # of what is free: the rest of the machine goes on living
_CGROUPS = Path("/sys/fs/cgroup")
_STATUS = Path("/proc/self/status")


def available_bytes(device: torch.device, most: int = 0) -> int:
    """What may be allocated, a tenth of what is free left over; at most `most` where that is not 0."""
    if device.type == "cuda":
        free = int(torch.cuda.mem_get_info(device)[0])
    else:
        free = min(_free_here(), *_free_by_cgroups(), 2**62)
    free = int(free * _MARGIN)
    return min(free, most) if most else free


def taken_bytes() -> int:
    """What tensors take on the CUDA devices; where that is nothing, what the process takes of the machine's memory."""
    started: bool = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    devices = range(torch.cuda.device_count()) if started else ()
    if on_devices := sum(torch.cuda.memory_allocated(device) for device in devices):
        return on_devices
    if (resident := _kilobytes(_STATUS, "VmRSS")) is not None:
        return resident
    # Elsewhere only the most that it ever was can be had without another package: in bytes on a Mac, else in KiB.
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def limit_to_more(most: int) -> None:
    """This process gets a MemoryError for what it wants beyond its present addresses and `most` bytes. Linux alone."""
    taken = _kilobytes(_STATUS, "VmSize")
    if taken is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = taken + most if hard == resource.RLIM_INFINITY else min(taken + most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _free_here() -> int:
    """What the kernel says could be used without swapping; half of all memory where it does not say."""
    found = _kilobytes(Path("/proc/meminfo"), "MemAvailable")
    if found is not None:
        return found
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def _free_by_cgroups() -> Iterator[int]:
    """What a container, a batch scheduler's job or a systemd slice leaves: cgroup v2 and v1, every level."""
    try:
        lines = Path("/proc/self/cgroup").read_text("ascii").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        top = _CGROUPS / "memory" if controllers else _CGROUPS
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
        folder = top / path.lstrip("/")
        # Within a container the path is the host's: what is mounted at the top is the container's own then.
        for level in (folder, *folder.parents):
            limit, used = (_number(level / name) for name in names)
            if limit is not None and used is not None:
                yield max(0, limit - used + _reclaimable(level))
            if level == top:
                break


def _reclaimable(level: Path) -> int:
    """File pages that count as used and are given back for the asking."""
    try:
        lines = (level / "memory.stat").read_text("ascii").splitlines()
    except OSError:
        return 0
    found = dict(line.split() for line in lines)
    return int(found.get("total_inactive_file", found.get("inactive_file", 0)))


def _number(file: Path) -> int | None:
    try:
        text = file.read_text("ascii").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _kilobytes(file: Path, name: str) -> int | None:
    """The bytes behind "Name:  123 kB"."""
    try:
        lines = file.read_text("ascii").splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith(name + ":")), None)
    return int(found.split()[1]) * 1024 if found else None


def _give_back_what_was_freed() -> None:
    """glibc keeps up to 64 MB for later: what is taken from them would not make the process any larger."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library, without a function of this name
            ctypes.CDLL(None).malloc_trim(0)


class ResidentPeak:
    """How much larger the process grew since this was made, as the kernel counts its pages. Linux alone tells."""

    def __init__(self) -> None:
        self._before: int | None = None
        _give_back_what_was_freed()
        try:
            Path("/proc/self/clear_refs").write_text("5", "ascii")  # forgets the highest so far
            self._before = _kilobytes(_STATUS, "VmRSS")
        except OSError:
            return

    def grown(self) -> int | None:
        """The highest since, less what there was; None where nobody tells."""
        highest = _kilobytes(_STATUS, "VmHWM")
        return None if self._before is None or highest is None else max(0, highest - self._before)
