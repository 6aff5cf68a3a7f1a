"""What the view Monitor asks, and how keys and typing change it."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from engine.contract.answers import MonitorShown
from engine.contract.commands import ShowMonitor
from engine.contract.errors import InputError
from engine.contract.monitoring import (
    ALPHA,
    CHANGES,
    LEAST_ALPHA,
    MOST_ALPHA,
    STRENGTH,
    ChangeName,
    MonitorQuestion,
    MonitorView,
)
from engine.contract.settings import Setting
from tui.decide.own_answer import OwnAnswer
from tui.drawing.form_text import written

_STRENGTHS = 20  # steps from 0 to 1
_MOMENTS = 100  # steps through the stream
_FAR = 10  # of these

SETTINGS = {
    one.name: one
    for one in (
        Setting(
            name="change",
            label="change",
            help="what happens to the images",
            kind="choice",
            default=CHANGES[0],
            choices=CHANGES,
        ),
        Setting(
            name="moment",
            label="moment",
            help="how many images come before the change",
            kind="integer",
            default=0,
            minimum=0,
            maximum=10**9,
        ),
        Setting(
            name="strength",
            label="strength",
            help="how strong the change is",
            kind="number",
            default=STRENGTH,
            minimum=0,
            maximum=1,
        ),
        Setting(
            name="alpha",
            label="alpha",
            help="the probability of ever a false alarm",
            kind="number",
            default=ALPHA,
            minimum=LEAST_ALPHA,
            maximum=MOST_ALPHA,
        ),
    )
}


class MonitorAnswer(OwnAnswer[ShowMonitor, MonitorShown]):
    """The question of the view, about the class that Decide is to find."""

    def __init__(self, positive: Callable[[], int]) -> None:
        super().__init__(ShowMonitor(question=MonitorQuestion(positive=0)), MonitorShown)
        self._positive = positive

    def wanted(self) -> ShowMonitor | None:
        self.question = replace(self.question, question=replace(self.question.question, positive=self._positive()))
        return super().wanted()

    @property
    def view(self) -> MonitorView | None:
        """The last answer."""
        return self.shown.view if self.shown is not None else None

    @property
    def asked(self) -> MonitorQuestion:
        """As the keys have left it, with what the last answer took where nothing was chosen."""
        asked, view = self.question.question, self.view
        if view is None:
            return asked
        return replace(
            asked,
            change=view.change if asked.change is None else asked.change,
            moment=view.moment if asked.moment is None else asked.moment,
        )

    def forget(self) -> None:
        """Another source is looked at: its stream has another length, and may not change in the same way."""
        super().forget()
        asked = replace(self.question.question, change=None, moment=None)
        self.question = replace(self.question, question=asked)

    # How it is changed

    def moved(self, step: int, coarse: bool) -> ShowMonitor:
        """The moment a hundredth of the stream later (1) or earlier (−1); a tenth where it is `coarse`."""
        view = self.view
        if view is None:
            return self.question
        unit = max(1, view.num_examples // _MOMENTS) * (_FAR if coarse else 1)
        moment = self.asked.moment or 0
        moment = (moment // unit + 1) * unit if step > 0 else -(-moment // unit - -1) * unit
        return self._with(moment=max(view.reference, min(moment, view.num_examples)))

    def strengthened(self, step: int) -> ShowMonitor:
        """A twentieth stronger (1) or weaker (−1)."""
        place = round(self.asked.strength * _STRENGTHS, 6)
        place = place // 1 + 1 if step > 0 else -(-place // 1) - 1
        return self._with(strength=max(0.0, min(place / _STRENGTHS, 1.0)))

    def next_change(self) -> ShowMonitor:
        """The next thing that can happen to these images."""
        view = self.view
        if view is None:
            return self.question
        place = view.possible.index(self.asked.change or view.change) + 1
        return self._with(change=view.possible[place % len(view.possible)])

    def chosen(self, name: str) -> ShowMonitor:
        """The change of that name."""
        change: ChangeName | None = next((one for one in CHANGES if one == name), None)
        return self._with(change=change)

    def next_stream(self) -> ShowMonitor:
        """The images in another order."""
        return self._with(seed=self.asked.seed + 1)

    def typed(self, name: str, value: float) -> ShowMonitor:
        """What stands in the field of that name now.

        Raises:
            InputError: the moment is not in the stream.
        """
        if name != "moment":
            return self._with(**{name: value})
        view = self.view
        if view is not None and not view.reference <= value <= view.num_examples:
            raise InputError(f"moment: found {value:.0f}, expected {view.reference} to {view.num_examples}")
        return self._with(moment=int(value))

    def _with(self, **others: object) -> ShowMonitor:
        return replace(self.question, question=replace(self.question.question, **others))


def monitor_words(asked: MonitorQuestion) -> list[str]:
    """The flags that ask the same; none where nothing was chosen."""
    usual = MonitorQuestion(positive=asked.positive)
    words = [] if asked.change is None else ["--monitor", asked.change]
    words += [] if asked.moment is None else ["--moment", str(asked.moment)]
    words += [] if asked.strength == usual.strength else ["--strength", written(asked.strength)]
    words += [] if asked.alpha == usual.alpha else ["--alpha", written(asked.alpha)]
    return words + ([] if asked.seed == usual.seed else ["--stream", str(asked.seed)])
