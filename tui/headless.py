"""The command that does without the app what a pane shows."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from engine.contract.config import TrainConfig
from engine.contract.settings import settings_of


def train_command(config: TrainConfig) -> str:
    """`softmax-tui train` with every setting that is not the default."""
    words = ["softmax-tui", "train"]
    for setting in settings_of(TrainConfig):
        value = getattr(config, setting.name)
        if value != setting.default:
            words += [setting.flag, _written(value)]
    return shlex.join(words)


def softmax_command(rows: Sequence[Sequence[float]], dtype: str) -> str:
    """`softmax-tui softmax` with these rows of logits."""
    words = ["softmax-tui", "softmax", *map(_written, rows[0])]
    for row in rows[1:]:
        words += ["--row", *map(_written, row)]
    return shlex.join([*words, "--dtype", dtype])


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
