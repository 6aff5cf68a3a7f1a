"""A command on several ranks that torchrun started: rank 0 runs it, the others take part and say nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.contract.errors import InputError
from engine.ranks import rank_and_size

if TYPE_CHECKING:
    from engine.ranks.rank_group import RankGroup


def ranks() -> int:
    """How many ranks there are, 1 where torchrun did not start this process."""
    return rank_and_size(os.environ)[1]


def follows() -> bool:
    """Whether this process is not rank 0: then `serve` is all that it does."""
    return rank_and_size(os.environ)[0] > 0


def serve(data_dir: Path | None = None) -> int:
    """Takes part in what rank 0 does, until rank 0 leaves; the exit code."""
    from engine.jobs.follower import serve

    return serve(data_dir)


@contextmanager
def rank_group_of(size: int) -> Iterator[RankGroup | None]:
    """The other ranks as rank 0 sees them, None where there are none; they leave when this one is done.

    Raises:
        InputError: the other ranks cannot be met.
        SystemExit: with 1, where one of them is lost when all is done.
    """
    if size == 1:
        yield None
        return
    from engine.ranks.rank_group import RankGroup
    from engine.ranks.rendezvous import RankLost

    try:
        rank_group = RankGroup.joined()
    except RankLost as lost:
        raise InputError(f"torchrun: found no other rank ({lost}), expected {size - 1}") from lost
    try:
        yield rank_group
    except BaseException:
        rank_group.leave()
        raise
    if lost_line := rank_group.leave():
        from tui.cli.page import Page

        Page(sys.stderr).line(f"softmax-tui: {lost_line}")
        raise SystemExit(1)
