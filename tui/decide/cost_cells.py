"""A cost matrix as lines of cells: rows are true classes, columns decisions."""

from __future__ import annotations

from collections.abc import Sequence

from engine.contract.cost_matrix import CostRows
from engine.verdicts.naming import class_said
from tui.drawing.matrix import MatrixCell, MatrixView, view_of
from tui.drawing.plain import padded, plain

_MOST_MEASURED = 40  # rows and columns: to measure a million costs would take longer than to show them


def cost_text(cost: float) -> str:
    """A cost in nine cells at most."""
    text = f"{cost:.6g}"
    return text if len(text) <= 9 else f"{cost:.2g}".replace("e+", "e")


def cost_view(
    rows: CostRows, names: Sequence[str], room: tuple[int, int], cursor: tuple[int, int], corner: tuple[int, int]
) -> MatrixView:
    """What of the matrix fits into `room` (columns, rows) around the cursor."""
    measured = [cost_text(cost) for row in rows[:_MOST_MEASURED] for cost in row[:_MOST_MEASURED]]
    measured.append(cost_text(rows[cursor[0]][cursor[1]]))
    return view_of(names, max(3, *map(len, measured)), *room, cursor, corner)


def cost_lines(rows: CostRows, names: Sequence[str], view: MatrixView) -> list[list[MatrixCell]]:
    """The heading with the decisions, then a line for each true class; `share` is the part of the largest cost."""
    across = range(view.left, view.left + view.columns)
    shown = range(view.top, view.top + view.rows)
    largest = max((abs(rows[i][j]) for i in shown for j in across), default=0.0)
    corner = padded("true\\say", view.names + 1)
    heads = [plain(names[j])[: view.cell - 1] for j in across]
    lines = [[MatrixCell(corner, None)]]
    lines[0] += [MatrixCell(padded(head, view.cell - 1, right=True) + " ", None) for head in heads]
    for i in shown:
        line = [MatrixCell(padded(names[i], view.names) + " ", None)]
        for j in across:
            cost = rows[i][j]
            text = "·" if cost == 0 else cost_text(cost)
            share = abs(cost) / largest if largest else 0.0
            line.append(MatrixCell(f"{text[: view.cell - 1]:>{view.cell - 1}} ", share, i, j))
        lines.append(line)
    return lines


def cell_words(rows: CostRows, names: Sequence[str], row: int, column: int) -> str:
    """`Deciding for Coat costs 50 if the truth is Shirt`."""
    true, decision = (plain(class_said(names[place], place), 24) for place in (row, column))
    return f"Deciding for {decision} costs {rows[row][column]:g} if the truth is {true}"
