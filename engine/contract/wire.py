"""Everything that travels from the worker to whoever started it."""

from __future__ import annotations

from engine.contract.answers import (
    ExampleShown,
    MistakesShown,
    RunReplayed,
    RunsListed,
    SoftmaxTraced,
    WeightsShown,
)
from engine.contract.engine_events import Done, Failed, Heartbeat, PaceChanged, Ready, WarmingUp
from engine.contract.events import RunEvent
from engine.contract.progress import Notice, Progress

Reply = Done | Failed | SoftmaxTraced | WeightsShown | MistakesShown | ExampleShown | RunsListed | RunReplayed
Event = RunEvent | Progress | Notice | WarmingUp | Ready | Heartbeat | PaceChanged | Reply
