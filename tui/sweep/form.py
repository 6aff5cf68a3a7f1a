"""The texts of the sweep's form, and the sweep that they stand for."""

from __future__ import annotations

from typing import get_args

from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.settings import Setting, parse, settings_of, value_text
from engine.contract.sweeps import (
    DEFAULT_EPOCHS,
    DEFAULT_SEEDS,
    DEFAULT_VALUES,
    MOST_RUNS,
    MOST_SEEDS,
    Number,
    SweepConfig,
    SweepQuestion,
    check_sweep,
    swept_setting,
)
from engine.verdicts.sweep_sentence import value_words
from tui.drawing.form_text import FormText

NO_SECOND = "none"
# What is offered where the exercise has no values of its own, and along the second axis of a grid.
_OFFERED = {
    "epochs": "5 10 20 40",
    "sigma": "0 0.001 0.01 0.1 1",
    "clip_epsilon": "1e-12 1e-7 1e-3 0.1",
    "label_smoothing": "0 0.05 0.1 0.2",
    "momentum": "0 0.5 0.9 0.95",
    "weight_decay": "0 1e-5 1e-4 1e-3",
    "l1": "0 1e-5 1e-4 1e-3",
    "schedule_epochs": "1 3 5",
    "schedule_factor": "0.3 0.5 0.7",
    "patience": "0 1 3",
    "label_noise": "0 0.1 0.2 0.4",
    "train_size": "1000 5000 20000 60000",
    "validation_size": "1000 10000",
    "noise": "0 0.3 0.6",
    "jitter": "0 0.3 0.6",
    "occlusion": "0 0.3 0.6",
}
_ACROSS = {"learning_rate": "0.03 0.1 0.3", "batch_size": "64 256 1024"}
_MOST_TEXT = 20_000  # characters; more is no list that anybody has typed


def parameters() -> tuple[str, ...]:
    """What can be swept, as it is written on the command line."""
    found = []
    for setting in settings_of(TrainConfig):
        try:
            found.append(swept_setting(setting.name).flag.removeprefix("--"))
        except InputError:
            continue
    return tuple(found)


def form_settings() -> tuple[Setting, ...]:
    """The fields of the form."""
    names, questions = parameters(), get_args(SweepQuestion)
    seeds = Setting(
        name="seeds",
        label="seeds",
        help="runs of each value: more seeds take longer and show smaller effects",
        kind="integer",
        default=DEFAULT_SEEDS,
        minimum=1,
        maximum=MOST_SEEDS,
    )
    by_name = {setting.name: setting for setting in settings_of(TrainConfig)}
    return (
        _field("parameter", "sweep", "the setting that is swept", "choice", names),
        _field("values", "values", "its values, with blanks between them", "text"),
        _field("second", "second setting", "a second setting makes a grid", "choice", (NO_SECOND, *names)),
        _field("second_values", "its values", "the second setting's values", "text"),
        seeds,
        by_name["epochs"],
        _field(
            "question", "question", "batch sizes: at equal images, equal steps, or the rate scaled", "choice", questions
        ),
        by_name["dataset"],
    )


def offered_values(parameter: str, *, across: bool = False) -> str:
    """The values that a setting begins with in the form."""
    name = parameter.replace("-", "_")
    if across and name in _ACROSS:
        return _ACROSS[name]
    return " ".join(value_words(DEFAULT_VALUES[name]).values()) if name in DEFAULT_VALUES else _OFFERED.get(name, "")


# Batch size 1 takes as many steps as there are images. After 5 epochs the same sizes stand out as after 20.
BRIEF_EPOCHS = 5
# The exercises; the values last, for a change of the setting brings values of its own.
PRESETS: tuple[dict[str, str], ...] = tuple(
    {"parameter": name, "second": NO_SECOND, "question": "images", "epochs": epochs, "values": offered_values(name)}
    for name, epochs in (("learning-rate", str(DEFAULT_EPOCHS)), ("batch-size", str(BRIEF_EPOCHS)))
)
_DEFAULTS = {
    **PRESETS[0],
    "second_values": "",
    "seeds": str(DEFAULT_SEEDS),
    "dataset": "auto",
}


def texts_of(config: SweepConfig, *, resolved: bool) -> dict[str, str]:
    """The sweep as it would stand in the form; without its data where it is `resolved`, which may have been `auto`."""
    texts = {
        "parameter": config.parameter.replace("_", "-"),
        "values": " ".join(map(value_text, config.values)),
        "second": config.second_parameter.replace("_", "-") or NO_SECOND,
        "second_values": " ".join(map(value_text, config.second_values)),
        "seeds": str(config.seeds),
        "epochs": str(config.base.epochs),
        "question": config.question,
    }
    return texts if resolved else {**texts, "dataset": config.base.dataset}


class SweepFormText(FormText):
    """Which settings are swept over which values, and how."""

    def __init__(self) -> None:
        super().__init__(form_settings())
        self.texts.update(_DEFAULTS)

    @property
    def hidden(self) -> tuple[str, ...]:
        chosen = (self.texts["parameter"], self.texts["second"])
        second = () if self.texts["second"] != NO_SECOND else ("second_values",)
        return second if "batch-size" in chosen else (*second, "question")

    def default(self, name: str) -> str:
        if name == "values":
            return offered_values(self.texts["parameter"])
        if name == "second_values" and self.texts["second"] != NO_SECOND:
            return offered_values(self.texts["second"], across=True)
        return _DEFAULTS[name]

    def write(self, name: str, text: str) -> dict[str, str]:
        changed = {name: text}
        if name == "parameter" and text != self.texts[name]:
            changed["values"] = offered_values(text)
            if text != "batch-size" and self.texts["second"] != "batch-size":
                changed["question"] = "images"
        elif name == "second" and text != self.texts[name]:
            changed["second_values"] = "" if text == NO_SECOND else offered_values(text, across=True)
        self.texts.update(changed)
        return changed

    def same(self, name: str, text: str) -> bool:
        if name not in ("values", "second_values"):
            return super().same(name, text)
        parameter = self.texts["parameter" if name == "values" else "second"]
        return self._values(parameter, self.texts[name]) == self._values(parameter, text)

    def faults(self) -> dict[str, str]:
        """The sweep is looked at as a whole once each of its fields is right in itself."""
        faults = self._faults_of(("seeds", "epochs", "dataset"))
        for name, values in (("parameter", "values"), ("second", "second_values")):
            try:
                self._values(self.texts[name], self.texts[values])
            except InputError as error:
                faults[values] = str(error)
        if not faults:
            try:
                check_sweep(self._config())
            except InputError as error:
                faults[self.named_in(str(error))] = str(error)
        return faults

    def config(self) -> SweepConfig:
        """What the texts stand for. Raises InputError with the first line that is wrong."""
        self.check()
        return self._config()

    def named_in(self, line: str) -> str:
        label = line.partition(":")[0]
        if label.startswith("at "):
            return "question"
        if "twice" in line:
            return "second"
        return next((one.name for one in self.settings if one.label == label and one.name != "parameter"), "values")

    def _config(self) -> SweepConfig:
        second = self.texts["second"] if self.texts["second"] != NO_SECOND else ""
        question: SweepQuestion = next(one for one in get_args(SweepQuestion) if one == self.texts["question"])
        base = replace(
            TrainConfig(),
            epochs=int(self.parsed("epochs")),
            dataset=str(self.parsed("dataset")),
        )
        return SweepConfig(
            parameter=self.texts["parameter"].replace("-", "_"),
            values=self._values(self.texts["parameter"], self.texts["values"]),
            second_parameter=second.replace("-", "_"),
            second_values=self._values(second or NO_SECOND, self.texts["second_values"]),
            seeds=int(self.parsed("seeds")),
            question=question,
            base=base,
        )

    def _values(self, parameter: str, text: str) -> tuple[Number, ...]:
        """Ascending, each once."""
        if parameter == NO_SECOND:
            return ()
        setting = swept_setting(parameter)
        if len(text) > _MOST_TEXT:
            raise InputError(f"{setting.label}: found {len(text):,} characters, expected a list of values")
        words = [word.rstrip(",;") for word in text.split()]
        if not words:
            raise InputError(f"{setting.label}: found no values, expected some, each {setting.expected}")
        if len(words) > MOST_RUNS:
            raise InputError(f"{setting.label}: found {len(words):,} values, expected at most {MOST_RUNS:,}")
        found = {parse(setting, word) for word in words}
        return tuple(sorted(value for value in found if isinstance(value, int | float)))


def _field(name: str, label: str, help: str, kind: str, choices: tuple[str, ...] = ()) -> Setting:
    return Setting(
        name=name,
        label=label,
        help=help,
        kind="choice" if kind == "choice" else "text",
        default=choices[0] if choices else "",
        choices=choices,
    )
