"""The results of a sweep as a file's text: csv, json, Markdown, or a page of plain text with its chart."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from engine.contract.codec import encode_for_scripts
from engine.contract.errors import InputError
from engine.contract.sweeps import Number, SweepConfig, SweepResult
from engine.verdicts.sweep import Comparison, comparisons, summaries
from engine.verdicts.sweep_sentence import verdict
from tui.drawing.plot import plain_chart
from tui.drawing.tables import table
from tui.sweep.charts import CHART_ROWS, summary_chart
from tui.sweep.table import summary_table

_CHART_COLUMNS = 79
_KINDS = (".csv", ".json", ".md", ".txt")


def check_target(name: str, asked: str) -> None:
    """Raises InputError, a line that begins with what `asked` for it, where no new file could be written there."""
    path = Path(name)
    if path.suffix not in _KINDS:
        raise InputError(f"{asked}: found {name[:60]!r}, expected a name that ends in {', '.join(_KINDS)}")
    try:
        there, has_folder = path.exists(), path.absolute().parent.is_dir()
    except (OSError, ValueError) as error:  # a name that is too long, or holds a zero byte
        raise InputError(f"{asked}: found {name[:60]!r}, expected the name of a file ({error})") from error
    if there:
        raise InputError(f"{asked}: found {name[:60]!r} there already, expected a new file")
    if not has_folder:
        raise InputError(f"{asked}: found no folder {str(path.parent)[:60]!r}, expected one that is there")


def exported(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> str:
    """The text of a file of that name, whose ending says which kind it is."""
    return {".csv": _csv, ".json": _json, ".md": _markdown, ".txt": _text}[Path(name).suffix](config, results)


def result_fields(result: SweepResult) -> dict[str, Any]:
    """A result as scripts read it; the second setting is named in a grid alone."""
    fields: dict[str, Any] = msgspec.structs.asdict(result)
    if not result.second_parameter:
        del fields["second_parameter"], fields["second_value"]
    return fields


def verdict_fields(config: SweepConfig, results: Sequence[SweepResult]) -> list[dict[str, Any]]:
    """What each value does, compared with the reference, as scripts read it. Differences are in nats, None is unknown.

    With one seed, and for a value that diverged, the effect is unknown and there is no interval.
    """
    found = comparisons(config, results)
    return [_verdict_fields(config, one.values, found.get(one.values)) for one in summaries(config, results)]


def _verdict_fields(config: SweepConfig, values: tuple[Number, ...], one: Comparison | None) -> dict[str, Any]:
    fields: dict[str, Any] = {"parameter": config.parameter, "value": values[0]}
    if config.second_parameter:
        fields |= {"second_parameter": config.second_parameter, "second_value": values[1]}
    known = one.difference if one is not None else None
    return fields | {
        "effect": known.effect if known else "unknown",
        "difference": known.mean if known else None,
        "low": known.low if known else None,
        "high": known.high if known else None,
        "seeds": known.pairs if known else 0,
        "reference": one is not None and one.reference,
        "slower": one is not None and one.slower,
        "noisier": one is not None and one.noisier,
    }


def _csv(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    """A row a run, in full precision; nan is that word."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    rows = [result_fields(result) for result in results]
    writer.writerow(rows[0] if rows else ())
    writer.writerows([repr(cell) if isinstance(cell, float) else cell for cell in row.values()] for row in rows)
    return text.getvalue()


def _json(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    whole = {
        "config": config,
        "results": [result_fields(result) for result in results],
        "values": summaries(config, results),
        "verdicts": verdict_fields(config, results),
        "verdict": verdict(config, results),
    }
    return encode_for_scripts(whole) + "\n"


def _markdown(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    header, rows = summary_table(config, results)
    lines = [f"# {' × '.join(name.replace('_', ' ') for name in config.parameters)}", "", verdict(config, results), ""]
    lines += [f"| {' | '.join(header)} |", f"|{'---:|' * len(header)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    if chart := summary_chart(config, results):
        lines += ["", "```", plain_chart(chart, _CHART_COLUMNS, CHART_ROWS), "```"]
    return "\n".join(lines) + "\n"


def _text(config: SweepConfig, results: Sequence[SweepResult]) -> str:
    chart = summary_chart(config, results)
    parts = [
        "\n".join(table(*summary_table(config, results))),
        *([plain_chart(chart, _CHART_COLUMNS, CHART_ROWS)] if chart else []),
        verdict(config, results),
    ]
    return "\n\n".join(parts) + "\n"


def write_results(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """A new file, in the kind that its name ends in.

    Raises:
        InputError: the name is none, there is such a file already, or it cannot be written.
    """
    check_target(name, "file")
    try:
        with Path(name).open("x", encoding="utf-8") as file:
            file.write(exported(name, config, results))
    except OSError as error:
        raise InputError(f"file: found {error.strerror}, expected a new file in a folder that has room") from error


def export(name: str, config: SweepConfig, results: Sequence[SweepResult]) -> None:
    """Writes the file that `--export` names, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    from engine.store.files import write_whole

    write_whole(Path(name), exported(name, config, results).encode())
