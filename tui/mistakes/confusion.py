"""`softmax-tui confusion`: which class is taken for which."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from rich.cells import cell_len

from engine.verdicts.naming import members_words
from tui.cli.arguments import Commands, OneLineParser, add_command, add_places, add_source
from tui.cli.json_lines import print_json
from tui.drawing.confusions import most_confused

if TYPE_CHECKING:
    from tui.cli.page import Page

_EXAMPLES = """examples
  softmax-tui confusion
  softmax-tui mistakes --true shirt --predicted T-shirt      the images of one cell"""
_MOST_PAIRS = 8
_LEAST_CELL = 4


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "confusion", run, _EXAMPLES, json="one JSON object")
    add_source(parser)
    add_places(parser)


def run(options: argparse.Namespace) -> int:
    from tui.cli.judged import judged, source_of

    source = source_of(options)
    one = judged(options, source.run_id)
    from engine.analysis.mistakes import confusion_matrix

    matrix, names = confusion_matrix(one.predictions), one.info.label_names
    right, total = sum(matrix[index][index] for index in range(len(matrix))), sum(map(sum, matrix))
    if options.json:
        pairs = [
            {"true": true, "predicted": predicted, "count": count}
            for true, predicted, count in most_confused(matrix, _MOST_PAIRS)
        ]
        print_json(
            {
                "run_id": one.source,
                "labels": names,
                "matrix": matrix,
                "accuracy": right / total,
                "most_confused": pairs,
            }
        )
        return 0
    from tui.cli.page import Page

    page = Page()
    page.note(source.said)
    page.line(f"{one.words}: {right:,} of {total:,} {one.what} right ({right / total:.1%})", "bold")
    page.line()
    _write_matrix(matrix, names, page)
    page.line("most confused", "bold")
    pairs_found = most_confused(matrix, _MOST_PAIRS)
    for true, predicted, count in pairs_found:
        share, whole = count / sum(matrix[true]), members_words(names[true], true)
        page.line(f"  {count:>6,}  {names[true]} → {names[predicted]}  ({share:.0%} of all {whole})")
    if not pairs_found:
        page.line("  nothing: every image is right")
    return 0


def _write_matrix(matrix: tuple[tuple[int, ...], ...], names: tuple[str, ...], page: Page) -> None:
    """Rows are true classes, columns predictions; names over the columns where there is room, else numbers."""
    from tui.drawing.plain import padded

    labels = [page.legible(f"{index} {name}") for index, name in enumerate(names)]
    digits = max(_LEAST_CELL, max(len(f"{count:,}") for row in matrix for count in row) + 1)
    left = min(18, max(map(cell_len, labels))) + 1
    if left + digits * len(names) > page.width:
        page.line(f"{len(names)} classes are too many for a table of {page.width} columns: --json has them all")
        page.line()
        return
    room = (page.width - left) // len(names)
    longest = max(cell_len(page.legible(name)) for name in names)
    named = room > longest
    cell = max(digits, longest + 1) if named else digits
    heads = [page.legible(name) if named else str(index) for index, name in enumerate(names)]
    page.line("rows: true class · columns: predicted class", "dim")
    page.line(" " * left + "".join(padded(head, cell, right=True) for head in heads), "bold")
    for true, row in enumerate(matrix):
        page.raw(padded(page.cut(labels[true], left - 1), left))
        for predicted, count in enumerate(row):
            text = padded(f"{count:,}" if count else ".", cell, right=True)
            page.raw(page.styled(text, "green" if true == predicted else "red" if count > _much(row) else "dim"))
        page.raw("\n")
    page.line()


def _much(row: tuple[int, ...]) -> float:
    """A count off the diagonal that stands out: more than a twentieth of its class."""
    return sum(row) / 20
