"""Everything that travels from the worker to whoever started it, and which answer belongs to which question."""

from __future__ import annotations

from engine.contract import answers, commands
from engine.contract.answers import Answer
from engine.contract.commands import Command
from engine.contract.engine_events import (
    ControlChanged,
    Detached,
    Done,
    Failed,
    Heartbeat,
    PaceChanged,
    Part,
    Ready,
    WarmingUp,
)
from engine.contract.errors import InputError
from engine.contract.events import RunEvent
from engine.contract.loss_lab import LossLabEvent
from engine.contract.loss_training import LossTrainingEvent
from engine.contract.progress import Notice, Progress
from engine.contract.sweeps import SweepEvent, SweepProgress
from engine.contract.trace import shape_of
from engine.contract.vocabulary_events import VocabularyEvent
from engine.contract.yours import YoursJudged

Reply = Done | Failed | Answer
JobEvent = RunEvent | SweepEvent | SweepProgress | LossLabEvent | LossTrainingEvent | VocabularyEvent
Told = Progress | Notice | WarmingUp | Ready | Heartbeat | PaceChanged | Detached | ControlChanged
Event = JobEvent | Told | Part | Reply


# Every other command is answered with `Done`.
ANSWERS: dict[type[Command], type[Reply]] = {
    commands.TraceSoftmax: answers.SoftmaxTraced,
    commands.OfferYours: YoursJudged,
    commands.ShowWeights: answers.WeightsShown,
    commands.ShowMistakes: answers.MistakesShown,
    commands.ShowExample: answers.ExampleShown,
    commands.ListRuns: answers.RunsListed,
    commands.ReplayRun: answers.RunReplayed,
    commands.ShowDecision: answers.DecisionShown,
    commands.MoveThreshold: answers.ThresholdMoved,
    commands.ShowImages: answers.ImagesShown,
    commands.ShowMonitor: answers.MonitorShown,
    commands.ShowSets: answers.SetsShown,
    commands.ListSweeps: answers.SweepsListed,
    commands.ReplaySweep: answers.SweepReplayed,
    commands.ShowMemory: answers.MemoryShown,
}


def check_answer(command: Command, reply: Reply) -> None:
    """Raises InputError for a reply of another type than the command asks for, or about something else."""
    if isinstance(reply, Failed):
        return
    kind = ANSWERS.get(type(command), Done)
    if not isinstance(reply, kind):
        raise InputError(f"it answered {type(command).__name__} with {type(reply).__name__}, expected {kind.__name__}")
    if not _is_about(command, reply):
        raise InputError(f"its {kind.__name__} is not about what {type(command).__name__} asked for")


def _is_about(command: Command, reply: Reply) -> bool:
    if isinstance(command, commands.TraceSoftmax) and isinstance(reply, answers.SoftmaxTraced):
        trace = reply.trace
        asked = (command.dtype, shape_of(command.rows), command.offsets)
        return asked == (trace.dtype, shape_of(trace.typed), reply.offsets)
    if isinstance(command, commands.ShowMistakes) and isinstance(reply, answers.MistakesShown):
        return reply.offset == command.offset and len(reply.mistakes) <= command.limit
    if isinstance(command, commands.ShowExample) and isinstance(reply, answers.ExampleShown):
        return reply.example.index == command.index
    if isinstance(command, commands.ShowImages) and isinstance(reply, answers.ImagesShown):
        return tuple(image.index for image in reply.images) == command.indices
    if isinstance(command, commands.MoveThreshold) and isinstance(reply, answers.ThresholdMoved):
        return (command.threshold, command.referral) == (reply.threshold.threshold, reply.abstention.referral)
    if isinstance(command, commands.ShowMonitor) and isinstance(reply, answers.MonitorShown):
        return reply.view.answers(command.question)
    if isinstance(command, commands.ShowSets) and isinstance(reply, answers.SetsShown):
        return (command.level, command.method) == (reply.sets.level, reply.sets.method)
    if isinstance(command, commands.ShowDecision) and isinstance(reply, answers.DecisionShown):
        return command.positive in (None, reply.decision.threshold.positive)
    return True
