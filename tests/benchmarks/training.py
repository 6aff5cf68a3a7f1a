"""How long an epoch takes, evaluation included, in one run on the real images.

    uv run python -m tests.benchmarks.training [--rounds 5] [--book-rounds 3]

Ours; the book's procedure (torchvision's dataset, a DataLoader with 4 workers, autograd); `nn.Linear` with autograd on
resident tensors; and the floor, which only gathers, converts and multiplies, and learns nothing.
"""

from __future__ import annotations

import argparse
import gzip
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import torch
from torch import nn

from engine.contract.config import TrainConfig
from engine.data.dataset import Dataset
from engine.data.load import check
from engine.training.loop import train
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from tests.benchmarks.table import interleaved, table
from tests.training.conftest import REAL_DATA

BATCH = 256
EPOCHS = 3


def ours(dataset: Dataset, data: ResidentData) -> None:
    config = TrainConfig(epochs=EPOCHS)
    state = TrainingState.initial(config, data.num_features, data.num_classes, dataset.train_size, data.device)
    for _ in train(config, data, state, dataset.info):
        pass


def linear(data: ResidentData) -> None:
    """What most people would write: float images on the device, nn.Linear, torch's loss and optimiser."""
    images = data.train_images.float() / 255
    validation = data.validation_images.float() / 255
    model = nn.Linear(784, 10).to(data.device)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(EPOCHS):
        order = torch.randperm(len(images), device=data.device)
        for start in range(0, len(images), BATCH):
            chosen = order[start : start + BATCH]
            loss = nn.functional.cross_entropy(model(images[chosen]), data.train_labels[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            loss.item()
        with torch.no_grad():
            logits = model(validation)
            nn.functional.cross_entropy(logits, data.validation_labels).item()
            (logits.argmax(1) == data.validation_labels).float().mean().item()


def floor(data: ResidentData) -> None:
    """Gather, convert and the two products of every minibatch, in preallocated buffers."""
    device = data.device
    weight, gradient = torch.randn(10, 784, device=device) * 0.01, torch.randn(10, BATCH, device=device)
    gathered = torch.empty(BATCH, 784, dtype=torch.uint8, device=device)
    converted, logits = torch.empty(BATCH, 784, device=device), torch.empty(10, BATCH, device=device)
    for _ in range(EPOCHS):
        order = torch.randperm(len(data.train_labels)).to(device)
        for start in range(0, len(order) - BATCH + 1, BATCH):
            torch.index_select(data.train_images, 0, order[start : start + BATCH], out=gathered)
            converted.copy_(gathered)
            torch.mm(weight, converted.t(), out=logits)
            weight.addmm_(gradient, converted, alpha=-1e-9)
    if device.type == "cuda":
        torch.cuda.synchronize()


def book(root: Path) -> None:
    """One epoch as section 4.4 of the book has it, by its own words."""
    from torchvision import datasets, transforms

    loaders = [
        torch.utils.data.DataLoader(
            datasets.FashionMNIST(root, train=is_train, transform=transforms.ToTensor()),
            BATCH,
            shuffle=is_train,
            num_workers=4,
        )
        for is_train in (True, False)
    ]
    weight = torch.normal(0, 0.01, size=(784, 10), requires_grad=True)
    bias = torch.zeros(10, requires_grad=True)

    def forward(images: torch.Tensor) -> torch.Tensor:
        exponentials = torch.exp(torch.matmul(images.reshape((-1, 784)), weight) + bias)
        return exponentials / exponentials.sum(1, keepdims=True)

    def loss_of(predicted: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return -torch.log(predicted[list(range(len(predicted))), labels]).mean()

    for images, labels in loaders[0]:
        loss = loss_of(forward(images), labels)
        loss.backward()
        with torch.no_grad():
            for parameter in (weight, bias):
                parameter -= 0.1 * parameter.grad
                parameter.grad.zero_()
    with torch.no_grad():
        for images, labels in loaders[1]:
            predicted = forward(images)
            loss_of(predicted, labels).item()
            (predicted.argmax(1) == labels).float().mean().item()


def unpacked(target: Path) -> Path:
    """The archives laid out and unpacked as torchvision wants them."""
    raw = target / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for archive in (REAL_DATA / "FashionMNIST" / "raw").glob("*.gz"):
        with gzip.open(archive) as packed, (raw / archive.stem).open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return target


def peak_memory() -> int:
    """Peak resident bytes of a process that trains the defaults and does nothing else."""
    script = "import sys; from tui.cli.main import main; sys.exit(main())"
    with tempfile.TemporaryDirectory() as store:
        arguments = ["train", "--dataset", "fashion-mnist", "--data-dir", str(REAL_DATA), "--store", store, "--json"]
        subprocess.run([sys.executable, "-c", script, *arguments], check=True, stdout=subprocess.DEVNULL)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--book-rounds", type=int, default=3)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    peak = peak_memory()  # before anything else is a child of this process
    torch.set_num_threads(1)
    dataset = check("fashion-mnist", REAL_DATA)[0]
    data = ResidentData.of(dataset, torch.device(options.device))
    contenders = {"ours": lambda: ours(dataset, data), "nn.Linear": lambda: linear(data), "floor": lambda: floor(data)}
    interleaved(contenders, 1)  # warm-up
    seconds = {
        name: [value / EPOCHS for value in values] for name, values in interleaved(contenders, options.rounds).items()
    }
    with tempfile.TemporaryDirectory() as folder:
        root = unpacked(Path(folder))
        seconds |= interleaved({"the book": lambda: book(root)}, options.book_rounds)
    print(
        f"torch {torch.__version__}, {data.device}, 1 thread, batch size {BATCH}, {options.rounds} rounds interleaved\n"
    )
    print(table(seconds, "seconds an epoch", "ours"))
    base = median(seconds["ours"])
    print(f"\n{'':32} measured    wanted")
    print(f"{'the book / ours':32} {median(seconds['the book']) / base:8.1f}    at least 40")
    print(f"{'nn.Linear / ours':32} {median(seconds['nn.Linear']) / base:8.1f}    at least 2.5")
    print(f"{'ours / floor':32} {base / median(seconds['floor']):8.1f}    at most 3")
    print(f"{'peak memory of a headless run':32} {peak / 1e9:8.2f} GB at most 1.2 GB")


if __name__ == "__main__":
    main()
