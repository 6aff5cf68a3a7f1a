"""A report that fails: it is not called again, and what was computed is stored and said to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.contract.errors import InputError
from engine.contract.events import Finished
from tests.cli.calling import Run
from tui.cli.following import followed
from tui.cli.interruption import Interruption
from tui.cli.live import LiveLine


class Failing:
    """Raises at one of the events, and remembers all that it is told."""

    live = LiveLine(wanted=False)

    def __init__(self, at: int, error: Exception) -> None:
        self._at, self._error, self.told = at, error, []

    def preparing(self, step: Any) -> None:
        self.event(step)

    def event(self, event: Any) -> None:
        self.told.append(event)
        if len(self.told) > self._at:
            raise self._error


END = Finished(run_id="r0007", status="finished", seconds=1.0, images_per_second=1.0)
STOPPED = Finished(run_id="r0007", status="stopped", seconds=1.0, images_per_second=1.0)


def told(report: Failing) -> tuple[int, list[str]]:
    stopped: list[str] = []

    def stop(reason: str) -> Finished:
        stopped.append(reason)
        return STOPPED

    def failed(error: Exception) -> Finished:
        raise AssertionError("the job has not failed")

    return followed(iter(["first", "second", END]), report, Interruption(), Finished, stop, failed), stopped


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_report_that_fails_is_not_called_again(at: int, capsys: pytest.CaptureFixture[str]) -> None:
    report = Failing(at, KeyError("blue"))
    code, stopped = told(report)
    assert code == 1
    assert len(report.told) == at + 1
    assert len(stopped) == (at < 2)  # what has ended needs no stop
    said = capsys.readouterr().err
    assert "KeyError: 'blue'" in said
    assert f"run r0007 is stored ({'stopped' if at < 2 else 'finished'})" in said


def test_what_a_person_can_mend_is_said_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(Failing(2, InputError("out.csv: cannot be written")))[0] == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert said.splitlines()[0] == "softmax-tui: out.csv: cannot be written"


def test_a_job_that_fails_is_still_told_to_the_report() -> None:
    def events() -> Iterator[str]:
        yield "first"
        raise MemoryError("no room")

    report = Failing(99, KeyError())
    end = Finished(run_id="r1", status="failed", seconds=0.0, images_per_second=0.0)
    assert followed(events(), report, Interruption(), Finished, lambda _: STOPPED, lambda _: end) == 1
    assert report.told == ["first", end]


@pytest.mark.parametrize(("method", "status", "shown"), [("_finished", "finished", 2), ("_row", "stopped", 1)])
def test_a_training_whose_report_fails_is_stored(
    cli: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch, method: str, status: str, shown: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(f"tui.train.report.PeopleReport.{method}", _broken)
        said = cli("train", "--dataset", str(tiny), "--epochs", "2")
    assert said.code == 1
    assert said.err.count("Traceback") == 1
    assert said.err.splitlines()[-1].startswith(f"softmax-tui: run r0001 is stored ({status})")
    summary, *epochs = cli("runs", "show", "r0001", "--json").lines
    assert summary["status"] == status
    assert len(epochs) == shown


def test_a_sweep_whose_report_fails_is_stored_and_goes_on(
    cli: Run, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = ("--dataset", str(tiny), "--epochs", "1", "--seeds", "1")
    with monkeypatch.context() as patched:
        patched.setattr("tui.sweep.text.PeopleReport._result", _broken)
        said = cli("sweep", "learning-rate", "0.1", "0.3", *common)
    assert said.code == 1
    assert "sweep s0001 is stored (stopped)" in said.err
    assert "softmax-tui sweep --resume s0001 continues the sweep" in said.err
    assert cli("sweep", "--resume", "s0001").code == 0


def _broken(*_: object) -> None:
    raise KeyError("blue")
