"""The same examples every time, so that what breaks was broken by the change at hand.

`HYPOTHESIS_PROFILE=explore` looks for new ones.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.cli.calling import cli, places, process, real_data, tiny, trained  # noqa: F401 - fixtures of every folder
from tests.drawn_once import draw_each_block_once
from tests.forked import ask
from tests.idle import look_for_it_everywhere
from tests.parsed_once import parse_each_text_once
from tests.shuffled import keep_the_order_of_files, shuffle
from tests.unseen import nothing_unseen  # noqa: F401 - of every test

os.environ["COLORTERM"] = "truecolor"  # apps of tests draw alike, whatever terminal the tests run in
# What tests remember is none of the preferences of whoever runs them.
os.environ["SOFTMAX_TUI_PREFERENCES"] = f"{tempfile.gettempdir()}/softmax-tui-tests-{os.getpid()}/preferences.json"
os.environ.pop("TMUX", None)  # what tests copy is none of the buffers of whoever runs them
# Where Python is told to keep nothing that it has compiled, each process would compile this project again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_configure(config: pytest.Config) -> None:
    look_for_it_everywhere()
    parse_each_text_once()
    draw_each_block_once()
    keep_the_order_of_files(config)
    if not ask.POSSIBLE:
        return
    ask.stand_in_everywhere()
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", None):
        ask.start()  # while the others begin


@pytest.fixture
def in_earnest() -> Iterator[None]:
    """Processes are started as users start them: their pids, names and parents are looked at."""
    ask.start_in_earnest()
    yield
    if ask.POSSIBLE:
        ask.stand_in_everywhere()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    shuffle(items)


def pytest_collection_finish() -> None:
    """What is imported stays, and apps leave much behind: looking through all of it often takes a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)
