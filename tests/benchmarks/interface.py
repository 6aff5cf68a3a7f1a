"""What the app costs: its first frame, a key, a chart, the line to the terminal, memory, and the engine's speed.

    uv run python -m tests.benchmarks.interface [--rounds 9] [--epochs 60]

Everything is measured in one run, in real pseudo-terminals, with bytecode compiled beforehand, as installed.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from pathlib import Path
from statistics import median, quantiles

from engine.contract.config import TrainConfig
from engine.contract.history import LossCell, cell_width
from engine.contract.run_state import RunState
from tests.benchmarks.table import interleaved, table
from tests.benchmarks.watched import HELLO, REAL, WatchedApp, first_text, headless_seconds, scratch
from tui.drawing.plot import chart_lines
from tui.train.charts import ChartsView, loss_chart

POINTS = (1_000, 100_000, 10_000_000)
WINDOW = 8.0  # seconds


def first_frames(folder: Path, rounds: int) -> dict[str, list[float]]:
    """Our first frame, the bars, and the pane's that follows, against hello-world's, interleaved."""
    app = [sys.executable, "-m", "tui.cli.main"]
    hello = [sys.executable, "-c", HELLO]
    contenders = {
        "hello-world": lambda: first_text(hello, "hello, world", folder),
        "softmax-tui": lambda: first_text(app, "Train", folder),
        "its pane": lambda: first_text(app, "No run has started yet", folder),
    }
    for run in contenders.values():  # compiles the bytecode
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            seconds[name].append(run())
    return seconds


def run_of(points: int) -> RunState:
    """A run that has seen so many minibatches, as its events would have told it."""
    width = cell_width(points)
    losses = [0.4 + 2 * math.exp(-cell / 300) + 0.1 * math.sin(7 * cell) for cell in range(points // width)]
    cells = tuple(
        LossCell(
            index=index,
            count=width,
            non_finite=0,
            total=width * loss,
            low=loss - 0.1,
            high=loss + 0.1,
            last=loss,
        )
        for index, loss in enumerate(losses)
    )
    config = TrainConfig(epochs=10)
    return RunState(
        run_id="r0001",
        status="running",
        config=config,
        minibatches_per_epoch=points // 10,
        cell_width=width,
        position=points,
        losses=cells,
    )


def chart_frames(rounds: int) -> dict[str, list[float]]:
    """A frame of the loss chart, from the run to its lines at 100×30."""
    runs = {f"{points:,} points": run_of(points) for points in POINTS}

    def frame(run: RunState) -> None:
        chart_lines(loss_chart(run, ChartsView(), {}, ""), 100, 30)

    contenders = {name: (lambda run=run: frame(run)) for name, run in runs.items()}  # type: ignore[misc]
    interleaved(contenders, 2)  # warm-up
    return interleaved(contenders, rounds)


def at_full_speed(folder: Path, epochs: int) -> dict[str, float]:
    """Keys, processor and memory of the app while the engine trains as fast as it can, and after it."""
    app = WatchedApp(folder)
    try:
        app.train(epochs * 100, full_speed=True)
        app.bytes_in(2)
        # What each key brings is seen in words that nothing else brings: the axis, the pace, another pane. A pace that
        # is faster than the engine can go is full speed too.
        seconds = app.keys([("y", "loss  "), ("y", "loss, log"), ("]", "minibatches/s"), ("f", "full speed")], 10)
        app.terminal.press("2")
        app.bytes_in(2)
        panes = app.keys([("1", "loss, log"), ("2", "log-sum-exp")], 10)
        app.terminal.press("1")
        app.bytes_in(1)
        cpu = app.cpu_seconds()
        app.bytes_in(WINDOW)
        cpu = (app.cpu_seconds() - cpu) / WINDOW
        app.terminal.press("4")
        app.bytes_in(2)
        app.terminal.press("1")
        app.bytes_in(1)
        app.terminal.press("s")
        app.until("stopped")
        app.settle()
        return {
            "key p95": quantiles(seconds, n=20)[-1],
            "key median": median(seconds),
            "pane median": median(panes),
            "cpu": cpu,
            "memory": app.peak_memory(),
            "idle bytes": app.bytes_in(5.0),
        }
    finally:
        app.close()


def bytes_per_second(folder: Path, *arguments: str) -> float:
    """To the terminal, during the first seconds of a run at the pace that a viewer is shown."""
    app = WatchedApp(folder, *arguments)
    try:
        app.train(10, full_speed=False)
        return app.bytes_in(WINDOW) / WINDOW
    finally:
        app.close()


def watched_seconds(folder: Path, epochs: int) -> float:
    """Seconds from a run's beginning to its end as the app shows them, its pane of training in front."""
    app = WatchedApp(folder)
    try:
        began = app.train(epochs, full_speed=True)
        return app.until(" finished") - began
    finally:
        app.close()


def line(name: str, measured: str, wanted: str) -> None:
    print(f"{name:58} {measured:>12}    {wanted}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--epochs", type=int, default=60)
    options = parser.parse_args()
    print(f"{os.cpu_count()} CPUs, {'fashion-mnist' if REAL else 'silhouettes'}, {options.rounds} rounds interleaved\n")
    with scratch() as folder:
        frames = first_frames(folder, options.rounds)
        print(table(frames, "seconds to the first frame", "hello-world"), "\n", flush=True)
        charts = chart_frames(3 * options.rounds)
        print(table(charts, "seconds a chart of 100×30", "1,000 points"), "\n", flush=True)
        speed: dict[str, list[float]] = {"headless": [], "watched": []}
        for _ in range(3):
            speed["headless"].append(headless_seconds(folder, options.epochs))
            speed["watched"].append(watched_seconds(folder, options.epochs))
        print(table(speed, f"seconds of {options.epochs} epochs", "headless"), "\n", flush=True)
        full = at_full_speed(folder, options.epochs)
        usual, slow = bytes_per_second(folder), bytes_per_second(folder, "--slow")
    middle = {name: median(values) for name, values in (frames | charts | speed).items()}
    costs = [middle[f"{points:,} points"] for points in POINTS]
    line("", "measured", "wanted")
    line("first frame / hello-world's", f"{middle['softmax-tui'] / middle['hello-world']:.2f}", "at most 1.25")
    line("the pane after it / hello-world's", f"{middle['its pane'] / middle['hello-world']:.2f}", "")
    line("key to paint at full speed, 95th percentile", f"{1000 * full['key p95']:.0f} ms", "below 50 ms")
    line("key to paint at full speed, median", f"{1000 * full['key median']:.0f} ms", "")
    line("key to another pane at full speed, median", f"{1000 * full['pane median']:.0f} ms", "")
    line("a chart frame, the dearest of the three", f"{1000 * max(costs):.1f} ms", "below 40 ms")
    line("a chart frame, dearest / cheapest", f"{max(costs) / min(costs):.2f}", "at most 1.3")
    line("to the terminal, --slow, at the default pace", f"{slow / 1000:.1f} KB/s", "below 20 KB/s")
    line("to the terminal, at the default pace", f"{usual / 1000:.1f} KB/s", "")
    line("to the terminal when nothing changes, in 5 s", f"{full['idle bytes']:.0f} bytes", "0")
    line("peak memory of the app's process, three panes seen", f"{full['memory'] / 1e6:.0f} MB", "below 120 MB")
    line("the app's share of a core at full speed", f"{full['cpu']:.2f}", "below 1")
    line("speed with the app watching / headless", f"{middle['headless'] / middle['watched']:.2f}", "at least 0.90")


if __name__ == "__main__":
    main()
