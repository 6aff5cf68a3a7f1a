"""What the vocabulary lab has shown, in sentences computed from its figures alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.contract.vocabulary import Method, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyEvaluated, VocabularyMeasured, VocabularyTrained
from engine.verdicts.figures import bytes_words
from engine.verdicts.naming import listed
from engine.verdicts.vocabulary_room import most_words

_ALIKE = 1.02  # times: perplexities that are nearer to each other are told as equal


def measured_verdict(lines: Sequence[VocabularyMeasured]) -> str:
    """Where full stops fitting, what chunked costs in time, what sampling loses; it says so where nothing shows it."""
    said = [where_full_stops(lines), *remedies(lines)]
    return " ".join(filter(None, said)) or "Nothing to compare: full and sampled were not measured."


def remedies(lines: Sequence[VocabularyMeasured]) -> tuple[str, ...]:
    """A sentence on what chunked costs in time, one on what sampling loses, as far as they were measured."""
    return tuple(filter(None, (_what_chunked_costs(lines), _what_sampling_loses(lines))))


def trained_verdict(lines: Sequence[VocabularyTrained]) -> str:
    """Which method is ahead at equal steps and at equal time, and on rare words; one size."""
    lost = [one.method for one in lines if not math.isfinite(one.perplexity_at_equal_steps)]
    if lost:
        rest = [one for one in lines if one.method not in lost]
        said = f"{_capital(listed(lost))} diverged: the learning rate is too large."
        return f"{said} {trained_verdict(rest)}" if len(rest) > 1 else said
    if len(lines) < 2:
        return "Only one method was trained, so nothing can be compared."
    by_steps = min(lines, key=lambda one: one.perplexity_at_equal_steps)
    by_time = min(lines, key=lambda one: one.perplexity)
    said = (
        f"After {by_steps.equal_steps:,} steps each, {by_steps.method} has the lowest perplexity, "
        f"{perplexity_words(by_steps.perplexity_at_equal_steps)}{_beside(by_steps.method, lines, by='steps')}. "
        f"In equal time ({by_time.seconds:.2g} s), {by_time.method} reaches {perplexity_words(by_time.perplexity)} "
        f"with {by_time.steps:,} steps{_beside(by_time.method, lines, by='time')}."
    )
    known = [(one.bands.rare, one) for one in lines if one.bands.rare is not None]
    if len(known) > 1:
        (low, best), (high, worst) = (choose(known, key=lambda pair: pair[0]) for choose in (min, max))
        steps = f" After {by_steps.equal_steps:,} steps a rare word costs"
        said += f"{steps} {low:.2f} nats with {best.method} and {high:.2f} nats with {worst.method}."
    return said


def perplexity_words(value: float) -> str:
    """A perplexity: 45.1, 12,300."""
    return f"{value:.1f}" if value < 1000 else f"{value:,.0f}"


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def times_words(ratio: float) -> str:
    """A ratio: 1.3 times, 360 times."""
    return f"{ratio:.2g} times" if ratio < 99 else f"{ratio:,.0f} times"


def where_full_stops(lines: Sequence[VocabularyMeasured]) -> str:
    """At how many words full does not fit, or up to where it was measured; "" where it was not."""
    full = [one for one in lines if one.method == "full"]
    fits = [one for one in full if one.peak_bytes is not None]
    stops = [one for one in full if one.outcome != "measured"]
    if stops:
        first = min(stops, key=lambda one: one.vocabulary_size)
        needs = bytes_words(first.predicted_bytes + first.parameter_bytes)
        what = "does not fit" if first.outcome == "refused" else "failed"
        room = bytes_words(first.available_bytes)
        # Only the reason knows whether that is a limit that was set.
        room = f"the limit is {room}" if ", the limit " in first.reason else f"{room} are free"
        return f"Full {what} at {first.vocabulary_size:,} words: full needs {needs}, but {room}."
    if not fits:
        return ""
    last = max(fits, key=lambda one: one.vocabulary_size)
    assert last.peak_bytes is not None
    said = f"Full was measured up to {last.vocabulary_size:,} words, where full holds {bytes_words(last.peak_bytes)}"
    shape = VocabularyQuestion(positions=last.positions, dimension=last.dimension, dtype=last.dtype)  # type: ignore[arg-type]
    most = most_words("full", shape, last.available_bytes, last.ranks)
    return f"{said}. Prediction: full fits up to {most:,} words." if most > last.vocabulary_size else f"{said}."


def _what_chunked_costs(lines: Sequence[VocabularyMeasured]) -> str:
    pair = _largest_pair(lines, "full", "chunked")
    if pair is None:
        return ""
    full, chunked = pair
    assert full.peak_bytes
    assert chunked.peak_bytes
    memory, seconds = full.peak_bytes / chunked.peak_bytes, step_seconds(chunked) / step_seconds(full)
    less = f"{memory:.3g} times less memory" if memory > 1 else "no less memory"
    alike = times_words(seconds) == "1 times" or not apart(full, chunked)
    took = "and no measurable difference in time" if alike else f"in {times_words(seconds)} the time"
    largest = max(one.vocabulary_size for one in lines)
    where = "Chunked" if full.vocabulary_size == largest else f"At {full.vocabulary_size:,} words chunked"
    return f"{where} gives the same gradient with {less} {took}."


def _what_sampling_loses(lines: Sequence[VocabularyMeasured]) -> str:
    sampled = [one for one in lines if one.method == "sampled" and one.loss is not None and one.exact_loss is not None]
    if not sampled:
        return ""
    last = max(sampled, key=lambda one: one.vocabulary_size)
    assert last.loss is not None
    assert last.exact_loss is not None
    said = f"Sampled is {abs(last.loss - last.exact_loss):.2g} nats off the exact loss {last.exact_loss:.3f}"
    pair = _largest_pair(lines, "full", "sampled")
    if pair is not None:
        full, other = pair
        ratio = step_seconds(full) / step_seconds(other)
        if not apart(full, other):
            said += ", with no measurable difference in time"
        else:
            said += (
                f" and {times_words(ratio)} as fast as full"
                if ratio > 1
                else f", and takes {times_words(1 / ratio)} as long as full"
            )
    assert last.rows_touched is not None
    return f"{said}. A step touches {last.rows_touched:,} of {last.vocabulary_size:,} words."


def _largest_pair(
    lines: Sequence[VocabularyMeasured], first: Method, second: Method
) -> tuple[VocabularyMeasured, VocabularyMeasured] | None:
    """Both at the largest size at which both were measured."""
    done = {(one.vocabulary_size, one.method): one for one in lines if one.peak_bytes is not None}
    sizes = [size for size, method in done if method == first and (size, second) in done]
    return (done[max(sizes), first], done[max(sizes), second]) if sizes else None


def step_seconds(one: VocabularyMeasured) -> float:
    """Forward and backward together."""
    assert one.forward_seconds is not None
    assert one.backward_seconds is not None
    return one.forward_seconds + one.backward_seconds


def apart(one: VocabularyMeasured, other: VocabularyMeasured) -> bool:
    """Whether the quartiles of their times stand clear of each other; one round alone has none."""
    (low, high), (other_low, other_high) = (_quartiles(each) for each in (one, other))
    return high < other_low or other_high < low


def _quartiles(one: VocabularyMeasured) -> tuple[float, float]:
    spreads = [spread for spread in (one.forward_spread, one.backward_spread) if spread is not None]
    if len(spreads) < 2:
        return step_seconds(one), step_seconds(one)
    return sum(spread.low for spread in spreads), sum(spread.high for spread in spreads)


def _beside(method: Method, lines: Sequence[VocabularyTrained], *, by: str) -> str:
    """Those that are as good, as far as one run can tell."""
    of = {one.method: one.perplexity if by == "time" else one.perplexity_at_equal_steps for one in lines}
    others = [other for other, perplexity in of.items() if other != method and perplexity <= of[method] * _ALIKE]
    return f" ({' and '.join(others)} equally good)" if others else ""


_RISEN = 1.02  # times its lowest: a perplexity above that has passed its best
_TOO_FAR = "use fewer steps, a smaller learning rate or more text"
_TOO_SHORT = "the perplexity still falls, so use more steps"


def guessing_verdict(lines: Sequence[VocabularyTrained], evaluated: Sequence[VocabularyEvaluated]) -> str:
    """One sentence on the methods that end no better than a guess, and what to change; "" where all are better.

    `lines` and `evaluated` are of one size. The perplexity of a uniform guess is the number of words, V.
    """
    told: dict[str, list[str]] = {}
    for one in lines:
        if math.isfinite(one.perplexity) and one.perplexity >= one.unigram_perplexity:
            told.setdefault(f"{_guess(one)}: {_advice(one, evaluated)}", []).append(one.method)
    if not told:
        return ""
    clauses = [f"{listed(methods)} {'is' if len(methods) == 1 else 'are'} {what}" for what, methods in told.items()]
    sentence = "; ".join(clauses) + "."
    return sentence[0].upper() + sentence[1:]


def _guess(one: VocabularyTrained) -> str:
    if one.perplexity < one.vocabulary_size:
        return f"worse than guessing by frequency (perplexity {perplexity_words(one.unigram_perplexity)})"
    return (
        f"worse than guessing uniformly (perplexity {one.vocabulary_size:,}) "
        f"and by frequency ({perplexity_words(one.unigram_perplexity)})"
    )


def _advice(one: VocabularyTrained, evaluated: Sequence[VocabularyEvaluated]) -> str:
    """Training begins near V and falls: what lies above its own lowest point has gone on for too long, or too fast."""
    lowest = min((at.perplexity for at in evaluated if at.method == one.method), default=one.perplexity)
    falling = one.perplexity < one.vocabulary_size and one.perplexity <= _RISEN * lowest
    return _TOO_SHORT if falling else _TOO_FAR
