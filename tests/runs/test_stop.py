"""`runs stop` and `watch`: what they do with runs that are not running, or that are another command's."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing
from functools import reduce
from pathlib import Path

import pytest

from engine.contract.run_state import RunState, apply
from engine.store.record import Recorder
from engine.store.runs import RunStore
from tests.cli.calling import Run
from tests.store.conftest import CONFIG, Standing, new_run
from tests.store.test_processes import go, line_of, trainer
from tests.store.trains import EPOCHS, WIDTH, training


@pytest.fixture
def store(places: dict[str, str]) -> Iterator[RunStore]:
    with closing(RunStore.open(Path(places["SOFTMAX_TUI_STORE"]))) as opened:
        yield opened


def finished(store: RunStore) -> str:
    run_id, state = new_run(store, width=WIDTH), Standing()
    list(Recorder(store, run_id, state).record(training(CONFIG, state, EPOCHS)))
    return run_id


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("watch",), "watch: found no run that is running, expected at least one"),
        (("watch", "s0001"), "watch: found no sweep s0001 in the background of this machine"),
        (("watch", "nobody"), "run: found 'nobody', expected one of"),
        (("runs", "stop", "r0001"), "runs stop: found r0001 finished, expected a run that is running"),
        (("runs", "stop", "s0001"), "runs stop: found no sweep s0001 in the background of this machine"),
    ],
)
def test_what_is_not_running_is_refused_in_one_line(
    cli: Run, store: RunStore, words: tuple[str, ...], found: str
) -> None:
    finished(store)
    said = cli(*words)
    assert said.code == 2
    assert said.out == ""
    assert said.err.startswith(f"softmax-tui: {found}")
    assert said.err.count("\n") == 1


def test_a_run_that_has_ended_is_watched_to_its_end_as_train_tells_it(cli: Run, store: RunStore) -> None:
    finished(store)
    said = cli("watch", "r0001", "--json")
    assert said.code == 0
    assert [line["type"] for line in said.lines] == ["started", *["epoch"] * EPOCHS, "finished"]
    assert reduce(apply, store.events("r0001"), RunState()).status == "finished"


def test_a_run_of_another_command_is_told_to_save_and_end(cli: Run, store: RunStore) -> None:
    with trainer(store.folder, "on", "new") as process:
        go(process)
        while int(line_of(process)) < 5:
            pass
        assert cli("runs", "list", "--json").lines[0]["pid"] == process.pid
        process.stdout and process.stdout.close()
        said = cli("runs", "stop", "r0001")
        assert process.wait(10) in (-signal.SIGTERM, 1)  # this one saves nothing
    assert said.code == 0
    assert said.out.startswith("r0001 interrupted")
