"""The texts of the vocabulary lab's form, and what they stand for. Whatever was typed is kept, right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.contract.errors import InputError
from engine.contract.settings import Setting, parse, settings_of
from engine.contract.vocabulary import Method, VocabularyPlan, VocabularyQuestion, checked
from tui.drawing.form_text import written

PHRASE = "phrase"
_FIELDS = (
    "text",
    PHRASE,
    "context",
    "features",
    "dimension",
    "positions",
    "dtype",
    "chunk",
    "samples",
    "negatives",
    "gradients",
    "steps",
    "batch_size",
    "learning_rate",
    "memory",
    "seed",
    "device",
)


# Of the plan, not of the question; its refusals call it as the flag does.
_PHRASE = Setting(
    name=PHRASE,
    label="continue",
    help="words of the text, whose next one is guessed after training",
    group="words",
    advanced=False,
    kind="text",
    default="",
)


class VocabularyFormText:
    """One text for each field."""

    def __init__(self) -> None:
        known = {setting.name: setting for setting in settings_of(VocabularyQuestion)}
        known[PHRASE] = _PHRASE
        self.settings: tuple[Setting, ...] = tuple(known[name] for name in _FIELDS)
        self.texts = {setting.name: written(setting.default) for setting in self.settings}

    @property
    def hidden(self) -> tuple[str, ...]:
        """A phrase is made of a text's words."""
        return () if self.texts["text"].strip() else (PHRASE,)

    def default(self, name: str) -> str:
        """The text that a field has where nobody has changed it."""
        return next(written(setting.default) for setting in self.settings if setting.name == name)

    def write(self, name: str, text: str) -> dict[str, str]:
        """Takes a text; returns it by its name, since no other changes with it."""
        self.texts[name] = text
        return {name: text}

    def faults(self) -> dict[str, str]:
        """The one line that is wrong with each field, by its name; empty where all is well."""
        faults: dict[str, str] = {}
        for setting in self.settings:
            try:
                self._parsed(setting)
            except InputError as error:
                faults[setting.name] = str(error)
        return faults

    def question(self) -> VocabularyQuestion:
        """What all methods have in common. Raises InputError with the first line that is wrong."""
        values: dict[str, Any] = {setting.name: self._parsed(setting) for setting in self.settings}
        del values[PHRASE]
        return VocabularyQuestion(**values)

    def plan(
        self, sizes: Sequence[int], methods: Sequence[Method], *, train: bool, up_to_text: bool = False
    ) -> VocabularyPlan:
        """To measure these methods at these sizes, or to train them; a text may not have as many words.

        Raises:
            InputError: something is wrong with a field, or the plan cannot be carried out.
        """
        return checked(
            VocabularyPlan(
                question=self.question(),
                sizes=tuple(sizes),
                methods=tuple(methods),
                measure=not train,
                train=train,
                up_to_text=up_to_text,
                phrase=self.texts[PHRASE].strip() if train and PHRASE not in self.hidden else "",
            )
        )

    def named_in(self, line: str) -> str:
        """The field that a refusal is about, "" for none."""
        label = line.partition(":")[0]
        return next((setting.name for setting in self.settings if setting.label == label), "")

    def _parsed(self, setting: Setting) -> object:
        text = self.texts[setting.name]
        return "" if setting.kind == "text" and not text.strip() else parse(setting, text)
