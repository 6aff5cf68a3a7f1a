"""What is looked at: the live run, one of those stored, or the predictions file that was opened; followed, or held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from engine.contract.answers import RunSummary
from engine.contract.events import DatasetInfo, JudgedPart
from engine.contract.run_state import RunState
from engine.contract.stored_runs import last_finished
from tui.drawing.plain import plain
from tui.drawing.run_list import Offer
from tui.drawing.run_names import short_name
from tui.pane.commands import EVERYWHERE
from tui.pane.hints import Press, registered

TO_TRAIN = registered(
    EVERYWHERE,
    "to-train",
    "there is no model to look at",
    "{do} goes to Train, where space starts a run. Its {what} appear here while it learns.",
    Press("show_pane('train')"),
)


NO_TEST_PART = "These data have no test part. A dataset with the parts train, val and test has."


class RunChoice:
    """`chosen` is "" while nobody has chosen: then it is the live run, else the last of the store that finished."""

    def __init__(self, file: str = "") -> None:
        self.live = RunState()
        self.stored: tuple[RunSummary, ...] | None = None  # None while nobody has been asked
        self.file = file
        self.chosen = file
        self.frozen = False  # whether the live run is held still
        self._on_test = False  # whether the test part was asked for
        self._last = ""  # the last run that finished; it stays what it is while it is looked at
        self._asked_at: object = None  # how far the live run was when it was last asked

    @property
    def following(self) -> bool:
        """Whether the live run is looked at, whichever that is."""
        return not self.chosen and bool(self.live.run_id)

    @property
    def members(self) -> tuple[str, ...]:
        """The other runs of an ensemble; none where one model is looked at alone."""
        return ()

    @property
    def run_id(self) -> str:
        """What is looked at: a run's id or a file's path, "" for nothing."""
        return self.chosen or self.live.run_id or self._last

    @property
    def dataset(self) -> DatasetInfo | None:
        """The data of the run, None while they are not known."""
        if self.following:
            return self.live.dataset
        summary = self._summary
        return summary.dataset if summary is not None else None

    @property
    def part(self) -> JudgedPart:
        """What the model is judged on: the test part only where it was asked for, and there is one."""
        dataset = self.dataset
        return "test" if self._on_test and dataset is not None and dataset.test_size else "validation"

    def other_part(self) -> str:
        """Judges on the other part; returns why there is none, else ""."""
        dataset = self.dataset
        if dataset is None:
            return "No data are loaded yet. Press the key again when they are."
        if not dataset.test_size:
            return NO_TEST_PART
        self._on_test = self.part == "validation"
        return ""

    def take(self, run: RunState) -> bool:
        """The live run as it is now; whether another than before is looked at for it."""
        before = self.run_id
        self.live = run
        return self.run_id != before

    def learn(self, stored: Sequence[RunSummary]) -> bool:
        """Which runs are stored; whether another than before is looked at for it."""
        before = self.run_id
        self.stored = tuple(stored)
        if all(run.run_id != self._last for run in stored):
            last = last_finished(stored)
            self._last = last.run_id if last is not None else ""
        return self.run_id != before

    def look_at(self, source: str) -> None:
        """A stored run, or a predictions file; "" for the live run."""
        self.chosen = source

    def begin(self) -> None:
        """From the start, whatever was known of the source before."""
        self.frozen, self._asked_at = False, None

    def moved_on(self) -> bool:
        """Whether the live run has, since this was last asked and answered with True."""
        live = self.live
        now = (live.run_id, live.epochs, live.position, live.status)
        if not self.following or self.frozen or now == self._asked_at:
            return False
        first, self._asked_at = self._asked_at is None, now
        return not first

    # Words

    def offers(self) -> list[Offer]:
        """What can be chosen besides the stored runs."""
        live = self.live
        offers = [Offer("", f"{plain(live.run_id)}, the run of this session, {live.status}")] if live.run_id else []
        return offers + ([Offer(self.file, f"{plain(PurePath(self.file).name)}, the file")] if self.file else [])

    def words(self) -> str:
        """The run's name and how it is looked at, and on which part where there are two."""
        dataset = self.dataset
        return self._run_words() + (f", {self.part} part (w)" if dataset is not None and dataset.test_size else "")

    def _run_words(self) -> str:
        if self.chosen and self.chosen == self.file:
            return plain(PurePath(self.file).name, 40)
        if self.following:
            if self.frozen:
                return f"{self.run_id}, FROZEN (f unfreezes)"
            return f"{self.run_id}, {'live' if self.live.status == 'running' else self.live.status or ''}"
        summary = self._summary
        if summary is None:
            return plain(self.run_id, 40)
        name = short_name(summary.name, 20)
        how = "stored" if self.chosen else "last finished"
        return f"{self.run_id}{f' ({name})' if name and name != self.run_id else ''}, {how}"

    def invitation(self, refusal: str, loading: bool, *, what: str = "mistakes") -> str:
        """What to say and to offer while there is nothing to look at; `what` of the run would be."""
        start = TO_TRAIN.offer(what=what).line()
        other = "o chooses another run."
        if loading:  # a refusal is that of the engine before this one
            whose = self.words() if self.run_id else "the last run that finished"
            return f"The engine is loading. The {what} of {whose} appear when the engine is ready.\n\n{start}"
        if refusal:
            return f"{plain(refusal)}\n\n{start}\n{other}"
        if self.run_id:
            return f"Loading the {what} of {self.words()}..."
        if self.stored is None:
            return f"Loading the stored runs...\n\n{start}"
        if not self.stored:
            return f"No run has been started yet, so there are no {what} to look at.\n\n{start}"
        some = "the stored run" if len(self.stored) == 1 else f"one of the {len(self.stored):,} stored runs"
        return f"No stored run has finished, so no run is shown automatically.\n\n{start}\no chooses {some}."

    @property
    def _summary(self) -> RunSummary | None:
        return next((run for run in self.stored or () if run.run_id == self.run_id), None)
