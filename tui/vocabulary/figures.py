"""The figures of the vocabulary lab in few characters, for the pane and the command line alike."""

from __future__ import annotations

from engine.contract.vocabulary import EXACT_METHODS, OWN_PARAMETERS, Method
from engine.contract.vocabulary_events import VocabularyMeasured, VocabularyTrained
from engine.verdicts.figures import bytes_words
from engine.verdicts.vocabulary import perplexity_words

# One letter and one role for each method: the key that switches it, its sign and colour in every chart and table.
LETTERS: dict[Method, str] = {
    "full": "f",
    "chunked": "k",
    "adaptive": "a",
    "class-based": "b",
    "sampled": "s",
    "negative": "n",
}
ROLES: dict[Method, str] = {
    "full": "line-2",
    "chunked": "line-1",
    "adaptive": "line-3",
    "class-based": "line-4",
    "sampled": "line-7",
    "negative": "line-5",
}
# Where the slider stops, evenly on a log axis, where no text limits the words.
STOPS = (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)
FIRST_STOP = STOPS.index(10_000)
_DECADES = (1_000, 10_000, 100_000)
# The perplexity after as many steps as the others, when that was, the losses by frequency; then after equal time.
TRAINED_HEADER = ("trained", "equal steps", "after", "frequent", "middle", "rare", "equal time", "steps")

CAPITALS = "Lines are predicted, capital letters are measured."
BRACKETS = "A loss in brackets cannot be compared: the loss is not softmax's, or the parameters differ."


def stops_of(most: int) -> tuple[int, ...]:
    """Where the slider stops for a text with a vocabulary of `most` words, 0 for no limit: all of it at last."""
    return (*(stop for stop in STOPS if stop < most), most) if most else STOPS


def shards(method: Method, ranks: int) -> int:
    """How many ranks share the rows of one layer; the others are dealt out whole."""
    return ranks if method in EXACT_METHODS else 1


def sizes_up_to(largest: int) -> tuple[int, ...]:
    """What is measured: the decades from 1,000 on, and the largest."""
    return (*(decade for decade in _DECADES if decade < largest), largest)


def size_words(words: int) -> str:
    """613, 1k, 8.1k, 500k, 1M."""
    if words < 1_000:
        return str(words)
    return f"{words / 1_000_000:.3g}M" if words >= 999_500 else f"{words / 1000:.3g}k"


def comparable(one: VocabularyMeasured) -> bool:
    """Whether its loss is that of softmax with the parameters of `full`, or an estimate of it."""
    return one.method != "negative" and one.method not in OWN_PARAMETERS


def time_text(seconds: float | None) -> str:
    """1.2 s, 34 ms; - where there is none. Never in finer units: the times of a column are compared by eye."""
    if seconds is None:
        return "-"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"


def off_text(one: VocabularyMeasured) -> str:
    """How far the gradient is off, relative to its largest element."""
    if one.gradient_error is None or not one.largest_gradient:
        return "-"
    return f"{one.gradient_error / one.largest_gradient:.0e}"


def measured_row(one: VocabularyMeasured) -> tuple[str, ...]:
    """Under forward, backward, memory, predicted, loss, error and rows; the loss in brackets where `BRACKETS` says."""
    if one.peak_bytes is None:
        return ("-", "-", "-", bytes_words(one.predicted_bytes), "-", "-", "-")
    return (
        time_text(one.forward_seconds),
        time_text(one.backward_seconds),
        bytes_words(one.peak_bytes),
        bytes_words(one.predicted_bytes),
        "-" if one.loss is None else f"{one.loss:.4f}" if comparable(one) else f"({one.loss:.4f})",
        off_text(one),
        f"{one.rows_touched:,}",
    )


def trained_row(one: VocabularyTrained) -> tuple[str, ...]:
    """A row under `TRAINED_HEADER`: perplexities on held-out words, losses by frequency."""
    return (
        one.method,
        perplexity_words(one.perplexity_at_equal_steps),
        time_text(one.seconds_at_equal_steps),
        *(_nats(loss) for loss in (one.bands.frequent, one.bands.middle, one.bands.rare)),
        perplexity_words(one.perplexity),
        f"{one.steps:,}",
    )


def _nats(loss: float | None) -> str:
    """A mean loss; of a model that has diverged its power of ten."""
    if loss is None:
        return "-"
    return f"{loss:.2f}" if abs(loss) < 1000 else f"{loss:.0e}"
