"""Recording: what is stored tells the same as what went by, however it is cut, stopped and resumed."""

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone, RunEvent, Started
from engine.contract.history import cells_of
from engine.contract.run_state import RunState, apply
from engine.store.record import Recorder
from engine.store.runs import RunStore
from tests.store.conftest import CONFIG, DATASET, PER_EPOCH, Standing, epoch_done, new_run
from tests.store.test_runs import DIVERGED

# SQLite keeps −0.0 as 0, and adding 0.0 makes it that.
finite = st.floats(-1e300, 1e300).map(lambda loss: loss + 0.0)
losses = st.one_of(finite, st.sampled_from([math.inf, -math.inf, math.nan, 0.1, 0.7]))


def training(
    values: list[float], cuts: set[int], width: int, state: Standing, ending: str = "finished"
) -> Iterator[RunEvent]:
    """A run over these losses from where the state is, an event ending at every cut and at every epoch's end."""
    epochs_done, minibatch = divmod(state.position, PER_EPOCH)
    if not state.evaluated:
        epochs_done, minibatch = epochs_done - 1, PER_EPOCH
    yield Started(
        config=CONFIG,
        device="cpu",
        dataset=DATASET,
        minibatches_per_epoch=PER_EPOCH,
        cell_width=width,
        epochs_done=epochs_done,
        minibatch=minibatch,
    )
    while True:
        if not state.evaluated:
            state.evaluated = True
            epoch = state.position // PER_EPOCH
            yield epoch_done(epoch, values[state.position - 1])
        if state.position >= len(values):
            break
        ends = [*cuts, len(values), (state.position // PER_EPOCH + 1) * PER_EPOCH]
        start, end = state.position, min(end for end in ends if end > state.position)
        state.position = end
        state.evaluated = end % PER_EPOCH != 0
        images = sum(2 if at % PER_EPOCH == PER_EPOCH - 1 else 4 for at in range(start, end))
        yield MinibatchesDone(
            position=start, count=end - start, images=images, cells=cells_of(values[start:end], start, width)
        )
    if ending == "diverged":
        yield DIVERGED
    yield Finished(status="diverged" if ending == "diverged" else "finished", seconds=2.5, images_per_second=3.5)


def folded(events: Iterator[RunEvent] | tuple[RunEvent, ...], run: RunState | None = None) -> RunState:
    run = run or RunState()
    for event in events:
        run = apply(run, event)
    return run


def shown(run: RunState) -> str:
    """Equal text is equal numbers, nan included. A run that goes on starts counting its images again."""
    return repr(replace(run, images=0))


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(losses, min_size=1, max_size=6 * PER_EPOCH),
    cuts=st.sets(st.integers(1, 6 * PER_EPOCH)),
    width=st.integers(1, 5),
    ending=st.sampled_from(["finished", "diverged"]),
    stops=st.lists(st.integers(0, 12), max_size=3),
)
def test_a_stored_run_is_told_as_it_was_live(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[float],
    cuts: set[int],
    width: int,
    ending: str,
    stops: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("store")
    with closing(RunStore.open(folder)) as store:
        run_id = new_run(store, width=width)
        live = RunState()
        for stop in [*stops, None]:
            if live.finished is not None:
                store.claim(run_id)
                store.rewind(run_id, store.load_checkpoint(run_id))
            stored = store.load_checkpoint(run_id) if live.finished is not None else None
            state = Standing(stored.position, stored.minibatch < PER_EPOCH) if stored else Standing()
            recorder = Recorder(store, run_id, state)
            events = recorder.record(training(values, cuts, width, state, ending))
            for number, event in enumerate(events):
                live = apply(live, event)
                if number == stop:
                    break
            events.close()  # type: ignore[attr-defined]
            if live.status == "running":
                live = apply(live, recorder.stop("stopped", 1.0, 2.0, "by hand"))
            assert shown(folded(store.events(run_id))) == shown(live)
            assert store.load_checkpoint(run_id) == state.checkpoint()
            if live.status != "stopped":
                break
    if not stops:
        assert live.images == folded(store_events(folder, run_id)).images


def store_events(folder: Path, run_id: str) -> tuple[RunEvent, ...]:
    with closing(RunStore.open(folder, create=False)) as store:
        return store.events(run_id)


def test_the_first_and_the_last_event_name_the_run(store: RunStore) -> None:
    state = Standing()
    events = list(Recorder(store, new_run(store), state).record(training([1.0] * 10, set(), 1, state)))
    first, last = events[0], events[-1]
    assert isinstance(first, Started)
    assert isinstance(last, Finished)
    assert first.run_id == last.run_id == "r0001"


def test_an_epoch_is_on_the_disk_before_anybody_hears_of_it(store: RunStore, folder: Path) -> None:
    state, run_id = Standing(), new_run(store)
    heard = 0
    with closing(RunStore.open(folder, create=False)) as other:
        for event in Recorder(store, run_id, state).record(training([1.0] * 21, {3, 10}, 1, state)):
            if isinstance(event, EpochDone):
                heard += 1
                assert other.summary(run_id).epochs_done == event.epoch
                assert other.load_checkpoint(run_id).epochs_done == event.epoch
            if isinstance(event, Finished):
                assert other.summary(run_id).status == "finished"
    assert heard == 3


def test_a_run_killed_in_its_first_epoch_has_its_initial_state(store: RunStore) -> None:
    state, run_id = Standing(), new_run(store)
    events = Recorder(store, run_id, state).record(training([1.0] * 21, {3}, 1, state))
    next(events)
    next(events)
    assert store.load_checkpoint(run_id) == Standing().checkpoint()


def test_a_stop_saves_what_went_by_since_the_last_epoch(store: RunStore) -> None:
    state, run_id = Standing(), new_run(store)
    recorder = Recorder(store, run_id, state)
    events = recorder.record(training([1.0] * 21, {10, 12}, 1, state))
    while state.position < 12:
        next(events)
    finished = recorder.stop("stopped", 1.0, 2.0, "SIGTERM")
    assert finished == Finished(run_id=run_id, status="stopped", seconds=1.0, images_per_second=2.0, reason="SIGTERM")
    assert store.events(run_id)[-1] == finished
    assert store.load_checkpoint(run_id).position == 12
    assert len(store.losses(run_id)) == 12


def test_a_stop_before_the_first_event_leaves_a_run_that_can_go_on(store: RunStore) -> None:
    run_id = new_run(store)
    Recorder(store, run_id, Standing()).stop("stopped", 0.0, 0.0, "")
    assert store.load_checkpoint(run_id) == Standing().checkpoint()


def test_a_stop_after_the_end_changes_nothing(store: RunStore) -> None:
    state, run_id = Standing(), new_run(store)
    recorder = Recorder(store, run_id, state)
    last = list(recorder.record(training([1.0] * 7, set(), 1, state)))[-1]
    assert recorder.stop("stopped", 9.0, 9.0, "too late") == last
    assert store.summary(run_id).status == "finished"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("CUDA out of memory\nand more"), "RuntimeError: CUDA out of memory"),
        (InputError("found none, expected one"), "found none, expected one"),
        (MemoryError(), "MemoryError: "),
    ],
)
def test_an_exception_marks_the_run_failed_at_its_last_checkpoint(
    store: RunStore, error: Exception, reason: str
) -> None:
    def broken(state: Standing) -> Iterator[RunEvent]:
        for event in training([1.0] * 21, {10}, 1, state):
            yield event
            if state.position == 10:
                state.position = 11  # half way through a step
                raise error

    state, run_id = Standing(), new_run(store)
    recorder = Recorder(store, run_id, state)
    with pytest.raises(type(error)) as caught:
        list(recorder.record(broken(state)))
    assert caught.value is error
    summary, last = store.summary(run_id), store.events(run_id)[-1]
    assert isinstance(last, Finished)
    assert (summary.status, last.reason, summary.epochs_done) == ("failed", reason, 1)
    assert summary.seconds == 0.125
    assert store.load_checkpoint(run_id).position == 7
    assert len(store.losses(run_id)) == 7
    assert recorder.stop("stopped", 0.0, 0.0, "").status == "failed"
