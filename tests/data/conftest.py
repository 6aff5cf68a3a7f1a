"""The real archives, where they are at hand, and answers of servers that mean well or ill."""

import http.server
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def finished(steps: Generator[Any, None, Any]) -> tuple[list[Any], Any]:
    """What a generator yielded, and what it returned."""
    yielded = []
    while True:
        try:
            yielded.append(next(steps))
        except StopIteration as end:
            return yielded, end.value


@pytest.fixture(name="finished")
def finished_fixture() -> Callable[[Generator[Any, None, Any]], tuple[list[Any], Any]]:
    return finished


@pytest.fixture
def shared_data() -> Path:
    """The data folder with the real Fashion-MNIST archives in `FashionMNIST/raw`."""
    if not (SHARED / "FashionMNIST" / "raw" / "train-images-idx3-ubyte.gz").exists():
        pytest.skip("the real archives are not at hand")
    return SHARED.resolve()


Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class QuietServer(http.server.ThreadingHTTPServer):
    """Torchvision asks once for each file only to see whether it is redirected, and hangs up on the answer."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Starts a server on the loopback that answers every GET by `answer`; gives its address."""
    servers: list[QuietServer] = []

    def start(answer: Answer) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        server = QuietServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def no_server(serve: Callable[[Answer], str]) -> str:
    """An address on the loopback that nobody listens at."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(autouse=True)
def straight_to_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
