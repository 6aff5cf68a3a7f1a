"""How often the verdict of a sweep is wrong, where the truth is known. Each share with its Monte Carlo error."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from engine.contract.sweeps import SweepConfig, SweepResult
from engine.verdicts.sweep import Comparison, comparisons

LOSS, SHARED, OWN = 0.45, 0.02, 0.003  # nats: the reference's mean, what seeds do to all values, what each run adds


def simulated(
    sweeps: int, values: int, seeds: int, *, differences: float = 0.0, own: float = OWN
) -> Iterator[list[Comparison]]:
    """The values beside the reference, sweep after sweep: each ends `differences` above it, whatever the seeds do."""
    random = np.random.default_rng([values, seeds])
    sizes = tuple(2 ** (8 + number) for number in range(values))  # the first is the default's 256
    config = SweepConfig(parameter="batch_size", values=sizes, seeds=seeds)
    for _ in range(sweeps):
        shared = random.normal(LOSS, SHARED, seeds)
        losses = shared + random.normal(0, own, (values, seeds))
        losses[1:] += differences
        yield [one for one in comparisons(config, results_of(sizes, losses)).values() if not one.reference]


def results_of(sizes: Sequence[int], losses: npt.NDArray[np.float64]) -> list[SweepResult]:
    """A run for each batch size and seed, ended at `losses`, `(sizes, seeds)`."""
    return [
        SweepResult(
            parameter="batch_size",
            value=size,
            seed=seed,
            status="finished",
            train_loss=0.4,
            validation_loss=float(loss),
            validation_accuracy=0.8,
            run_id="r0001",
        )
        for size, of_size in zip(sizes, losses, strict=True)
        for seed, loss in enumerate(of_size)
    ]


def standard_error(share: float, count: int) -> float:
    return math.sqrt(share * (1 - share) / count)


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
def test_without_an_effect_at_most_5_percent_of_sweeps_claim_one(seeds: int) -> None:
    sweeps = 800
    claims = sum(any(one.difference.sign or one.noisier for one in found) for found in simulated(sweeps, 12, seeds))
    share = claims / sweeps
    assert share - 2 * standard_error(0.05, sweeps) <= 0.05, share
    assert share > 0.005  # a rule that never claims anything would be right as well


@pytest.mark.parametrize("own", [0.0005, 0.002])
def test_a_difference_of_1_percent_is_called_none_that_matters_in_at_most_5_percent(own: float) -> None:
    sweeps = 400
    called = [
        one.difference.effect == "within-1-percent"
        for found in simulated(sweeps, 4, 5, differences=0.01 * LOSS, own=own)
        for one in found
    ]
    assert sum(called) / len(called) - 2 * standard_error(0.05, len(called)) <= 0.05


def test_where_there_is_no_difference_none_that_matters_is_said() -> None:
    nothing = [one for found in simulated(20, 4, 5, own=0.0005) for one in found]
    assert all(one.difference.effect == "within-1-percent" for one in nothing)


def test_intervals_hold_together_and_a_real_difference_is_found() -> None:
    sweeps, found_all, missed = 400, 0, 0
    for found in simulated(sweeps, 6, 5, differences=0.02):
        found_all += all(one.difference.effect == "higher" for one in found)
        missed += any(not one.difference.low <= 0.02 <= one.difference.high for one in found)
    assert missed / sweeps - 2 * standard_error(0.05, sweeps) <= 0.05
    assert found_all / sweeps > 0.9


def test_a_noisier_value_is_found_where_the_seeds_are_paired() -> None:
    random = np.random.default_rng(5)
    config = SweepConfig(parameter="batch_size", values=(1, 256), seeds=8)
    found = 0
    for _ in range(200):
        losses = random.normal(LOSS, OWN, 8) + random.normal(0, [[0.05], [OWN]], (2, 8))
        found += comparisons(config, results_of((1, 256), losses))[(1,)].noisier
    assert found >= 190
