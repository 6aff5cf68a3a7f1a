"""Writing the results of a sweep where `--export` says."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.contract.sweeps import SweepConfig, SweepResult
from tui.sweep.export import exported


def export(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """Writes the file, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    from engine.store.files import write_whole

    write_whole(Path(name), exported(name, config, results).encode())
