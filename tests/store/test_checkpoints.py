"""Checkpoint files: to the bit, whole or not at all, damage named."""

import math
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from engine.contract.errors import InputError
from engine.store.safetensors_file import Checkpoint, TensorBytes, load, save

NUMBERS = {"tenth": 0.1, "tiny": 5e-324, "inf": math.inf, "-inf": -math.inf, "minus zero": -0.0, "third": 1 / 3}
CHECKPOINT = Checkpoint(
    epochs_done=3,
    minibatch=17,
    position=722,
    tensors={
        "weight": TensorBytes(dtype="float32", shape=(10, 784), data=bytes(range(256)) * 122 + bytes(128)),
        "bias": TensorBytes(dtype="float64", shape=(10,), data=struct.pack("<10d", *range(10))),
        "steps": TensorBytes(dtype="int64", shape=(), data=struct.pack("<q", -5)),
        "empty": TensorBytes(dtype="float32", shape=(0, 3), data=b""),
    },
    numbers=NUMBERS,
)


def test_a_checkpoint_comes_back_to_the_bit(tmp_path: Path) -> None:
    save(tmp_path / "it.safetensors", CHECKPOINT)
    loaded = load(tmp_path / "it.safetensors")
    assert loaded == CHECKPOINT
    assert math.copysign(1, loaded.numbers["minus zero"]) == -1


@given(numbers=st.dictionaries(st.text(), st.floats()))
def test_every_number_comes_back_to_the_bit(
    tmp_path_factory: pytest.TempPathFactory, numbers: dict[str, float]
) -> None:
    path = tmp_path_factory.mktemp("numbers") / "it.safetensors"
    save(path, Checkpoint(epochs_done=0, minibatch=0, position=0, tensors={}, numbers=numbers))
    loaded = load(path).numbers
    assert {name: repr(number) for name, number in loaded.items()} == {
        name: repr(number) for name, number in numbers.items()
    }


def test_others_read_the_file_as_safetensors(tmp_path: Path) -> None:
    save(tmp_path / "it.safetensors", CHECKPOINT)
    tensors = load_file(tmp_path / "it.safetensors")
    assert tensors.keys() == CHECKPOINT.tensors.keys()
    for name, tensor in CHECKPOINT.tensors.items():
        assert tensors[name].tobytes() == tensor.data
        assert tensors[name].shape == tensor.shape
        assert str(tensors[name].dtype) == tensor.dtype


def test_damage_anywhere_is_one_line_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "it.safetensors"
    save(path, CHECKPOINT)
    whole = path.read_bytes()
    damaged = [whole[:length] for length in (0, 1, 8, 9, 100, len(whole) // 2, len(whole) - 1)]
    damaged += [whole + b"\0", b"\xff" * 64]
    header = struct.unpack_from("<Q", whole)[0] + 8
    for place in (*range(header), *range(header, len(whole), 997), len(whole) - 1):
        damaged.append(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    messages = []
    for content in damaged:
        path.write_bytes(content)
        try:
            assert load(path) == CHECKPOINT  # a blank between two words of the header may be another blank
        except InputError as error:
            messages.append(str(error))
    assert len(messages) > len(damaged) - 10
    for message in messages:
        assert message.startswith(f"{path}: found ")
        assert "expected a checkpoint" in message
        assert "\n" not in message


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.safetensors: found No such file.*expected a checkpoint"):
        load(tmp_path / "none.safetensors")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in place of the folder")
    with pytest.raises(InputError, match="found Not a directory, expected a folder that can be written"):
        save(tmp_path / "file" / "it.safetensors", CHECKPOINT)


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "it.safetensors"
    save(path, CHECKPOINT)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        save(path, Checkpoint(epochs_done=9, minibatch=0, position=9, tensors={}, numbers={}))
    assert load(path) == CHECKPOINT
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_that_do_not_fit_their_shape_are_refused(tmp_path: Path) -> None:
    wrong = TensorBytes(dtype="float32", shape=(3,), data=b"12345678")
    with pytest.raises(ValueError, match="found 8 bytes"):
        save(
            tmp_path / "it.safetensors",
            Checkpoint(epochs_done=0, minibatch=0, position=0, tensors={"weight": wrong}, numbers={}),
        )
    assert list(tmp_path.iterdir()) == []


def test_the_store_loads_neither_torch_nor_numpy() -> None:
    program = "import sys, engine.store.record; print(sorted({'torch', 'numpy', 'textual'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_path_reaches_no_terminal_as_an_escape(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(tmp_path / "red\x1b[31m\n.safetensors")
    assert "red\\x1b[31m\\n.safetensors" in str(refused.value)
    assert str(refused.value).isprintable()
