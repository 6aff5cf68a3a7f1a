"""What the worker says about itself and about the commands it was given."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from engine.contract.quantities import Count, OneOrMore, Rate, Seconds, Text, Texts, expect

# Of the wire; a worker and a client of different ones do not talk.
PROTOCOL = 2


class WarmingUp(Struct, frozen=True, tag="warming_up", tag_field="type"):
    """The worker is not ready yet; `doing` says what takes the time."""

    doing: Text


class Ready(Struct, frozen=True, kw_only=True, tag="ready", tag_field="type"):
    """The worker's side of the handshake, sent once it can compute; `ranks` share sweeps and the vocabulary's jobs."""

    protocol: Count
    version: Text
    python: Text
    torch: Text
    devices: Annotated[Texts, Meta(min_length=1)]
    host: Text
    pid: Count
    store: Text
    data_dir: Text
    ranks: OneOrMore = 1

    def __post_init__(self) -> None:
        expect(self.protocol == PROTOCOL, f"protocol {PROTOCOL}, found {self.protocol}: the two ends differ in version")


class Heartbeat(Struct, frozen=True, tag="heartbeat", tag_field="type"):
    """Sent once a second, from the first word on, by a thread that does not compute, or a process while torch loads.

    `idle_seconds` since the computing thread last moved on.
    `memory_bytes` is what tensors take on a CUDA device, without one what the process takes; 0 is unknown.
    """

    idle_seconds: Seconds
    busy_with: Text
    memory_bytes: Count = 0


class Part(Struct, frozen=True, tag="part", tag_field="type"):
    """A part of a line that was compressed (zlib), for a reader whose line is slow; other lines may stand between."""

    data: bytes
    last: bool


class Failed(Struct, frozen=True, tag="failed", tag_field="type"):
    """A command or question that could not be obeyed; `request` is its number, 0 for the job itself."""

    request: Count
    message: Text


class Done(Struct, frozen=True, tag="done", tag_field="type"):
    """A command was obeyed."""

    request: Count


class PaceChanged(Struct, frozen=True, tag="pace", tag_field="type"):
    """How the job moves now. `minibatches_per_second` is 0 at full speed."""

    paused: bool
    minibatches_per_second: Rate


class Detached(Struct, frozen=True, kw_only=True, tag="detached", tag_field="type"):
    """The worker outlives its terminal from now on. `socket` and `log` are paths on `host`.

    `warning` says what would end it at logout nevertheless, and what to do; "" where nothing does.
    """

    host: Text
    pid: Count
    socket: Text
    log: Text
    warning: Text = ""


class ControlChanged(Struct, frozen=True, kw_only=True, tag="control", tag_field="type"):
    """Who controls a detached worker, told to every viewer; `holder` is "" where nobody does.

    `yours` is true for one viewer at most. `term` rises with every change.
    """

    holder: Text
    yours: bool
    term: Count
