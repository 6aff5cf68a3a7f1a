"""A rank that is not the first, whatever torchrun started there: the worker, or a command that spreads over ranks."""

from __future__ import annotations

import os
from pathlib import Path

from engine.processes.parent import die_with_parent


def serve(data_dir: Path | None) -> int:
    """Takes part in rank 0's jobs until it leaves; the exit code. `data_dir` None is the environment's.

    torchrun gives all ranks the same stdin and stdout, and both are rank 0's alone.
    """
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    die_with_parent()

    from engine.jobs.recorded_run import Places
    from engine.jobs.sweep.other_ranks import part_of
    from engine.labs.vocabulary.distributed import take_part
    from engine.ranks.follower import follow

    return follow({"vocabulary": take_part, "sweep": part_of(Places.of(os.environ, data_dir).data_dir)})
