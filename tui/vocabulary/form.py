"""The texts of the vocabulary lab's form, and the question and the plans that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.contract.settings import Setting, Value, settings_of
from engine.contract.vocabulary import Method, VocabularyPlan, VocabularyQuestion, checked
from tui.drawing.form_text import FormText, written

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
    help="words of the text; every method predicts the next word after training",
    kind="text",
    default="",
)


def texts_of(question: VocabularyQuestion) -> dict[str, str]:
    """What all methods had in common, as it would stand in the form."""
    return {name: written(getattr(question, name)) for name in _FIELDS if name != PHRASE}


class VocabularyFormText(FormText):
    """What all methods have in common, and the phrase that is continued after training."""

    def __init__(self) -> None:
        known = {setting.name: setting for setting in settings_of(VocabularyQuestion)}
        known[PHRASE] = _PHRASE
        super().__init__([known[name] for name in _FIELDS])

    @property
    def hidden(self) -> tuple[str, ...]:
        """A phrase is made of a text's words."""
        return () if self.texts["text"].strip() else (PHRASE,)

    def parsed(self, name: str) -> Value:
        """No text at all is one too: nothing is named then."""
        blank = self.setting(name).kind == "text" and not self.texts[name].strip()
        return "" if blank else super().parsed(name)

    def question(self) -> VocabularyQuestion:
        """What all methods have in common. Raises InputError with the first line that is wrong."""
        values: dict[str, Any] = {setting.name: self.parsed(setting.name) for setting in self.settings}
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
