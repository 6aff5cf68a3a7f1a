"""A stored run as a file for another program."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.contract.answers import RunSummary
from engine.contract.codec import encode_for_scripts
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import EpochDone
from engine.contract.run_state import RunState
from engine.contract.settings import settings_of
from engine.verdicts.run_sentence import sentence
from tui.cli.judged import replayed
from tui.drawing.plain import plain

if TYPE_CHECKING:
    from engine.store.runs import RunStore

_METRICS = EpochDone.__struct_fields__


def exported(store: RunStore, run_id: str, kind: str) -> bytes:
    """The run as csv (a row an epoch), json (one object), markdown, or safetensors (weight and bias)."""
    if kind == "safetensors":
        return _weights(store, run_id)
    summary, run = store.summary(run_id), replayed(store, run_id)
    text = {"csv": _csv, "json": _json, "markdown": _markdown}[kind](summary, run)
    return text.encode()


def written(content: bytes, name: str, force: bool) -> None:
    """Writes a file that is there whole or not at all.

    Raises:
        InputError: it exists and `force` is not given, or it cannot be written.
    """
    from engine.store.files import write_whole

    path = Path(name)
    if path.is_dir():
        raise InputError(f"--output: found the folder {name!r}, expected a file")
    if path.exists() and not force:
        raise InputError(f"--output: found {name!r} there already, expected a new file, or --force")
    write_whole(path, content)


def _csv(summary: RunSummary, run: RunState) -> str:
    """Full precision; inf and nan are those words."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_METRICS)
    writer.writerows([repr(getattr(epoch, name)) for name in _METRICS] for epoch in run.epochs)
    return text.getvalue()


def _json(summary: RunSummary, run: RunState) -> str:
    """The run's line as in `runs list --json`, with its epochs, and its autopsy where it diverged."""
    whole = {
        **msgspec.to_builtins(summary),
        "epochs": [{name: getattr(epoch, name) for name in _METRICS} for epoch in run.epochs],
        "diverged": run.diverged,
    }
    return encode_for_scripts(whole) + "\n"


def _markdown(summary: RunSummary, run: RunState) -> str:
    title = _cell(summary.name) or summary.run_id
    facts = [
        ("run", summary.run_id),
        ("status", summary.status),
        ("created", summary.created),
        ("dataset", f"{summary.dataset.name} ({summary.dataset.train_size:,} + {summary.dataset.validation_size:,})"),
        ("device", summary.device),
        ("forked from", summary.forked_from),
        ("note", summary.note),
    ]
    settings = [(setting.label, str(getattr(summary.config, setting.name))) for setting in settings_of(TrainConfig)[1:]]
    lines = [f"# {title}", "", sentence(run), "", "| | |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in facts if value]
    lines += ["", "## Epochs", "", f"| {' | '.join(_METRICS)} |", f"|{'---:|' * len(_METRICS)}"]
    lines += [f"| {' | '.join(f'{getattr(epoch, name):.6g}' for name in _METRICS)} |" for epoch in run.epochs]
    lines += ["", "## Settings", "", "| setting | value |", "|---|---|"]
    lines += [f"| {name} | {_cell(value)} |" for name, value in settings]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    """Text from outside that leaves a table whole and brings no HTML of its own."""
    return plain(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _weights(store: RunStore, run_id: str) -> bytes:
    """`weight` (classes, features) and `bias` (classes,) of the last checkpoint, with what they belong to."""
    import numpy as np
    from safetensors.numpy import save

    summary, checkpoint = store.summary(run_id), store.load_checkpoint(run_id)
    arrays = {
        name: np.frombuffer(tensor.data, dtype=tensor.dtype).reshape(tensor.shape)
        for name, tensor in checkpoint.tensors.items()
        if name in ("weight", "bias")
    }
    metadata = {
        "run_id": run_id,
        "epochs_done": str(checkpoint.epochs_done),
        "dataset": summary.dataset.name,
        "label_names": msgspec.json.encode(summary.dataset.label_names).decode(),
    }
    return save(arrays, metadata)
