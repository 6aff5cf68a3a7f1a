"""The texts of the loss lab's form, and what they stand for. Whatever was typed is kept, right or wrong."""

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
from engine.contract.settings import Setting, parse, settings_of
from engine.contract.trace import DTYPES
from tui.drawing.form_text import written
from tui.drawing.stepping import cycled

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
        help="a batch worth a look",
        group="batch",
        advanced=False,
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


class LossFormText:
    """One text for each field."""

    def __init__(self) -> None:
        self.settings = form_settings()
        self.texts = {setting.name: written(setting.default) for setting in self.settings}

    def setting(self, name: str) -> Setting:
        return next(setting for setting in self.settings if setting.name == name)

    @property
    def preset(self) -> str:
        """The name of the preset, "" for none."""
        return "" if self.texts["preset"] == NO_PRESET else self.texts["preset"]

    @property
    def hidden(self) -> tuple[str, ...]:
        """The fields that make no sense beside the other texts."""
        return _THE_PRESETS if self.preset else ()

    def default(self, name: str) -> str:
        """The text that a field has where nobody has changed it."""
        return written(default_epsilon(self.texts["dtype"]) if name == "epsilon" else self.setting(name).default)

    def write(self, name: str, text: str) -> dict[str, str]:
        """Takes a text; returns the texts of all that changed with it."""
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
        """The one line that is wrong with each field, by its name; empty where all is well."""
        faults: dict[str, str] = {}
        for setting in self.settings:
            if setting.name not in self.hidden:
                try:
                    parse(setting, self.texts[setting.name])
                except InputError as error:
                    faults[setting.name] = str(error)
        if not faults.keys() & {"preset", *_OF_THE_BATCH}:
            try:
                checked(self._question())
            except InputError as error:
                faults[self.named_in(str(error))] = str(error)
        return faults

    def question(self) -> LossQuestion:
        """The batch. Raises InputError with the first line that is wrong with it."""
        for name, line in self.faults().items():
            if name not in _OF_TRAINING:
                raise InputError(line)
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
        for line in self.faults().values():
            raise InputError(line)
        question = self._question()
        if question.preset:
            raise InputError(f"preset: found {question.preset}, expected {NO_PRESET}: a run trains on images")
        if question.mixing:
            raise InputError(f"mixed labels: found {question.mixing:g}, expected 0: a run mixes no labels")
        if question.dtype not in _TRAINABLE:
            raise InputError(f"dtype: found {question.dtype}, expected {' or '.join(_TRAINABLE)} to train in")
        dataset, epochs = (parse(self.setting(name), self.texts[name]) for name in _OF_TRAINING)
        return question, str(dataset), int(epochs)

    @property
    def epochs(self) -> int:
        """As typed, or the default while that is no number of epochs."""
        setting = self.setting("epochs")
        try:
            return int(parse(setting, self.texts["epochs"]))
        except InputError:
            return int(setting.default)

    def named_in(self, line: str) -> str:
        """The field that a refusal is about."""
        label = line.partition(":")[0]
        return next((setting.name for setting in self.settings if setting.label == label), "batch_size")

    def _question(self, classes: int | None = None) -> LossQuestion:
        values: dict[str, Any] = {
            name: parse(self.setting(name), self.texts[name]) for name in _OF_THE_BATCH if name not in self.hidden
        }
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
