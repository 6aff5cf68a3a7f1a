"""A cost matrix out of a CSV file that somebody has named."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.contract.cost_matrix import CostMatrix, read_cost_matrix
from engine.contract.errors import InputError


async def costs_in_file(name: str, names: tuple[str, ...]) -> CostMatrix:
    """The costs for classes of these names, read in another thread: a thousand classes are a million numbers.

    Raises:
        InputError: there is no such file, or no such matrix in it.
    """
    if not name or "\0" in name:
        raise InputError(f"found {name!r}, expected the name of a CSV file")
    return await asyncio.to_thread(read_cost_matrix, Path(name), names)
