"""Hints: what to try next, as data that is written out for people and carried out by one key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tui.drawing.plain import plain
from tui.pane.commands import EVERYWHERE, command_of, key_of

FOLLOWS = "follow"  # the command that carries out the hint in front
_OPENS_FORM = "toggle_form"


@dataclass(frozen=True)
class Press:
    """The command of that action: of the hint's pane or of every pane, else of the pane `where`."""

    action: str
    where: str = ""


@dataclass(frozen=True)
class Put:
    """A text for a setting of the pane's form. Names in braces stand for values of the hint.

    `called` is what the form calls the setting, where that is not its name.
    """

    setting: str
    text: str
    called: str = ""

    @property
    def label(self) -> str:
        """As the form has it."""
        return self.called or self.setting.replace("_", " ")


Step = Press | Put


@dataclass(frozen=True)
class Hint:
    """A sentence of the pane `where`, shown in the `state` that is told here in words.

    In `words` stands `{do}` for the keys of the steps as they are pressed by hand, the action of another command in
    braces for its key, and any other name in braces for a value.
    """

    name: str
    where: str
    state: str
    words: str
    steps: tuple[Step, ...]

    def offer(self, **values: object) -> Offer:
        """The hint with its values."""
        return Offer(self, {name: str(value) for name, value in values.items()})


@dataclass(frozen=True)
class Offer:
    """A hint that is in front, with its values."""

    hint: Hint
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is done, with the values in their places."""
        return tuple(
            replace(step, text=step.text.format_map(self.values)) if isinstance(step, Put) else step
            for step in self.hint.steps
        )

    def keys(self, *, in_form: bool = False) -> str:
        """The steps by hand; from within the form no key opens it."""
        puts = [f"{step.label} {plain(step.text, 24)}" for step in self.steps if isinstance(step, Put)]
        opened = [key_of(self.hint.where, _OPENS_FORM)] if puts and not in_form else []
        presses = [key_of(step.where or self.hint.where, step.action) for step in self.steps if isinstance(step, Press)]
        return ", ".join([*opened, *puts, *presses])

    def words(self, *, in_form: bool = False) -> str:
        """The sentence alone."""
        return self.hint.words.format_map(_Words(self, in_form))

    def line(self, *, in_form: bool = False) -> str:
        """The sentence with the key that follows it."""
        return f"Next ({key_of(EVERYWHERE, FOLLOWS)}): {self.words(in_form=in_form)}"


class _Words(dict[str, str]):
    """What stands for the names in a hint's sentence."""

    def __init__(self, offer: Offer, in_form: bool) -> None:
        super().__init__(offer.values, do=offer.keys(in_form=in_form))
        self._where = offer.hint.where

    def __missing__(self, action: str) -> str:
        return key_of(self._where, action)


HINTS: dict[str, Hint] = {}  # all there are, by pane and name: `train.start`


def registered(where: str, name: str, state: str, words: str, *steps: Step) -> Hint:
    """A hint, which the test of all hints knows from now on.

    Raises:
        KeyError: a step is no command of the table.
    """
    for step in steps:
        if isinstance(step, Press):
            command_of(step.where or where, step.action)
    hint = HINTS[f"{where}.{name}"] = Hint(name, where, state, words, steps)
    return hint
