"""What the pane of mistakes looks at, and what has to be asked for it. Knows neither Textual nor the engine."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from engine.contract.answers import ExampleShown, Mistake, MistakesShown
from engine.contract.commands import ShowExample, ShowMistakes, SortKey
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, JudgedPart
from engine.contract.wire import Reply
from engine.processes.client import EngineGone
from tui.drawing.album import Album, around, most_a_page
from tui.drawing.confusions import ConfusedPair, most_confused
from tui.pane.engine_link import refusal_of

# Which end of each order comes first: the dearest, the surest, the closest call.
DESCENDING: dict[SortKey, bool] = {"loss": True, "confidence": True, "margin": False, "index": False}
SORTS = tuple(DESCENDING)
MOST_PAIRS = 40


class MistakesQuery:
    """The list of mistakes by pages around the cursor, and the image that is enlarged."""

    def __init__(self) -> None:
        self.question = ShowMistakes()  # all pages; each is asked for with its own stretch
        self.album = Album()
        self.dataset: DatasetInfo | None = None
        self.cursor = 0
        self.capacity = 8  # how many images are seen at once
        self.large = False  # whether the large view is open
        self.enlarged: int | None = None  # its image, by number in the validation set; None while it is on its way
        self.example: ExampleShown | None = None
        self.refusal = ""
        self._example_of: tuple[object, int] | None = None
        self._pairs: tuple[MistakesShown | None, Sequence[ConfusedPair]] = (None, ())
        self._stale = False
        self._asked: ShowMistakes | None = None

    # What is looked at

    def look_at(
        self,
        source: str,
        dataset: DatasetInfo | None,
        members: tuple[str, ...] = (),
        part: JudgedPart = "validation",
    ) -> None:
        """Another run or part, never several as an ensemble. A filter stays where the classes are the same."""
        same = dataset is not None and self.dataset is not None and dataset.label_names == self.dataset.label_names
        kept = self.question if same else replace(self.question, true=None, predicted=None)
        self.question = replace(kept, run_id=source, part=part)
        self.dataset = dataset
        self.album, self.cursor, self.refusal, self._asked = Album(), 0, "", None
        self.reduce()

    def sort_by(self, sort: SortKey, descending: bool) -> None:
        """Another order, from its beginning."""
        self._change(replace(self.question, sort=sort, descending=descending))

    def next_sort(self) -> None:
        """The next order, its most telling end first."""
        sort = SORTS[(SORTS.index(self.question.sort) + 1) % len(SORTS)]
        self.sort_by(sort, DESCENDING[sort])

    def reverse(self) -> None:
        """The same order from its other end."""
        self.sort_by(self.question.sort, not self.question.descending)

    def filter_by(self, true: int | None, predicted: int | None, cursor: int = 0) -> None:
        """Only this true class, this predicted one, or both; None for any."""
        self._change(replace(self.question, true=true, predicted=predicted, suspected=False))
        self.cursor = cursor

    def suspect(self) -> None:
        """Only the mistakes whose label may be wrong, the most confident first."""
        narrowed = replace(self.question, true=None, predicted=None, suspected=True)
        self._change(replace(narrowed, sort="confidence", descending=DESCENDING["confidence"]))

    @property
    def is_filtered(self) -> bool:
        """Whether only a part of the mistakes is asked for."""
        question = self.question
        return question.true is not None or question.predicted is not None or question.suspected

    def _change(self, question: ShowMistakes) -> None:
        self.question, self.cursor, self.refusal = question, 0, ""
        self.reduce()

    def refresh(self) -> None:
        """The model has moved on, or the engine is another one: what is shown has to be asked for again."""
        self._stale, self.refusal = True, ""

    def move_to(self, rank: int) -> bool:
        """Whether there is such a rank to go to."""
        if not 0 <= rank < self.album.matching or rank == self.cursor:
            return False
        self.cursor = rank
        self._follow_cursor()
        return True

    def step(self, ranks: int) -> bool:
        """To a neighbour so many ranks away, or to the last one on that way."""
        return self.move_to(max(0, min(self.cursor + ranks, self.album.matching - 1)))

    def enlarge(self) -> None:
        """Opens the large view on the image under the cursor."""
        self.large = self.album.matching > 0
        self._follow_cursor()

    def reduce(self) -> None:
        """Closes the large view."""
        self.large, self.enlarged, self.example, self._example_of = False, None, None, None

    def _follow_cursor(self) -> None:
        self.enlarged = self.image.index if self.large and self.image is not None else None

    # What is known of it

    @property
    def head(self) -> MistakesShown | None:
        """The last answer: the confusion matrix and the model's age belong to it."""
        return self.album.head

    @property
    def settled(self) -> bool:
        """Whether the album answers the question as it is now."""
        return self.album.question == self.question

    @property
    def image(self) -> Mistake | None:
        """The image under the cursor, None while it is on its way."""
        return self.album.at(self.cursor) if self.settled else None

    @property
    def pairs(self) -> Sequence[ConfusedPair]:
        """The classes that are confused most."""
        if self._pairs[0] is not self.head:
            self._pairs = (self.head, most_confused(self.head.confusion, MOST_PAIRS) if self.head is not None else ())
        return self._pairs[1]

    @property
    def moment(self) -> tuple[str, int, int, JudgedPart] | None:
        """Which model is looked at: the run, its epochs and the minibatches since; and on which part."""
        head = self.head
        return (head.run_id, head.epoch, head.minibatch, head.part) if head is not None else None

    # What has to be asked

    def next_command(self) -> ShowMistakes | ShowExample | None:
        """None where all that is looked at is there, or was refused."""
        if not self.question.run_id or self.refusal:
            return None
        near = (self.cursor - self.capacity, self.cursor + self.capacity)
        most = most_a_page(self.dataset)
        if self._stale or not self.settled:
            fresh = self._stale or self._asked is None
            self._stale = False
            return self._page(*around(*near, most), fresh=fresh)
        if (lacking := self.album.missing(*near)) is not None:
            first, count = lacking
            return self._page(*around(first, first + count, most), fresh=False)
        if self.enlarged is not None and self._example_of != (self.moment, self.enlarged):
            return ShowExample(index=self.enlarged)
        return None

    def _page(self, offset: int, limit: int, fresh: bool) -> ShowMistakes:
        return replace(self.question, offset=offset, limit=limit, fresh=fresh)

    def answered(self, question: ShowMistakes, command: ShowMistakes | ShowExample, reply: Reply) -> None:
        """Takes in the reply to a command that was made for `question`."""
        if (question.run_id, question.part) != (self.question.run_id, self.question.part):
            return
        if isinstance(reply, ExampleShown) and isinstance(command, ShowExample):
            if command.index == self.enlarged:
                self.example, self._example_of = reply, (self.moment, command.index)
        elif isinstance(reply, MistakesShown):
            self._asked = question
            if question == self.question:
                self._put(question, reply)

    def _put(self, question: ShowMistakes, reply: MistakesShown) -> None:
        self.dataset = reply.dataset
        self.album.put(question, reply)
        if self.enlarged is not None and (rank := self.album.rank_of(self.enlarged)) is not None:
            self.cursor = rank
        self.cursor = max(0, min(self.cursor, self.album.matching - 1))
        if self.large and self.enlarged is None:
            self._follow_cursor()

    def refused(self, question: ShowMistakes, error: InputError | EngineGone) -> None:
        """The engine will not answer; it is not asked again before something changes."""
        if question == self.question:
            self.refusal = refusal_of(error)
