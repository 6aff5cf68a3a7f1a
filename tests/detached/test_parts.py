"""The parts of a detached worker that need no process: the lease, the folder, when it leaves, what logout does."""

from __future__ import annotations

import os
import socket
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.contract.commands import (
    Detach,
    Hello,
    ListRuns,
    OfferYours,
    Pause,
    Shutdown,
    StillHere,
    StopMeasuring,
    TakeControl,
)
from engine.contract.errors import InputError
from engine.processes import logout, socket_folder
from engine.processes.socket_folder import connected, listening, own_folder
from engine.store import attaching
from engine.store.engines import DetachedEngine, EngineFiles
from engine.store.owner import Owner, this_process
from engine.worker.control import LEASE_SECONDS, Control, needs_control
from engine.worker.detachment import why_leave
from tests.detached.conftest import Desk

GONE = Owner(os.uname().nodename, 1, "another boot/1")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_is_renewed_by_every_word_and_lapses_without() -> None:
    clock = Clock()
    control = Control(clock)
    assert control.give(7)
    for _ in range(5):
        clock.now += LEASE_SECONDS - 1
        control.heard(7)
        control.heard(8)  # of another one: nothing
        assert not control.lapse()
    clock.now += LEASE_SECONDS + 0.1
    assert control.lapse()
    assert (control.holder, control.term) == (None, 2)
    clock.now += 3
    assert control.free_seconds() == 3
    assert not control.lapse()


def test_what_changes_the_work_needs_control() -> None:
    assert all(map(needs_control, (Pause(), Detach(), StopMeasuring(), OfferYours("x = 1"))))
    assert not any(map(needs_control, (ListRuns(), Hello(), StillHere(), TakeControl(), Shutdown())))


def test_a_worker_leaves_when_its_work_is_done_and_nobody_controls_it() -> None:
    assert why_leave(begun=True, going_on=False, uncontrolled=1.0)
    assert not why_leave(begun=True, going_on=False, uncontrolled=0.0)
    assert not why_leave(begun=False, going_on=False, uncontrolled=30.0)
    assert why_leave(begun=False, going_on=False, uncontrolled=61.0)
    assert not why_leave(begun=True, going_on=True, uncontrolled=500.0)
    assert why_leave(begun=True, going_on=True, uncontrolled=601.0) == "paused, and nobody in control for 10 minutes"


def test_the_folder_is_the_users_alone_and_a_socket_in_it_is_short(sockets: Path) -> None:
    server, path = listening()
    with server:
        assert path.parent == own_folder()
        assert path.parent.stat().st_mode & 0o777 == 0o700
        assert path.stat().st_mode & 0o077 == 0
        assert len(os.fsencode(path)) < 104


def test_under_a_temporary_folder_with_a_long_name_the_path_is_short_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_folder.tempfile, "tempdir", str(tmp_path / ("x" * 90)))
    assert socket_folder._place() == Path(f"/tmp/softmax-tui-{os.geteuid()}")


@pytest.mark.parametrize("planted", ["link", "file", "open", "open to its group"])
def test_a_planted_folder_is_refused_in_one_line(sockets: Path, planted: str) -> None:
    place = socket_folder._place()
    if planted == "link":
        (sockets / "elsewhere").mkdir(mode=0o700)
        place.symlink_to(sockets / "elsewhere")
    elif planted == "file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o755 if planted == "open" else 0o750)
    said = {
        "link": "found a symbolic link",
        "file": "found no folder",
        "open": "found mode 0755, expected 0700",
        "open to its group": "found mode 0750, expected 0700",
    }
    for act in (own_folder, listening, lambda: connected(place / "1-2")):
        with pytest.raises(InputError, match=said[planted]) as refused:
            act()
        assert "\n" not in str(refused.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(sockets: Path) -> None:
    place = own_folder()
    os.chown(place, 12345, -1)
    with pytest.raises(InputError, match="found a folder of user 12345, expected one of user 0"):
        listening()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_is_refused_where_the_folder_would_let_it_in(desk: Desk) -> None:
    for path in (desk.path.parent, desk.path, desk.path.parent.parent):
        path.chmod(0o777)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no exception may leave this block
        try:
            os.setuid(12345)
            with socket.socket(socket.AF_UNIX) as stranger:
                stranger.connect(str(desk.path))
                os.write(writing, stranger.recv(2**16))
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading, "rb") as answer:
        said = answer.read()
    desk.path.parent.chmod(0o700)
    assert b"found user 12345 at the other end, expected user 0" in said
    assert len(desk.hub._viewers) == 0


def test_what_a_dead_worker_has_left_is_recognised_and_removed(tmp_path: Path, sockets: Path) -> None:
    files = EngineFiles(tmp_path)
    server, path = listening()
    server.close()  # as kill -9 leaves it: the file is there, and nobody listens
    log = files.log_path(GONE)
    log.touch()
    files.save(DetachedEngine(owner=GONE, socket=str(path), log=str(log)))
    with pytest.raises(ConnectionError):
        connected(path)
    assert files.there() == []
    assert not path.exists()
    assert [one.name for one in (tmp_path / "engines").iterdir()] == []
    log.write_text("Segmentation fault")  # what a dead worker has said stays
    files.save(DetachedEngine(owner=GONE, socket=str(path), log=str(log)))
    assert files.there() == []
    assert [one.name for one in (tmp_path / "engines").iterdir()] == [log.name]


def test_a_worker_of_this_host_and_one_of_another_stay(tmp_path: Path) -> None:
    files = EngineFiles(tmp_path)
    mine = DetachedEngine(owner=this_process(), socket="/tmp/1", log=str(tmp_path / "1.log"))
    files.log_path(mine.owner)  # makes the folder
    there = DetachedEngine(owner=Owner("gpu-box", 5, "x/1"), socket="/tmp/2", log="/none")
    for engine in (mine, there):
        files.save(engine)
    (tmp_path / "engines" / "x-1.json").write_text("{")
    for newest in (mine, there):
        for engine in (mine, there):
            os.utime(files._path(engine.owner), (engine == newest, engine == newest))
        assert files.there()[0] == newest
    assert {engine.socket for engine in files.there()} == {"/tmp/1", "/tmp/2"}
    assert files.of(mine.owner) == mine


@pytest.mark.parametrize(
    ("texts", "kills"),
    [
        ([], False),
        (["[Login]\n#KillUserProcesses=yes\n"], False),
        (["[Login]\nKillUserProcesses=yes\n"], True),
        (["[Login]\nKillUserProcesses=yes\n", "[Login]\nKillUserProcesses = no\n"], False),
        (["[Other]\nKillUserProcesses=yes\n"], False),
    ],
)
def test_what_logind_does_at_logout_is_read_as_it_reads_it(texts: list[str], kills: bool) -> None:
    assert logout._kills_user_processes(texts) is kills


def test_where_logout_ends_it_what_to_do_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logout, "_RUNNING", tmp_path)
    monkeypatch.setattr(logout, "_configurations", lambda: ["[Login]\nKillUserProcesses=yes\n"])
    monkeypatch.setattr(logout, "_user", lambda: "ada")
    monkeypatch.setattr(logout, "_lingers", lambda user: False)
    assert logout.what_ends_it().endswith("run: loginctl enable-linger ada")
    monkeypatch.setattr(logout, "_lingers", lambda user: True)
    assert logout.what_ends_it() == ""


def test_of_several_workers_of_a_store_the_one_at_the_job_is_visited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = {"/2": "r0002", "/1": "r0001"}
    there = [DetachedEngine(owner=this_process(), socket=place, log="") for place in jobs]
    monkeypatch.setattr(attaching, "EngineFiles", lambda store: SimpleNamespace(there=lambda: there))
    monkeypatch.setattr(attaching, "Attached", lambda path: nullcontext(str(path)))
    monkeypatch.setattr(attaching, "Visit", lambda engine, worker: SimpleNamespace(job=jobs[worker]))
    for asked, found in (("r0001", "r0001"), ("r0002", "r0002"), ("", "r0002"), ("r0009", None)):
        with attaching.visiting(tmp_path, asked) as visit:
            assert (visit.job if visit is not None else None) == found
