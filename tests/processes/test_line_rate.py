"""How fast a line is, learned from when its far end says what has arrived."""

from __future__ import annotations

import pytest

from engine.processes.line_rate import LOOK_SECONDS, LineRate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def sent_and_received(rate: LineRate, clock: Clock, size: int, seconds: float) -> None:
    rate.send(size)
    rate.mark()
    clock.now += seconds
    rate.receive()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rate(clock: Clock) -> LineRate:
    """Of a line of 10,000 bytes a second whose way there and back takes a tenth of a second."""
    rate = LineRate(clock)
    sent_and_received(rate, clock, 100, 0.11)
    assert rate.known
    sent_and_received(rate, clock, 5_000, 0.61)
    return rate


def test_the_time_that_a_line_has_nothing_to_carry_does_not_make_it_slow(rate: LineRate, clock: Clock) -> None:
    assert rate.bytes_per_second == pytest.approx(10_000)
    assert rate.thin
    for _ in range(5):
        clock.now += 60
        sent_and_received(rate, clock, 5_000, 0.61)
    assert rate.bytes_per_second == pytest.approx(10_000)


def test_what_is_sent_at_once_is_waited_for_as_long_as_the_line_takes(rate: LineRate, clock: Clock) -> None:
    rate.send(10_000)
    rate.mark()
    assert rate.wait() == pytest.approx(1 - 0.15)
    assert rate.rest() > rate.wait()
    clock.now += 2
    assert rate.wait() == LOOK_SECONDS  # its receipt is late: only the far end can tell
    rate.receive()
    assert rate.wait() == 0


def test_a_receipt_that_never_comes_holds_nothing_up_for_ever(rate: LineRate, clock: Clock) -> None:
    rate.send(1_000)
    rate.mark()
    clock.now += 9
    assert rate.wait() == LOOK_SECONDS
    clock.now += 2
    assert rate.wait() == 0
    assert rate.expected == 0
