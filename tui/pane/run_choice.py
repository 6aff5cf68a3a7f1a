"""What is looked at: the live run, one of those stored, or the predictions file that was opened; followed, or held."""

from __future__ import annotations

from pathlib import PurePath

from engine.contract.answers import RunSummary
from engine.contract.events import DatasetInfo
from engine.contract.run_state import RunState
from tui.drawing.plain import plain
from tui.drawing.run_names import short_name


class RunChoice:
    """`chosen` is "" while the live run is followed, whichever that is."""

    def __init__(self, file: str = "") -> None:
        self.live = RunState()
        self.stored: tuple[RunSummary, ...] | None = None  # None while nobody has been asked
        self.file = file
        self.chosen = file
        self.frozen = False  # whether the live run is held still
        self._asked_at: object = None  # how far the live run was when it was last asked

    @property
    def following(self) -> bool:
        """Whether the live run is looked at, whichever that is."""
        return not self.chosen

    @property
    def members(self) -> tuple[str, ...]:
        """The other runs of an ensemble; none where one model is looked at alone."""
        return ()

    @property
    def run_id(self) -> str:
        """What is looked at: a run's id or a file's path, "" for nothing."""
        return self.chosen or self.live.run_id

    @property
    def dataset(self) -> DatasetInfo | None:
        """The data of the run, None while they are not known."""
        summary = self._summary
        if summary is not None:
            return summary.dataset
        return None if self.chosen else self.live.dataset

    def take(self, run: RunState) -> bool:
        """The live run as it is now; whether another than before is looked at for it."""
        another = run.run_id != self.live.run_id
        self.live = run
        return another and self.following

    def look_at(self, source: str) -> None:
        """A stored run, or a predictions file."""
        self.chosen = source

    def begin(self) -> None:
        """From the start, whatever was known of the source before."""
        self.frozen, self._asked_at = False, None

    def moved_on(self) -> bool:
        """Whether the live run has, since this was last asked and answered with True."""
        live = self.live
        now = (live.run_id, live.epochs, live.position, live.status)
        if not self.following or not live.run_id or self.frozen or now == self._asked_at:
            return False
        first, self._asked_at = self._asked_at is None, now
        return not first

    def turn(self, step: int) -> bool:
        """To the next of the circle: live, file, then the stored runs, newest first. False where there is no other."""
        live = [""] if self.live.run_id else []
        file = [self.file] if self.file else []
        circle = live + file + [run.run_id for run in self.stored or () if run.run_id != self.live.run_id]
        if not circle:
            return False
        before = self.chosen
        place = circle.index(before) + step if before in circle else 0 if step > 0 else -1
        self.chosen = circle[place % len(circle)]
        return self.chosen != before

    def words(self) -> str:
        """The run's name and how it is looked at."""
        if self.chosen and self.chosen == self.file:
            return plain(PurePath(self.file).name, 40)
        summary = self._summary
        if summary is not None:
            name = short_name(summary.name, 24)
            return f"{self.run_id}{f' ({name})' if name and name != self.run_id else ''}, stored"
        if self.chosen:
            return plain(self.chosen, 40)
        if self.frozen:
            return f"{self.run_id}, FROZEN (f goes on)"
        return f"{self.run_id}, {'live' if self.live.status == 'running' else self.live.status or ''}"

    def invitation(self, refusal: str, ready: bool, *, what: str = "mistakes") -> str:
        """What to say and to offer while there is nothing to look at; `what` of the run would be."""
        other = "  o               look at another stored run"
        start = f"  1, then space   start a run; its {what} appear here while it learns"
        if refusal:
            return f"{plain(refusal)}\n\n{start}\n{other}"
        if self.run_id:
            return f"Asking for the {what} of {plain(self.run_id)}..."
        said = f"No run has been started yet, so there are no {what} to look at."
        if not ready:
            return f"{said}\nThe engine is not ready yet; what is pressed waits for it.\n\n{start}"
        if not self.stored:
            return f"{said}\n\n{start}"
        latest = self.stored[0]
        dataset = plain(latest.dataset.name, 24)
        about = f"{latest.run_id}, {dataset}, epochs: {latest.epochs_done}"
        return f"{said}\n\n{start}\n  o               look at the latest of {len(self.stored):,} stored runs: {about}"

    @property
    def _summary(self) -> RunSummary | None:
        return next((run for run in self.stored or () if run.run_id == self.chosen), None)
