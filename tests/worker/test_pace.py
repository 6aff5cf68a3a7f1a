"""At a pace of so many minibatches a second, on a clock that the test moves."""

from __future__ import annotations

import pytest

import engine.worker.pace
from engine.worker.pace import Pace


class Clock:
    """What the pace reads as the time."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(engine.worker.pace, "time", clock)
    return clock


def going(per_second: float) -> Pace:
    pace = Pace()
    pace.set(per_second)
    pace.go()
    return pace


def train(pace: Pace, clock: Clock, seconds: float, each: float = 0.0) -> list[int]:
    """How many minibatches each stretch has, as the worker takes them; one takes `each` seconds."""
    end, taken = clock.now + seconds, []
    while clock.now + pace.seconds_until_due() <= end:
        clock.now += pace.seconds_until_due() + 1e-6
        count = pace.longest_run()
        assert count is not None
        clock.now += count * each
        assert not pace.went(count, False)
        taken.append(count)
    return taken


@pytest.mark.parametrize("per_second", [0.25, 1.0, 29.0, 45.0, 1000.0, 100_000.0])
def test_so_many_a_second_are_trained(clock: Clock, per_second: float) -> None:
    taken = train(going(per_second), clock, 40.0)
    assert sum(taken) == pytest.approx(40 * per_second, rel=0.01, abs=1)
    assert max(taken) <= max(1, per_second / 29)


@pytest.mark.parametrize("idle", [0.3, 1.5, 30.0, 3600.0])
@pytest.mark.parametrize("per_second", [0.25, 40.0, 1000.0])
def test_what_was_missed_is_not_caught_up_in_a_burst(clock: Clock, per_second: float, idle: float) -> None:
    pace = going(per_second)
    train(pace, clock, 2.3)
    clock.now += idle  # a question was answered, the process was stopped, another measurement held it
    after = train(pace, clock, 1.0)
    assert sum(after) <= 1.3 * per_second + 2
    assert max(after, default=0) <= 0.3 * per_second + 1


def test_an_engine_that_is_slower_than_the_pace_takes_no_ever_longer_stretches(clock: Clock) -> None:
    taken = train(going(1000.0), clock, 60.0, each=0.002)
    assert max(taken) <= 300
    assert sum(taken) == pytest.approx(30_000, rel=0.05)  # as fast as it can


def test_a_run_that_was_held_has_nothing_to_catch_up(clock: Clock) -> None:
    pace = going(1000.0)
    train(pace, clock, 1.0)
    pace.hold()
    clock.now += 60
    pace.go()
    assert sum(train(pace, clock, 1.0)) == pytest.approx(1000, abs=40)


def test_another_pace_counts_from_when_it_was_set(clock: Clock) -> None:
    pace = going(1.0)
    train(pace, clock, 30.0)
    pace.set(100.0)
    assert sum(train(pace, clock, 2.0)) == pytest.approx(200, abs=5)


def test_a_single_step_is_one_minibatch_at_any_pace(clock: Clock) -> None:
    pace = going(1000.0)
    clock.now += 10
    pace.one_minibatch()
    assert pace.seconds_until_due() == 0
    assert pace.longest_run() == 1
    assert pace.went(1, False)
    assert pace.held


def test_full_speed_has_no_bounds() -> None:
    pace = going(0.0)
    assert pace.longest_run() is None
    assert pace.seconds_until_due() == 0
