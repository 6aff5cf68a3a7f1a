"""`softmax-tui vocabulary`: exercise 4 of the section, on the command line."""

import json
import math
import re
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from engine.contract.vocabulary import VocabularyPlan
from engine.contract.vocabulary_events import Bands, VocabularyTrained
from tui.vocabulary.command import _Report
from tui.vocabulary.figures import trained_row

KEYS = {
    "method", "vocabulary_size", "forward_seconds", "backward_seconds", "peak_bytes", "predicted_bytes", "loss",
    "exact_loss", "gradient_error", "rows_touched",
}  # fmt: skip
SMALL = ("--positions", "32", "--dimension", "8", "--rounds", "1", "--train-words", "2000")
TEXT = "the cat sat on the mat . the dog lay on the rug . " * 40


@pytest.fixture
def text(tmp_path: Path) -> str:
    file = tmp_path / "book.txt"
    file.write_text(TEXT)
    return str(file)


def test_a_line_a_method_and_size_with_all_that_was_measured(cli) -> None:
    said = cli("vocabulary", "--sizes", "20", "300", *SMALL, "--json")
    assert (said.code, said.err) == (0, "")
    methods = ["full", "chunked", "adaptive", "class-based", "sampled", "negative"]
    assert [(line["vocabulary_size"], line["method"]) for line in said.lines] == [
        (size, method) for size in (20, 300) for method in methods
    ]
    for line in said.lines:
        assert line.keys() >= KEYS
        own, exact = line["method"] in ("adaptive", "class-based"), line["method"] in ("full", "chunked")
        assert (line["exact_loss"] is None) == own
        assert (line["gradient_error"] is None) != exact
        assert line["forward_seconds"] > 0
        assert line["peak_bytes"] > 0


def test_what_does_not_fit_is_a_line_on_stderr_and_the_rest_is_measured(cli) -> None:
    said = cli(
        "vocabulary", "--sizes", "20000", "--methods", "full", "sampled", "--memory", "3000000", *SMALL, "--json"
    )
    assert said.code == 0
    full, sampled = said.lines
    assert (full["outcome"], full["forward_seconds"], full["loss"]) == ("refused", None, None)
    assert full["predicted_bytes"] > 3_000_000
    assert sampled["outcome"] == "measured"
    assert said.err.count("\n") == 1
    assert "for 20,000 words, the limit is 3 MB; " in said.err


def test_people_get_a_table_a_size_and_the_sentence_in_80_columns(cli) -> None:
    said = cli("vocabulary", "--sizes", "300", "1000", *SMALL, "--train", "--steps", "5")
    assert said.code == 0
    for part in (
        "1,000 words: 32 positions × 8 features, float32, cpu, exact loss",
        "error",
        "up to 1,000 words",
        "Chunked gives the same gradient",
        "nats off the exact loss",
        "equal steps",
        "After 5 steps each",
    ):
        assert part in " ".join(said.out.split())
    assert max(map(len, said.out.splitlines())) <= 80


def test_a_phrase_is_continued(cli, text: str) -> None:
    said = cli("vocabulary", "--text", text, "--continue", "on the", "--steps", "20", "--shown", "2", *SMALL, "--json")
    assert said.code == 0, said.err
    assert said.lines[0]["type"] == "vocabulary_text"
    assert {line["type"] for line in said.lines[1:]} == {"vocabulary_evaluated", "vocabulary_trained"}
    trained = said.lines[-1]
    assert (trained["method"], trained["phrase"]) == ("chunked", "on the")
    assert len(trained["continuations"]) == 2
    assert trained["continuations"][0].keys() == {"word", "probability"}


@pytest.mark.parametrize(
    ("phrase", "notices"),
    [
        ("on the", []),
        ("the zzqx", ["zzqx is not among the words: taken as <unk>"]),
        ("Zzqx the bar", ["bar is not among the words: taken as <unk>"]),  # the context is two words
        ("the \x1b", []),  # no word
        ("the x\u200dy", ["x\\u200dy is not among the words: taken as <unk>"]),
    ],
)
def test_words_of_a_phrase_that_the_text_lacks_are_named_on_stderr(
    cli, text: str, phrase: str, notices: list[str]
) -> None:
    said = cli("vocabulary", "--text", text, "--continue", phrase, "--steps", "2", *SMALL, "--json")
    assert said.code == 0
    assert said.err.splitlines() == [f"softmax-tui: {line}" for line in notices]


def test_each_size_that_lacks_a_word_of_the_phrase_says_so(cli, text: str) -> None:
    said = cli(
        "vocabulary", "--text", text, "--sizes", "3", "9", "--context", "3", "--steps", "2", *SMALL,
        "--continue", "the zzqx yyqx", "--json",
    )  # fmt: skip
    assert said.err.splitlines() == [
        f"softmax-tui: zzqx and yyqx are not among the {size} words: taken as <unk>" for size in (3, 9)
    ]


def test_a_method_that_is_worse_than_guessing_is_told_with_what_to_change(cli, text: str) -> None:
    arguments = ("vocabulary", "--text", text, "--sizes", "9", "--continue", "on the", *SMALL)
    worse = cli(*arguments, "--steps", "1", "--learning-rate", "0.001")
    assert "Chunked is worse than guessing by frequency" in " ".join(worse.out.split())
    assert "the perplexity still falls, so use more steps" in " ".join(worse.out.split())
    assert "guessing" not in cli(*arguments, "--steps", "200").out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--sizes", "1"), "--sizes: found '1', expected an integer at least 2"),
        (("--sizes", "ten"), "--sizes: found 'ten', expected an integer"),
        (("--sizes", "1e4"), "--sizes: found '1e4', expected an integer at least 2, at most 10,000,000"),
        (("--methods", "fulll"), "--methods: found 'fulll', expected one of full, chunked, adaptive"),
        (("--positions", "0"), "--positions: found '0', expected an integer at least 1"),
        (("--chunk", "1e3"), "--chunk: found '1e3', expected an integer"),
        (("--text", "/no/such/file"), "text: /no/such/file cannot be read (No such file or directory)"),
        (("--text", "/"), "text: / is a folder, expected a text file"),
        (
            ("--text", "TEXT", "--continue", "zebras"),
            "continue: found 'zebras', expected a phrase with a word of the text",
        ),
        (("--text", "TEXT", "--continue", ""), "--continue: found '', expected a phrase with a word of the text"),
        (("--continue", " "), "--continue: found ' ', expected a phrase with a word of the text"),
        (("--continue", "the"), "continue: found a phrase without a text, expected a text file"),
        (("--device", "cuda:99"), "device: found 'cuda:99', expected auto or one of this machine's"),
    ],
)
def test_bad_input_is_one_line_and_exits_with_2(cli, text: str, arguments: tuple[str, ...], line: str) -> None:
    said = cli("vocabulary", *(text if argument == "TEXT" else argument for argument in arguments), "--json")
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert line in said.err


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
def test_ctrl_c_ends_it_within_a_second_and_leaves_nothing_running(process) -> None:
    child = process(
        "vocabulary", "--sizes", "10", "2000", "--methods", "chunked", "--chunk", "2", "--rounds", "1000",
        "--positions", "32", "--dimension", "8", "--train-words", "2000", "--json",
    )  # fmt: skip
    assert json.loads(child.stdout.readline())["vocabulary_size"] == 10
    computing = [int(pid) for pid in Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()]
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=30) == 130
    assert time.monotonic() - began < 1
    assert computing
    assert not any(Path(f"/proc/{pid}").exists() for pid in computing)


def test_training_that_diverged_wins_nothing_and_is_a_failure(cli, text: str) -> None:
    arguments = ("vocabulary", "--text", text, "--sizes", "9", "--continue", "on the", "--methods", "full", "chunked")
    said = cli(*arguments, *SMALL, "--steps", "50", "--learning-rate", "1e9")
    assert said.code == 1
    assert "Full and chunked diverged: the learning rate is too large." in " ".join(said.out.split())
    assert "lowest perplexity" not in said.out
    assert not re.search(r"\d%", said.out)  # no continuation has a probability


def test_where_nothing_has_room_the_command_fails(cli) -> None:
    assert cli("vocabulary", "--sizes", "1000", "--memory", "1000", "--json").code == 1


def written(folder: Path, words: list[str], count: int = 6000) -> str:
    """A text in which the first word is the most frequent, in sentences of twelve words."""
    random, weights = np.random.default_rng(3), 1 / np.arange(1, len(words) + 1)
    chosen = random.choice(words, size=count, p=weights / weights.sum())
    file = folder / "people.txt"
    file.write_text("\n".join(" ".join(chosen[i : i + 12]) for i in range(0, count, 12)), "utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("words", "different", "marks"),
    [
        (["मुझे", "पानी", "चाहिए", "कृपया", "किताब", "बच्चे", "हिन्दी", "शब्द"], 8, False),
        (["Gro\u0308ße", "Größe", "fu\u0308r", "scho\u0308n", "schön", "Ma\u0308dchen"], 4, False),
        (["the", "<unk>", "cat", "sat", "N", "on", "mat", "$"], 7, True),
    ],
)
def test_words_are_found_whole_and_a_text_may_have_fewer_than_asked_for(
    cli, tmp_path: Path, words: list[str], different: int, marks: bool
) -> None:
    arguments = ("--sizes", "1000", "--train", "--steps", "5", "--methods", "full")
    said = cli("vocabulary", "--text", written(tmp_path, words), *arguments, *SMALL, "--json")
    assert said.code == 0
    assert said.err == f"softmax-tui: sizes: the text has {different + 1} words with <unk>, used instead of 1,000\n"
    text, *lines = said.lines
    assert (text["type"], text["word_boundaries"], text["dictionary_languages"]) == ("vocabulary_text", "UAX #29", [])
    assert (text["different_words"], text["most_words"]) == (different, different + 1)
    assert (text["unknown_marks"] > 0) == (lines[-1]["unknown_share"] > 0) == marks
    assert {line["vocabulary_size"] for line in lines} == {different + 1}


def test_people_are_told_how_words_were_found_and_how_many_are_unknown(cli, tmp_path: Path) -> None:
    file = written(tmp_path, ["今天天气很好", "我们去公园吧", "他喜欢读书", "你吃饭了吗"])
    arguments = ("--sizes", "4", "1000", "--methods", "full", "--train", "--steps", "5", *SMALL)
    said = " ".join(cli("vocabulary", "--text", file, *arguments).out.split())
    assert "14 of them different. Words are split at Unicode's word boundaries." in said
    assert "Chinese is written without spaces: ICU finds its words with a dictionary." in said
    of_4, of_15 = said[said.index("4 words trained on") :].split("15 words trained on")
    assert re.search(r"\d\d\.\d % of the held-out words are unknown and count as one word, <unk>\. That lowers", of_4)
    assert "0.0 % of the held-out words are unknown." in of_15


@pytest.mark.parametrize(("perplexities", "nothing"), [((6.5, math.nan), False), ((math.inf, math.nan), True)])
def test_it_has_failed_where_all_methods_diverged(perplexities: tuple[float, float], nothing: bool) -> None:
    report = _Report(as_json=False, plan=VocabularyPlan())
    for method, perplexity in zip(("full", "negative"), perplexities, strict=True):
        report.event(
            VocabularyTrained(
                method=method,  # type: ignore[arg-type]
                vocabulary_size=9,
                equal_steps=5,
                seconds_at_equal_steps=1.0,
                perplexity_at_equal_steps=perplexity,
                steps=5,
                seconds=1.0,
                perplexity=perplexity,
                bands=Bands(8e18, 4e19, None),
                rows_touched=9,
                unigram_perplexity=6.0,
                chain_perplexity=None,
            )
        )
    assert (report.nothing_done, report.exit_code) == (nothing, 0)


def test_the_losses_of_a_method_that_diverged_leave_the_table_in_80_columns() -> None:
    one = VocabularyTrained(
        method="negative", vocabulary_size=9, equal_steps=5, seconds_at_equal_steps=1.0,
        perplexity_at_equal_steps=math.inf, steps=5, seconds=1.0, perplexity=math.nan,
        bands=Bands(8316336405269460992.0, 999.4, 1.2e32), rows_touched=9, unigram_perplexity=6.0,
        chain_perplexity=None,
    )  # fmt: skip
    assert trained_row(one)[3:6] == ("8e+18", "999.40", "1e+32")
