"""What Decide looks at: a run or a file alone, or the seeds of a sweep together; followed, or held still."""

from __future__ import annotations

from engine.contract.events import DatasetInfo
from engine.contract.run_state import RunState
from tui.decide.seeds import Seeds, seeds_among
from tui.drawing.plain import plain
from tui.pane.run_choice import RunChoice

NO_SEEDS = (
    "No stored runs on these images differ in their seed alone: a sweep makes some "
    "(softmax-tui sweep learning-rate 0.1)."
)
ONE_MODEL = "A predictions file holds one model: an ensemble over seeds is made of the stored runs of a sweep."


class DecideSource:
    """`choice` is the run or the file; with an ensemble it is the first of its runs."""

    def __init__(self, file: str = "") -> None:
        self.choice = RunChoice(file)
        self.frozen = False
        self._together: Seeds | None = None
        self._alone = ""  # what was looked at before the ensemble
        self._asked_at: object = None  # how far the live run was when it was last asked
        self._known: tuple[object, str, bool] | None = None  # whether there are seeds

    @property
    def members(self) -> tuple[str, ...]:
        """The other runs of an ensemble."""
        return self._together.run_ids[1:] if self._together is not None else ()

    @property
    def together(self) -> str:
        """The words for an ensemble, "" for one model alone."""
        return self._together.words if self._together is not None else ""

    # Where to look

    def told(self, run: RunState) -> bool:
        """The live run as it is now; whether another than before is looked at for it."""
        another = run.run_id != self.choice.live.run_id
        self.choice.live = run
        return another and self.choice.following

    def look_at(self, source: str) -> None:
        """A stored run, or a predictions file."""
        self.choice.chosen, self._together = source, None

    def turn(self, step: int) -> bool:
        """So many steps on in the circle of the sources; False where there is no other."""
        turned = self.choice.turn(step)
        if turned:
            self._together = None
        return turned

    def begin(self) -> None:
        """From the start, whatever was known of the source before."""
        self.frozen, self._asked_at = False, None

    def moved_on(self) -> bool:
        """Whether the live run has, since this was last asked and answered with True."""
        live = self.choice.live
        now = (live.run_id, live.epochs, live.position, live.status)
        if not self.choice.following or not live.run_id or self.frozen or now == self._asked_at:
            return False
        first, self._asked_at = self._asked_at is None, now
        return not first

    # Several at once

    def why_no_seeds(self, dataset: DatasetInfo) -> str:
        """One line, "" where an ensemble over seeds is offered."""
        if self.choice.chosen and self.choice.chosen == self.choice.file:
            return ONE_MODEL
        if self._known is None or self._known[0] is not self.choice.stored or self._known[1] != dataset.checksum:
            self._known = (self.choice.stored, dataset.checksum, bool(self._groups(dataset)))
        return "" if self._known[2] else NO_SEEDS

    def next_seeds(self, dataset: DatasetInfo) -> None:
        """The seeds of one setting after the other, that of the run in front first, then that run alone again."""
        groups = self._groups(dataset)
        places = [place for place, group in enumerate(groups) if group == self._together]
        if self._together is None:
            self._alone = self.choice.chosen
        following = places[0] + 1 if places else 0
        self._together = groups[following] if following < len(groups) else None
        self.choice.chosen = self._together.run_ids[0] if self._together is not None else self._alone

    def _groups(self, dataset: DatasetInfo) -> list[Seeds]:
        first = self._alone if self._together is not None else self.choice.run_id
        return seeds_among(self.choice.stored or (), dataset, first)

    # Words

    def words(self, epochs: int) -> str:
        """What is looked at; a model alone with after how many epochs, where that is known."""
        if self._together is not None:
            return f"{plain(self._together.words, 48)} together"
        words = self.choice.words(self.frozen) if self.choice.run_id else ""
        return words + (f", after {epochs} epoch{'' if epochs == 1 else 's'}" if epochs else "")
