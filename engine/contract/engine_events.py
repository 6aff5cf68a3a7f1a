"""What the worker says about itself and about the commands it was given."""

from __future__ import annotations

from msgspec import Struct


class WarmingUp(Struct, frozen=True, tag="warming_up", tag_field="type"):
    """The worker is not ready yet; `doing` says what takes the time."""

    doing: str


class Ready(Struct, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """The worker's side of the handshake, sent once it can compute; `ranks` share sweeps and the vocabulary's jobs."""

    protocol: int
    version: str
    python: str
    torch: str
    devices: tuple[str, ...]
    host: str
    pid: int
    store: str
    data_dir: str
    ranks: int = 1


class Heartbeat(Struct, frozen=True, tag="heartbeat", tag_field="type"):
    """Sent once a second by a thread that does not compute. `idle_seconds` since the computing one last moved on.

    `memory_bytes` is what tensors take on a CUDA device, without one what the process takes; 0 is unknown.
    """

    idle_seconds: float
    busy_with: str
    memory_bytes: int = 0


class Failed(Struct, frozen=True, tag="failed", tag_field="type"):
    """A command or question that could not be obeyed; `request` is its number, 0 for the job itself."""

    request: int
    message: str


class Done(Struct, frozen=True, tag="done", tag_field="type"):
    """A command was obeyed."""

    request: int


class PaceChanged(Struct, frozen=True, tag="pace", tag_field="type"):
    """How the job moves now. `minibatches_per_second` is 0 at full speed."""

    paused: bool
    minibatches_per_second: float
