"""A real worker on small data of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from engine.contract.config import TrainConfig
from engine.contract.wire import Event
from engine.processes.client import EngineClient, EngineGone, worker_command
from tests.training.conftest import small


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dataset = small()
    path = tmp_path_factory.mktemp("data") / "small.npz"
    np.savez(
        path,
        train_images=dataset.train_images.reshape(-1, 6, 6),
        train_labels=dataset.train_labels,
        validation_images=dataset.validation_images.reshape(-1, 6, 6),
        validation_labels=dataset.validation_labels,
    )
    return path


@pytest.fixture
def config(small_file: Path) -> TrainConfig:
    return TrainConfig(dataset=str(small_file), batch_size=50, epochs=3)


class Watched:
    """A client whose events are kept, to be waited for."""

    def __init__(self, client: EngineClient) -> None:
        self.client = client
        self.seen: list[Event] = []
        self.gone: EngineGone | None = None
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        try:
            async for event in self.client.events():
                self.seen.append(event)
                self._changed.set()
        except EngineGone as gone:
            self.gone = gone
            self._changed.set()

    async def until(self, wanted: Callable[[], bool], seconds: float = 60.0) -> None:
        async def wait() -> None:
            while not wanted():
                await self._changed.wait()
                self._changed.clear()

        await asyncio.wait_for(wait(), seconds)

    async def event(self, kind: type[Event], which: Callable[[Event], bool] = lambda event: True) -> Event:
        """The first event of that kind seen so far or from now on."""
        await self.until(lambda: any(isinstance(event, kind) and which(event) for event in self.seen))
        return next(event for event in self.seen if isinstance(event, kind) and which(event))


Start = Callable[[], Awaitable[Watched]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
async def start(tmp_path: Path, store: Path) -> AsyncIterator[Start]:
    """Starts workers on one store; whatever still runs at the end is closed."""
    started: list[EngineClient] = []

    async def start_one() -> Watched:
        client = EngineClient(worker_command(["--store", str(store), "--data-dir", str(tmp_path / "data")]))
        await client.start()
        started.append(client)
        return Watched(client)

    yield start_one
    for client in started:
        await client.close(2.0)
