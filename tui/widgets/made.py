"""A long list of which each item is made when it is drawn."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TypeVar, overload

ItemT = TypeVar("ItemT")


class MadeWhenDrawn(Sequence[ItemT]):
    """A subclass has a length and makes the item of a rank, which there is."""

    @abstractmethod
    def made(self, rank: int) -> ItemT:
        """The item of that rank."""

    @overload
    def __getitem__(self, rank: int) -> ItemT: ...
    @overload
    def __getitem__(self, rank: slice) -> list[ItemT]: ...
    def __getitem__(self, rank: int | slice) -> ItemT | list[ItemT]:
        if isinstance(rank, slice):
            return [self.made(number) for number in range(*rank.indices(len(self)))]
        if not 0 <= rank < len(self):
            raise IndexError(rank)
        return self.made(rank)
