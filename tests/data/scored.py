"""Predictions and costs as people bring them, of every kind that is read: the same ones in many spellings."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tests.data.brought import NAMES, ONE_HOT, Array, Write, X, arrays, npz, rgb, table

SAID = np.random.default_rng(5).dirichlet(np.ones(3), 40)
TRUE = np.arange(40) % 3
BINARY = np.clip(np.random.default_rng(6).normal(0.3 + 0.4 * (TRUE > 0), 0.2), 0.01, 0.99)
TRUE_2 = (TRUE > 0).astype(int)
LOGITS = np.log(SAID)
PLACES = np.array(["north", "south"])


def single(array: Array) -> Write:
    def write(folder: Path) -> Path:
        np.save(folder / "said.npy", array)
        return folder / "said.npy"

    return write


# Every one of these says what `probabilities=SAID, labels=TRUE` says.
SAME_SAID: dict[str, Write] = {
    "scikit-learn": npz(y_true=TRUE, y_prob=SAID),
    "score": npz(y_true=TRUE, y_score=SAID),
    "proba": npz(y_test=TRUE, proba=SAID),
    "preds": npz(targets=TRUE, preds=SAID),
    "pred_proba": npz(y=TRUE, y_pred_proba=SAID),
    "outputs": npz(Labels=TRUE, Outputs=SAID),
    "beside what was predicted": npz(y_true=TRUE, y_pred=SAID.argmax(1), y_prob=SAID),
    "column": npz(labels=TRUE[:, None], probabilities=SAID),
    "one-hot": npz(labels=ONE_HOT[TRUE], probabilities=SAID),
    "floats": npz(labels=TRUE.astype(float), probabilities=SAID),
    "from 1": npz(labels=TRUE + 1, probabilities=SAID),
    "text": npz(labels=NAMES[TRUE], probabilities=SAID, label_names=NAMES),
    "text in the order of scikit-learn": npz(labels=np.array(["a", "b", "c"])[TRUE], probabilities=SAID),
    "classes that are numbers": npz(y_true=np.array([3, 5, 9])[TRUE], proba=SAID, classes=np.array([3, 5, 9])),
    "without names": npz(arr_0=SAID, arr_1=TRUE),
    "npy": single(np.column_stack([TRUE, SAID])),
    "arrays": arrays(y_true=TRUE, y_prob=SAID),
    "table": table("", TRUE, *SAID.T),
    "table with header": table("label,owl,hen,fox", NAMES[TRUE], *SAID.T),
    "table with prefixes": table("y_true,prob_owl,prob_hen,prob_fox", NAMES[TRUE], *SAID.T),
    "table with an index": table(",label,0,1,2", np.arange(40), TRUE, *SAID.T),
    "table with tabs": table("label\t0\t1\t2", TRUE, *SAID.T, delimiter="\t", name="said.tsv"),
    "table in UTF-16": table("label,owl,hen,fox", NAMES[TRUE], *SAID.T, encoding="utf-16"),
}
SAME_LOGITS: dict[str, Write] = {
    "logits": npz(labels=TRUE, logits=LOGITS),
    "logits and their probabilities": npz(labels=TRUE, logits=LOGITS + 3, probabilities=SAID),
    "logits under another name": npz(y_true=TRUE, y_score=LOGITS),
    "log_probs": npz(y_true=TRUE, log_probs=LOGITS),
    "decision_function": npz(y_true=TRUE, decision_function=LOGITS),
}
# Every one of these says of class 1 of two what `BINARY` says.
SAME_BINARY: dict[str, Write] = {
    "column": npz(labels=TRUE_2, probabilities=BINARY[:, None]),
    "score": npz(y_true=TRUE_2, y_score=BINARY),
    "bools": npz(y_true=TRUE_2 > 0, y_prob=BINARY),
    "signs": npz(y_true=2 * TRUE_2 - 1, y_prob=BINARY),
    "from 1": npz(y_true=TRUE_2 + 1, y_prob=BINARY),
    "text": npz(y_true=np.array(["ill", "well"])[TRUE_2], y_prob=BINARY),
    "logit": npz(y_true=TRUE_2, decision_function=np.log(BINARY / (1 - BINARY))),
    "table": table("y_true,y_score", TRUE_2, BINARY),
    "table without header": table("", TRUE_2, BINARY),
}
# What was predicted, and nothing more.
HARD: dict[str, Write] = {
    "npz": npz(y_true=TRUE, y_pred=SAID.argmax(1)),
    "floats": npz(y_true=TRUE, y_pred=SAID.argmax(1).astype(float)),
    "one-hot": npz(y_true=TRUE, predictions=np.eye(3, dtype=int)[SAID.argmax(1)]),
    "text": npz(targets=NAMES[TRUE], preds=NAMES[SAID.argmax(1)], label_names=NAMES),
    "table": table("y_true,y_pred", TRUE, SAID.argmax(1)),
    "table of text": table("true,predicted", NAMES[TRUE], NAMES[SAID.argmax(1)]),
    "table of text without header": table("", NAMES[TRUE], NAMES[SAID.argmax(1)]),
}

COSTS = np.array([[0, 1, 2], [3.5, 0, 4], [50, 6, 0]])


def saved_text(array: Array) -> str:
    stream = io.StringIO()
    np.savetxt(stream, array, fmt="%g")
    return stream.getvalue()


def costs(delimiter: str = ",", header: Iterable[str] = (), index: Iterable[str] = (), comma: bool = False) -> str:
    rows = [[f"{value:g}".replace(".", "," if comma else ".") for value in row] for row in COSTS]
    left, top = list(index), list(header)
    rows = [[name, *row] for name, row in zip(left, rows, strict=True)] if left else rows
    return "\n".join(delimiter.join(row) for row in ([["", *top] if left else top] if top else []) + rows) + "\n"


SAME_COSTS: dict[str, bytes] = {
    "spaces": saved_text(COSTS).encode(),
    "aligned": b"  0    1   2\n 3.5   0   4\n50    6   0\n",
    "commas": costs().encode(),
    "tabs": costs("\t").encode(),
    "semicolons": costs(";", comma=True).encode(),
    "semicolons and points": costs(";").encode(),
    "pandas": costs(header="012", index="012").encode(),
    "names": costs(header=NAMES, index=NAMES).encode(),
    "names in capitals": costs(header=np.char.upper(NAMES), index=NAMES).encode(),
    "spreadsheet in German": costs(";", NAMES, NAMES, comma=True).encode("utf-16"),
    "UTF-16 without a mark": costs("\t", NAMES, NAMES).encode("utf-16-le"),
}
OTHER_SAID: dict[str, Write] = {
    "groups and images": npz(y_true=TRUE, y_prob=SAID, images=rgb(X[:40]), groups=PLACES[TRUE % 2]),
    "two decimals": npz(labels=TRUE, probabilities=SAID.round(2)),
}
