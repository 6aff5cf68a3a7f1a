"""The run in front, as the events of the engine tell it, without an app."""

from __future__ import annotations

from engine.contract.run_state import RunState
from tests.train.script import epoch, minibatches, started
from tui.pane.live_run import LiveRun


def test_of_a_run_that_was_forgotten_nothing_comes_back_until_another_starts() -> None:
    live = LiveRun()
    live.take(started("r0001"))
    live.take(minibatches(0, [2.3]))
    live.forget()
    live.take(minibatches(1, [2.2]))  # was on its way
    live.take(epoch(1, 0.5))
    assert live.state == RunState()
    live.take(started("r0002"))
    live.take(minibatches(0, [2.1]))
    assert (live.state.run_id, live.state.position) == ("r0002", 1)


def test_an_engine_that_is_gone_leaves_a_run_to_resume_and_no_job() -> None:
    live = LiveRun()
    assert live.interrupt("gone") == ""
    live.take(started("r0001"))
    assert live.job is not None
    assert live.job.said == "r0001 is still training"
    assert live.interrupt("gone") == "r0001"
    assert (live.state.status, live.job) == ("interrupted", None)
    assert live.interrupt("gone") == ""
