"""Downloads for real, from servers on the loopback that serve the archives, break off, stall, or are absent."""

import http.server
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.contract.errors import InputError
from engine.contract.progress import Progress
from engine.data import watched as watched_module
from engine.data.catalog import CATALOG
from engine.data.download import _sizes, download
from engine.data.load import check
from engine.data.mirrors import torchvision_mirrors

FASHION = CATALOG["fashion-mnist"]
Handler = http.server.BaseHTTPRequestHandler
Serve = Callable[[Callable[[Handler], None]], str]
Finished = Callable[[Any], tuple[list[Any], Any]]


def archives_of(shared_data: Path) -> Callable[[Handler], None]:
    def answer(request: Handler) -> None:
        path = shared_data / request.path.lstrip("/")
        if not path.is_file():
            request.send_error(404)
            return
        request.send_response(200)
        request.send_header("Content-Length", str(path.stat().st_size))
        request.end_headers()
        request.wfile.write(path.read_bytes())

    return answer


def begin(request: Handler, length: int) -> None:
    request.send_response(200)
    request.send_header("Content-Length", str(length))
    request.end_headers()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.02)


def failure(folder: Path, stall_seconds: float = 30) -> str:
    """The one line that a failed download ends with, after which nothing may be left behind."""
    with pytest.raises(InputError) as caught:
        for _ in download(FASHION, folder, stall_seconds):
            pass
    assert list(folder.iterdir()) == []
    assert str(caught.value).isprintable()
    assert str(caught.value).startswith("fashion-mnist could not be downloaded: ")
    assert str(folder / "FashionMNIST" / "raw") in str(caught.value)
    return str(caught.value)


def test_two_downloads_at_once_both_end_with_the_whole_dataset_in_place(
    shared_data: Path, tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(archives_of(shared_data)))
    running = {number: download(FASHION, tmp_path) for number in range(2)}
    progress: dict[int, list[Progress]] = {0: [], 1: []}
    while running:
        for number, steps in list(running.items()):
            step = next(steps, None)
            if step is None:
                del running[number]
            else:
                progress[number].append(step)
    for steps_seen in progress.values():
        done = [step.done for step in steps_seen]
        assert done[0] == 0
        assert done == sorted(done)
        assert steps_seen[-1].total == FASHION.archive_bytes
    assert [path.name for path in tmp_path.iterdir()] == ["FashionMNIST"]
    assert check("fashion-mnist", tmp_path)[0].checksum == check("fashion-mnist", shared_data)[0].checksum
    archives = list((tmp_path / "FashionMNIST" / "raw").glob("*.gz"))
    assert sum(path.stat().st_size for path in archives) == FASHION.archive_bytes


def test_servers_that_break_off_or_send_rubbish_are_named_and_leave_nothing(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Handler) -> None:
        if request.path.startswith("/FashionMNIST/"):
            begin(request, 26421880)
            request.wfile.write(bytes(100_000))
        else:
            begin(request, 7)
            request.wfile.write(b"rubbish")

    address = serve(answer)
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", address)
    text = failure(tmp_path)
    assert f"{address}/FashionMNIST/raw/: the download is incomplete or has the wrong checksum" in text
    assert f"{address}/: the download is incomplete or has the wrong checksum" in text


def test_a_server_that_falls_silent_is_left_and_one_that_drips_is_given_up(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Handler) -> None:
        begin(request, 26421880)
        request.wfile.write(bytes(100_000))
        while True:
            # Dripping keeps every socket timeout away, so that only the watching parent can notice.
            time.sleep(0.2 if request.path.startswith("/train") else 60)
            request.wfile.write(b"x")

    address = serve(answer)
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", address)
    text = failure(tmp_path, stall_seconds=3)
    assert f"{address}/FashionMNIST/raw/: timed out" in text
    assert f"{address}/: nothing arrived for 3 s" in text


def test_an_absent_server_is_named_before_torchvision_is_even_imported(
    tmp_path: Path, no_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", no_server)
    monkeypatch.setattr(watched_module, "IMPORT_SECONDS", 0.0)
    text = failure(tmp_path, stall_seconds=5)
    assert f"{no_server}/: [Errno" in text
    assert "correct or unset SOFTMAX_TUI_MIRROR" in text, "it is set already"
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", "nonsense")
    assert "nonsense/ is not an address, expected http://… or https://…" in failure(tmp_path)


def test_an_error_of_the_child_itself_is_told_by_its_last_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", "http://[")
    assert "ValueError: Invalid IPv6 URL" in failure(tmp_path)


def test_closing_a_download_ends_its_child_and_removes_its_folder(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(lambda request: time.sleep(60)))
    children: list[Any] = []
    start = subprocess.Popen

    def recorded(*arguments: Any, **options: Any) -> Any:
        children.append(start(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(subprocess, "Popen", recorded)
    steps = download(FASHION, tmp_path)
    next(steps)
    next(steps)
    assert children[0].poll() is None
    assert len(list(tmp_path.iterdir())) == 1
    steps.close()
    assert children[0].returncode is not None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_child_of_a_killed_parent_clears_up_and_leaves(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import sys, pathlib\n"
        "from engine.data.catalog import CATALOG\n"
        "from engine.data.download import download\n"
        "for step in download(CATALOG['fashion-mnist'], pathlib.Path(sys.argv[1])): pass\n"
    )
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(lambda request: time.sleep(60)))
    parent = subprocess.Popen([sys.executable, "-P", "-c", program, str(tmp_path)])

    def children() -> list[int]:
        """The living processes that download into `tmp_path`; what is dead but not yet buried has no arguments."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                arguments = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if b"engine.data.mirrors" in arguments and os.fsencode(tmp_path) in arguments:
                found.append(int(process.name))
        return found

    until(children)
    until(lambda: list(tmp_path.iterdir()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until(lambda: not children())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, no_server: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        next(download(FASHION, tmp_path / "file"))


def test_what_an_earlier_crash_left_is_removed_after_a_day(
    tmp_path: Path, no_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", no_server)
    old, new = tmp_path / ".fetching-old", tmp_path / ".fetching-new"
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    with pytest.raises(InputError):
        list(download(FASHION, tmp_path))
    assert list(tmp_path.iterdir()) == [new]


def test_torchvision_names_mirrors_for_every_dataset_that_is_downloaded() -> None:
    for entry in CATALOG.values():
        if entry.torchvision_class:
            mirrors = torchvision_mirrors(entry.torchvision_class)
            assert mirrors
            assert all(mirror.startswith("http") and mirror.endswith("/") for mirror in mirrors)


def test_progress_and_notices_carry_their_type() -> None:
    import msgspec

    step = Progress("downloading", "mnist", 1, None, "bytes")
    assert json.loads(msgspec.json.encode(step))["type"] == "progress"


def test_what_torchvision_unpacks_beside_the_archives_is_no_progress_of_the_download(tmp_path: Path) -> None:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "train-images-idx3-ubyte.gz").write_bytes(bytes(100))
    (raw / "train-images-idx3-ubyte").write_bytes(bytes(900))
    assert _sizes(tmp_path) == (100, 1000)
