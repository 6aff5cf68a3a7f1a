"""`softmax-tui softmax`: the same logits through every implementation."""

from __future__ import annotations

import argparse

from engine.contract.errors import InputError
from engine.contract.pairs import YOURS
from engine.contract.trace import DTYPES, RELATIVE_ERROR, Rows, SoftmaxTrace
from engine.numerics.presets import PRESETS
from tui.cli.arguments import Commands, OneLineParser, add_command
from tui.cli.json_lines import print_json
from tui.cli.yours import add_yours, yours_of

_EXAMPLES = """examples
  softmax-tui softmax 100 0.97 1.01
  softmax-tui softmax -102.9 -102.0 -103.1
  softmax-tui softmax 50 51 52 --row -60 -61 -62
  softmax-tui softmax -1e3 -inf nan --dtype float64       negative numbers, inf and nan need no --
  softmax-tui softmax 100 0.97 1.01 --mine FILE.py        your own softmax beside the others

errors
  relative error: |p − q| / q, where q is the probability in float64. If q is below the smallest normal number of \
the dtype, the difference is divided by that number instead of q.
  lost: a probability above 0 became 0.
  The rounding of the logits to the dtype is reported apart from the error of a softmax on the rounded logits.

presets
""" + "\n".join(f"  {preset.name:<20} {preset.look_for}" for preset in PRESETS)


def add(commands: Commands[OneLineParser]) -> None:
    parser = add_command(commands, "softmax", run, _EXAMPLES, json="one JSON object")
    parser.add_argument("logits", nargs="*", metavar="LOGIT", help="logits of the first row")
    parser.add_argument(
        "--row",
        nargs="+",
        action="append",
        default=[],
        metavar="LOGIT",
        help="logits of another row, as many as in the first row",
    )
    parser.add_argument("--dtype", metavar="|".join(DTYPES), help="number type of the computation (default float32)")
    parser.add_argument("--preset", metavar="NAME", help="an example of logits, from the list below")
    add_yours(parser, "the softmax is traced beside the others, and judged")


def run(options: argparse.Namespace) -> int:
    rows, dtype = _asked(options)
    source = yours_of(options)
    import torch

    from engine.numerics.trace import trace

    traced, judged = trace(torch.tensor(rows, dtype=torch.float64), dtype), ""
    if source:
        traced, judged = _with_yours(traced, source)
    if options.json:
        print_json(_for_scripts(traced, judged))
        return 0
    from tui.cli.page import Page
    from tui.softmax.text import write_trace

    write_trace(traced, Page(), judged)
    return 0


def _with_yours(traced: SoftmaxTrace, source: str) -> tuple[SoftmaxTrace, str]:
    """The trace with the user's softmax in it, and what is said of that one."""
    from engine.labs.yours.offered import Yours, with_yours

    yours = Yours(source)
    try:
        if not yours.judged.has_softmax:
            raise InputError(
                "--mine: found no softmax(logits) in the file, expected this function; "
                f"its cross_entropy: {yours.judged.loss_verdict}"
            )
        return with_yours(traced, yours)[0], yours.judged.softmax_verdict
    finally:
        yours.close()


def _asked(options: argparse.Namespace) -> tuple[Rows, str]:
    """The rows and the dtype, checked before torch is imported."""
    rows: Rows = tuple(
        tuple(_logit(text) for text in row) for row in ([options.logits] if options.logits else []) + options.row
    )
    preset = None
    if options.preset is not None:
        preset = next((preset for preset in PRESETS if preset.name == options.preset), None)
        if preset is None:
            names = ", ".join(preset.name for preset in PRESETS)
            raise InputError(f"--preset: found {options.preset!r}, expected one of {names}")
        if rows:
            raise InputError("--preset: found logits as well, expected a preset or logits")
        rows = preset.rows
    if not rows:
        raise InputError("logits: found none, expected numbers such as 100 0.97 1.01; see softmax-tui softmax --help")
    for count, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise InputError(f"row {count}: found {len(row)} logits, expected {len(rows[0])} as in the first row")
    dtype = options.dtype or (preset.dtype if preset else "float32")
    if dtype not in DTYPES:
        raise InputError(f"--dtype: found {dtype!r}, expected one of {', '.join(DTYPES)}")
    return rows, dtype


def _logit(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"logits: found {text[:60]!r}, expected numbers, such as -1e3, -inf or nan") from None


def _for_scripts(traced: SoftmaxTrace, judged: str) -> dict[str, object]:
    """`logits` as typed, `rounded_logits` as the dtype has them; the errors are against float64 on the latter.

    `yours` has a `verdict` as well: what is said of it wherever it was tried, not for these logits alone.
    """
    return {
        "dtype": traced.dtype,
        "logits": traced.typed,
        "rounded_logits": traced.logits,
        "exact_probabilities": traced.exact,
        "logit_rounding": {
            "max_relative_error": max(max(row) for row in traced.rounding_errors),
            "explanation": traced.rounding,
        },
        "relative_error": RELATIVE_ERROR,
        "smallest_normal": traced.smallest_normal,
        "implementations": {
            name: {
                "probabilities": one.probabilities,
                "sums": one.sums,
                "finite": one.finite,
                "max_relative_error": one.max_relative_error,
                "lost": [[mark == "underflow" for mark in row] for row in one.probability_marks],
                "explanation": one.explanation,
                **({"verdict": judged} if name == YOURS else {}),
            }
            for name, one in traced.implementations.items()
        },
    }
