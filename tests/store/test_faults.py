"""A store that cannot be used says so in one line that names it."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.store import database
from engine.store.named import finished_one
from engine.store.runs import RunStore
from tests.store.conftest import PER_EPOCH, cell, checkpoint_at, epoch_done, new_run

NOBODY = 65534


@contextmanager
def refused(folder: Path, *said: str) -> Iterator[None]:
    with pytest.raises(InputError) as caught:
        yield
    message = str(caught.value)
    assert "\n" not in message
    for words in (str(folder), "found", "expected", *said):
        assert words in message


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that other people can reach."""
    folder = Path(tempfile.mkdtemp(prefix="softmax-tui-"))
    folder.chmod(0o755)
    yield folder / "store"
    shutil.rmtree(folder)


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """root may write everywhere."""
    before = os.geteuid()
    if before != 0:
        pytest.skip("only root can become somebody else")
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def filled(folder: Path) -> None:
    with closing(RunStore.open(folder)) as store:
        run_id = new_run(store)
        for epoch in range(1, 40):
            cells = [cell(index) for index in range((epoch - 1) * PER_EPOCH, epoch * PER_EPOCH)]
            store.save_progress(run_id, checkpoint_at(epoch * PER_EPOCH), cells, [epoch_done(epoch)])


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    with refused(tmp_path / "store"):
        RunStore.open(tmp_path / "store")
    with refused(tmp_path / "store"):
        RunStore.open(tmp_path / "store" / "below")


@pytest.mark.parametrize("create", [True, False])
def test_a_file_that_is_no_database(folder: Path, create: bool) -> None:
    folder.mkdir()
    (folder / "runs.sqlite").write_bytes(b"neither SQLite nor anything else " * 100)
    with refused(folder, "not a database"):
        RunStore.open(folder, create=create)


@pytest.mark.parametrize("create", [True, False])
def test_another_programs_database(folder: Path, create: bool) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "runs.sqlite")) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    with refused(folder, "another program's"):
        RunStore.open(folder, create=create)
    with closing(sqlite3.connect(folder / "runs.sqlite")) as other:
        assert [name for (name,) in other.execute("SELECT name FROM sqlite_master")] == ["bookmarks"]


@pytest.mark.parametrize("create", [True, False])
def test_a_store_that_a_newer_version_wrote(folder: Path, create: bool) -> None:
    RunStore.open(folder).close()
    with closing(sqlite3.connect(folder / "runs.sqlite")) as newer:
        newer.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    with refused(folder, f"found version {database.VERSION + 1}, expected at most {database.VERSION}"):
        RunStore.open(folder, create=create)


def test_an_empty_file_is_a_store_that_was_about_to_be_made(folder: Path) -> None:
    folder.mkdir()
    (folder / "runs.sqlite").touch()
    with closing(RunStore.open(folder, create=False)) as store:
        assert store.summaries() == []
    assert (folder / "runs.sqlite").stat().st_size == 0
    with closing(RunStore.open(folder)) as store:
        assert new_run(store) == "r0001"


def test_damage_within_the_file(folder: Path) -> None:
    filled(folder)
    content = bytearray((folder / "runs.sqlite").read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    (folder / "runs.sqlite").write_bytes(content)
    with refused(folder, "malformed"), closing(RunStore.open(folder, create=False)) as store:
        store.events("r0001")


def test_a_store_that_another_process_holds_for_too_long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RunStore.open(folder).close()
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.05)
    with closing(RunStore.open(folder)) as store, closing(sqlite3.connect(folder / "runs.sqlite")) as other:
        other.execute("BEGIN IMMEDIATE")
        with refused(folder, "locked for 0.05 seconds"):
            new_run(store)
        with refused(folder, "locked"):
            RunStore.open(folder)
        assert store.summaries() == []  # whoever reads need not wait
        other.execute("ROLLBACK")
        assert new_run(store) == "r0001"


def test_a_full_disk_leaves_the_last_whole_state(folder: Path) -> None:
    with closing(RunStore.open(folder)) as store:
        run_id = new_run(store)
        store.save_progress(run_id, checkpoint_at(0), [], [])
        pages = store._database.execute("PRAGMA page_count").fetchone()[0]
        store._database.execute(f"PRAGMA max_page_count = {pages}")
        with refused(folder, "full"):
            store.save_progress(run_id, checkpoint_at(7), [cell(index) for index in range(4000)], [epoch_done(1)])
        assert store.load_checkpoint(run_id) == checkpoint_at(0)
        assert (store.losses(run_id), store.summary(run_id).epochs_done) == ((), 0)
        store._database.execute("PRAGMA max_page_count = 100000")
        store.save_progress(run_id, checkpoint_at(7), [cell(index) for index in range(7)], [epoch_done(1)])
        assert store.load_checkpoint(run_id) == checkpoint_at(7)


def test_a_damaged_checkpoint_is_named(folder: Path) -> None:
    filled(folder)
    path = folder / "checkpoints" / "r0001" / "39-0.safetensors"
    path.write_bytes(path.read_bytes()[:-3])
    with closing(RunStore.open(folder)) as store:
        with refused(path):
            store.load_checkpoint("r0001")
        with refused(path):
            store.fork("r0001", store.summary("r0001").config, "cpu")
        assert store.summaries()[0].run_id == "r0001"
        shutil.copy(path.with_name("38-0.safetensors"), path)
        with refused(path, "found a checkpoint of epoch 38"):
            store.load_checkpoint("r0001")
        path.unlink()
        with refused(path, "No such file"):
            store.load_checkpoint("r0001")


def test_a_folder_of_somebody_else_is_read_but_not_written(shared_folder: Path) -> None:
    filled(shared_folder)
    with closing(RunStore.open(shared_folder)) as owner:
        before, files = owner.events("r0001"), sorted(shared_folder.iterdir())
        with as_somebody_else(), closing(RunStore.open(shared_folder, create=False)) as store:
            assert store.events("r0001") == before  # while the log of the one who writes is there
    with as_somebody_else():
        with closing(RunStore.open(shared_folder, create=False)) as store:
            assert store.events("r0001") == before  # and when it is not
            assert store.load_checkpoint("r0001").epochs_done == 39
            with refused(shared_folder, "readonly"):
                store.rename("r0001", "mine")
        with refused(shared_folder):
            RunStore.open(shared_folder)
        with refused(shared_folder.parent / "new", "Permission denied"):
            RunStore.open(shared_folder.parent / "new")
    assert [path for path in files if path.suffix == ".sqlite" or path.is_dir()] == sorted(shared_folder.iterdir())


def test_a_store_whose_name_is_no_plain_text_stays_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "two\nlines\x1b[31m"
    with closing(RunStore.open(folder)) as store, pytest.raises(InputError) as caught:
        finished_one(store)
    assert str(caught.value).isprintable()
