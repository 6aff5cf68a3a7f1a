"""A sweep is its runs: each as a run alone would be, whoever stops it and however it goes on."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone
from engine.contract.run_state import RunState, apply
from engine.contract.sweeps import (
    MemberSaid,
    SweepConfig,
    SweepFinished,
    SweepResult,
    SweepStarted,
    check_sweep,
    trials,
    units,
)
from engine.jobs.recorded_run import Places, Session, Training
from engine.jobs.sources import resolved
from engine.jobs.sweep.job import Sweep
from engine.jobs.sweep.opening import resume, start
from engine.jobs.sweep.stored_runs import Running
from engine.store.runs import RunStore

BASE = TrainConfig(
    dataset="silhouettes",
    train_size=600,
    validation_size=200,
    epochs=3,
    batch_size=32,
    device="cpu",
    loss="from-logits",
)
RATES = SweepConfig(parameter="learning_rate", values=(0.01, 0.03, 0.1), seeds=2, base=BASE)
SIZES = SweepConfig(parameter="batch_size", values=(4, 32, 100), seeds=2, base=BASE)
MOMENTA = SweepConfig(parameter="momentum", values=(0.0, 0.5), seeds=2, base=BASE)
GRID = SweepConfig(
    parameter="learning_rate",
    values=(0.01, 0.1),
    second_parameter="batch_size",
    second_values=(32, 100),
    seeds=3,
    base=BASE,
)
SWEEPS = {
    "rates in one product": RATES,
    "batch sizes": SIZES,
    "at equal steps": replace(SIZES, question="steps"),
    "scaled": replace(SIZES, question="scaled"),
    "one by one": MOMENTA,
    "one by one at equal steps": replace(SIZES, question="steps", base=replace(BASE, momentum=0.5)),
    "a grid": GRID,
}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "store")


def opened(preparation: Iterator[object]) -> Sweep:
    sweep = next(step for step in preparation if isinstance(step, Sweep))
    assert isinstance(sweep, Sweep)
    return sweep


def run(sweep: Sweep) -> tuple[list[SweepResult], SweepFinished]:
    events = list(sweep.events)
    assert isinstance(events[0], SweepStarted)
    assert isinstance(events[-1], SweepFinished)
    return [event for event in events if isinstance(event, SweepResult)], events[-1]


def bits(places: Places, results: list[SweepResult]) -> dict[object, dict[str, bytes]]:
    """The parameters of every run as they are stored, by value and seed."""
    store = RunStore.open(places.store)
    return {
        (result.values, result.seed): {
            name: tensor.data for name, tensor in store.load_checkpoint(result.run_id).tensors.items()
        }
        for result in results
    }


def figures(results: list[SweepResult]) -> list[tuple[object, ...]]:
    return [(r.values, r.seed, r.status, r.train_loss, r.validation_loss, r.validation_accuracy) for r in results]


def curves(places: Places, results: list[SweepResult]) -> list[tuple[list[int], list[tuple[int, int, float]]]]:
    """The epochs and the losses of every run as they are stored."""
    store = RunStore.open(places.store)
    return [
        (
            [event.epoch for event in store.events(result.run_id) if isinstance(event, EpochDone)],
            [(cell.index, cell.count, cell.last) for cell in store.losses(result.run_id)],
        )
        for result in results
    ]


@pytest.mark.parametrize("config", SWEEPS.values(), ids=SWEEPS.keys())
def test_the_stream_tells_every_run_wholly_and_as_it_is_stored(places: Places, config: SweepConfig) -> None:
    told: dict[str, RunState] = {}
    for event in opened(start(places, config)).events:
        if isinstance(event, MemberSaid):
            told[event.run_id] = apply(told.get(event.run_id, RunState()), event.event)
    store = RunStore.open(places.store)
    assert set(told) == {summary.run_id for summary in store.summaries()}
    for run_id, run in told.items():
        stored = RunState()
        for event in store.events(run_id):
            stored = apply(stored, event)
        assert (run.status, run.position, run.losses) == ("finished", stored.position, stored.losses)
        assert run.epochs == stored.epochs
        assert run.position == (18 if config.question == "steps" else run.minibatches)


@pytest.mark.parametrize("config", [RATES, MOMENTA, replace(SIZES, question="scaled")])
def test_each_value_and_seed_is_what_a_run_alone_comes_to(places: Places, config: SweepConfig) -> None:
    results, finished = run(opened(start(places, config)))
    assert finished.status == "finished"
    assert len(results) == len(config.points) * config.seeds
    session, seconds = Session(places), 0.0
    for result, trial in zip(
        sorted(results, key=lambda r: (r.value, r.seed)), trials(config, BASE.train_size), strict=True
    ):
        training = next(step for step in session.start(trial.config) if isinstance(step, Training))
        last = [event for event in training.events if isinstance(event, EpochDone)][-1]
        # The last bits of a product: see `test_group`. Runs that no product is shared with are equal to the bit.
        near = 0 if config is MOMENTA and result.value else 1e-4
        assert (result.values, result.seed) == (trial.values, trial.seed)
        assert result.validation_loss == pytest.approx(last.validation_loss, rel=near, abs=0)
        assert result.train_loss == pytest.approx(last.train_loss, rel=near, abs=0)
        assert result.validation_accuracy == pytest.approx(last.validation_accuracy, abs=0.01)
        seconds += session.store.summary(result.run_id).seconds
    assert finished.seconds == pytest.approx(seconds)


@pytest.mark.parametrize("config", SWEEPS.values(), ids=SWEEPS.keys())
def test_a_repeated_sweep_comes_to_the_same_bits(tmp_path: Path, config: SweepConfig) -> None:
    one, other = Places(tmp_path, tmp_path / "one"), Places(tmp_path, tmp_path / "other")
    results, _ = run(opened(start(one, config)))
    again, _ = run(opened(start(other, config)))
    assert figures(results) == figures(again)
    assert bits(one, results) == bits(other, again)
    seeds = {(result.values, result.seed): run for result, run in zip(results, bits(one, results).items(), strict=True)}
    assert len({tuple(tensors.values()) for _, (_, tensors) in seeds.items()}) == len(results)


@pytest.fixture(scope="module", params=SWEEPS.values(), ids=SWEEPS.keys())
def never_stopped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SweepConfig, Places, list[SweepResult]]:
    """A sweep and what it came to, all at once."""
    folder = tmp_path_factory.mktemp("whole")
    whole = Places(folder, folder)
    results, _ = run(opened(start(whole, request.param)))
    return request.param, whole, results


@pytest.mark.parametrize("after", [1, 4, 12, 22, 31])
def test_a_sweep_that_is_stopped_goes_on_to_the_same_bits(
    tmp_path: Path, never_stopped: tuple[SweepConfig, Places, list[SweepResult]], after: int
) -> None:
    config, whole, results = never_stopped
    places = Places(tmp_path, tmp_path / "stopped")
    sweep = opened(start(places, config))
    for number, _ in enumerate(sweep.events, 1):
        if number == after:
            break
    stopped = sweep.stop("by hand")
    assert (stopped.status, stopped.reason) == ("stopped", "by hand")
    assert all(run.status != "running" for run in RunStore.open(places.store).summaries())
    again, finished = run(opened(resume(places)))
    assert finished.status == "finished"
    assert figures(again) == figures(results)
    assert bits(places, again) == bits(whole, results)
    assert curves(places, again) == curves(whole, results)
    assert len(RunStore.open(places.store).summaries()) == len(results)


def test_what_has_ended_is_told_again_and_not_trained_again(places: Places) -> None:
    sweep = opened(start(places, SIZES))
    first: list[SweepResult] = []
    for event in sweep.events:
        if isinstance(event, SweepResult):
            first.append(event)
        if len(first) == 2:
            break
    sweep.stop("by hand")
    before = RunStore.open(places.store).summary(first[0].run_id)
    again = opened(resume(places, sweep.name))
    events = list(again.events)
    told = [event for event in events if isinstance(event, SweepResult)]
    assert told[:2] == first
    assert RunStore.open(places.store).summary(first[0].run_id) == before
    # Its curve is whole all the same.
    said = [event.event for event in events if isinstance(event, MemberSaid) and event.run_id == first[0].run_id]
    assert sum(event.count for event in said if isinstance(event, MinibatchesDone)) == 3 * 150
    assert sum(isinstance(event, EpochDone) for event in said) == 3


def dies_in_its(saves: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Ends the process, as far as the sweep can tell, before the so-manieth end of an epoch is on the disk."""
    recorded, seen = Running.recorded, []

    def recorded_or_dead(one: Running, event: object) -> MemberSaid:
        if isinstance(event, EpochDone):
            seen.append(event)
            if len(seen) == saves:
                raise KeyboardInterrupt
        return recorded(one, event)  # type: ignore[arg-type]

    monkeypatch.setattr(Running, "recorded", recorded_or_dead)
    return lambda: len(seen)


@pytest.mark.parametrize("saves", [1, 3, 8, 15, 18])
def test_a_death_between_two_checkpoints_of_one_moment_leaves_none_ahead(
    tmp_path: Path, saves: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, places = Places(tmp_path, tmp_path / "whole"), Places(tmp_path, tmp_path / "killed")
    results, _ = run(opened(start(whole, RATES)))
    with monkeypatch.context() as patch:
        dies_in_its(saves, patch)
        with pytest.raises(KeyboardInterrupt):
            run(opened(start(places, RATES)))
    sweep = opened(resume(places))
    events = list(sweep.events)
    again = [event for event in events if isinstance(event, SweepResult)]
    assert figures(again) == figures(results)
    assert bits(places, again) == bits(whole, results)
    # What one of them had told of an epoch to which the others had not come is not told twice.
    for result in again:
        said = [event.event for event in events if isinstance(event, MemberSaid) and event.run_id == result.run_id]
        assert [event.epoch for event in said if isinstance(event, EpochDone)] == [1, 2, 3]
        counts = {event.position: event.count for event in said if isinstance(event, MinibatchesDone)}
        assert list(counts) == [0, *accumulate(counts.values())][:-1]


def test_a_run_that_was_deleted_is_trained_anew_among_the_others(places: Places, tmp_path: Path) -> None:
    results, _ = run(opened(start(places, RATES)))
    before = bits(places, results)
    RunStore.open(places.store).delete(results[2].run_id)
    again, _ = run(opened(resume(places)))
    assert again[2].run_id not in {result.run_id for result in results}
    assert bits(places, again) == before


def test_an_error_marks_the_runs_under_way_failed_and_they_can_go_on(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.training import group

    step, taken = group.Group._step, []

    def then_broken(self: group.Group, *arguments: object) -> None:
        taken.append(1)
        if len(taken) == 30:
            raise MemoryError("no more")
        step(self, *arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(group.Group, "_step", then_broken)
        with pytest.raises(MemoryError):
            run(opened(start(places, RATES)))
    runs = RunStore.open(places.store).summaries()
    assert {(one.status, one.epochs_done) for one in runs} == {("failed", 1)}
    results, _ = run(opened(resume(places)))
    assert {result.status for result in results} == {"finished"}


def test_at_equal_steps_every_batch_size_takes_those_of_the_largest(places: Places) -> None:
    results, _ = run(opened(start(places, replace(SIZES, question="steps"))))
    store = RunStore.open(places.store)
    for result in results:
        assert store.load_checkpoint(result.run_id).position == 3 * 6
        assert store.summary(result.run_id).status == "finished"
    by_size = {result.value: result for result in results}
    assert by_size[4].train_loss > by_size[100].train_loss  # it has seen 72 images


def test_scaling_multiplies_the_learning_rate_with_the_batch_size() -> None:
    planned = trials(replace(SIZES, question="scaled"), 600)
    assert [trial.config.learning_rate for trial in planned[::2]] == pytest.approx([0.1 / 8, 0.1, 0.3125])
    assert [trial.config.epochs for trial in planned] == [3] * 6


def test_runs_that_differ_in_seed_and_rate_alone_are_trained_together() -> None:
    assert [len(unit) for unit in units(with_pairs(RATES))] == [6]
    assert [len(unit) for unit in units(with_pairs(SIZES))] == [2, 2, 2]
    assert [len(unit) for unit in units(with_pairs(MOMENTA))] == [2, 1, 1]
    assert [len(unit) for unit in units(with_pairs(GRID))] == [6, 6]


def with_pairs(config: SweepConfig):
    return [
        replace(trial, config=replace(trial.config, gradient="closed-form"))
        for trial in trials(config, BASE.train_size)
    ]


def test_a_run_names_its_sweep_its_value_and_those_it_was_trained_with(places: Places) -> None:
    results, finished = run(opened(start(places, replace(RATES, values=(0.01, 0.1)))))
    summary = RunStore.open(places.store).summary(results[0].run_id)
    assert summary.name == f"{finished.sweep_id}/1 learning-rate 0.01 seed 0"
    assert summary.note == "trained together: r0001, r0002, r0003, r0004"
    assert isinstance(RunStore.open(places.store).events(results[0].run_id)[-1], Finished)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"values": ()}, "found no values"),
        ({"values": (0.1, -1.0)}, "learning rate: found '-1.0', expected a number above 0"),
        ({"parameter": "softmax"}, "found 'softmax', expected one of epochs, batch-size, learning-rate"),
        ({"parameter": "seed", "values": (1, 2)}, "found 'seed'"),
        ({"second_parameter": "learning_rate", "second_values": (0.1,)}, "twice"),
        ({"question": "steps"}, "found no batch size swept"),
        ({"seeds": 0}, "seeds: found 0"),
        ({"values": tuple(0.001 * n for n in range(1, 600)), "seeds": 2}, "found 1,198 runs"),
    ],
)
def test_what_cannot_be_swept_is_refused_in_one_line(change: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words) as refused:
        check_sweep(replace(RATES, **change))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("counts_epochs", [{"schedule": "cosine"}, {"patience": 2}])
def test_what_counts_epochs_cannot_be_compared_at_equal_steps(counts_epochs: dict[str, object]) -> None:
    with pytest.raises(InputError, match="found a schedule or patience"):
        check_sweep(replace(SIZES, question="steps", base=replace(BASE, **counts_epochs)))


def test_there_is_nothing_to_go_on_with_in_an_empty_store(places: Places) -> None:
    with pytest.raises(InputError, match="no sweep is stored yet"):
        next(resume(places))


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_what_is_trained_together_is_cut_between_two_seeds(seeds: int) -> None:
    """Each part keeps all rates of its seeds, which share their images."""
    planned = [replace(one, config=resolved(one.config)) for one in trials(replace(RATES, seeds=seeds), 600)]
    parts = units(planned, 2)
    assert len(parts) == 2
    assert not {one.seed for one in parts[0]} & {one.seed for one in parts[1]}
    assert sorted(map(len, parts)) == [seeds // 2 * 3, (seeds + 1) // 2 * 3]
