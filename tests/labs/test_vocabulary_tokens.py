"""How a text becomes words: Unicode's boundaries, marks that belong together, languages without spaces, `<unk>`."""

import unicodedata
from collections import Counter
from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyText
from engine.labs.vocabulary.text import TextSource, corpus_of, most_words
from engine.labs.vocabulary.tokens import tokenised, without_spaces
from engine.verdicts.vocabulary_text import UNKNOWN, text_sentence, unknown_sentence


def test_words_are_lower_case_and_every_punctuation_mark_is_one_of_its_own() -> None:
    said = tokenised("The cat's hat, naïve–Ünï 3.5!\n\tfoo_bar $N don’t\x07\u200b.")
    assert said == ["the", "cat's", "hat", ",", "naïve", "–", "ünï", "3.5", "!", "foo_bar", "$", "n", "don’t", "."]
    assert tokenised(" \n\x1b\u200b\u2028") == []


@pytest.mark.parametrize(
    "words",
    [
        "मुझे पानी चाहिए कृपया किताब बच्चे हिन्दी शब्द",
        "தமிழ் மொழி எழுத்து",
        "مَرْحَبًا بِالعَالَمِ",
        "שָׁלוֹם עוֹלָם",
        "ქართული հայերեն ሰላም 한국어 ελληνικά",
        "👨‍👩‍👧 🇩🇪 👍🏽",
        "x̂ n̈",
    ],
)
def test_a_combining_mark_belongs_to_its_word(words: str) -> None:
    assert tokenised(words) == unicodedata.normalize("NFC", words).split(" ")


@pytest.mark.parametrize("word", ["Größe", "naïve", "Việt", "şiir", "한국어", "ΆΛΛΟΣ"])
def test_composed_and_decomposed_spellings_are_one_word(word: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert tokenised(composed) == tokenised(decomposed)
    assert len(tokenised(decomposed)) == 1


def test_what_nobody_sees_makes_no_other_word() -> None:
    assert set(tokenised("word wo\u00adrd \u200eword\u200f \ufeffword w\u2060ord \u202bword\u202c")) == {"word"}


@pytest.mark.parametrize(
    ("text", "words", "languages"),
    [
        ("今天天气很好", ["今天", "天气", "很好"], ("Chinese",)),
        ("東京タワーへ行きました", ["東京タワー", "へ", "行き", "ま", "した"], ("Japanese",)),
        ("สวัสดีชาวโลก", ["สวัสดี", "ชาว", "โลก"], ("Thai",)),
        ("ສະບາຍດີຊາວໂລກ", ["ສະບາຍດີ", "ຊາວໂລກ"], ("Lao",)),
        ("ខ្ញុំស្រលាញ់អ្នក", ["ខ្ញុំ", "ស្រលាញ់", "អ្នក"], ("Khmer",)),
        ("မင်္ဂလာပါကမ္ဘာလောက", ["မင်္ဂလာ", "ပါ", "ကမ္ဘာ", "လောက"], ("Burmese",)),
        ("한국어 हिन्दी latin", ["한국어", "हिन्दी", "latin"], ()),
    ],
)
def test_languages_without_spaces_are_segmented_with_a_dictionary(
    text: str, words: list[str], languages: tuple[str, ...]
) -> None:
    assert tokenised(text) == words
    assert without_spaces(text) == languages


@pytest.mark.parametrize("mark", ["<unk>", "<UNK>", "<Unknown>", "[UNK]"])
def test_a_mark_for_an_unknown_word_is_the_unknown_word(mark: str) -> None:
    assert tokenised(f"mr. {mark}, n't{mark}s") == ["mr", ".", UNKNOWN, ",", "n't", UNKNOWN, "s"]


def test_marks_of_sentences_are_one_word_each_and_other_brackets_are_brackets() -> None:
    assert tokenised("<s> a <eos></s>[CLS]") == ["<s>", "a", "<eos>", "</s>", "[cls]"]
    assert tokenised("a<b>c <unknowns>") == ["a", "<", "b", ">", "c", "<", "unknowns", ">"]


def test_the_mark_and_the_rare_words_of_a_text_are_one_class() -> None:
    words = ["the"] * 40 + [UNKNOWN] * 30 + ["cat"] * 20 + ["rare"] * 3 + ["the", UNKNOWN, "cat", "new"] * 3
    corpus = corpus_of(words, 3, 2)
    held_out = len(words) // 10 if len(words) // 10 > 10 else 10
    assert most_words(words, 2) == 4  # the, cat, rare and <unk>
    assert Counter(corpus.words) == {"the": 1, UNKNOWN: 1, "cat": 1}
    counts = dict(zip(corpus.words, corpus.counts_v.tolist(), strict=True))
    train = Counter(words[:-held_out])
    assert counts == {"the": train["the"], "cat": train["cat"], UNKNOWN: train[UNKNOWN] + train["rare"] + train["new"]}
    held = words[-held_out:]
    assert corpus.unknown_share == pytest.approx(sum(word in (UNKNOWN, "new") for word in held) / held_out)


def test_the_perplexity_of_a_text_with_marks_is_that_of_its_words(tmp_path: Path) -> None:
    """Words drawn independently: their perplexity is known. Three words for a mark would bring it down by a third."""
    names, probabilities = ["the", "<unk>", "cat", "sat", "N", "on", "mat", "$"], 1 / np.arange(1, 9)
    probabilities /= probabilities.sum()
    drawn = np.random.default_rng(3).choice(names, size=60_000, p=probabilities)
    (tmp_path / "text").write_text(" ".join(drawn), "utf-8")
    source = TextSource.of(VocabularyPlan(question=VocabularyQuestion(text=str(tmp_path / "text"))))
    assert source.text is not None
    assert (source.text.words, source.text.different_words, source.text.most_words) == (60_000, 7, 8)
    assert source.text.unknown_marks == int((drawn == "<unk>").sum())
    corpus = source.corpus(8)
    frequencies = corpus.counts_v / corpus.counts_v.sum()
    perplexity = exp(-np.log(frequencies[corpus.held_out_t]).mean())
    assert perplexity == pytest.approx(exp(-(probabilities * np.log(probabilities)).sum()), rel=0.02)
    torn = {name: p * log(p) for name, p in zip(names, probabilities, strict=True)}
    assert exp(-sum(torn.values()) / (1 + 2 * probabilities[1])) < 0.75 * perplexity


def test_what_was_found_is_said_in_plain_sentences() -> None:
    known = {"words": 6000, "different_words": 7, "most_words": 8, "unknown_marks": 0, "dictionary_languages": ()}
    assert text_sentence(VocabularyText(**known)) == (  # type: ignore[arg-type]
        "The text has 6,000 words, 7 of them different. Words are split at Unicode's word boundaries."
    )
    known |= {"unknown_marks": 1127, "dictionary_languages": ("Chinese", "Thai")}
    assert text_sentence(VocabularyText(**known)).endswith(  # type: ignore[arg-type]
        " Chinese and Thai are written without spaces: ICU finds their words with a dictionary. "
        "1,127 of the words are <unk>, which stands for unknown words."
    )


@pytest.mark.parametrize(
    ("share", "said", "where_it_matters"),
    [
        (None, "", ""),
        (0.0, "0.0 % of the held-out words are unknown.", ""),
        (0.02, "2.0 % of the held-out words are unknown.", ""),
        (0.172, "17.2 % of the held-out words are unknown and count as one word, <unk>. That lowers every", "17.2 %"),
    ],
)
def test_the_share_of_unknown_words_is_said_with_its_effect_where_it_matters(
    share: float | None, said: str, where_it_matters: str
) -> None:
    assert unknown_sentence(share).startswith(said)
    assert unknown_sentence(share, only_if_it_matters=True).startswith(where_it_matters)
    assert bool(unknown_sentence(share)) == bool(said)
    assert bool(unknown_sentence(share, only_if_it_matters=True)) == bool(where_it_matters)
