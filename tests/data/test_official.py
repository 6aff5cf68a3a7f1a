"""Files of a catalogued dataset, compared with what was published."""

import ast
import gzip
import hashlib
import importlib.util
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.data import official
from engine.data.catalog import CATALOG
from engine.data.idx_files import IDX_FILES
from engine.data.official import ARCHIVES, CONTENTS, check_official, compared

NAMES = [name for name, entry in CATALOG.items() if entry.torchvision_class is not None]


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("name", NAMES)
def test_the_checksums_are_those_that_torchvision_lists(name: str) -> None:
    package = importlib.util.find_spec("torchvision")
    assert package is not None
    assert package.origin is not None
    source = (Path(package.origin).parent / "datasets" / "mnist.py").read_text("utf-8")
    listed = next(
        ast.literal_eval(statement.value)
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == CATALOG[name].torchvision_class
        for statement in node.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "resources"
    )
    assert listed == [(f"{file}.gz", checksum) for file, checksum in zip(IDX_FILES, ARCHIVES[name], strict=True)]


def test_the_contents_are_those_of_the_published_archives(shared_data: Path) -> None:
    raw = shared_data / "FashionMNIST" / "raw"
    for file, checksum in zip(IDX_FILES, CONTENTS["fashion-mnist"], strict=True):
        assert md5(gzip.decompress((raw / f"{file}.gz").read_bytes())) == checksum


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with small archives that count as the published ones of `kmnist`."""
    raw = tmp_path / "KMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in IDX_FILES:
        (raw / f"{file}.gz").write_bytes(gzip.compress(file.encode() * 100, mtime=0))
    archives = tuple(md5((raw / f"{file}.gz").read_bytes()) for file in IDX_FILES)
    monkeypatch.setattr(official, "ARCHIVES", {"kmnist": archives})
    return tmp_path


def states(data_dir: Path) -> list[tuple[str, str]]:
    return [(file.what, file.state) for file in compared(CATALOG["kmnist"], data_dir)]


def test_an_archive_is_compared_with_its_checksum(published: Path) -> None:
    assert states(published) == [("archive", "official")] * 4
    archive = published / "KMNIST" / "raw" / f"{IDX_FILES[2]}.gz"
    archive.write_bytes(gzip.compress(b"noise", mtime=0))
    assert states(published)[2] == ("archive", "different")
    with pytest.raises(InputError) as refused:
        check_official(compared(CATALOG["kmnist"], published), "kmnist")
    assert f"MD5 of {IDX_FILES[2]}.gz is {md5(archive.read_bytes())}, expected {official.ARCHIVES['kmnist'][2]}" in str(
        refused.value
    )
    assert str(refused.value).count("MD5 of") == 1
    assert str(refused.value).isprintable()


def test_an_unpacked_file_is_compared_with_the_published_archive_beside_it(published: Path) -> None:
    raw = published / "KMNIST" / "raw"
    (raw / IDX_FILES[0]).write_bytes(IDX_FILES[0].encode() * 100)
    (raw / IDX_FILES[1]).write_bytes(b"noise")
    assert states(published)[:2] == [("unpacked file", "official"), ("unpacked file", "different")]


def test_an_unpacked_file_without_its_published_archive_cannot_be_compared(published: Path) -> None:
    raw = published / "KMNIST" / "raw"
    for file in IDX_FILES[:2]:
        (raw / file).write_bytes(b"whatever")
    (raw / f"{IDX_FILES[0]}.gz").unlink()
    (raw / f"{IDX_FILES[1]}.gz").write_bytes(b"another archive")
    assert states(published)[:2] == [("unpacked file", "not compared")] * 2
    check_official(compared(CATALOG["kmnist"], published), "kmnist")


def test_an_unpacked_file_with_a_known_checksum_needs_no_archive(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = published / "KMNIST" / "raw"
    for file in IDX_FILES[:2]:
        (raw / f"{file}.gz").unlink()
        (raw / file).write_bytes(file.encode())
    monkeypatch.setattr(official, "CONTENTS", {"kmnist": (md5(IDX_FILES[0].encode()), "0" * 32, "", "")})
    assert states(published)[:2] == [("unpacked file", "official"), ("unpacked file", "different")]


def test_what_is_missing_or_cannot_be_read_is_one_line(published: Path) -> None:
    assert compared(CATALOG["silhouettes"], published) == ()
    archive = published / "KMNIST" / "raw" / f"{IDX_FILES[0]}.gz"
    archive.unlink()
    with pytest.raises(InputError, match=f"found no {IDX_FILES[0]}, expected {IDX_FILES[0]} or {IDX_FILES[0]}.gz"):
        compared(CATALOG["kmnist"], published)
    archive.mkdir()
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        compared(CATALOG["kmnist"], published)
