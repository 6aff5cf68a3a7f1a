"""Medical datasets from a server on the loopback: one file each, of the published structure, fetched and read."""

import hashlib
import http.server
import io
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.contract.progress import Notice, Progress
from engine.data.catalog import CATALOG, same_class
from engine.data.dataset import Dataset
from engine.data.load import DatasetRequest, available, check, fetch, load
from engine.data.medical import MEDICAL, MedicalDataset

Handler = http.server.BaseHTTPRequestHandler
Serve = Callable[[Callable[[Handler], None]], str]


def archive_of(one: MedicalDataset, size: int = 40, colour: bool = False) -> bytes:
    """A file of the structure of the published ones: uint8 images, labels (n, 1), three parts."""
    random = np.random.default_rng(0)
    shape = (28, 28, 3) if colour else (28, 28)
    parts: dict[str, Any] = {}
    for part, images in (("train", size), ("val", size // 2), ("test", size // 2)):
        parts[f"{part}_images"] = random.integers(0, 256, (images, *shape), dtype=np.uint8)
        parts[f"{part}_labels"] = (np.arange(images) % len(one.label_names)).astype(np.uint8)[:, None]
    file = io.BytesIO()
    np.savez_compressed(file, **parts)
    return file.getvalue()


@dataclass
class Mirror:
    """Answers with `content`, from where a request asks; breaks off after `most` bytes, and notes what was asked."""

    content: bytes
    most: int = 1 << 30
    ranges: bool = True
    claims: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: Handler) -> None:
        asked = request.headers.get("Range", "")
        self.asked.append((request.path, asked))
        start = int(re.findall(r"\d+", asked)[0]) if asked and self.ranges else 0
        if start >= len(self.content):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        length = len(self.content) - start if self.claims is None else self.claims
        request.send_header("Content-Length", str(length))
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        request.end_headers()
        request.wfile.write(self.content[start : start + self.most])


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> Callable[[str, Mirror], None]:
    """Makes the server's content the published one of a dataset."""

    def publish(name: str, mirror: Mirror) -> None:
        file = CATALOG[name].file
        assert file is not None
        digest = hashlib.md5(mirror.content, usedforsecurity=False).hexdigest()
        monkeypatch.setitem(CATALOG, name, replace(CATALOG[name], file=replace(file, checksum=digest)))
        monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(mirror))

    return publish


Publish = Callable[[str, Mirror], None]


@pytest.mark.parametrize("one", MEDICAL, ids=[one.name for one in MEDICAL])
def test_each_is_fetched_read_and_checked(
    one: MedicalDataset, published: Publish, tmp_path: Path, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    colour = "colour" in one.what or "retinopathy" in one.what
    mirror = Mirror(archive_of(one, colour=colour))
    published(one.name, mirror)
    steps, dataset = finished(load(DatasetRequest(one.name), tmp_path))
    assert isinstance(steps[0], Notice)  # before anything is asked of the network
    assert one.licence in str(steps[0])
    assert "for teaching, not for diagnosis" in str(steps[0])
    progress = [step for step in steps if isinstance(step, Progress) and step.stage == "downloading"]
    assert progress[-1].done <= (progress[-1].total or 0)
    assert [path for path, _ in mirror.asked] == [f"/MedMNIST/{one.name}.npz"]
    assert dataset.label_names == one.label_names
    assert (dataset.train_size, dataset.validation_size, dataset.test_size) == (40, 20, 20)
    assert dataset.image_shape == (28, 28)
    assert dataset.channels == (3 if colour else 1)
    assert dataset.notices == ()  # the catalogue says what its parts are
    again, files = check(one.name, tmp_path)
    assert again.checksum == dataset.checksum
    assert [file.state for file in files] == ["official"]
    assert [path.name for path in (tmp_path / "MedMNIST").iterdir()] == [f"{one.name}.npz"]
    here = {found.entry.name: found for found in available(tmp_path)}[one.name]
    assert here.present
    assert here.size_bytes == len(mirror.content)


def test_a_download_that_broke_off_goes_on_where_it_ended(
    published: Publish, tmp_path: Path, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    mirror = Mirror(archive_of(MEDICAL[0], size=400), most=50_000)
    published("pneumoniamnist", mirror)
    for kept in (50_000, 100_000):  # the second address is the same server: it goes on at once
        with pytest.raises(InputError, match="the server broke off after") as caught:
            finished(load(DatasetRequest("pneumoniamnist"), tmp_path))
        assert f"{2 * kept:,} bytes are kept, and the next attempt goes on from there" in str(caught.value)
        assert not (tmp_path / "MedMNIST" / "pneumoniamnist.npz").exists()
    mirror.most = 1 << 30
    mirror.asked.clear()
    _, dataset = finished(load(DatasetRequest("pneumoniamnist"), tmp_path))
    assert mirror.asked == [("/MedMNIST/pneumoniamnist.npz", "bytes=200000-")]
    assert dataset.train_size == 400


def test_a_server_that_knows_no_ranges_begins_anew(
    published: Publish, tmp_path: Path, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    mirror = Mirror(archive_of(MEDICAL[0]), most=1_000, ranges=False)
    published("pneumoniamnist", mirror)
    with pytest.raises(InputError, match="1,000 bytes are kept"):
        finished(load(DatasetRequest("pneumoniamnist"), tmp_path))
    mirror.most = 1 << 30
    assert finished(load(DatasetRequest("pneumoniamnist"), tmp_path))[1].train_size == 40


def test_what_is_not_the_published_file_is_refused_and_not_kept(
    published: Publish, tmp_path: Path, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    mirror = Mirror(archive_of(MEDICAL[0]))
    published("pneumoniamnist", mirror)
    right = mirror.content
    mirror.content = b"x" * len(right)
    with pytest.raises(InputError, match=r"MD5 is [0-9a-f]{32}, expected [0-9a-f]{32}") as caught:
        finished(load(DatasetRequest("pneumoniamnist"), tmp_path))
    assert "bytes are kept" not in str(caught.value)
    assert list((tmp_path / "MedMNIST").iterdir()) == []
    (tmp_path / "MedMNIST" / "pneumoniamnist.npz").write_bytes(archive_of(MEDICAL[0], size=20))
    with pytest.raises(InputError, match="not the published pneumoniamnist"):
        check("pneumoniamnist", tmp_path)
    mirror.content = right
    steps, dataset = finished(fetch("pneumoniamnist", tmp_path))
    assert "downloading pneumoniamnist again" in str(steps[1])
    assert dataset.train_size == 40


@pytest.mark.parametrize(
    ("claims", "said"), [(1 << 40, "found 1,099,511,627,776 bytes or more"), (50_000_000, "found 50,000,000 bytes")]
)
def test_a_length_that_cannot_be_right_is_refused_before_it_is_fetched(
    claims: int, said: str, published: Publish, tmp_path: Path, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    published("pneumoniamnist", Mirror(archive_of(MEDICAL[0]), claims=claims))
    with pytest.raises(InputError, match=said):
        finished(load(DatasetRequest("pneumoniamnist"), tmp_path))


def test_a_silent_server_is_given_up(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Callable[[Any], tuple[list[Any], Dataset]]
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(lambda request: time.sleep(60)))
    with pytest.raises(InputError, match="timed out") as caught:
        finished(load(DatasetRequest("breastmnist"), tmp_path, stall_seconds=1.5))
    assert "take the dataset fashion-mnist or silhouettes" in str(caught.value)
    assert list((tmp_path / "MedMNIST").iterdir()) == []


def test_without_a_network_the_file_is_named_that_can_be_put_there(
    no_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Callable[[Any], tuple[list[Any], Any]]
) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", no_server)
    with pytest.raises(InputError) as caught:
        finished(load(DatasetRequest("dermamnist"), tmp_path))
    assert str(caught.value).startswith("dermamnist could not be downloaded: ")
    assert f"put dermamnist.npz into {tmp_path / 'MedMNIST'}" in str(caught.value)
    assert str(caught.value).isprintable()


def test_two_downloads_at_once_both_end_with_the_file_in_place(published: Publish, tmp_path: Path) -> None:
    published("breastmnist", Mirror(archive_of(MEDICAL[1], size=400)))
    running: dict[int, Iterator[Any]] = {number: load(DatasetRequest("breastmnist"), tmp_path) for number in range(2)}
    while running:
        for number, steps in list(running.items()):
            if next(steps, None) is None:
                del running[number]
    assert [path.name for path in (tmp_path / "MedMNIST").iterdir()] == ["breastmnist.npz"]


def test_official_names_are_the_classes_too() -> None:
    for one in MEDICAL:
        for number, official in enumerate(one.official_names):
            assert same_class(official.upper(), number, one.label_names[number], one.label_names)


def test_the_published_sizes_and_addresses() -> None:
    for one in MEDICAL:
        assert one.file.address == f"https://zenodo.org/records/6496656/files/{one.name}.npz?download=1"
        assert len(one.file.checksum) == 32
    derma = CATALOG["dermamnist"]
    assert "CC BY-NC 4.0, not for commercial use" in derma.terms
