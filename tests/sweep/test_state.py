"""What a sweep looks like: the same however often it was stopped and told again."""

from __future__ import annotations

import itertools
import math

import pytest

from engine.contract.config import TrainConfig
from engine.contract.events import (
    Autopsy,
    DatasetInfo,
    Diverged,
    EpochDone,
    Finished,
    MinibatchesDone,
    RunEvent,
    Started,
    Status,
)
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepEvent,
    SweepFinished,
    SweepProgress,
    SweepResult,
    SweepStarted,
)
from engine.jobs.sweep import job
from engine.jobs.sweep.replay import _end
from engine.store.sweeps import StoredSweep
from tests.train.script import summary
from tui.sweep.state import SweepState, apply

CONFIG = SweepConfig(
    parameter="learning_rate", values=(0.01, 0.1), seeds=2, base=TrainConfig(epochs=2, dataset="scripted")
)
DATASET = DatasetInfo(
    name="scripted",
    train_size=1000,
    validation_size=100,
    num_features=4,
    num_classes=2,
    image_height=2,
    image_width=2,
    label_names=("a", "b"),
    checksum="0",
)
STARTED = SweepStarted(sweep_id="s0001", config=CONFIG, device="cpu", dataset=DATASET, runs=4)
RUNS = {((0.01,), 0): "r0001", ((0.01,), 1): "r0002", ((0.1,), 0): "r0003", ((0.1,), 1): "r0004"}


def said(place: tuple[tuple[float, ...], int], event: RunEvent) -> MemberSaid:
    return MemberSaid(run_id=RUNS[place], values=place[0], seed=place[1], event=event)


def started(epochs_done: int = 0) -> Started:
    return Started(
        config=CONFIG.base,
        device="cpu",
        dataset=DATASET,
        minibatches_per_epoch=4,
        cell_width=1,
        epochs_done=epochs_done,
    )


def epoch(number: int, loss: float) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=loss,
        train_accuracy=0.5,
        validation_loss=loss + 0.1,
        validation_accuracy=0.5,
        seconds=0.1,
        learning_rate=0.1,
    )


def result(place: tuple[tuple[float, ...], int], loss: float, status: Status = "finished") -> SweepResult:
    return SweepResult(
        parameter="learning_rate",
        value=place[0][0],
        seed=place[1],
        status=status,
        train_loss=loss,
        validation_loss=loss + 0.1,
        validation_accuracy=0.5,
        run_id=RUNS[place],
    )


def told(events: list[SweepEvent | SweepProgress], sweep: SweepState | None = None) -> SweepState:
    sweep = sweep or SweepState()
    for event in events:
        sweep = apply(sweep, event)
    return sweep


def whole() -> list[SweepEvent | SweepProgress]:
    events: list[SweepEvent | SweepProgress] = [STARTED]
    places = list(RUNS)
    events += [said(place, started()) for place in places]
    for number in (1, 2):
        events += [said(place, epoch(number, 1 / number)) for place in places]
    events += [said(place, Finished(status="finished", seconds=1, images_per_second=1)) for place in places]
    events += [result(place, 0.5) for place in places]
    return [*events, SweepFinished(sweep_id="s0001", status="finished", seconds=4, verdict="so")]


def test_a_whole_sweep_has_every_runs_epochs_and_results_in_the_order_of_the_values() -> None:
    sweep = told(whole())
    assert (sweep.sweep_id, sweep.status, sweep.runs) == ("s0001", "finished", 4)
    assert sweep.places == tuple(RUNS)
    assert [one.run_id for one in sweep.results] == list(RUNS.values())
    assert all([one.epoch for one in member.epochs] == [1, 2] for member in sweep.members.values())
    assert sweep.verdict.startswith("At equal images")


def test_what_is_told_again_when_a_sweep_goes_on_comes_to_the_same() -> None:
    events = whole()
    stopped = SweepFinished(sweep_id="s0001", status="stopped", seconds=1, verdict="", reason="by hand")
    for cut in range(1, len(events) - 1):
        before = told([*events[:cut], stopped])
        assert before.status == "stopped"
        assert told(events, before) == told(events)


def test_a_run_that_goes_on_from_its_checkpoint_keeps_the_epochs_before_it_and_drops_those_after() -> None:
    place = ((0.1,), 0)
    sweep = told([STARTED, said(place, started()), said(place, epoch(1, 1.0)), said(place, epoch(2, 0.5))])
    sweep = told([said(place, started(epochs_done=1))], sweep)
    assert [one.epoch for one in sweep.members[place].epochs] == [1]


def test_what_was_found_stays_seen_while_a_sweep_that_goes_on_is_told_again() -> None:
    results = told(whole()).results
    again = told([STARTED], told(whole()))
    assert again.status == "running"
    assert again.results == results
    assert told([STARTED, said(((0.01,), 0), started())], told(whole())).results == results


def test_another_sweep_begins_with_nothing() -> None:
    other = SweepStarted(sweep_id="s0002", config=CONFIG, device="cpu", dataset=DATASET, runs=4)
    sweep = told([other], told(whole()))
    assert (sweep.members, sweep.done, sweep.finished) == ({}, 0, None)


def test_a_run_that_diverged_says_after_how_many_minibatches() -> None:
    place = ((0.1,), 1)
    autopsy = Autopsy(
        image_index=0,
        label=0,
        label_name="a",
        logits=(math.inf, 0.0),
        exponentials=(math.inf, 1.0),
        partition=math.inf,
        probabilities=(math.nan, 0.0),
        loss=math.nan,
        cause="inf/inf is nan",
        remedies=(),
    )
    broken = Diverged(epoch=2, minibatch=3, autopsy=autopsy)
    sweep = told([STARTED, said(place, started()), said(place, epoch(1, 1.0)), said(place, broken)])
    assert sweep.members[place].status == "diverged"
    assert sweep.members[place].ended_at == 4 + 3
    assert sweep.results == ()


def test_progress_says_that_it_runs_and_minibatches_change_nothing() -> None:
    place = ((0.1,), 0)
    sweep = told([STARTED, SweepProgress(sweep_id="s0001", done=3, total=16)])
    assert (sweep.done, sweep.total, sweep.status) == (3, 16, "running")
    assert told([said(place, MinibatchesDone(position=0, count=1, images=1, cells=()))], sweep) is sweep


def test_the_progress_of_a_sweep_counts_the_minibatches_of_all_its_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = itertools.count(100)
    monkeypatch.setattr(job.time, "monotonic", lambda: float(next(seconds)))
    stretches = [MinibatchesDone(position=0, count=count, images=count, cells=()) for count in (3, 4, 5)]
    places = list(RUNS)[:3]
    events = [STARTED, *(said(place, one) for place, one in zip(places, stretches, strict=True))]
    first, *progress = job.throttled(iter(events))
    assert first == STARTED
    total = 4 * 2 * 4  # runs, epochs, minibatches of 256 of 1,000 images
    assert progress == [SweepProgress(sweep_id="s0001", done=done, total=total) for done in (3, 7, 12)]


@pytest.mark.parametrize(
    ("statuses", "ended", "status"),
    [
        (("finished", "diverged", "finished"), 3, "finished"),
        (("finished", "running"), 1, None),
        (("finished", "stopped"), 1, "stopped"),
        (("finished", "stopped", "interrupted"), 1, "interrupted"),
        (("interrupted", "failed"), 0, "failed"),
        (("finished",), 1, "stopped"),  # the others were deleted, or never begun
    ],
)
def test_a_stored_sweep_ends_as_the_worst_of_its_runs_did(
    statuses: tuple[str, ...], ended: int, status: str | None
) -> None:
    config = SweepConfig(parameter="learning_rate", values=(0.1, 0.2, 0.3), seeds=1)
    runs = [summary(f"r{number:04d}", of_run) for number, of_run in enumerate(statuses)]
    results = [
        SweepResult(
            parameter="learning_rate",
            value=config.values[number],
            seed=0,
            status="finished",
            train_loss=0.5,
            validation_loss=0.5,
            validation_accuracy=0.8,
            run_id=f"r{number:04d}",
        )
        for number in range(ended)
    ]
    end = _end(StoredSweep(sweep_id="s0001", config=config, checksum=""), runs, results, 3)
    assert (end.status if end is not None else None) == status
    if end is not None:
        assert end.seconds == len(runs)
        assert end.reason == ("" if status == "finished" else f"{ended} of 3 runs have ended")
