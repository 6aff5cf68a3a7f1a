"""Everything that travels from the worker to whoever started it."""

from __future__ import annotations

from engine.contract.answers import (
    DecisionShown,
    ExampleShown,
    ImagesShown,
    MemoryShown,
    MistakesShown,
    RunReplayed,
    RunsListed,
    SoftmaxTraced,
    SweepReplayed,
    SweepsListed,
    ThresholdMoved,
    WeightsShown,
)
from engine.contract.engine_events import Done, Failed, Heartbeat, PaceChanged, Ready, WarmingUp
from engine.contract.events import RunEvent
from engine.contract.loss_lab import LossLabEvent
from engine.contract.loss_training import LossTrainingEvent
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepEvent, SweepProgress
from engine.contract.vocabulary_events import VocabularyEvent
from engine.contract.yours import YoursJudged

Reply = (
    Done
    | Failed
    | SoftmaxTraced
    | WeightsShown
    | MistakesShown
    | ExampleShown
    | RunsListed
    | RunReplayed
    | DecisionShown
    | ThresholdMoved
    | ImagesShown
    | MemoryShown
    | SweepsListed
    | SweepReplayed
    | YoursJudged
)
JobEvent = RunEvent | SweepEvent | SweepProgress | LossLabEvent | LossTrainingEvent | VocabularyEvent
Event = JobEvent | Progress | Notice | WarmingUp | Ready | Heartbeat | PaceChanged | Reply
