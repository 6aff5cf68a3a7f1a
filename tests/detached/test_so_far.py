"""What a sweep or a comparison has told so far is told again to whoever comes later, without the minibatches."""

from __future__ import annotations

from engine.contract.codec import decode_event
from engine.contract.engine_events import Heartbeat, PaceChanged
from engine.contract.events import EpochDone, MinibatchesDone, Started
from engine.contract.loss_training import LossTrainingStarted
from engine.contract.sweeps import MemberSaid, SweepProgress, SweepResult, SweepStarted
from engine.contract.wire import Event
from engine.worker.so_far import SoFar
from tests.detached.test_hub import STARTED, epoch, stretch
from tests.far_end.mutations import line_of
from tests.far_end.recorded import recorded

SAID = [decode_event(line_of(said)) for asked, said in recorded() if asked is None]


def of(*kinds: type[Event]) -> list[Event]:
    return [event for event in SAID if isinstance(event, kinds)]


def after(*events: Event) -> list[Event]:
    so_far = SoFar()
    for event in events:
        so_far.take(event)
    return so_far.told_again()


def member(event: Started | MinibatchesDone | EpochDone) -> MemberSaid:
    return MemberSaid(run_id="r0001", values=(0.1,), seed=0, event=event)


def test_a_sweep_is_told_again_with_its_results_and_how_far_it_is() -> None:
    [started, *_], [result, *_] = of(SweepStarted), of(SweepResult)
    first, last = SweepProgress(sweep_id="s0001", done=1, total=9), SweepProgress(sweep_id="s0001", done=2, total=9)
    told = after(
        started, member(STARTED), first, member(stretch(0, 3)), Heartbeat(0.0, ""), member(epoch(1)), last, result
    )
    assert told == [started, member(STARTED), member(epoch(1)), result, last]


def test_another_job_takes_the_place_of_the_one_before() -> None:
    [sweep, *_], [losses, *_] = of(SweepStarted), of(LossTrainingStarted)
    assert after(STARTED, stretch(0, 3), sweep) == [sweep]
    assert after(sweep, SweepProgress(sweep_id="s0001", done=1, total=9), losses) == [losses]
    assert after(losses, STARTED) == [STARTED]


def test_the_pace_is_told_as_it_is_now() -> None:
    assert after(PaceChanged(False, 0.0), STARTED, PaceChanged(True, 5.0))[1:] == [PaceChanged(True, 5.0)]
