"""A line is measured by when the terminal answers: frames wait for a thin one, and never for a fast or a silent one."""

from __future__ import annotations

import heapq

import pytest

from tui.pane.terminal_line import QUESTION, TerminalLine

WAY_SECONDS = 0.15  # one way
FRAME_BYTES = 4000


class _Link:
    """A line and its far end, in a time of their own: so many bytes a second, and a terminal that answers."""

    def __init__(self, bytes_per_second: float, answers: bool = True) -> None:
        self.now = 0.0
        self.line = TerminalLine(clock=lambda: self.now)
        self._rate, self._answers = bytes_per_second, answers
        self._free_at, self._due = 0.0, list[float]()
        self.sent = 0
        self._put(0, self.line.wrote(0, ask=True))

    @property
    def backlog(self) -> float:
        """Seconds of output that wait in the line."""
        return max(0.0, self._free_at - self.now)

    def write(self, size: int) -> None:
        self._put(size, self.line.wrote(size))

    def _put(self, size: int, question: str) -> None:
        self.sent += size
        self._free_at = max(self._free_at, self.now) + size / self._rate
        if question and self._answers:
            assert question == QUESTION
            heapq.heappush(self._due, self._free_at + 2 * WAY_SECONDS)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self._due and self._due[0] <= end:
            self.now = heapq.heappop(self._due)
            self.line.hear()
        self.now = end


def _drawn_for(link: _Link, seconds: float) -> float:
    """Draws twelve times a second where the line has a place for what nobody waits for; returns the longest backlog."""
    end, longest, drawn_at = link.now + seconds, 0.0, link.now
    while link.now < end:
        if link.now - drawn_at > 1 / 12 and not link.line.rest():
            link.write(FRAME_BYTES)
            drawn_at = link.now
        longest = max(longest, link.backlog)
        link.pass_time(0.01)
    return longest


@pytest.mark.parametrize("bytes_per_second", [5_000.0, 20_000.0, 60_000.0])
def test_frames_leave_a_thin_line_free_for_keys(bytes_per_second: float) -> None:
    link = _Link(bytes_per_second)
    link.pass_time(1.0)
    _drawn_for(link, 10.0)
    assert link.line.bytes_per_second == pytest.approx(bytes_per_second, rel=0.15)
    assert link.line.thin
    before = link.sent
    longest = _drawn_for(link, 60.0)
    assert (link.sent - before) / 60 < 0.45 * bytes_per_second
    assert longest < FRAME_BYTES / bytes_per_second + 0.2, "one frame is on its way at a time"


def test_a_frame_that_is_waited_for_comes_right_behind_the_one_before() -> None:
    link = _Link(20_000.0)
    link.pass_time(1.0)
    _drawn_for(link, 10.0)
    link.pass_time(5.0)
    link.write(FRAME_BYTES)
    assert 0.0 < link.line.wait() < FRAME_BYTES / 20_000 < link.line.rest()
    link.pass_time(FRAME_BYTES / 20_000)
    assert link.line.wait() == 0.0


def test_a_fast_line_is_never_waited_for() -> None:
    link = _Link(50e6)
    link.pass_time(1.0)
    link.write(FRAME_BYTES)
    link.pass_time(1.0)
    for _ in range(200):
        link.write(FRAME_BYTES)
        assert link.line.wait() == link.line.rest() == 0.0
        link.pass_time(0.05)
    assert not link.line.thin


def test_a_terminal_that_does_not_answer_is_never_waited_for_nor_asked_again() -> None:
    link = _Link(1000.0, answers=False)
    for _ in range(100):
        link.write(FRAME_BYTES)
        link.pass_time(0.1)
        assert link.line.wait() == link.line.rest() == 0.0
    assert link.line.settle(1000.0), "leaving waits for nothing"


def test_an_answer_that_got_lost_is_waited_for_ten_seconds() -> None:
    link = _Link(20_000.0)
    link.pass_time(1.0)
    _drawn_for(link, 5.0)
    link.pass_time(5.0)
    link._answers = False
    link.write(FRAME_BYTES)
    link.pass_time(3.0)
    assert link.line.wait() > 0.0
    link.pass_time(8.0)
    assert link.line.wait() == 0.0
    link._answers = True
    link.write(FRAME_BYTES)
    link.pass_time(2.0)
    assert link.line.settle(0.0)


def test_a_line_that_becomes_slower_is_noticed() -> None:
    link = _Link(1e6)
    link.pass_time(1.0)
    _drawn_for(link, 5.0)
    link._rate = 10_000.0
    _drawn_for(link, 20.0)
    assert link.line.bytes_per_second == pytest.approx(10_000.0, rel=0.3)


def test_a_terminal_that_stops_answering_has_fifty_questions_at_most() -> None:
    line = TerminalLine(clock=lambda: 1.0)
    assert line.wrote(0, ask=True) == QUESTION
    line.hear()
    assert [line.wrote(300) for _ in range(200)] == [QUESTION] * 50 + [""] * 150
