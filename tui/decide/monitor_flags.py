"""The flags of `softmax-tui decide` that ask its Monitor."""

from __future__ import annotations

import argparse
from typing import Any

from msgspec.structs import replace

from engine.contract.monitoring import ALPHA, CHANGES, STRENGTH, MonitorQuestion
from engine.contract.settings import Setting, counting, parse
from tui.decide.monitor_query import SETTINGS

_STREAM = replace(counting("stream", 0, 2**63 - 1), label="--stream")
_FLAGS: dict[str, Setting] = {
    "monitor": replace(SETTINGS["change"], label="--monitor"),
    "moment": replace(SETTINGS["moment"], label="--moment"),
    "strength": replace(SETTINGS["strength"], label="--strength"),
    "alpha": replace(SETTINGS["alpha"], label="--alpha"),
    "stream": _STREAM,
}
_FIELDS = {"monitor": "change", "stream": "seed"}  # of the question, where a flag has another name


def add_monitor_flags(parser: argparse.ArgumentParser) -> None:
    """Those that say how the images change, and when."""
    parser.add_argument(
        "--monitor",
        metavar="CHANGE",
        help=f"how the images change: {', '.join(CHANGES)} (default {CHANGES[0]}; without weights prevalence)",
    )
    parser.add_argument("--moment", metavar="N", help="images before the change (default: half of them)")
    parser.add_argument("--strength", metavar="X", help=f"how strong the change is, 0 to 1 (default {STRENGTH})")
    parser.add_argument("--alpha", metavar="P", help=f"probability of ever a false alarm (default {ALPHA})")
    parser.add_argument("--stream", metavar="SEED", help="seed of the order of the images (default 0)")


def monitor_asked(options: argparse.Namespace) -> dict[str, Any] | None:
    """What of a `MonitorQuestion` was typed; None where nothing was.

    Raises:
        InputError: a value is not what its flag takes.
    """
    typed = {name: text for name in _FLAGS if (text := getattr(options, name)) is not None}
    return {_FIELDS.get(name, name): parse(_FLAGS[name], text) for name, text in typed.items()} or None


def monitor_question(asked: dict[str, Any] | None, positive: int) -> MonitorQuestion:
    """The question about the class `positive`."""
    return MonitorQuestion(positive=positive, **(asked or {}))
