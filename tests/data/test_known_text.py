"""A text that has a name: downloaded once from a server on the loopback, and read as a file of one's own is."""

import hashlib
import http.server
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.data.fetch_file import _addresses
from engine.labs.vocabulary.known_text import TEXTS
from engine.labs.vocabulary.text import TextSource

WORDS = b"The Time Traveller (for so it will be convenient to speak of him) was expounding a matter to us. " * 20
PLAN = VocabularyPlan(question=VocabularyQuestion(text="time-machine"))
Handler = http.server.BaseHTTPRequestHandler
Serve = Callable[[Callable[[Handler], None]], str]


@pytest.fixture
def asked(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    paths: list[str] = []

    def answer(request: Handler) -> None:
        paths.append(request.path)
        request.send_response(200)
        request.send_header("Content-Length", str(len(WORDS)))
        request.end_headers()
        request.wfile.write(WORDS)

    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", serve(answer))
    monkeypatch.setenv("SOFTMAX_TUI_DATA_DIR", str(tmp_path))
    return paths


def test_the_books_text_is_fetched_once_and_read(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = hashlib.sha1(WORDS, usedforsecurity=False).hexdigest()
    monkeypatch.setitem(TEXTS, "time-machine", replace(TEXTS["time-machine"], checksum=digest))
    first, again = TextSource.of(PLAN), TextSource.of(PLAN)
    assert asked == ["/texts/timemachine.txt"]
    assert (tmp_path / "texts" / "timemachine.txt").read_bytes() == WORDS
    assert list(first.words[:4]) == ["the", "time", "traveller", "("]
    assert first.words == again.words


def test_another_text_than_the_published_one_is_refused(asked: list[str], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"SHA1 is .*, expected 090b5e7e70c295757f55df93cb0a180b9691891a"):
        TextSource.of(PLAN)
    assert list((tmp_path / "texts").iterdir()) == []


def test_a_file_of_that_name_is_ones_own(asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("time-machine").write_bytes(b"one two " * 60)
    assert set(TextSource.of(PLAN).words) == {"one", "two"}
    assert asked == []


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_mirror_may_be_written_with_a_slash_at_its_end(slash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTMAX_TUI_MIRROR", f"http://mirror.example/data{slash}")
    assert _addresses(TEXTS["time-machine"], "texts") == [
        "http://mirror.example/data/texts/timemachine.txt",
        "http://mirror.example/data/timemachine.txt",
    ]
