"""What fails where no test looks: an exception in a callback or a forgotten task, which asyncio only logs.

A person at a terminal would see its traceback in the middle of the screen, or after leaving.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(self.format(record))


_kept = _Kept()
logging.getLogger("asyncio").addHandler(_kept)


@pytest.fixture(autouse=True)
def nothing_unseen() -> Iterator[None]:
    """A test fails of what the event loop complains of meanwhile."""
    yield
    said, _kept.said[:] = "\n".join(_kept.said), []
    assert not said, said
