"""A run that another process writes is followed from the store alone."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import reduce
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone, RunEvent, Started
from engine.contract.run_state import RunState, apply
from engine.store.following import follow
from engine.store.record import Recorder
from engine.store.runs import RunStore
from tests.store.conftest import CONFIG, Standing, new_run
from tests.store.test_processes import go, line_of, trainer
from tests.store.trains import EPOCHS, WIDTH, training


def told(events: Iterator[RunEvent | None], most: float = 20.0) -> list[RunEvent]:
    """All of them, to the end."""
    deadline = time.monotonic() + most
    heard = []
    for event in events:
        assert time.monotonic() < deadline, "the run does not end"
        if event is not None:
            heard.append(event)
    return heard


def test_a_finished_run_is_told_as_it_is_stored(store: RunStore) -> None:
    run_id = new_run(store, width=WIDTH)
    for _ in Recorder(store, run_id, Standing()).record(training(CONFIG, Standing(), 0)):
        break
    state = Standing()
    list(Recorder(store, run_id, state).record(training(CONFIG, state, EPOCHS)))
    assert reduce(apply, told(follow(store, run_id)), RunState()) == reduce(apply, store.events(run_id), RunState())


def test_every_epoch_is_told_within_a_second_and_the_whole_is_the_run(folder: Path, store: RunStore) -> None:
    written: dict[int, float] = {}
    run_id = new_run(store, width=WIDTH)

    def write() -> None:
        with closing(RunStore.open(folder)) as other:
            other._me = store._me
            state = Standing()
            for event in Recorder(other, run_id, state).record(training(CONFIG, state, EPOCHS)):
                if isinstance(event, EpochDone):
                    written[event.epoch] = time.monotonic()
                    time.sleep(0.3)

    writer = threading.Thread(target=write)
    writer.start()
    heard: list[RunEvent] = []
    late: list[float] = []
    for event in follow(store, run_id):
        if event is not None:
            heard.append(event)
        if isinstance(event, EpochDone):
            late.append(time.monotonic() - written[event.epoch])
    writer.join()
    assert [type(event) for event in heard[:2]] == [Started, MinibatchesDone]
    assert len(late) == EPOCHS
    assert max(late) < 1.0
    assert reduce(apply, heard, RunState()) == reduce(apply, store.events(run_id), RunState())


def test_a_dead_writer_is_told_from_a_live_one(folder: Path, store: RunStore) -> None:
    with trainer(folder, "on", "new") as process:
        go(process)
        while int(line_of(process)) < 40:
            pass
        events = follow(store, "r0001")
        heard = [next(events) for _ in range(12)]
        assert not any(isinstance(event, Finished) for event in heard)
        threading.Thread(target=lambda: process.stdout and process.stdout.read(), daemon=True).start()
        process.kill()
        process.wait()
        killed = time.monotonic()
        rest = told(events)
    assert time.monotonic() - killed < 2.5
    end = rest[-1]
    assert isinstance(end, Finished)
    assert end.status == "interrupted"
    state = reduce(apply, [event for event in (*heard, *rest) if event is not None], RunState())
    assert state == reduce(apply, store.events("r0001"), RunState())


def test_a_run_that_goes_back_to_a_checkpoint_is_told_anew(store: RunStore) -> None:
    run_id, state = new_run(store, width=WIDTH), Standing()
    recorder = Recorder(store, run_id, state).record(training(CONFIG, state, EPOCHS))
    epochs = 0
    while epochs < 2:
        epochs += isinstance(next(recorder), EpochDone)
    events = follow(store, run_id)
    heard = [event for event in (next(events) for _ in range(4)) if event is not None]
    first = store.load_checkpoint(run_id, 1)
    store.rewind(run_id, first)
    while not isinstance(again := next(events), Started):
        assert again is None
    heard.append(again)
    state = Standing(first.position)
    list(Recorder(store, run_id, state).record(training(CONFIG, state, EPOCHS)))
    heard += told(events)
    assert [type(event) for event in heard].count(Started) == 2
    assert reduce(apply, heard, RunState()) == reduce(apply, store.events(run_id), RunState())


def test_a_run_that_is_not_there_is_refused(store: RunStore) -> None:
    with pytest.raises(InputError, match="found no run 'r0007'"):
        next(follow(store, "r0007"))
