"""Where the words come from: a text, or the chain; and what is said of what cannot be used."""

import math
import os
from pathlib import Path

import numpy as np
import pytest

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.labs.vocabulary import chain
from engine.labs.vocabulary.chain import batch
from engine.labs.vocabulary.text import TextSource, corpus_of, phrase_ids, read_words, unknown_words
from engine.labs.vocabulary.tokens import tokenised
from engine.verdicts.vocabulary_text import UNKNOWN


def most_of(source: TextSource) -> int:
    """The largest vocabulary of the source's text."""
    assert source.text is not None
    return source.text.most_words


TEXT = "the cat sat on the mat. the dog sat on the rug. " * 30


def test_the_most_frequent_words_are_kept_and_the_rest_is_unknown() -> None:
    words = tokenised(TEXT)
    corpus = corpus_of(words, 4, 2)
    assert set(corpus.words) == {"the", "sat", "on", UNKNOWN}
    assert list(corpus.counts_v) == sorted(corpus.counts_v, reverse=True)
    assert corpus.counts_v.sum() == len(corpus.train_t)
    assert len(corpus.train_t) + len(corpus.held_out_t) == len(words)
    back = [corpus.words[number] for number in corpus.train_t[:6]]
    assert back == ["the", UNKNOWN, "sat", "on", "the", UNKNOWN]
    contexts, targets = corpus.windows(corpus.train_t, 2)
    assert contexts[3].tolist() == corpus.train_t[3:5].tolist()
    assert targets[3] == corpus.train_t[5]
    assert len(contexts) == len(targets)


def test_a_phrase_is_its_last_known_words() -> None:
    corpus = corpus_of(tokenised(TEXT), 9, 2)
    ids = {word: number for number, word in enumerate(corpus.words)}
    assert phrase_ids("Sat on THE cat", corpus, 2) == [ids["the"], ids["cat"]]
    assert phrase_ids("the zebra", corpus, 2) == [ids["the"], ids[UNKNOWN]]
    assert phrase_ids("cat", corpus, 3) == [ids[UNKNOWN], ids[UNKNOWN], ids["cat"]]
    with pytest.raises(InputError, match="found 'zebra giraffe', expected a phrase with a word of the text"):
        phrase_ids("zebra giraffe", corpus, 2)
    assert unknown_words("Zebra sat on giraffe GIRAFFE lion", corpus, 4) == ("giraffe", "lion")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no words, expected at least 30 words, two different ones among them"),
        (b" \n\t ", "holds no words"),
        (b"word", "holds 1 word, expected at least 30 words"),
        (b"word " * 500, "holds 500 times the same word, expected at least 30 words, two different ones among them"),
        (b"two words " * 14, "holds 28 words, expected at least 30 words"),
        (b"a\0b", "is binary"),
        (b"\x89PNG\xff\xfe", "is no UTF-8 at byte 0"),
        (b"one two three", "holds 3 words, expected at least 30 words"),
        (b"<unk> " * 200 + b"cat", "holds nothing but <unk> in its first nine tenths"),
    ],
)
def test_what_is_no_text_is_told_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "words\x1b[31m.txt"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"^text: ") as refused:
        TextSource.of(VocabularyPlan(question=VocabularyQuestion(text=str(file))))
    assert told in str(refused.value)
    assert "words\\x1b[31m.txt" in str(refused.value)
    assert str(refused.value).isprintable()


def test_the_least_number_of_words_is_enough_and_grows_with_the_context(tmp_path: Path) -> None:
    file = tmp_path / "short.txt"
    file.write_text("two words " * 15)
    question = VocabularyQuestion(text=str(file))
    assert most_of(TextSource.of(VocabularyPlan(question=question))) == 3
    longer = VocabularyQuestion(text=str(file), context=3)
    with pytest.raises(InputError, match=r"short\.txt holds 30 words, expected at least 33 words"):
        TextSource.of(VocabularyPlan(question=longer))


def test_a_folder_a_missing_file_and_a_device_are_no_texts(tmp_path: Path) -> None:
    for path, told in (
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "none"), "No such file"),
        (os.devnull, "is a device"),
        ("a\0b", "cannot be read"),
    ):
        with pytest.raises(InputError, match=told):
            read_words(path, 2)


def test_a_file_without_permission_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "secret.txt"
    file.write_text(TEXT)
    file.chmod(0)
    if os.access(file, os.R_OK):  # root may read everything: let the system say no all the same

        def denied(path: Path) -> bytes:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(InputError, match=r"cannot be read \(Permission denied\), expected a text file"):
        read_words(str(file), 2)


def test_no_more_words_than_the_text_has(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text(TEXT)
    question = VocabularyQuestion(text=str(file))
    assert TextSource.of(VocabularyPlan(question=question)).plan.sizes == (9,)
    with pytest.raises(InputError, match="sizes: found 10, expected at most 9: the text's words, and <unk>"):
        TextSource.of(VocabularyPlan(question=question, sizes=(4, 10)))
    clamped = TextSource.of(VocabularyPlan(question=question, sizes=(4, 10, 100), up_to_text=True))
    assert (clamped.plan.sizes, most_of(clamped)) == ((4, 9), 9)


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (VocabularyPlan(sizes=(1,)), "sizes: found 1"),
        (VocabularyPlan(methods=()), "methods: found none"),
        (VocabularyPlan(phrase="the"), "found a phrase without a text"),
        (VocabularyPlan(question=VocabularyQuestion(features="concatenated", context=3)), "expected a multiple of 3"),
        (VocabularyPlan(question=VocabularyQuestion(positions=0)), "positions: found '0'"),
        (VocabularyPlan(question=VocabularyQuestion(dtype="bfloat16"), train=True), "dtype: found bfloat16"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_is_told_in_one_line(plan: VocabularyPlan, told: str) -> None:
    with pytest.raises(InputError) as refused:
        TextSource.of(plan)
    assert told in str(refused.value)


@pytest.mark.parametrize("words", [2, 1000, 1_000_000])
def test_the_chain_writes_the_same_words_each_time_and_any_number_of_them(words: int) -> None:
    question = VocabularyQuestion(train_words=20_000)
    corpus, again = chain.write(question, words), chain.write(question, words)
    assert np.array_equal(corpus.train_t, again.train_t)
    assert not np.array_equal(
        corpus.train_t, chain.write(VocabularyQuestion(train_words=20_000, seed=1), words).train_t
    )
    assert len(corpus.counts_v) == words
    assert list(corpus.counts_v) == sorted(corpus.counts_v, reverse=True)
    assert 20_000 <= len(corpus.train_t) < 22_000
    middle, rare = corpus.bands
    assert corpus.counts_v[:middle].sum() >= 0.5 * corpus.counts_v.sum()
    assert corpus.counts_v[:rare].sum() >= 0.9 * corpus.counts_v.sum()


def test_knowing_the_last_word_tells_much_about_the_next_one() -> None:
    corpus = chain.write(VocabularyQuestion(), 1000)
    frequencies = (corpus.counts_v + 1) / (corpus.counts_v + 1).sum()
    unigram = -np.log(frequencies[corpus.held_out_t]).mean()
    assert corpus.chain_loss is not None
    assert math.log(20) < corpus.chain_loss < unigram - 0.5
    # The chain's own probabilities sum to 1: no model that is told less can be better.
    after = np.arange(1000)
    for word in (0, 500):
        probability = 0.5 * np.log((after + 2) / (after + 1)) / math.log(1001)
        for choice, weight in enumerate(chain.FOLLOWERS):
            probability[chain._follower(np.array([word]), np.array([choice]), 1000)[0]] += 0.5 * weight
        assert probability.sum() == pytest.approx(1)


def test_a_minibatch_is_a_function_of_seed_and_step_alone() -> None:
    question = VocabularyQuestion(train_words=1000)
    corpus = chain.write(question, 100)
    for one, other, same in ((0, 0, True), (0, 1, False)):
        pair = batch(corpus, question, one, 50), batch(corpus, question, other, 50)
        assert np.array_equal(pair[0][0], pair[1][0]) == same
