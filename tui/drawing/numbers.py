"""Numbers of a softmax in few characters: what a logit was typed as, what was computed, how far off it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from engine.contract.errors import InputError
from engine.contract.trace import Mark
from engine.verdicts.figures import factor_figure, is_factor

MINUS, TIMES = "−", "×"
LOST = "lost"  # a probability above 0 that became 0
# "!" warns of what is no number, "≠" of a number that is not the one float64 has.
SIGNS: dict[Mark, str] = {"": "", "inf": "!", "nan": "!", "underflow": "↓", "subnormal": "~"}
WRONG = "≠"
SIGN_WORDS = {"!": "inf or nan", "↓": "underflow to 0: lost", "~": "subnormal", WRONG: "wrong"}


def parsed_logit(text: str) -> float:
    """A logit as typed: -1e3, inf and nan are some.

    Raises:
        InputError: it is no number, or one beyond float64.
    """
    written = text.strip().replace(MINUS, "-")
    try:
        number = float(written)
    except ValueError:
        number = None
    if number is None or "_" in written:
        found = f"found {written[:24]!r}" if written else "found nothing"
        raise InputError(f"{found}, expected a number such as -1e3, inf or nan")
    if math.isinf(number) and "n" not in written.lower():
        raise InputError(f"found {written[:24]!r}, beyond float64's 1.8e308; inf is written inf")
    return number


def typed(value: float) -> str:
    """The shortest text that reads back as the same float: what a field starts with."""
    text = repr(value)
    return text.removesuffix(".0").replace("e+", "e")


def logit(value: float, width: int) -> str:
    """A logit in at most `width` cells: as typed where that fits, else rounded."""
    text = typed(value).replace("-", MINUS)
    return text if len(text) <= width else number(value, width)


def five_digits(value: float) -> str:
    """Five significant digits, as for a loss; −0 is 0."""
    return f"{value:z.5g}"


def number(value: float, width: int) -> str:
    """A computed number in at most `width` cells (5 at least): "0.1238", "4.2e−45", "inf".

    An exact 0 or 1 has no decimals; "1.0000" was rounded to be written.
    """
    candidates = _candidates(value, width)
    return next((text for text in candidates if len(text) <= width), "#" * width)


def _candidates(value: float, width: int) -> Iterator[str]:
    if not math.isfinite(value) or value == 0:
        yield f"{value:g}".replace("-", MINUS).replace(f"{MINUS}0", "0")
        return
    if 1e-3 <= abs(value) < 1e6:
        for decimals in range(max(0, min(6, width - 3)), -1, -1):
            # 999999.97 to no decimals is a million: fine here, but 0.0004 must not become 0.
            text = f"{value:.{decimals}f}"
            if float(text) == 0:
                break
            if float(text) == value and "." in text:
                text = text.rstrip("0").rstrip(".")
            yield text.replace("-", MINUS)
    for decimals in (3, 2, 1, 0) if width > 8 else (1, 0):
        mantissa, exponent = f"{value:.{decimals}e}".split("e")
        if "." in mantissa and float(f"{mantissa}e{exponent}") == value:
            mantissa = mantissa.rstrip("0").rstrip(".")
        yield f"{mantissa}e{int(exponent)}".replace("-", MINUS)


def error_words(error: float) -> str:
    """A relative error in at most eight cells: "32 %", "<1e−6", "nan", "8e39 ×" for so many times too large."""
    if not math.isfinite(error):
        return f"{error:g}".replace("-", MINUS)
    if error == 0:
        return "0"
    if error < 1e-6:
        return f"<1e{MINUS}6"
    if error < 1e-4:
        return number(error, 7)
    if is_factor(error):
        return f"{factor_figure(error)} {TIMES}"
    percent = 100 * error
    return f"{percent:.2g} %" if percent < 100 else f"{percent:.0f} %"


def marked(value: float, mark: Mark, width: int, wrong: bool = False) -> str:
    """A computed number with its sign before it, in at most `width` cells."""
    sign = SIGNS[mark] or (WRONG if wrong else "")
    return sign + number(value, width - 1)


def with_minus(sentence: str) -> str:
    """A sentence of the engine, which writes "-102.82", with the minus sign that the tables have."""
    return re.sub(r"(?<![\w.])-(?=[\d(]|inf)|(?<=\de)-(?=\d)", MINUS, sentence)
