"""Logits worth a look: each breaks something (Dive into Deep Learning 4.4, exercise 1, and beyond)."""

from __future__ import annotations

from msgspec import Struct

from engine.contract.trace import Dtype, Rows


class Preset(Struct, frozen=True):
    """Logits for the playground, and one sentence on what is to be seen."""

    name: str
    title: str
    rows: Rows
    dtype: Dtype
    look_for: str


PRESETS: tuple[Preset, ...] = (
    Preset(
        "input-of-100",
        "an input of 100",
        ((100.0, 0.97, 1.01),),
        "float32",
        "naive: exp(100) is above float32's largest number, and inf/inf is nan; the others give 1, 0, 0",
    ),
    Preset(
        "near-minus-102",
        "near −102",
        ((-102.92, -102.03, -101.99, -102.96, -102.82),),
        "float32",
        "naive: finite, and the row sums to 1, but the last probability is 32 % off",
    ),
    Preset(
        "all-at-minus-200",
        "all at −200",
        ((-200.0, -200.3, -199.6),),
        "float32",
        "naive: every exponential is 0, and 0/0 is nan; the others get three ordinary logits near 0",
    ),
    Preset(
        "rows-far-apart",
        "rows far apart",
        ((50.0, 51.0, 52.0), (-60.0, -61.0, -62.0)),
        "float32",
        "global-max: a row 110 below its neighbour gets 0/0; row-max and naive are right",
    ),
    Preset(
        "zero-times-log-zero",
        "0 · log 0",
        ((0.0, 110.0),),
        "float32",
        "row-max: [0, 1]. If class 2 is true, indexing gives a loss of 0; the definition gives 0 · log 0 = nan",
    ),
    Preset(
        "float16-edge",
        "float16's edge",
        ((11.08, 2.0, 1.0), (11.08, 11.0, 1.0), (11.09, 2.0, 1.0)),
        "float16",
        "naive: exp(11.08) fits; in row 2 the sum overflows, and every p is 0; in row 3 exp(11.09) is inf",
    ),
)
