"""Who is taken for whom."""

from __future__ import annotations

import torch

from engine.analysis.predictions import Predictions


def confusion_matrix(predictions: Predictions) -> tuple[tuple[int, ...], ...]:
    """Counts (classes, classes): a row for the true class, a column for the prediction."""
    classes = predictions.logits.shape[1]
    cells = predictions.labels * classes + predictions.predicted
    counts = torch.bincount(cells, minlength=classes * classes).reshape(classes, classes)
    return tuple(tuple(row) for row in counts.tolist())


def most_confused(confusion: tuple[tuple[int, ...], ...], limit: int) -> list[tuple[int, int, int]]:
    """The largest cells off the diagonal as (true, predicted, count), largest first."""
    cells = [
        (true, predicted, count)
        for true, row in enumerate(confusion)
        for predicted, count in enumerate(row)
        if true != predicted and count
    ]
    return sorted(cells, key=lambda cell: -cell[2])[:limit]
