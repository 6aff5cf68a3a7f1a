"""Which device a run gets on machines that are not at hand: only what torch says is there is replaced."""

from __future__ import annotations

import pytest
import torch

from engine.contract.errors import InputError
from engine.training.devices import available, described, resolve

MACHINES = {"laptop": (0, False), "mac": (0, True), "box": (2, False)}  # how many CUDA devices, whether there is mps


@pytest.fixture
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    cuda, mps = MACHINES[request.param]
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    return str(request.param)


@pytest.mark.parametrize(
    ("machine", "there"),
    [("laptop", ("cpu",)), ("mac", ("mps", "cpu")), ("box", ("cuda:0", "cuda:1", "cpu"))],
    indirect=["machine"],
)
def test_the_devices_of_a_machine_begin_with_that_of_auto(machine: str, there: tuple[str, ...]) -> None:
    assert available() == there


@pytest.mark.parametrize(
    ("machine", "name", "dtype", "found"),
    [
        ("laptop", "auto", "float32", "cpu"),
        ("mac", "auto", "float32", "mps"),
        ("mac", "auto", "float64", "cpu"),  # Apple's GPUs have no float64
        ("mac", "cpu", "float64", "cpu"),
        ("mac", "mps", "float32", "mps"),
        ("box", "auto", "float64", "cuda:0"),
        ("box", "cuda", "float32", "cuda:0"),
        ("box", "cuda:1", "float32", "cuda:1"),
    ],
    indirect=["machine"],
)
def test_a_name_stands_for_a_device(machine: str, name: str, dtype: str, found: str) -> None:
    assert resolve(name, dtype) == torch.device(found)


@pytest.mark.parametrize(
    ("machine", "name", "dtype", "message"),
    [
        ("laptop", "cuda", "float32", "device: found 'cuda', expected auto or one of this machine's: cpu"),
        ("box", "cuda:2", "float32", "found 'cuda:2', expected auto or one of this machine's: cuda:0, cuda:1, cpu"),
        ("mac", "mps", "float64", "device: found mps with dtype float64, expected cpu: mps has no float64"),
    ],
    indirect=["machine"],
)
def test_a_device_that_there_is_not_is_refused_with_those_that_there_are(
    machine: str, name: str, dtype: str, message: str
) -> None:
    with pytest.raises(InputError) as refused:
        resolve(name, dtype)
    assert message in str(refused.value)
    if machine == "laptop":
        assert resolve("cpu") == torch.device("cpu"), "without a dtype float32 is meant"


def test_a_gpu_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"Accelerator {device.index}")
    assert described(torch.device("cuda:1")) == "cuda:1 (Accelerator 1)"
    assert described(torch.device("cpu")) == "cpu"
