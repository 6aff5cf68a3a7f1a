"""The results of a sweep as a file: csv, json, Markdown, or the page's own text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.contract.codec import encode_for_scripts
from engine.contract.errors import InputError
from engine.contract.sweep_verdict import effects, summaries, verdict
from engine.contract.sweeps import SweepConfig, SweepResult

_KINDS = (".csv", ".json", ".md", ".txt")


def check_target(name: str) -> None:
    """Raises InputError, before minutes of work, where the results could not be written there."""
    path = Path(name)
    if path.suffix not in _KINDS:
        raise InputError(f"--export: found {name!r}, expected a name that ends in {', '.join(_KINDS)}")
    if path.exists():
        raise InputError(f"--export: found {name!r} there already, expected a new file")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--export: found no folder {str(path.parent)!r}, expected one that is there")


def export(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """Writes the file, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    from engine.store.files import write_whole

    text = {".csv": _csv, ".json": _json, ".md": _markdown, ".txt": _text}[Path(name).suffix](config, results)
    write_whole(Path(name), text.encode())


def result_fields(result: SweepResult) -> dict[str, Any]:
    """A result as scripts read it; the second setting is named in a grid alone."""
    fields: dict[str, Any] = msgspec.structs.asdict(result)
    if not result.second_parameter:
        del fields["second_parameter"], fields["second_value"]
    return fields


def _csv(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    """A row a run, in full precision; nan is that word."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [result_fields(result) for result in results]
    writer.writerow(rows[0] if rows else ())
    writer.writerows([repr(cell) if isinstance(cell, float) else cell for cell in row.values()] for row in rows)
    return text.getvalue()


def _json(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    found = effects(config, summaries(config, results))
    values = [{**msgspec.structs.asdict(one), "effect": found.get(one.values)} for one in summaries(config, results)]
    whole = {
        "config": config,
        "results": [result_fields(result) for result in results],
        "values": values,
        "verdict": verdict(config, results),
    }
    return encode_for_scripts(whole) + "\n"


def _markdown(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    from tui.cli.sweep_chart import chart_text, summary_table

    header, rows = summary_table(config, results)
    lines = [f"# {' × '.join(name.replace('_', ' ') for name in config.parameters)}", "", verdict(config, results), ""]
    lines += [f"| {' | '.join(header)} |", f"|{'---:|' * len(header)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    if chart := chart_text(config, results, 80):
        lines += ["", "```", chart, "```"]
    return "\n".join(lines) + "\n"


def _text(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    from tui.cli.sweep_chart import chart_text, summary_table
    from tui.cli.tables import table

    parts = [
        "\n".join(table(*summary_table(config, results))),
        chart_text(config, results, 80),
        verdict(config, results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
