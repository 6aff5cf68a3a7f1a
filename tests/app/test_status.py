"""The words of the status line, without a screen."""

from __future__ import annotations

import pytest

from engine.contract.engine_events import Heartbeat
from engine.contract.run_state import RunState
from tests.train.script import READY
from tui.app.status import READY as SAID_READY
from tui.app.status import device_words, engine_words, run_words


def test_an_engine_is_called_busy_only_after_ten_seconds_without_a_word() -> None:
    for seconds, said in ((9.9, SAID_READY), (10.4, "engine busy with loading [b]data\\x1b for 10 s")):
        beat = Heartbeat(memory_bytes=0, idle_seconds=seconds, busy_with="loading [b]data\x1b")
        assert engine_words(READY, None, "", beat) == said
    assert engine_words(READY, None, "", Heartbeat(memory_bytes=0, idle_seconds=99.0, busy_with="")) == SAID_READY


@pytest.mark.parametrize(
    ("status", "held", "silence", "said"),
    [
        ("running", False, "", "run r0001 running"),
        ("running", True, "", "run r0001 paused"),
        ("running", True, "no answer", "run r0001 not heard"),
        ("finished", True, "no answer", "run r0001 finished"),
        (None, False, "no answer", ""),
    ],
)
def test_only_of_a_run_that_was_running_it_is_unknown_how_it_is(
    status: str | None, held: bool, silence: str, said: str
) -> None:
    assert run_words(RunState(run_id="r0001", status=status), held, silence) == said  # type: ignore[arg-type]


def test_memory_is_said_in_tens_of_megabytes() -> None:
    assert [device_words("cpu", size) for size in (0, 4_000_000, 514_000_000)] == ["cpu", "cpu", "cpu, 510 MB"]
