"""A single file as its authors publish it: where it lies, and how it is known to be whole."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Algorithm = Literal["md5", "sha1"]


@dataclass(frozen=True)
class PublishedFile:
    """`name` below its folder; `address` says where it is downloaded from; `about_bytes` is its size, roughly.

    `checksum` is hexadecimal. It says whether a file was damaged; it protects from nobody who wants to deceive.
    """

    name: str
    address: str
    algorithm: Algorithm
    checksum: str
    about_bytes: int

    @property
    def most_bytes(self) -> int:
        """A longer file is not this one."""
        return 2 * self.about_bytes + 2**20


def checksum_of(path: Path, algorithm: Algorithm) -> str:
    """Hexadecimal. Raises OSError where the file cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
