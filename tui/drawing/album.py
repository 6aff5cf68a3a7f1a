"""The part of a long list of mistakes that has been looked at, by rank; what is missing is asked for in pages."""

from __future__ import annotations

from engine.contract.answers import Mistake, MistakesShown
from engine.contract.commands import ShowMistakes
from engine.contract.events import DatasetInfo

MOST_KEPT = 480  # images; some twenty screens, and little more than half a megabyte of 28×28 pixels
MOST_A_PAGE = 96  # images
MOST_BYTES = 2**22  # a page, so that a key press never waits for a long line


class Album:
    """Keeps the pages of one question to one model; those far from where one looks are forgotten."""

    def __init__(self) -> None:
        self.question: ShowMistakes | None = None
        self.head: MistakesShown | None = None
        self._images: dict[int, Mistake] = {}

    @property
    def matching(self) -> int:
        """How many images the question leaves, 0 before the first answer."""
        return self.head.matching if self.head is not None and self.question is not None else 0

    @property
    def is_scored(self) -> bool:
        """Whether the images have probabilities, as far as is known."""
        return all(image.is_scored for image in self.leading()[:1])

    def put(self, question: ShowMistakes, reply: MistakesShown) -> None:
        """A page. One of another question, or of the model as it is by now, takes the place of all before."""
        if question != self.question or self.head is None or _moment(reply) != _moment(self.head):
            self._images.clear()
        self.question, self.head = question, reply
        self._images.update(enumerate(reply.mistakes, reply.offset))
        if len(self._images) > MOST_KEPT:
            centre = reply.offset + len(reply.mistakes) // 2
            near = sorted(self._images, key=lambda rank: abs(rank - centre))[:MOST_KEPT]
            self._images = {rank: self._images[rank] for rank in near}

    def at(self, rank: int) -> Mistake | None:
        """The image at a rank, None while it has not been brought."""
        return self._images.get(rank)

    def rank_of(self, index: int) -> int | None:
        """Where an image of the judged part stands, None where that is not known."""
        return next((rank for rank, image in self._images.items() if image.index == index), None)

    def leading(self) -> list[Mistake]:
        """The images from the first one on, up to the first that has not been brought."""
        found: list[Mistake] = []
        while (image := self.at(len(found))) is not None:
            found.append(image)
        return found

    def missing(self, first: int, last: int) -> tuple[int, int] | None:
        """The stretch (offset, limit) that lacks in `first` up to but without `last`; None where all is there."""
        lacking = [rank for rank in range(max(0, first), min(last, self.matching)) if rank not in self._images]
        return (lacking[0], lacking[-1] + 1 - lacking[0]) if lacking else None


def around(first: int, last: int, most: int) -> tuple[int, int]:
    """A stretch (offset, limit) with as much again before and behind it, of at most `most` images."""
    seen = max(1, last - first)
    ahead = max(0, min(seen, (most - seen) // 2))
    offset = max(0, first - ahead)
    return offset, max(1, min(most, last + ahead - offset))


def most_a_page(dataset: DatasetInfo | None) -> int:
    """How many images of a dataset a page may bring."""
    if dataset is None:
        return MOST_A_PAGE // 4
    size = dataset.image_values + 24 * dataset.num_classes
    return max(1, min(MOST_A_PAGE, MOST_BYTES // max(1, size)))


def _moment(reply: MistakesShown) -> tuple[str, int, int]:
    return reply.run_id, reply.epoch, reply.minibatch
