"""`softmax-tui datasets` and `softmax-tui doctor`."""

from pathlib import Path

import pytest


def test_the_list_says_what_is_here_and_what_is_to_be_fetched(cli) -> None:
    lines = {line["name"]: line for line in cli("datasets", "list", "--json").lines}
    assert set(lines) == {"fashion-mnist", "mnist", "kmnist", "silhouettes"}
    assert lines["silhouettes"]["present"] is True
    assert lines["mnist"]["present"] is False
    assert lines["mnist"]["download_bytes"] > 1e7
    said = cli("datasets", "list")
    assert "to fetch" in said.out
    assert "built in" in said.out


def test_checking_a_file_says_what_is_in_it(cli, tiny: Path) -> None:
    (facts,) = cli("datasets", "check", str(tiny), "--json").lines
    assert (facts["train_size"], facts["validation_size"], facts["num_classes"]) == (600, 200, 3)
    assert facts["image_shape"] == [6, 5]
    people = cli("datasets", "check", str(tiny)).out
    assert facts["checksum"] in people
    assert "\x1b" not in people


def test_fetching_what_is_whole_already_downloads_nothing(cli, real_data: str) -> None:
    (facts,) = cli("datasets", "fetch", "fashion-mnist", "--data-dir", real_data, "--json").lines
    assert facts["train_size"] == 60_000


def test_the_doctor_finds_what_works(cli) -> None:
    said = cli("doctor", "--json")
    assert said.code == 0
    checks = {line["name"]: line for line in said.lines}
    assert set(checks) == {"softmax-tui", "Python", "packages", "terminal", "store", "data", "torch", "torchvision"}
    assert checks["torch"]["status"] == "ok"
    assert "cpu" in checks["torch"]["found"]


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
