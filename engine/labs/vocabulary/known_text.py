"""Texts that have a name instead of a path: the book's own."""

from __future__ import annotations

import os
from pathlib import Path

from engine.data.catalog import default_data_dir
from engine.data.fetch_file import fetch_file
from engine.data.load import finish
from engine.data.published import PublishedFile

# The Time Machine by H. G. Wells, as section 9.2 of Dive into Deep Learning downloads it.
_BOOK = PublishedFile(
    "timemachine.txt",
    "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt",
    "sha1",
    "090b5e7e70c295757f55df93cb0a180b9691891a",
    180_000,
)
TEXTS = {"time-machine": _BOOK}
FOLDER = "texts"


def path_of(text: str) -> str:
    """The path of a text. One with a name is downloaded where it is not in the data folder yet.

    Raises:
        InputError: one line, where it cannot be downloaded.
    """
    file = TEXTS.get(text)
    if file is None or Path(text).exists():
        return text
    path = default_data_dir(os.environ) / FOLDER / file.name
    if not path.is_file():
        finish(fetch_file(text, file, path.parent, "take a text file of your own"))
    return str(path)
