"""Writing the results of a sweep where somebody wants them: beside the terminal, not in the engine's store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.contract.errors import InputError
from engine.contract.sweeps import SweepConfig, SweepResult
from tui.sweep.export import check_target, exported


def write_results(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """A new file, in the kind that its name ends in.

    Raises:
        InputError: the name is none, there is such a file already, or it cannot be written.
    """
    check_target(name, "file")
    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(exported(name, config, results))
    except OSError as error:
        raise InputError(f"file: found {error.strerror}, expected a new file in a folder that has room") from error


def export(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """Writes the file that `--export` names, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    from engine.store.files import write_whole

    write_whole(Path(name), exported(name, config, results).encode())
