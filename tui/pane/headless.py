"""The command that does without the app what a pane shows."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Sequence

from msgspec import Struct

from engine.contract.config import TrainConfig
from engine.contract.loss_lab import CLASS_COUNTS, LossQuestion, default_epsilon
from engine.contract.pairs import YOURS
from engine.contract.settings import settings_of, value_text
from engine.contract.sweeps import DEFAULT_EPOCHS, DEFAULT_SEEDS, SweepConfig
from engine.contract.vocabulary import METHODS, VocabularyPlan

LOSS_FLAGS = {"num_classes": "--classes", "smoothing": "--label-smoothing"}  # of `losses`, where not named as its field


def train_command(config: TrainConfig, yours: str = "FILE.py") -> str:
    """`softmax-tui train` with each setting that is not the default; `yours` names the user's file where it counts."""
    words = ["softmax-tui", "train", *_flags(config)]
    if YOURS in (config.softmax, config.loss):
        words += ["--mine", yours]
    return shlex.join(words)


def sweep_command(config: SweepConfig) -> str:
    """`softmax-tui sweep` with its settings and values, and what else is not the default."""
    words = ["softmax-tui", "sweep"]
    for name, values in ((config.parameter, config.values), (config.second_parameter, config.second_values)):
        if name:
            words += [name.replace("_", "-"), *map(value_text, values)]
    if config.seeds != DEFAULT_SEEDS:
        words += ["--seeds", str(config.seeds)]
    if config.question != "images":
        words += ["--at", config.question]
    return shlex.join([*words, *_flags(config.base, config.parameters, epochs=DEFAULT_EPOCHS)])


def softmax_command(rows: Sequence[Sequence[float]], dtype: str, yours: str = "") -> str:
    """`softmax-tui softmax` with these rows of logits, and with a user's file where one is named."""
    words = ["softmax-tui", "softmax", *map(value_text, rows[0])]
    for row in rows[1:]:
        words += ["--row", *map(value_text, row)]
    return shlex.join([*words, "--dtype", dtype, *(("--mine", yours) if yours else ())])


def losses_command(
    question: LossQuestion, *, yours: str = "", scale: bool = False, dataset: str = "", epochs: int = 0
) -> str:
    """`softmax-tui losses` with what is not the default.

    With `scale` it measures 10 to 10,000 classes; with a dataset and epochs it trains with each loss as well.
    """
    words = ["softmax-tui", "losses"]
    shape = ("batch_size", "num_classes") if question.preset else ()
    for setting in settings_of(LossQuestion):
        value = getattr(question, setting.name)
        default = default_epsilon(question.dtype) if setting.name == "epsilon" else setting.default
        flag = LOSS_FLAGS.get(setting.name, setting.flag)
        if setting.name == "num_classes" and scale:
            words += [flag, *map(str, CLASS_COUNTS)]
        elif value != default and setting.name not in shape:
            words += [flag, value_text(value)]
    if epochs:
        words.append("--train")
        words += ["--epochs", str(epochs)] if epochs != TrainConfig().epochs else []
        words += ["--dataset", dataset] if dataset != TrainConfig().dataset else []
    return shlex.join([*words, *(("--mine", yours) if yours else ())])


def vocabulary_command(plan: VocabularyPlan) -> str:
    """`softmax-tui vocabulary` with its sizes, and what is not the default; to train takes `--train`.

    Where it is not known how many words the text has, all of them.
    """
    words = ["softmax-tui", "vocabulary"]
    if not plan.up_to_text:
        words += ["--sizes", *map(str, plan.sizes)]
    if plan.methods != METHODS:
        words += ["--methods", *plan.methods]
    words += ["--train"] if plan.train else []
    words += ["--continue", plan.phrase] if plan.phrase else []
    return shlex.join([*words, *_flags(plan.question)])


def _flags(config: Struct, besides: Collection[str] = (), **defaults: object) -> list[str]:
    """The settings that are not the default, that of the config or another one, but for those `besides`."""
    words = []
    for setting in settings_of(type(config)):
        value = getattr(config, setting.name)
        if value != defaults.get(setting.name, setting.default) and setting.name not in besides:
            words += [setting.flag, value_text(value)]
    return words
