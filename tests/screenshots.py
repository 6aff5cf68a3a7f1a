"""Pictures of the app, with the real engine on real data, for the README.

    uv run python -m tests.screenshots [--out screenshots] [--data-dir ../shared/data]

Writes an SVG and a PNG of each pane. Where the data folder holds no Fashion-MNIST the drawn silhouettes are shown.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from engine.processes.client import worker_command
from tests.painted import painted
from tui.app.app import SoftmaxApp
from tui.pane.base import DisplayOptions
from tui.train.pane import TrainPane

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0  # seconds


class Photographer:
    """Drives one app and takes its pictures."""

    def __init__(self, pilot: Pilot[None], folder: Path) -> None:
        self._pilot, self._folder = pilot, folder
        self.app: SoftmaxApp = pilot.app  # type: ignore[assignment]

    async def until(self, reached: Callable[[], bool]) -> None:
        for _ in range(int(PATIENCE / 0.05)):
            await self._pilot.pause(0.05)
            if reached():
                return
        raise TimeoutError(f"it has not come to that:\n{self.text()}")

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)
        await self._pilot.pause(0.3)

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    async def take(self, name: str) -> None:
        await self._pilot.pause(0.5)
        self.app.save_screenshot(f"{name}.svg", str(self._folder))
        painted(self.app.screen._compositor.render_strips()).save(self._folder / f"{name}.png", optimize=True)
        print(self._folder / f"{name}.svg", self._folder / f"{name}.png", sep="\n")


async def photographed(size: tuple[int, int], options: argparse.Namespace, store: str) -> None:
    """One app of one size: training, and with room for it the other panes."""
    os.environ["COLORTERM"] = "truecolor"  # whatever terminal this runs in
    app = SoftmaxApp(worker_command(["--store", store, "--data-dir", str(options.data_dir)]), DisplayOptions())
    async with app.run_test(size=size) as pilot:
        photographer = Photographer(pilot, options.out)
        await photographer.until(lambda: app.engine.ready is not None and app.active_pane == "train")
        pane = app.query_one(TrainPane)
        await photographer.until(lambda: "row-max" in photographer.text())
        if not (options.data_dir / "FashionMNIST").exists():
            pane.board.form.form_text.texts["dataset"] = "silhouettes"
        await photographer.press("space")
        await photographer.until(lambda: app.live.state.epoch_fraction > 6.4)
        if size[0] < 100:
            await photographer.take("train-80x24")
            return
        await photographer.take("train")
        await photographer.press("f")
        await photographer.until(lambda: app.live.state.status == "finished")
        await photographer.press("4")
        await photographer.until(lambda: "true" in photographer.text() or "wrong" in photographer.text())
        await photographer.take("mistakes")
        await photographer.press("enter")
        await pilot.pause(1.0)
        await photographer.take("example")
        await photographer.press("5")
        await photographer.until(lambda: "is a disease" in photographer.text())
        await photographer.take("decide")
        await photographer.press("v")
        await photographer.until(lambda: "truly" in photographer.text())
        await photographer.take("decide-costs")
        await photographer.press("2")
        await photographer.until(lambda: "log-sum-exp" in photographer.text())
        while "an input of 100" not in photographer.text():
            await photographer.press("p")
        await photographer.take("softmax")
        await photographer.press("3")
        await photographer.until(lambda: "Why slower?" in photographer.text())
        await photographer.take("loss")
        await photographer.press("6", "p", *["up"] * 10, "right", *["up"] * 4, "right", "right", *["down"] * 3)
        await photographer.press("right", "right", *["up"] * 8, "enter")
        await photographer.until(lambda: "pairs in the right order" in photographer.text())
        await photographer.take("sweep")
        await photographer.press("7", "space")
        await photographer.until(lambda: "Sampled is" in photographer.text())
        await photographer.until(lambda: "space measures" in photographer.text())
        await photographer.take("vocabulary")


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots")
    parser.add_argument("--data-dir", type=Path, default=ROOT / ".." / "shared" / "data")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for size in ((120, 40), (80, 24)):
        with tempfile.TemporaryDirectory() as store:
            await photographed(size, options, store)


if __name__ == "__main__":
    asyncio.run(main())
