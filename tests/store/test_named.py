"""Which stored run is taken where none is named, and what is said of that."""

from collections.abc import Sequence

import pytest

from engine.contract.errors import InputError
from engine.contract.events import Finished, Status
from engine.contract.stored_runs import group_of, last_finished, last_resumable, name_in_comparison, name_in_sweep
from engine.store.named import finished_one, resumable_one, run_named
from engine.store.runs import RunStore
from tests.store.conftest import PER_EPOCH, Standing, new_run
from tests.train.script import summary


def ended(store: RunStore, status: Status) -> str:
    run_id = new_run(store)
    store.save_progress(run_id, Standing(PER_EPOCH).checkpoint(), (), ())
    if status != "running":
        store.finish(run_id, Finished(run_id=run_id, status=status, seconds=1.0, images_per_second=1.0), None)
    return run_id


@pytest.mark.parametrize(
    ("statuses", "taken", "said"),
    [
        (["finished"], "r0001", "r0001 is the last run that finished."),
        (["finished", "diverged"], "r0001", "that finished. The newest run, r0002, diverged."),
        (["finished", "finished", "stopped", "failed"], "r0002", "The newest run, r0004, failed."),
        (["finished", "running"], "r0001", "The newest run, r0002, is still running."),
    ],
)
def test_the_last_run_that_finished_is_taken_and_said(
    store: RunStore, statuses: Sequence[Status], taken: str, said: str
) -> None:
    for status in statuses:
        ended(store, status)
    assert finished_one(store).run_id == taken
    assert finished_one(store).said.endswith(said)


def test_a_name_is_said_as_one_harmless_line(store: RunStore) -> None:
    store.rename(ended(store, "finished"), "mine\n\x1b[2J")
    assert finished_one(store).said.startswith("r0001 (mine\\n\\x1b[2J) is")


def test_where_none_has_finished_the_line_names_those_there_are(store: RunStore) -> None:
    for status in ("stopped", "diverged", "failed", "running"):
        ended(store, status)  # type: ignore[arg-type]
    with pytest.raises(
        InputError, match=r"found no run that finished, .*: r0004 is still running, r0003 failed, .*, …"
    ):
        finished_one(store)
    newest = finished_one(store, or_newest=True)
    assert newest == ("r0004", "No run has finished. The newest run, r0004, is still running.")
    with pytest.raises(InputError, match="found an empty name"):
        run_named(store, "")


def test_the_last_run_that_can_go_on_is_resumed(store: RunStore) -> None:
    for status in ("stopped", "stopped", "finished", "diverged"):
        ended(store, status)  # type: ignore[arg-type]
    assert resumable_one(store).run_id == "r0002"
    assert last_resumable([summary("r0003"), summary("r0001", "stopped", 3)]).run_id == "r0001"  # type: ignore[union-attr]
    more = last_resumable([summary("r0003"), summary("r0001", "stopped", 3)], epochs=11)
    assert more is not None
    assert more.run_id == "r0003"
    assert last_resumable([summary("r0001", "stopped", 10), summary("r0002", "failed", 1)]) is None
    assert last_finished([summary("r0002", "stopped"), summary("r0001")]).run_id == "r0001"  # type: ignore[union-attr]


def test_the_name_of_a_run_tells_what_made_it() -> None:
    assert group_of(name_in_sweep("s0012", 3, "learning-rate 0.1", 0)) == "s0012"
    assert group_of(name_in_comparison("r0007", "from-logits")) == "losses r0007"
    for name in ("", "mine", "a/b", "s0001", "s0001/3", "losses of mine/2", "r0001/clipped"):
        assert group_of(name) == ""
