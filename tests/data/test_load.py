"""From a request to a dataset: names, paths, "auto" and its fallback."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.contract.progress import Notice, Progress
from engine.data.catalog import CATALOG, default_data_dir
from engine.data.load import DatasetRequest, available, check, fetch, load

Finished = Callable[[Any], tuple[list[Any], Any]]
SMALL = {"train_size": 1000, "validation_size": 100}


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    assert str(caught.value).isprintable()
    return str(caught.value)


@pytest.fixture
def damaged(shared_data: Path, tmp_path: Path) -> Path:
    """A data folder whose Fashion-MNIST has one truncated archive."""
    raw = tmp_path / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for archive in (shared_data / "FashionMNIST" / "raw").iterdir():
        shutil.copyfile(archive, raw / archive.name)
    labels = raw / "t10k-labels-idx1-ubyte.gz"
    labels.write_bytes(labels.read_bytes()[:2000])
    return tmp_path / "data"


@pytest.fixture(autouse=True)
def no_network(no_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", no_server)


@pytest.mark.parametrize("name", ["auto", "fashion-mnist"])
def test_what_is_there_is_read_with_progress_in_bytes(shared_data: Path, finished: Finished, name: str) -> None:
    steps, dataset = finished(load(DatasetRequest(name), shared_data))
    assert dataset.name == "fashion-mnist"
    assert (dataset.train_size, dataset.validation_size, dataset.num_features) == (60000, 10000, 784)
    assert dataset.label_names[dataset.train_labels[0]] == "ankle boot"
    total = CATALOG["fashion-mnist"].archive_bytes
    assert [step.done for step in steps] == sorted({step.done for step in steps})
    assert steps[-1] == Progress("reading", "fashion-mnist", total, total, "bytes")


def test_auto_without_network_draws_silhouettes_and_says_why(
    tmp_path: Path, finished: Finished, no_server: str
) -> None:
    steps, dataset = finished(load(DatasetRequest(**SMALL), tmp_path))
    assert (dataset.name, dataset.train_size) == ("silhouettes", 1000)
    (notice,) = (step for step in steps if isinstance(step, Notice))
    assert notice.text.startswith("silhouettes, drawn by this program, instead of fashion-mnist: ")
    assert no_server in notice.text


def test_auto_beside_a_bad_file_draws_silhouettes_and_names_the_file(damaged: Path, finished: Finished) -> None:
    steps, dataset = finished(load(DatasetRequest(**SMALL), damaged))
    assert dataset.name == "silhouettes"
    (notice,) = (step for step in steps if isinstance(step, Notice))
    assert "t10k-labels-idx1-ubyte.gz: found a gzip archive that ends after 2,000 bytes" in notice.text


def test_a_dataset_that_was_named_is_never_replaced(damaged: Path, tmp_path: Path, finished: Finished) -> None:
    for name in ("fashion-mnist", "mnist", "kmnist"):
        text = refusal(lambda name=name: finished(load(DatasetRequest(name), tmp_path / "empty")))
        assert text.startswith(f"{name} could not be downloaded")
    text = refusal(lambda: finished(load(DatasetRequest("fashion-mnist"), damaged)))
    assert "t10k-labels-idx1-ubyte.gz" in text


def test_fetching_what_is_damaged_asks_for_it_again_and_keeps_it_where_that_fails(
    damaged: Path, finished: Finished
) -> None:
    seen: list[Any] = []
    with pytest.raises(InputError, match="could not be downloaded"):
        seen.extend(fetch("fashion-mnist", damaged))
    assert any(isinstance(step, Notice) and "ends after" in step.text for step in seen)
    assert len(list((damaged / "FashionMNIST" / "raw").iterdir())) == 4
    assert "expected a name that softmax-tui datasets list shows" in refusal(lambda: finished(fetch("x", damaged)))


def test_checking_reads_and_never_downloads(shared_data: Path, damaged: Path, tmp_path: Path) -> None:
    dataset, files = check("fashion-mnist", shared_data)
    assert (dataset.num_classes, {file.state for file in files}) == (10, {"official"})
    assert "ends after" in refusal(lambda: check("fashion-mnist", damaged))
    assert "found no train-images-idx3-ubyte" in refusal(lambda: check("mnist", tmp_path))
    assert "dataset: found auto" in refusal(lambda: check("auto", tmp_path))
    assert "dataset: found imagenet, expected auto" in refusal(lambda: check("imagenet", tmp_path))
    assert "such as pneumoniamnist, or the path" in refusal(lambda: check("pneumonia-mnist", tmp_path))


def test_an_unpacked_file_is_preferred_to_its_archive(shared_data: Path, damaged: Path) -> None:
    name = "t10k-labels-idx1-ubyte"
    whole = (shared_data / "FashionMNIST" / "raw" / f"{name}.gz").read_bytes()
    (damaged / "FashionMNIST" / "raw" / name).write_bytes(gzip.decompress(whole))
    assert check("fashion-mnist", damaged)[0].checksum == check("fashion-mnist", shared_data)[0].checksum


def test_pictures_of_another_size_are_not_the_dataset_they_are_named_after(damaged: Path) -> None:
    raw = damaged / "FashionMNIST" / "raw"
    for part, count in (("train", 60000), ("t10k", 1)):
        head = b"\0\0\x08\x03" + count.to_bytes(4, "big") + b"\0\0\0\x02" * 2
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + bytes(4 * count))
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\x01\x07")
    assert "found images of 2 × 2 pixels, expected 28 × 28" in refusal(lambda: check("fashion-mnist", damaged))


def test_files_of_the_right_shape_that_are_not_the_published_ones_are_fetched_anew(
    shared_data: Path, tmp_path: Path
) -> None:
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for archive in (shared_data / "FashionMNIST" / "raw").iterdir():
        shutil.copyfile(archive, raw / archive.name)
    (raw / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + (10_000).to_bytes(4, "big") + bytes(10_000))
    said = refusal(lambda: check("fashion-mnist", tmp_path))
    assert "MD5 of t10k-labels-idx1-ubyte is " in said
    assert (
        ", expected 15d484375f8d13e6eb1aabb0c3f46965; "
        "softmax-tui datasets fetch fashion-mnist downloads the published files" in said
    )
    seen: list[Any] = []
    with pytest.raises(InputError, match="could not be downloaded"):
        seen.extend(fetch("fashion-mnist", tmp_path))
    assert any(isinstance(step, Notice) and "not the published fashion-mnist" in step.text for step in seen)


def test_what_is_unusual_about_data_is_a_notice(tmp_path: Path, finished: Finished) -> None:
    images, labels = np.zeros((4, 3), np.float32), np.array([1, 2, 4, 2])
    path = tmp_path / "own.npz"
    np.savez(path, train_images=images, train_labels=labels, validation_images=images, validation_labels=labels)
    steps, dataset = finished(load(DatasetRequest(str(path)), tmp_path))
    assert dataset.label_names == ("1", "2", "3", "4")
    assert [step.text for step in steps if isinstance(step, Notice)] == [
        "own.npz: labels begin at 1 in every part: taken as 4 classes, named 1 to 4",
        "own.npz: class 3 has no image",
    ]
    steps, _ = finished(load(DatasetRequest("silhouettes", train_size=20, validation_size=500), tmp_path))
    assert any(isinstance(step, Notice) and "no image in training" in step.text for step in steps)


def test_a_path_is_what_has_a_separator_an_ending_or_a_folder(
    tmp_path: Path, finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images, labels = np.zeros((4, 3), np.float32), np.array([0, 1, 1, 0])
    np.savez(
        "own.npz",
        train_images=images,
        train_labels=labels,
        validation_images=images,
        validation_labels=labels,
    )
    for name in ("own.npz", "./own.npz", str(tmp_path / "own.npz")):
        assert finished(load(DatasetRequest(name), tmp_path))[1].num_features == 3
    (tmp_path / "folder").mkdir()
    assert "found no files of data" in refusal(lambda: finished(load(DatasetRequest("folder"), tmp_path)))
    assert "no such file" in refusal(lambda: finished(load(DatasetRequest("none/here"), tmp_path)))
    text = refusal(lambda: finished(load(DatasetRequest("x\x1b[2J" * 2000), tmp_path)))
    assert "expected auto, a name that softmax-tui datasets list shows, or the path of" in text


@pytest.mark.parametrize(
    ("setting", "value"),
    [("train_size", 0), ("validation_size", 1_000_001), ("noise", 1.5), ("jitter", -1), ("occlusion", float("nan"))],
)
def test_a_drawing_out_of_bounds_is_refused_with_the_bounds(
    tmp_path: Path, finished: Finished, setting: str, value: float
) -> None:
    request = DatasetRequest("silhouettes", **{setting: value})  # type: ignore[arg-type]
    assert f"{setting}: found {value}, expected" in refusal(lambda: finished(load(request, tmp_path)))


def test_the_list_tells_what_is_there_and_how_large_it_is(shared_data: Path, tmp_path: Path) -> None:
    listed = {each.entry.name: each for each in available(shared_data)}
    assert list(listed) == list(CATALOG)
    assert listed["fashion-mnist"].present
    assert listed["fashion-mnist"].size_bytes >= CATALOG["fashion-mnist"].archive_bytes
    assert not listed["mnist"].present
    assert listed["silhouettes"].present
    assert not {each.entry.name: each for each in available(tmp_path)}["fashion-mnist"].present


def test_the_data_folder_is_the_variables_or_the_platforms(tmp_path: Path) -> None:
    assert default_data_dir({"SOFTMAX_TUI_DATA_DIR": str(tmp_path)}) == tmp_path
    assert default_data_dir({"SOFTMAX_TUI_DATA_DIR": ""}) == default_data_dir({})
    assert "softmax-tui" in str(default_data_dir({}))
