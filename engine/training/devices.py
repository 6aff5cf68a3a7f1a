"""Which devices there are, and which one a run gets."""

from __future__ import annotations

import torch

from engine.contract.errors import InputError


def available() -> tuple[str, ...]:
    """The names of this machine's devices, the one that `auto` takes first."""
    cuda = tuple(f"cuda:{index}" for index in range(torch.cuda.device_count())) if torch.cuda.is_available() else ()
    mps = ("mps",) if torch.backends.mps.is_available() else ()
    return (*cuda, *mps, "cpu")


def resolve(name: str, dtype: str = "float32") -> torch.device:
    """The device that a config's `device` stands for.

    Raises:
        InputError: for a name this machine has no device for, and for float64 on mps.
    """
    here = available()
    wanted = here[0] if name == "auto" else "cuda:0" if name == "cuda" and "cuda:0" in here else name
    if name == "auto" and wanted == "mps" and dtype == "float64":
        wanted = "cpu"  # Apple's GPUs have no float64
    if wanted not in here:
        raise InputError(f"device: found {name!r}, expected auto or one of this machine's: {', '.join(here)}")
    if wanted == "mps" and dtype == "float64":
        raise InputError("device: found mps with dtype float64, expected cpu: mps has no float64")
    return torch.device(wanted)


def described(device: torch.device) -> str:
    """The device in words, for people: "cpu", "cuda:0 (NVIDIA H100)"."""
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)
