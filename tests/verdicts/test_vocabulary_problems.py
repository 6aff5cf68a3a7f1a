"""What is said to go wrong with very many words is what the figures say, and what the chain's own words show."""

import pytest
from msgspec.structs import replace

from engine.contract.vocabulary import VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyText
from engine.labs.vocabulary.chain import write
from engine.verdicts.vocabulary_memory import seldom
from engine.verdicts.vocabulary_problems import what_goes_wrong
from tests.verdicts.test_vocabulary import line, refused

QUESTION = VocabularyQuestion()
FREE = 4_000_000_000


def test_before_anything_is_measured_it_says_what_is_known_of_the_size_alone() -> None:
    assert what_goes_wrong(QUESTION, 10_000, (), FREE) == (
        "Time: a position has 10,000 logits, 10 times as many as for 1,000 words.",
        "Memory: the logits take 41 MB, and full needs 81.9 MB. 4.0 GB are free. Full fits.",
        "Rare words: about 83 % of words appear under 10 times in 200,000 words.",
        "Gradients: a step changes all 1,280,000 weights, most by almost nothing. "
        "The gradient of a wrong word's logit is p, on average at most 1/9,999.",
    )
    time, memory, rare, _ = what_goes_wrong(QUESTION, 1_000, (), None)
    assert time == "Time: a position has 1,000 logits; an image of the book has 10."
    assert memory == "Memory: the logits take 4.1 MB, and full needs 8.19 MB."
    assert rare == "Rare words: most of the 1,000 words appear at least 10 times in 200,000 words."
    assert "Full does not fit; adaptive" in what_goes_wrong(QUESTION, 1_000_000, (), FREE)[1]


def test_measured_it_compares_the_time_with_that_of_1_000_words() -> None:
    lines = [line("full", 1_000, 0.001, 8_000_000), line("full", 10_000, 0.0125, 82_000_000)]
    time, memory, *_ = what_goes_wrong(QUESTION, 10_000, lines, FREE)
    assert time == "Time: full takes 25 ms per step, 12 times as long as for 1,000 words."
    assert memory.startswith(
        "Memory: the logits take 41 MB. Full was measured up to 10,000 words, where full holds 82 MB"
    )
    fewer = [line("full", 100, 0.0001, 800_000), *lines]
    assert what_goes_wrong(QUESTION, 10_000, fewer, FREE)[0] == time
    assert what_goes_wrong(QUESTION, 1_000, lines, FREE)[0] == "Time: full takes 2 ms per step."
    # Beyond what was measured nothing is said to have been.
    assert "a position has 20,000 logits" in what_goes_wrong(QUESTION, 20_000, lines, FREE)[0]
    assert "and full needs" in what_goes_wrong(QUESTION, 20_000, lines, FREE)[1]


def test_where_full_has_no_room_chunked_is_timed_and_equal_times_are_not_told_apart() -> None:
    lines = [line("chunked", 1_000, 0.01, 10**6), line("full", 1_000, 0.01, 10**6), line("chunked", 10**6, 1.0, 10**8)]
    time, memory, *_ = what_goes_wrong(QUESTION, 10**6, [*lines, refused(10**6)], FREE)
    assert time == "Time: chunked takes 2 s per step, 100 times as long as for 1,000 words."
    assert memory == (
        "Memory: the logits take 4.1 GB. Full does not fit at 1,000,000 words: full needs 8.0 GB, but 1.0 GB are free."
    )
    alike = [line("full", 1_000, 0.01, 10**6), line("full", 2_000, 0.01, 10**6)]
    assert what_goes_wrong(QUESTION, 2_000, alike, FREE)[0] == (
        "Time: full takes 20 ms per step. No difference from 1,000 words can be measured."
    )


def test_of_a_text_the_average_is_told_and_before_it_is_read_none() -> None:
    question = replace(QUESTION, text="book.txt")
    read = VocabularyText(
        words=20_000, different_words=2_500, most_words=2_501, unknown_marks=0, dictionary_languages=()
    )
    assert what_goes_wrong(question, 2_501, (), FREE, read)[2] == (
        "Rare words: on average a word appears 8.0 times in the text."
    )
    assert what_goes_wrong(question, 2_501, (), FREE)[2].startswith("Rare words: most words of a text are rare,")


@pytest.mark.parametrize(("words", "written"), [(5_000, 200_000), (20_000, 200_000), (100_000, 1_000_000)])
def test_as_many_words_are_rare_as_the_chain_writes_seldom(words: int, written: int) -> None:
    counts = write(replace(QUESTION, train_words=written), words).counts_v
    assert seldom(words, written, 10) == pytest.approx(int((counts < 10).sum()), rel=0.06)
