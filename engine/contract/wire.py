"""Everything that travels from the worker to whoever started it."""

from __future__ import annotations

from engine.contract.answers import Answer
from engine.contract.engine_events import Done, Failed, Heartbeat, PaceChanged, Ready, WarmingUp
from engine.contract.events import RunEvent
from engine.contract.loss_lab import LossLabEvent
from engine.contract.loss_training import LossTrainingEvent
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepEvent, SweepProgress
from engine.contract.vocabulary_events import VocabularyEvent

Reply = Done | Failed | Answer
JobEvent = RunEvent | SweepEvent | SweepProgress | LossLabEvent | LossTrainingEvent | VocabularyEvent
Event = JobEvent | Progress | Notice | WarmingUp | Ready | Heartbeat | PaceChanged | Reply
