"""Which encoding a text file has: UTF-8, UTF-16, or Latin-1 where it is neither."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import NamedTuple

from engine.contract.errors import InputError
from engine.data.brought.content import content_of
from engine.verdicts.one_line import one_line

_PIECE = 1 << 20
_HEAD = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", ""),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


class Encoded(NamedTuple):
    """Bytes with their encoding, as Python calls it; `said` is what it is called where it is not UTF-8, else ""."""

    content: bytes
    encoding: str
    said: str

    @property
    def text(self) -> str:
        """The whole text."""
        return self.content.decode(self.encoding)


def read_text(path: Path, most: int) -> Encoded:
    """The text in a file of at most `most` bytes, a gzip archive or not.

    Raises:
        InputError: it is no text, too long, or cannot be read.
    """
    content = content_of(path, most)
    encoding, said = _encoding_of(content)
    wrong = _first_wrong(content, encoding)
    if wrong is not None and not said:
        encoding, said, wrong = "latin-1", "Latin-1", None
    null = content.find(b"\0") if encoding in ("utf-8", "utf-8-sig", "latin-1") else -1
    if wrong is not None or null >= 0:
        place, what = (wrong, f"no {said}") if wrong is not None else (null, "0")
        raise InputError(f"{one_line(path)}: byte {place} is {what}, expected a text in UTF-8, UTF-16 or Latin-1")
    return Encoded(content, encoding, said)


def encoding_notice(encoded: Encoded, name: str) -> str:
    """That a file was not UTF-8; "" where it was."""
    return f"{one_line(name)}: read as {encoded.said}" if encoded.said else ""


def _encoding_of(content: bytes) -> tuple[str, str]:
    for mark, encoding, said in _MARKS:
        if content.startswith(mark):
            return encoding, said
    head = content[:_HEAD]
    # Of texts in European letters every other byte of UTF-16 is 0.
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros, others = head[first::2], head[1 - first :: 2]
        if len(zeros) > 1 and zeros.count(0) > len(zeros) // 2 and others.count(0) < len(others) // 4:
            return encoding, "UTF-16"
    return "utf-8", ""


def _first_wrong(content: bytes, encoding: str) -> int | None:
    """Where the content is not what the encoding allows; None where it is all right."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for start in range(0, len(content) + 1, _PIECE):
        try:
            decoder.decode(content[start : start + _PIECE], final=start + _PIECE > len(content))
        except UnicodeDecodeError as error:
            return start + error.start
    return None
