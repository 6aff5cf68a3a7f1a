"""A sweep spread over ranks is the same sweep. Rank 0 is here, the others are processes met at a real store."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from torch.distributed import PrefixStore, TCPStore

from engine.contract.errors import InputError
from engine.contract.sweeps import MemberSaid, SweepConfig, SweepFinished, SweepResult, SweepStarted, units
from engine.jobs.recorded_run import Places
from engine.jobs.sweep.job import Sweep
from engine.jobs.sweep.opening import resume, start
from engine.ranks.rank_group import RankGroup
from engine.store.runs import RunStore
from engine.store.sweeps import SweepFiles
from tests.training.test_sweeps import MOMENTA, RATES, SIZES, bits, curves, figures, opened, run, with_pairs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="the processes are looked for in /proc"),
]


class Company:
    """Two other ranks, and the rank group that tells them what to do."""

    def __init__(self, data_dir: Path) -> None:
        self._server = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
        self.store = PrefixStore("ranks", self._server)
        self.rank_group = RankGroup(self.store, 3)
        meeting = {
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(self._server.port),
            "WORLD_SIZE": "3",
            "TORCHELASTIC_RUN_ID": "a test",
            "TORCHELASTIC_USE_AGENT_STORE": "True",  # rank 0 has it already
        }
        self.others = [
            subprocess.Popen(
                [sys.executable, "-m", "engine.worker", "--data-dir", str(data_dir)],
                env={**os.environ, **meeting, "RANK": str(rank)},
                stdin=subprocess.DEVNULL,
            )
            for rank in (1, 2)
        ]

    def all_free(self, job: int = 1) -> None:
        """Until each of them has asked for work."""
        give_up = time.monotonic() + 60
        while not all(self.store.add(f"messages/{job}/{rank}/0", 0) for rank in (1, 2)):
            assert time.monotonic() < give_up, "the other ranks did not come"
            time.sleep(0.05)

    def trainer(self, rank: int) -> int:
        """The process that trains for a rank."""
        parent = self.others[rank - 1].pid
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                trains = folder.name.isdigit() and b"engine.jobs.sweep.rank" in (folder / "cmdline").read_bytes()
                if trains and int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    return int(folder.name)
        raise AssertionError(f"rank {rank} trains nothing")

    def leave(self) -> list[int]:
        self.rank_group.leave()
        return [other.wait(timeout=60) for other in self.others]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "data", tmp_path / "store")


@pytest.fixture
def company(places: Places) -> Iterator[Company]:
    company = Company(places.data_dir)
    yield company
    for other in company.others:
        other.kill()
        other.wait()


def with_everybody(sweep: Sweep, company: Company) -> Iterator[object]:
    """The events, the first runs dealt out before the first of rank 0 has gone on: it is held for so long."""
    for event in sweep.events:
        yield event
        if isinstance(event, MemberSaid):
            company.all_free()
            break
    yield from sweep.events


def alone(places: Places, config: SweepConfig, parts: int) -> list[SweepResult]:
    """What one process comes to that trains together what three ranks would."""
    sweep, files = opened(start(places, config)), SweepFiles(places.store)
    files.save(replace(files.load(sweep.name), parts=parts))
    results, _ = run(opened(resume(places)))
    return results


def beside_one_process(
    tmp_path: Path, config: SweepConfig, results: list[SweepResult]
) -> tuple[list[SweepResult], Places, list[SweepResult]]:
    """The results in the order in which one process comes to them; where its runs lie, and its results."""
    one = Places(tmp_path / "data", tmp_path / "one")
    expected = alone(one, config, 3)
    return [next(r for r in results if (r.values, r.seed) == (e.values, e.seed)) for e in expected], one, expected


@pytest.mark.parametrize("config", [SIZES, RATES, MOMENTA], ids=["batch sizes", "rates in one product", "one by one"])
def test_three_ranks_come_to_the_bits_of_one_and_rank_0_stores_it_all(
    tmp_path: Path, places: Places, company: Company, config: SweepConfig
) -> None:
    sweep = opened(start(places, config, company.rank_group))
    events = list(with_everybody(sweep, company))
    assert isinstance(events[0], SweepStarted)
    assert events[0].ranks == 3
    assert isinstance(events[-1], SweepFinished)
    assert (events[-1].status, events[-1].reason) == ("finished", "")
    for rank in (1, 2):
        assert company.store.add(f"messages/1/0/{rank}", 0) > 0, "it was given nothing"
    results = sorted((event for event in events if isinstance(event, SweepResult)), key=lambda one: one.run_id)
    in_order, one, expected = beside_one_process(tmp_path, config, results)
    assert figures(in_order) == figures(expected)
    assert bits(places, in_order) == bits(one, expected)
    assert curves(places, in_order) == curves(one, expected)
    assert company.leave() == [0, 0]


@pytest.mark.parametrize("after", [2, 45])
def test_stopped_all_ranks_hand_in_their_runs_and_one_goes_on_to_the_same_bits(
    tmp_path: Path, places: Places, company: Company, after: int
) -> None:
    config = replace(SIZES, base=replace(SIZES.base, epochs=20))
    sweep = opened(start(places, config, company.rank_group))
    events = with_everybody(sweep, company)
    for _ in range(after):
        next(events)
    stopped = sweep.stop("by hand")
    assert (stopped.status, stopped.reason) == ("stopped", "by hand")
    store = RunStore.open(places.store)
    for summary in store.summaries():
        assert summary.status in ("stopped", "finished")
        minibatches = sum(cell.count for cell in store.losses(summary.run_id))
        assert store.load_checkpoint(summary.run_id).position == minibatches, "it was not handed in"
    again, finished = run(opened(resume(places)))
    assert finished.status == "finished"
    again, one, expected = beside_one_process(tmp_path, config, again)
    assert figures(again) == figures(expected)
    assert bits(places, again) == bits(one, expected)
    assert curves(places, again) == curves(one, expected)
    assert company.leave() == [0, 0]


def test_a_rank_whose_training_is_killed_ends_the_sweep_with_one_line_and_the_rest_can_go_on(
    tmp_path: Path, places: Places, company: Company
) -> None:
    config = replace(SIZES, base=replace(SIZES.base, epochs=80))
    sweep = opened(start(places, config, company.rank_group))
    events = with_everybody(sweep, company)
    given = None
    for _ in events:  # until rank 1 has told of an epoch
        given = given or sweep._there.get(1)
        if given is not None and any(one and one.member.state.epochs_done for one in given.runs):
            break
    os.kill(company.trainer(1), signal.SIGKILL)
    began = time.monotonic()
    end = list(events)[-1]
    assert time.monotonic() - began < 10
    assert isinstance(end, SweepFinished)
    assert end.status == "failed"
    assert end.reason == "rank 1: the process was killed (SIGKILL), for want of memory perhaps"
    assert "running" not in {summary.status for summary in RunStore.open(places.store).summaries()}
    again, finished = run(opened(resume(places)))
    assert finished.status == "finished"
    again, one, expected = beside_one_process(tmp_path, config, again)
    assert figures(again) == figures(expected)
    assert bits(places, again) == bits(one, expected)


def test_a_rank_with_other_data_is_named_in_one_line(tmp_path: Path, places: Places, company: Company) -> None:
    path = tmp_path / "own.npz"
    write(path, seed=0)
    config = replace(SIZES, base=replace(SIZES.base, dataset=str(path)))
    sweep = opened(start(places, config, company.rank_group))
    write(path, seed=1)
    with pytest.raises(InputError, match=r"rank [12]: found .*own.npz .*: rank 0 has other data") as refused:
        list(with_everybody(sweep, company))
    assert "\n" not in str(refused.value)
    assert "running" not in {summary.status for summary in RunStore.open(places.store).summaries()}


def write(path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    images, labels = random.integers(0, 255, (600, 6, 6), dtype=np.uint8), np.arange(600) % 10
    np.savez(
        path,
        train_images=images,
        train_labels=labels,
        validation_images=images[:50],
        validation_labels=labels[:50],
    )


def test_units_are_cut_between_seeds_then_between_rates_until_every_rank_has_one() -> None:
    planned = with_pairs(replace(RATES, seeds=3))
    assert [len(unit) for unit in units(planned, 1)] == [9]
    assert [[(t.seed, t.values[0]) for t in unit] for unit in units(planned, 2)] == [
        [(seed, rate) for seed in (0, 1) for rate in RATES.values],
        [(2, rate) for rate in RATES.values],
    ]
    assert [len(unit) for unit in units(planned, 4)] == [2, 1, 3, 3]
    assert [len(unit) for unit in units(planned, 100)] == [1] * 9
