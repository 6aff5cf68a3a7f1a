"""`softmax-tui datasets` and `softmax-tui doctor`."""

import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.medical import MEDICAL


def test_the_list_says_what_is_here_and_what_is_to_be_fetched(cli) -> None:
    lines = {line["name"]: line for line in cli("datasets", "list", "--json").lines}
    assert set(lines) == {"fashion-mnist", "mnist", "kmnist", "silhouettes", *(one.name for one in MEDICAL)}
    assert lines["dermamnist"]["licence"] == "CC BY-NC 4.0"
    assert lines["silhouettes"]["present"] is True
    assert lines["mnist"]["present"] is False
    assert lines["mnist"]["download_bytes"] > 1e7
    said = cli("datasets", "list")
    assert "to fetch" in said.out
    assert "built in" in said.out
    assert "for teaching, not for diagnosis" in said.out


def test_checking_a_file_says_what_is_in_it(cli, tiny: Path) -> None:
    (facts,) = cli("datasets", "check", str(tiny), "--json").lines
    assert (facts["train_size"], facts["validation_size"], facts["num_classes"]) == (600, 200, 3)
    assert facts["image_shape"] == [6, 5]
    people = cli("datasets", "check", str(tiny)).out
    assert facts["checksum"] in people
    assert "\x1b" not in people


def test_checking_a_dataset_that_has_a_name_compares_it_with_the_published_one(
    cli, real_data: str, tmp_path: Path
) -> None:
    (facts,) = cli("datasets", "check", "fashion-mnist", "--data-dir", real_data, "--json").lines
    assert [(file["compared"], file["state"]) for file in facts["files"]] == [("archive", "official")] * 4
    people = cli("datasets", "check", "fashion-mnist", "--data-dir", real_data).out
    assert "official  4 archives with the published MD5" in people
    raw = tmp_path / "other" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 60_000), ("t10k", 10_000)):  # noise in the right shape
        for kind, shape, most in (("images-idx3", (count, 28, 28), 256), ("labels-idx1", (count,), 10)):
            head = bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
            noise = np.random.default_rng(0).integers(0, most, size=shape, dtype=np.uint8)
            (raw / f"{part}-{kind}-ubyte").write_bytes(head + noise.tobytes())
    said = cli("datasets", "check", "fashion-mnist", "--data-dir", str(tmp_path / "other"), "--json")
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1)
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        assert f"MD5 of {name}-ubyte is " in said.err
    (raw.parent.parent / "FashionMNIST").rename(raw.parent.parent / "KMNIST")
    said = cli("datasets", "check", "kmnist", "--data-dir", str(tmp_path / "other"))
    assert said.code == 0
    assert "not compared, because there is no published MD5" in said.out


def test_labels_that_begin_at_1_are_said_and_a_class_without_images_is_named(cli, tmp_path: Path) -> None:
    random, labels = np.random.default_rng(0), np.tile(np.arange(1, 11), 20)
    images = random.integers(0, 256, (200, 4, 4), dtype=np.uint8)
    for name, used in (("from_1.npz", labels), ("unseen.npz", np.where(labels == 7, 0, labels))):
        np.savez(
            tmp_path / name,
            train_images=images,
            train_labels=used,
            validation_images=images[:40],
            validation_labels=used[:40],
        )
    said = cli("train", "--dataset", str(tmp_path / "from_1.npz"), "--epochs", "1", "--json")
    assert said.code == 0
    assert said.lines[0]["dataset"]["num_classes"] == 10
    assert said.lines[0]["dataset"]["label_names"] == [str(number) for number in range(1, 11)]
    assert said.err == (
        "softmax-tui: from_1.npz: labels begin at 1 in every part: taken as 10 classes, named 1 to 10\n"
    )
    said = cli("train", "--dataset", str(tmp_path / "unseen.npz"), "--epochs", "1", "--json")
    assert said.lines[0]["dataset"]["num_classes"] == 11
    assert said.err == "softmax-tui: unseen.npz: class 7 has no image\n"
    (facts,) = cli("datasets", "check", str(tmp_path / "unseen.npz"), "--json").lines
    assert facts["notices"] == ["class 7 has no image"]
    assert "class 7 has no image" in cli("datasets", "check", str(tmp_path / "unseen.npz")).out


def test_a_check_says_what_a_run_says_of_the_same_file(cli, tmp_path: Path) -> None:
    random, labels = np.random.default_rng(0), np.tile(np.arange(4), 50)
    floats = random.random((200, 4, 4), dtype=np.float32)
    fewer = np.where(labels == 3, 0, labels)
    files = {
        "bytes_as_floats": (floats * 255, floats * 255, labels),
        "two_ranges": (floats, floats * 255, labels),
        "all_alike": (floats * 0, floats * 0, labels),
        "dark": (floats / 20, floats / 20, labels),
        "not_judged": (floats, floats, fewer),
        "usual": (floats, floats, labels),
    }
    for name, (train, validation, validation_labels) in files.items():
        path = tmp_path / f"{name}.npz"
        parts = {"train_images": train, "train_labels": labels}
        np.savez(path, **parts, validation_images=validation, validation_labels=validation_labels)
        run = cli("train", "--dataset", str(path), "--epochs", "1", "--json")
        said = [line.removeprefix("softmax-tui: ").removeprefix(f"{path.name}: ") for line in run.err.splitlines()]
        (facts,) = cli("datasets", "check", str(path), "--json").lines
        assert facts["notices"] == said, name
        assert len(said) == (name != "usual"), name
        if name == "not_judged":
            assert said == ["class 3 has no image in validation: validation says nothing about it"]


def test_fetching_what_is_whole_already_downloads_nothing(cli, real_data: str) -> None:
    (facts,) = cli("datasets", "fetch", "fashion-mnist", "--data-dir", real_data, "--json").lines
    assert facts["train_size"] == 60_000


@pytest.mark.usefixtures("in_earnest")
def test_the_doctor_finds_what_works(cli) -> None:
    said = cli("doctor", "--json")
    assert said.code == 0
    checks = {line["name"]: line for line in said.lines}
    names = {"softmax-tui", "Python", "packages", "terminal", "store", "data", "background", "torch", "torchvision"}
    assert set(checks) == names
    assert checks["torch"]["status"] == "ok"
    build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "built for the CPU only"
    assert f"{torch.__version__}, {build}, devices: " in checks["torch"]["found"]
    idle = torch.version.cuda is not None and not torch.cuda.is_available()
    assert ("--torch-backend cpu" in checks["torch"]["advice"]) == idle


@pytest.mark.usefixtures("in_earnest")
def test_the_doctor_survives_a_torch_that_cannot_be_imported(
    cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "torch.py").write_text("raise OSError('libtorch_cpu.so: cannot open shared object file')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    said = cli("doctor")
    assert said.code == 1
    assert "libtorch_cpu.so: cannot open" in said.out
    assert "install torch again" in said.out
    assert "broken: torch" in said.out
    assert "Traceback" not in said.out + said.err


def test_the_doctor_names_a_store_that_cannot_be_written(cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = cli("doctor", "--json", "--store", str(tmp_path / "file"))
    assert said.code == 1
    (store,) = [line for line in said.lines if line["name"] == "store"]
    assert store["status"] == "broken"
    assert "--store" in store["advice"]
