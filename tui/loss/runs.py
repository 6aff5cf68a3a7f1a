"""Training with each loss side by side, as far as its events have told: a table and a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.contract.events import EpochDone
from engine.contract.loss_training import (
    LossEpochDone,
    LossTrained,
    LossTrainingDone,
    LossTrainingEvent,
    LossTrainingStarted,
)
from engine.verdicts.figures import time_words
from tui.drawing.chart_spec import LOSS, SHARE, ChartSpec, Series
from tui.drawing.curves import points
from tui.drawing.numbers import five_digits
from tui.drawing.plain import plain
from tui.drawing.spans import Line, Run
from tui.drawing.tables import table
from tui.loss.figures import LETTERS, ROLES, range_words

_ENDED_BADLY = ("diverged", "failed", "interrupted")


@dataclass(frozen=True)
class LossRuns:
    """The runs with each loss. `status` is "" before the first event."""

    status: str = ""
    reason: str = ""
    losses: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    epochs: int = 0
    told: Mapping[str, tuple[EpochDone, ...]] = field(default_factory=dict)
    trained: Mapping[str, LossTrained] = field(default_factory=dict)

    def after(self, event: LossTrainingEvent) -> LossRuns:
        """What is known once this was told too."""
        if isinstance(event, LossTrainingStarted):
            return LossRuns("running", "", event.losses, event.run_ids, event.epochs)
        if isinstance(event, LossEpochDone):
            epochs = (*self.told.get(event.loss, ()), event.epoch)
            return replace(self, told={**self.told, event.loss: epochs})
        if isinstance(event, LossTrained):
            return replace(self, trained={**self.trained, event.loss: event})
        assert isinstance(event, LossTrainingDone)
        trained = {one.loss: one for one in event.trained}
        return replace(self, status=event.status, reason=event.reason, trained=trained)

    @property
    def done(self) -> int:
        """Epochs that have ended, of all runs."""
        return sum(map(len, self.told.values()))

    @property
    def so_far(self) -> tuple[LossTrained, ...]:
        """For each loss what came of it, or what has come of it by now."""
        return tuple(self.trained.get(name) or self._live(name, index) for index, name in enumerate(self.losses))

    def _live(self, name: str, index: int) -> LossTrained:
        epochs = self.told.get(name, ())
        seconds = sum(epoch.seconds for epoch in epochs)
        return LossTrained.of(name, self.run_ids[index], "running", epochs, seconds)


def training_chart(runs: LossRuns, accuracy: bool, planned: int, busy: str = "") -> ChartSpec:
    """Accuracy or loss on the validation set over the epochs. Only the accuracies are of the same thing."""
    series = tuple(
        Series(
            name,
            points((one.epoch, _drawn(one, accuracy)) for one in runs.told[name]),
            role=ROLES[name],
            mark=LETTERS[name],
        )
        for name in runs.losses
        if runs.told.get(name)
    )
    return ChartSpec(
        series,
        x_label="epoch",
        y_label="validation accuracy" if accuracy else "validation loss, its own",
        y_within=SHARE if accuracy else LOSS,
        x_range=(0.0, float(max(1, runs.epochs or planned))),
        empty=busy or "space trains with each loss",
    )


def training_lines(runs: LossRuns, width: int) -> list[Line]:
    """A line for each loss: how far, how well, how long an epoch takes with the quartiles of that."""
    if not runs.losses:
        return []
    rows: list[tuple[str, ...]] = [
        (
            one.loss,
            plain(one.run_id, 12),
            one.status if one.status in _ENDED_BADLY else f"{one.epochs} of {runs.epochs}",
            five_digits(one.train_loss) if one.epochs else "–",
            five_digits(one.validation_loss) if one.epochs else "–",
            f"{one.validation_accuracy:.1%}" if one.epochs else "–",
            time_words(one.spread.median) if one.epochs else "–",
            range_words(one.spread) if one.epochs else "–",
        )
        for one in runs.so_far
    ]
    header: tuple[str, ...] = ("trained with", "run", "epochs", "train", "valid.", "accuracy", "an epoch", "quartiles")
    if width < 86:
        header, rows = _without_run(header), [_without_run(row) for row in rows]
    head, *body = table(header, rows)
    lines: list[Line] = [(Run(f" {head}", "muted"),)]
    for name, text in zip(runs.losses, body, strict=True):
        bad = name in runs.trained and runs.trained[name].status in _ENDED_BADLY
        lines.append((Run(f" {text[: len(name)]}", ROLES[name]), Run(text[len(name) :], "wrong" if bad else "text")))
    return lines


def _drawn(epoch: EpochDone, accuracy: bool) -> float:
    return epoch.validation_accuracy if accuracy else epoch.validation_loss


def _without_run(row: tuple[str, ...]) -> tuple[str, ...]:
    return (row[0], *row[2:])
