"""The texts of the loss lab's form, and the batch and the runs that they stand for."""

from __future__ import annotations

from typing import Any

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.loss_lab import (
    CLASS_COUNTS,
    LOSS_PRESETS,
    LossQuestion,
    checked,
    default_epsilon,
    preset_named,
)
from engine.contract.settings import Setting, settings_of
from engine.contract.trace import DTYPES
from tui.drawing.form_text import FormText, cycled, written

NO_PRESET = "none"
PRESETS = (NO_PRESET, *(preset.name for preset in LOSS_PRESETS))
SMOOTHINGS = ("0", "0.1")
_OF_THE_BATCH = ("batch_size", "num_classes", "dtype", "epsilon", "smoothing", "mixing")
_OF_TRAINING = ("dataset", "epochs")
_THE_PRESETS = ("batch_size", "num_classes")  # which a preset brings itself
_TRAINABLE = ("float32", "float64")


def form_settings() -> tuple[Setting, ...]:
    """The batch, its labels, and what a training run needs besides."""
    preset = Setting(
        name="preset",
        label="preset",
        help="an example in which a loss breaks",
        kind="choice",
        default=NO_PRESET,
        choices=PRESETS,
    )
    batch = {setting.name: setting for setting in settings_of(LossQuestion)}
    training = {setting.name: setting for setting in settings_of(TrainConfig)}
    return (
        preset,
        *(batch[name] for name in _OF_THE_BATCH),
        *(training[name] for name in _OF_TRAINING),
    )


def texts_of(
    question: LossQuestion, dataset: str = "", epochs: int = 0, *, any_classes: bool = False
) -> dict[str, str]:
    """A batch, and training on it where there are epochs, as they would stand in the form; of many classes none."""
    of_the_batch = [name for name in _OF_THE_BATCH if name != "num_classes" or not any_classes]
    texts = {name: written(getattr(question, name)) for name in of_the_batch}
    texts |= {"dataset": dataset, "epochs": str(epochs)} if epochs else {}
    return texts | {"preset": question.preset or NO_PRESET}


class LossFormText(FormText):
    """The fields of a batch, and those of training with each loss."""

    def __init__(self) -> None:
        super().__init__(form_settings())

    @property
    def preset(self) -> str:
        """The name of the preset, "" for none."""
        return "" if self.texts["preset"] == NO_PRESET else self.texts["preset"]

    @property
    def hidden(self) -> tuple[str, ...]:
        return _THE_PRESETS if self.preset else ()

    def default(self, name: str) -> str:
        return written(default_epsilon(self.texts["dtype"])) if name == "epsilon" else super().default(name)

    def write(self, name: str, text: str) -> dict[str, str]:
        changed = {name: text}
        if name == "dtype" and self.texts["epsilon"] == self.default("epsilon"):
            changed["epsilon"] = written(default_epsilon(text))
        self.texts.update(changed)
        return changed

    def next_of(self, name: str) -> str:
        """The text after this one, of preset, dtype or label smoothing."""
        choices = {"preset": PRESETS, "dtype": DTYPES, "smoothing": SMOOTHINGS}[name]
        return cycled(choices, self.texts[name], forward=True)

    def faults(self) -> dict[str, str]:
        """The batch is looked at as a whole once each of its fields is right in itself."""
        faults = super().faults()
        if not faults.keys() & {"preset", *_OF_THE_BATCH}:
            try:
                checked(self._question())
            except InputError as error:
                faults[self.named_in(str(error))] = str(error)
        return faults

    def question(self) -> LossQuestion:
        """The batch. Raises InputError with the first line that is wrong with it."""
        self.check(*_OF_TRAINING)
        return checked(self._question())

    def scale(self) -> tuple[LossQuestion, ...]:
        """The same batch with 10 to 10,000 classes.

        Raises:
            InputError: something is wrong with it, or it has too many images for so many classes.
        """
        if self.preset:
            raise InputError(f"preset: found {self.preset}, expected {NO_PRESET}: a preset has its own classes")
        self.question()
        return tuple(checked(self._question(count)) for count in CLASS_COUNTS)

    def training(self) -> tuple[LossQuestion, str, int]:
        """The question, the dataset and the epochs to train with each loss.

        Raises:
            InputError: something is wrong, or asked for what a run does not have.
        """
        self.check()
        question = self._question()
        if question.preset:
            raise InputError(f"preset: found {question.preset}, expected {NO_PRESET}: a run trains on images")
        if question.mixing:
            raise InputError(f"mixed labels: found {question.mixing:g}, expected 0: a run mixes no labels")
        if question.dtype not in _TRAINABLE:
            raise InputError(f"dtype: found {question.dtype}, expected {' or '.join(_TRAINABLE)} to train in")
        dataset, epochs = map(self.parsed, _OF_TRAINING)
        return question, str(dataset), int(epochs)

    @property
    def epochs(self) -> int:
        """As typed, or the default while that is no number of epochs."""
        try:
            return int(self.parsed("epochs"))
        except InputError:
            return int(self.setting("epochs").default)

    def named_in(self, line: str) -> str:
        return super().named_in(line) or "batch_size"

    def _question(self, classes: int | None = None) -> LossQuestion:
        values: dict[str, Any] = {name: self.parsed(name) for name in _OF_THE_BATCH if name not in self.hidden}
        if classes is not None:
            values["num_classes"] = classes
        return LossQuestion(**values, preset=self.preset)


def preset_lines(name: str) -> tuple[str, str]:
    """What a preset's batch is, and what to look for in it."""
    preset = preset_named(name)
    rows = "; ".join(
        f"[{', '.join(f'{logit:g}' for logit in row)}], true class {label}"
        for row, label in zip(preset.rows, preset.labels, strict=True)
    )
    return f"{preset.title}: logits {rows}", f"Look for: {preset.look_for}."
