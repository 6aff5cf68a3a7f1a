"""Kinds of numbers and texts that messages carry, with their bounds. A line that goes beyond them is no message."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

LONGEST_TEXT = 10_000  # characters; a path has 4,096 bytes at most, each four characters where it is not UTF-8
MOST_CLASSES = 1_000_000

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=MOST_CLASSES)]
Count = Annotated[int, Meta(ge=0, le=2**63 - 1)]
OneOrMore = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Epoch = Annotated[int, Meta(ge=1, le=10_000)]  # as many as a run may have
Place = Annotated[int, Meta(ge=-1, le=2**63 - 1)]  # −1 is none
Seed = Count
Channels = Annotated[int, Meta(ge=1, le=4)]  # of a pixel
Side = Annotated[int, Meta(ge=0, le=100_000)]  # pixels
Seconds = Annotated[float, Meta(ge=0, le=1e10)]
Share = Annotated[float, Meta(ge=0, le=1)]
Rate = Annotated[float, Meta(ge=0, le=1e15)]  # of anything a second


def described(
    title: str, description: str, group: str = "", *, advanced: bool = False, hidden: bool = False, **bounds: Any
) -> Meta:
    """A setting's label, help and bounds. Forms show it in its group, hidden ones not at all."""
    extra = {"hidden": True} if hidden else {"group": group, "advanced": advanced}
    return Meta(title=title, description=description, extra=extra, **bounds)


def expect(fits: bool, words: str) -> None:
    """What no type of a single part can say: how the parts of a message go together.

    Raises:
        ValueError: they do not; where a message is decoded, it is refused with these words.
    """
    if not fits:
        raise ValueError(f"expected {words}")
