"""The sentences of the vocabulary lab say what the figures say."""

from typing import Any

from msgspec.structs import replace

from engine.contract.vocabulary import VocabularyQuestion
from engine.contract.vocabulary_events import Bands, VocabularyMeasured, VocabularyTrained
from engine.verdicts.vocabulary import measured_verdict, trained_verdict
from engine.verdicts.vocabulary_room import most_words


def line(method: Any, words: int, seconds: float, peak: int, **more: Any) -> VocabularyMeasured:
    return VocabularyMeasured(
        **{
            "method": method, "vocabulary_size": words, "outcome": "measured", "predicted_bytes": peak,
            "parameter_bytes": 0, "available_bytes": 10**9, "forward_seconds": seconds, "backward_seconds": seconds,
            "peak_bytes": peak, "loss": 5.0, "exact_loss": 5.0, "rows_touched": 100, "positions": 1, "dimension": 1,
            "dtype": "float32", "device": "cpu",
            **more,
        }
    )  # fmt: skip


def refused(words: int) -> VocabularyMeasured:
    nothing = {"forward_seconds": None, "backward_seconds": None, "loss": None, "predicted_bytes": 8 * 10**9}
    return line("full", words, 0, 0, **{**nothing, "peak_bytes": None, "outcome": "refused"})


def test_it_says_where_full_stops_fitting_and_what_the_others_cost_where_all_were_measured() -> None:
    said = measured_verdict(
        [
            line("full", 1000, 1.0, 8_000_000), line("chunked", 1000, 1.5, 4_000_000),
            refused(10**6), line("chunked", 10**6, 9.0, 10**8), line("sampled", 1000, 0.1, 10**6, loss=4.9),
        ]
    )  # fmt: skip
    assert said == (
        "Full does not fit at 1,000,000 words: full needs 8.0 GB, but 1.0 GB are free. "
        "At 1,000 words chunked gives the same gradient with 2 times less memory in 1.5 times the time. "
        "Sampled is 0.1 nats off the exact loss 5.000 and 10 times as fast as full. A step touches 100 of 1,000 words."
    )


def test_it_says_up_to_where_full_was_measured_and_up_to_where_it_is_predicted_to_fit() -> None:
    said = measured_verdict([line("full", 10_000, 1.0, 82_000_000, positions=1024, dimension=128)])
    most = most_words("full", VocabularyQuestion(), 10**9)
    assert 100_000 < most < 130_000
    assert said == (
        f"Full was measured up to 10,000 words, where full holds 82 MB. Prediction: full fits up to {most:,} words."
    )
    tight = line("full", 10_000, 1.0, 82_000_000, positions=1024, dimension=128, available_bytes=90_000_000)
    assert measured_verdict([tight]) == "Full was measured up to 10,000 words, where full holds 82 MB."


def test_a_limit_that_was_set_is_not_told_as_what_is_free() -> None:
    reason = "full needs 8.0 GB for 1,000,000 words, the limit is 1.0 GB; sampled would fit"
    assert measured_verdict([replace(refused(10**6), reason=reason)]) == (
        "Full does not fit at 1,000,000 words: full needs 8.0 GB, but the limit is 1.0 GB."
    )


def test_it_says_so_where_nothing_can_be_compared() -> None:
    assert measured_verdict([line("adaptive", 10, 1.0, 10, exact_loss=None)]).startswith("Nothing to compare")
    assert "and 360 times as fast as full" in measured_verdict(
        [line("full", 10, 36.0, 10), line("sampled", 10, 0.1, 10, loss=4.9)]
    )
    assert "takes 2 times as long as full" in measured_verdict(
        [line("full", 10, 1.0, 10), line("sampled", 10, 2.0, 10, loss=4.9)]
    )


def trained(method: Any, at_steps: float, at_time: float, rare: float | None = 9.0) -> VocabularyTrained:
    return VocabularyTrained(
        method=method, vocabulary_size=100, equal_steps=50, seconds_at_equal_steps=1.0, steps=100, seconds=2.0,
        perplexity_at_equal_steps=at_steps, perplexity=at_time, bands=Bands(1.0, 2.0, rare), rows_touched=1,
        unigram_perplexity=150.0, chain_perplexity=50.0,
    )  # fmt: skip


def test_it_tells_equal_steps_from_equal_time_and_near_from_ahead() -> None:
    said = trained_verdict(
        [trained("full", 100, 100), trained("chunked", 100.5, 99.5, 8.0), trained("sampled", 120, 80)]
    )
    assert said == (
        "After 50 steps each, full has the lowest perplexity, 100.0 (chunked equally good). In equal time (2 s), "
        "sampled reaches 80.0 with 100 steps. After 50 steps a rare word costs 8.00 nats with chunked and 9.00 nats "
        "with full."
    )
    assert trained_verdict([trained("full", 1, 1)]).startswith("Only one method")
