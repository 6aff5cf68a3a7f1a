"""How long sweeps take on the real images, in the jobs alone and with all that a person runs.

    uv run python -m tests.benchmarks.sweep [--rounds 3] [--epochs 20] [--exercise]

Six learning rates in one product; the floor, which gathers, converts and multiplies for six models and learns nothing;
six single runs. Then a step of batch size 1, one seed and three. `--exercise` runs the two sweeps of the book's
exercise 5 through the command line, one seed, the store and everything else included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from statistics import median

import torch

from engine.contract.config import TrainConfig
from engine.contract.sweeps import DEFAULT_VALUES
from engine.data.dataset import Dataset
from engine.data.load import check
from engine.training.group import Group
from engine.training.loop import train, train_together
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.walk import Member
from tests.benchmarks.table import interleaved, table
from tests.training.conftest import REAL_DATA

BATCH = 256
RATES = DEFAULT_VALUES["learning_rate"]
STEPS = 20_000


def member(dataset: Dataset, data: ResidentData, rate: float, epochs: int, batch: int = BATCH, seed: int = 0) -> Member:
    config = TrainConfig(
        epochs=epochs,
        learning_rate=rate,
        batch_size=batch,
        seed=seed,
        loss="from-logits",
        gradient="closed-form",
        device=str(data.device),
    )
    state = TrainingState.initial(config, data.num_features, data.num_classes, dataset.train_size, data.device)
    return Member(config, data, dataset.info, state)


def together(members: Sequence[Member], seeds: int = 1, steps: int = 0) -> None:
    for _ in train_together(Group(members, seeds), steps):
        pass


def alone(one: Member) -> None:
    for _ in train(one.config, one.data, one.state, one.info):
        pass


def floor(data: ResidentData, epochs: int) -> None:
    """One gather and conversion, and the two products for six models, in preallocated buffers."""
    rows = 10 * len(RATES)
    weight, gradient = torch.randn(rows, 784) * 0.01, torch.randn(rows, BATCH)
    gathered, converted = torch.empty(BATCH, 784, dtype=torch.uint8), torch.empty(BATCH, 784)
    logits = torch.empty(rows, BATCH)
    for _ in range(epochs):
        order = torch.randperm(len(data.train_labels))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            torch.index_select(data.train_images, 0, order[start : start + BATCH], out=gathered)
            converted.copy_(gathered)
            torch.mm(weight, converted.t(), out=logits)
            weight.addmm_(gradient, converted, alpha=-1e-9)


def microseconds_a_step(dataset: Dataset, data: ResidentData, seeds: int) -> float:
    """Of batch size 1, the fastest of three."""
    taken = []
    for _ in range(3):
        members = [member(dataset, data, 0.1, 1, batch=1, seed=seed) for seed in range(seeds)]
        began = time.perf_counter()
        together(members, seeds, STEPS)
        taken.append((time.perf_counter() - began) / STEPS * 1e6)
    return min(taken)


def exercise() -> dict[str, float]:
    """Seconds of each of the exercise's sweeps with one seed, from the shell and back."""
    script = "import sys; from tui.cli.main import main; sys.exit(main())"
    seconds = {}
    with tempfile.TemporaryDirectory() as store:
        for parameter in ("learning-rate", "batch-size"):
            arguments = ["sweep", parameter, "--dataset", "fashion-mnist", "--seeds", "1", "--json"]
            places = ["--data-dir", str(REAL_DATA), "--store", store]
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", script, *arguments, *places], check=True, stdout=subprocess.PIPE, text=True
            )
            seconds[parameter] = time.perf_counter() - began
            print(parameter, json.loads(done.stdout.splitlines()[-1])["verdict"])
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--exercise", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    dataset = check("fashion-mnist", REAL_DATA)[0]
    data = ResidentData.of(dataset, torch.device("cpu"))

    def six() -> list[Member]:
        return [member(dataset, data, rate, options.epochs) for rate in RATES]

    contenders = {
        "six in one product": lambda: together(six()),
        "floor": lambda: floor(data, options.epochs),
        "six single runs": lambda: [alone(one) for one in six()],
    }
    seconds = interleaved(contenders, options.rounds)
    print(
        f"torch {torch.__version__}, 1 thread, batch size {BATCH}, {options.epochs} epochs, {options.rounds} rounds\n"
    )
    print(table(seconds, "seconds", "floor"))
    ours = median(seconds["six in one product"])
    print(f"\n{'':34} measured   wanted")
    print(f"{'six in one product / floor':34} {ours / median(seconds['floor']):8.2f}   at most 1.6")
    print(f"{'six in one product / six single':34} {ours / median(seconds['six single runs']):8.2f}   at most 0.6")
    for seeds in (1, 3):
        name = f"µs a step of batch size 1, {seeds} seed{'s' if seeds > 1 else ''}"
        print(f"{name:34} {microseconds_a_step(dataset, data, seeds):8.1f}   at most 25")
    if options.exercise:
        taken = exercise()
        print(f"{'seconds of exercise 5':34} {sum(taken.values()):8.1f}   below 180   {taken}")


if __name__ == "__main__":
    main()
