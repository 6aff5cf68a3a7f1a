"""What a person gets wrong is told in one line, with exit code 2, and nothing is written."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

CASES = [
    (["bogus"], "invalid choice: 'bogus'"),
    (["train", "--epoch", "3"], "the nearest option is --epochs"),
    (["train", "--bogus=3"], "no option is called '--bogus'"),
    (["train", "extra"], "found 'extra'"),
    (["train", "--epochs"], "--epochs: expected one argument"),
    (["train", "--epochs", "0"], "expected an integer at least 1, at most 10,000"),
    (["train", "--epochs", "1.5"], "found '1.5'"),
    (["train", "--learning-rate", "-1e3"], "found '-1e3', expected a number above 0, at most 1e+09"),
    (["train", "--learning-rate", "1e999"], "learning rate"),
    (["train", "--batch-size", "-inf"], "found '-inf'"),
    (["train", "--momentum", "1"], "below 1"),
    (["train", "--softmax", "row_max"], "expected one of naive, global-max, row-max, log-sum-exp"),
    (["train", "--stop-on-nan", "perhaps"], "expected on or off"),
    (["train", "--softmax", "naive", "--loss", "from-logits"], "expected row-max or log-sum-exp"),
    (["train", "--loss", "integer-labels", "--gradient", "closed-form"], "expected autograd"),
    (["train", "--device", "cuda:99"], "expected auto or one of this machine's"),
    (["train", "--dataset", "bogus"], "dataset: found bogus, expected auto"),
    (["train", "--dataset", "/no/such/file.npz"], "no such file"),
    (["train", "--dataset", "silhouettes\x1b[31m\nmore"], "dataset: found"),
    (["train", "--resume", "r0099"], "found 'r0099'"),
    (["train", "--store="], "--store: found ''"),
    (["train", "--epochs", "9" * 400], "expected an integer at least 1, at most 10,000"),
    (["train", "--epochs=--"], "--epochs: found '--', expected a value"),
    (["train", "--dataset", "caf\udce9.npz"], "found caf\\udce9.npz, expected text in UTF-8"),
    (["runs", "rename", "r0001", "caf\udce9"], "found caf\\udce9, expected text in UTF-8"),
    (["runs", "show", "--store", "a" * 300], "found no runs"),
    (["train", "--dataset", "a" * 300 + ".npz"], "a" * 99),
    (["softmax"], "expected numbers such as 100 0.97 1.01"),
    (["softmax", "1", "two"], "found 'two'"),
    (["softmax", "1", "2", "--row", "3"], "row 2: found 1 logits, expected 2"),
    (["softmax", "1", "--dtype", "float8"], "expected one of float16, bfloat16, float32, float64"),
    (["softmax", "--preset", "bogus"], "expected one of input-of-100"),
    (["softmax", "1", "--preset", "near-minus-102"], "expected a preset or logits"),
    (["mistakes"], "found no runs"),
    (["mistakes", "r0099"], "no run is stored yet"),
    (["mistakes", "--limit", "0"], "at least 1"),
    (["mistakes", "--style", "oil"], "expected one of ascii, half, braille"),
    (["mistakes", "--sort", "beauty"], "expected one of loss, confidence, margin, index"),
    (["confusion", "r0099"], "found 'r0099'"),
    (["runs", "show"], "found no runs"),
    (["runs", "delete"], "required: RUN"),
    (["runs", "delete", "r0099", "--yes"], "found 'r0099'"),
    (["runs", "export", "--format", "xml"], "expected one of csv, json, markdown, safetensors"),
    (["datasets", "check", "bogus"], "dataset: found bogus, expected auto"),
    (["datasets", "check", "mnist"], "found no train-images-idx3-ubyte"),
    (["datasets", "fetch", "bogus"], "expected a name that softmax-tui datasets list shows"),
]


@pytest.mark.parametrize(("arguments", "told"), CASES, ids=[ascii(" ".join(case[0])[:60]) for case in CASES])
def test_it_is_one_line_and_nothing_is_written(cli, tmp_path: Path, arguments: list[str], told: str) -> None:
    said = cli(*arguments)
    assert said.code == 2
    assert said.out == ""
    assert told in said.err
    assert len(said.err.splitlines()) == 1
    assert "\x1b" not in said.err
    assert cli("runs", "list", "--json").lines == []
    assert not list(tmp_path.rglob("*.safetensors"))


def idx(magic: int, *shape: int, of: bytes) -> bytes:
    return struct.pack(f">{1 + len(shape)}I", magic, *shape) + of


GOOD = {
    "train-images-idx3-ubyte": idx(2051, 2, 28, 28, of=bytes(2 * 784)),
    "train-labels-idx1-ubyte": idx(2049, 2, of=b"\x00\x09"),
    "t10k-images-idx3-ubyte": idx(2051, 2, 28, 28, of=bytes(2 * 784)),
    "t10k-labels-idx1-ubyte": idx(2049, 2, of=b"\x01\x09"),
}
BAD = {
    "truncated": ("train-images-idx3-ubyte", GOOD["train-images-idx3-ubyte"][:-9]),
    "wrong magic": ("train-labels-idx1-ubyte", idx(2050, 2, of=b"\x00\x09")),
    "label out of range": ("t10k-labels-idx1-ubyte", idx(2049, 2, of=b"\x01\x0a")),
    "unequal counts": ("train-labels-idx1-ubyte", idx(2049, 3, of=b"\x00\x01\x02")),
    "corrupt archive": ("t10k-images-idx3-ubyte.gz", gzip.compress(GOOD["t10k-images-idx3-ubyte"])[:-12]),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_file_of_a_named_dataset_is_named_and_never_replaced(cli, tmp_path: Path, what: str) -> None:
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    name, content = BAD[what]
    for file, good in GOOD.items():
        if file != name.removesuffix(".gz"):
            (raw / file).write_bytes(good)
    (raw / name).write_bytes(content)
    said = cli("train", "--dataset", "mnist", "--epochs", "1")
    assert said.code == 2
    assert name in said.err
    assert len(said.err.splitlines()) == 1
    assert said.out == ""
    assert (raw / name).read_bytes() == content
    (raw / name).unlink()
    (raw / name.removesuffix(".gz")).write_bytes(GOOD[name.removesuffix(".gz")])
    assert cli("train", "--dataset", "mnist", "--epochs", "1").code == 0, "the same files without the fault"


def test_a_store_that_cannot_be_written_is_told_before_anything_is_loaded(cli, tmp_path: Path, tiny: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    said = cli("train", "--dataset", str(tiny), "--store", str(tmp_path / "file" / "store"))
    assert said.code == 2
    assert said.out == ""
    assert str(tmp_path / "file" / "store") in said.err
    assert len(said.err.splitlines()) == 1


def test_other_data_under_the_same_name_are_refused_when_a_run_goes_on(cli, trained: str, tiny: Path) -> None:
    with np.load(tiny) as archive:
        arrays = dict(archive)
    arrays["train_labels"] = arrays["train_labels"][::-1].copy()
    np.savez(tiny, **arrays)
    said = cli("train", "--resume", trained, "--epochs", "9")
    assert said.code == 2
    assert "checksum" in said.err
    assert [line["run_id"] for line in cli("runs", "list", "--json").lines] == [trained]
