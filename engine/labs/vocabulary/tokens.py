"""The words of a text, by Unicode's word boundaries (UAX #29) as ICU finds them.

A combining mark belongs to its letter, so no word of Hindi, Thai or Tamil is cut at a vowel. Chinese, Japanese, Thai,
Lao, Khmer and Burmese are written without spaces; ICU finds their words with dictionaries.
"""

from __future__ import annotations

import re
from unicodedata import category, normalize

from icu4py.breakers import WordBreaker

from engine.verdicts.vocabulary_text import UNKNOWN

# What corpora and tokenizers write (in lower case) for an unknown word, and at the ends and in the gaps of sentences.
_MARKS = ("<unk>", "<unknown>", "[unk]", "<s>", "</s>", "<bos>", "<eos>", "<pad>", "[cls]", "[sep]", "[pad]", "[mask]")
_UNKNOWN_MARKS = _MARKS[:3]
_ANY_MARK = re.compile("|".join(map(re.escape, _MARKS)))
# Each mark passes ICU as one of Unicode's noncharacters, which no text may hold.
_STANDS_FOR = {chr(0xFDD0 + number): UNKNOWN if mark in _UNKNOWN_MARKS else mark for number, mark in enumerate(_MARKS)}
_STAND_IN = dict(zip(_MARKS, _STANDS_FOR, strict=True))
# Hyphenation, direction of writing and noncharacters: nobody sees them, so a word with them is the same word.
_INVISIBLE = re.compile("[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufdd0-\ufdef\ufeff]+")
_SCRIPTS = (
    ("Chinese", re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")),
    ("Japanese", re.compile("[\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f]")),
    ("Thai", re.compile("[\u0e01-\u0e3a\u0e40-\u0e4e]")),
    ("Lao", re.compile("[\u0e81-\u0ebd\u0ec0-\u0ecd\u0edc-\u0edf]")),
    ("Khmer", re.compile("[\u1780-\u17d3]")),
    ("Burmese", re.compile("[\u1000-\u103f\u1050-\u109f]")),
)


def tokenised(text: str) -> list[str]:
    """The words of a text in lower case, composed (NFC). Punctuation marks, digits and symbols are words too.

    `<unk>`, `<unknown>` and `[UNK]` are `UNKNOWN`; marks such as `</s>` and `<eos>` are one word each.
    """
    visible = _INVISIBLE.sub("", text).encode("utf-8", "ignore").decode()  # nor does ICU take a lone surrogate
    composed = normalize("NFC", visible.lower())
    marked = _ANY_MARK.sub(lambda mark: _STAND_IN[mark[0]], composed)
    return [_STANDS_FOR.get(word, word) for word in WordBreaker(marked, "und") if _is_word(word)]


def without_spaces(text: str) -> tuple[str, ...]:
    """The languages in `text` whose words are found with a dictionary. Kanji beside kana is Japanese."""
    found = tuple(language for language, letters in _SCRIPTS if letters.search(text))
    return tuple(language for language in found if language != "Chinese") if "Japanese" in found else found


def _is_word(between: str) -> bool:
    """Whether what stands between two boundaries is more than white space and control characters."""
    if between[0].isalnum() or between in _STANDS_FOR:
        return True
    return not between.isspace() and any(category(one)[0] not in "CZ" for one in between)
