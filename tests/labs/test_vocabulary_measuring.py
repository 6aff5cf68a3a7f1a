"""What is measured, what is predicted before anything is allocated, and what training comes to."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine.contract.vocabulary import METHODS, OWN_PARAMETERS, Method, VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvaluated,
    VocabularyMeasured,
    VocabularyRefused,
    VocabularyTrained,
)
from engine.labs.vocabulary.chain import write
from engine.labs.vocabulary.child import Begun
from engine.labs.vocabulary.measuring import Bench, _Step, judged, measured
from engine.labs.vocabulary.minibatch import Minibatch
from engine.labs.vocabulary.plan import run_plan
from engine.labs.vocabulary.ranks import Ranks
from engine.labs.vocabulary.shards import Shard
from engine.labs.vocabulary.text import TextSource
from engine.labs.vocabulary.training import race
from engine.processes import memory
from engine.verdicts.vocabulary_memory import (
    coverage,
    cutoffs,
    distinct,
    predicted_bytes,
    share,
)
from engine.verdicts.vocabulary_room import most_words, refusal, training_refusal

CPU = torch.device("cpu")


def measure(method: Method, words: int, **settings: object) -> VocabularyMeasured:
    question = VocabularyQuestion(rounds=1, train_words=20_000, **settings)  # type: ignore[arg-type]
    bench = Bench.of(question, Minibatch.of(write(question, words), question, CPU), range(words), Shard())
    *_, line = measured(method, bench, judged(method, question, words, CPU))
    assert isinstance(line, VocabularyMeasured)
    return line


@pytest.fixture(scope="module")
def lines() -> dict[Method, VocabularyMeasured]:
    return {method: measure(method, 6000, positions=256, chunk=512) for method in METHODS}


def test_softmaxes_over_all_words_share_their_exact_loss_and_the_exact_ones_have_it(
    lines: dict[Method, VocabularyMeasured],
) -> None:
    exact = lines["full"].exact_loss
    for method in METHODS:
        line = lines[method]
        assert line.exact_loss == (None if method in OWN_PARAMETERS else exact)
        if method in ("full", "chunked"):
            assert line.loss == pytest.approx(exact, rel=1e-6)
            assert line.gradient_error is not None
            assert line.largest_gradient is not None
            assert 0 < line.gradient_error < 1e-5 * line.largest_gradient
            assert line.rows_touched == 6000
        else:
            assert line.gradient_error is None
    assert lines["sampled"].loss == pytest.approx(exact, rel=0.02)
    for method in ("sampled", "negative", "class-based"):
        assert 0 < lines[method].rows_touched < 6000  # type: ignore[operator]


@pytest.mark.parametrize("method", METHODS)
def test_the_prediction_is_what_is_then_allocated(lines: dict[Method, VocabularyMeasured], method: Method) -> None:
    line = lines[method]
    assert line.peak_bytes is not None
    # How many words of a minibatch are alike is an estimate; where nothing depends on it the figure is near.
    least, most = (0.95, 1.05) if method in ("full", "chunked") else (0.85, 1.05)
    assert least < line.peak_bytes / line.predicted_bytes < most


@pytest.mark.parametrize("words", [1_000, 30_000, 100_000])
@pytest.mark.parametrize("gradients", ["sparse", "dense"])
def test_the_prediction_is_near_and_hardly_ever_too_small_for_few_words_and_many(words: int, gradients: str) -> None:
    question = VocabularyQuestion(gradients=gradients)  # type: ignore[arg-type]
    minibatch = Minibatch.of(write(question, words), question, CPU)
    bench = Bench(question, minibatch, minibatch.scores(question, range(words)), None, Shard())  # type: ignore[arg-type]
    for method in ("adaptive", "class-based", "negative"):
        peak, _ = _Step(bench.layer(method), minibatch.features_bd, minibatch.targets_b).peak()
        assert 0.95 < predicted_bytes(method, question, words) / peak < 1.15, method


def test_a_text_covers_its_ranks_and_a_short_one_not_all_of_them() -> None:
    for words in (2, 10, 1_000, 1_000_000):
        covered = [coverage(rank, words, 200_000) for rank in range(0, words + 1, max(1, words // 50))]
        assert covered == sorted(covered)
        assert (covered[0], covered[-1]) == (0, 1)
    assert coverage(60_000, 1_000_000, 200_000) == 1 > coverage(40_000, 1_000_000, 200_000)
    assert coverage(60_000, 1_000_000, 20_000_000) < 1


def test_a_large_layer_makes_the_process_grow_by_what_the_allocator_says() -> None:
    # In a process of its own: one that has done much before has memory to fall back on, and need not grow.
    command = [sys.executable, "-m", "tui.cli.main", "vocabulary", "--sizes", "20000", "--methods", "full"]
    command += ["--positions", "512", "--dimension", "16", "--json"]
    line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0])
    if line["resident_peak_bytes"] is None:
        pytest.skip("this system does not tell")
    assert line["resident_peak_bytes"] == pytest.approx(line["peak_bytes"], rel=0.15)


def test_memory_that_was_freed_before_does_not_make_the_growth_look_smaller() -> None:
    # glibc keeps what these leave at the top of its heap, and gives the next 41 MB from there.
    script = (
        "from engine.processes.memory import ResidentPeak\n"
        "MB = 1 << 20\n"
        "threshold = bytearray(31 * MB)\n"
        "del threshold\n"
        "one, other = bytearray(25 * MB), bytearray(25 * MB)\n"
        "del one, other\n"
        "peak = ResidentPeak()\n"
        "taken = bytearray(b'x' * 4096) * (41 * MB // 4096)\n"
        "print(peak.grown())\n"
    )
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout
    if found == "None\n":
        pytest.skip("this system does not tell")
    assert int(found) == pytest.approx(41 << 20, rel=0.05)


def test_chunked_holds_less_than_an_eighth_of_full_where_words_are_many() -> None:
    question = VocabularyQuestion()
    assert 8 * predicted_bytes("chunked", question, 1_000_000) < predicted_bytes("full", question, 1_000_000)
    assert 7e9 < predicted_bytes("full", question, 1_000_000) < 9e9


def test_sparse_gradients_hold_less_than_dense_ones() -> None:
    sparse, dense = (measure("sampled", 20_000, positions=32, samples=64, gradients=g) for g in ("sparse", "dense"))
    assert sparse.rows_touched is not None
    assert sparse.rows_touched <= 96
    assert dense.rows_touched == 20_000
    assert 4 * sparse.peak_bytes < dense.peak_bytes  # type: ignore[operator]
    assert sparse.loss == pytest.approx(dense.loss)


def test_what_does_not_fit_is_refused_with_what_would() -> None:
    question = VocabularyQuestion(memory=10**9)
    refused = judged("full", question, 1_000_000, CPU)
    assert (refused.outcome, refused.peak_bytes) == ("refused", None)
    assert refused.reason == (
        "full needs 8.7 GB for 1,000,000 words, the limit is 1.0 GB; class-based, sampled and negative would fit"
    )
    for method in METHODS:
        fits = judged(method, question, 1_000_000, CPU).outcome == "measured"
        assert fits == (method in ("class-based", "sampled", "negative"))
    enough = judged("full", VocabularyQuestion(memory=2 * 10**9), 1_000_000, CPU)
    assert enough.reason.endswith("; adaptive, class-based, sampled, negative and chunked would fit")
    assert judged("chunked", VocabularyQuestion(memory=2 * 10**9), 1_000_000, CPU).outcome == "measured"


def test_where_no_method_fits_it_says_how_many_words_would_and_what_is_free_is_no_limit() -> None:
    free = refusal("full", VocabularyQuestion(), 1_000_000, 400_000_000)
    assert ", 400 MB are free; full would fit up to " in free
    most = most_words("full", VocabularyQuestion(), 400_000_000)
    assert f"{most:,}" in free
    assert refusal("full", VocabularyQuestion(), most, 400_000_000) == ""
    assert refusal("full", VocabularyQuestion(), most + 1_000, 400_000_000)
    assert refusal("full", VocabularyQuestion(), 10, 1000).endswith("fewer positions or dimensions would fit")
    limited = VocabularyQuestion(memory=10**9)
    assert "300 MB are free" in refusal("full", limited, 1_000_000, 300_000_000)
    assert "the limit of each rank is 500 MB" in refusal("full", limited, 1_000_000, 500_000_000, 2)
    assert "adaptive" not in refusal("full", VocabularyQuestion(dtype="bfloat16"), 1_000_000, 2 * 10**9)


def test_a_race_that_does_not_fit_is_refused_with_what_would() -> None:
    question = VocabularyQuestion(memory=200_000_000, train_words=2_000)
    plan = VocabularyPlan(question=question, sizes=(100_000,), methods=("full", "sampled"), measure=False, train=True)
    (refused,) = [e for e in run_plan(TextSource.of(plan), Ranks.alone("cpu")) if isinstance(e, VocabularyRefused)]
    assert refused.reason == (
        "training full and sampled beside each other needs 308 MB for 100,000 words, the limit is 200 MB; "
        "sampled would fit"
    )
    alone = training_refusal(("full",), question, 100_000, 200_000_000)
    assert alone.startswith("training full needs ")
    assert "; full would fit up to " in alone
    assert training_refusal(("sampled",), question, 100_000, 200_000_000) == ""


def test_the_limit_of_a_container_counts_as_well_as_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = [
        line for line in Path("/proc/self/cgroup").read_text().splitlines() if ":memory:" in line or "0::" in line
    ]
    if not groups:
        pytest.skip("no cgroups here")
    controllers = groups[0].split(":")[1]
    top = tmp_path / "memory" if controllers else tmp_path
    top.mkdir(exist_ok=True)
    limit, used = (
        ("memory.limit_in_bytes", "memory.usage_in_bytes") if controllers else ("memory.max", "memory.current")
    )
    (top / limit).write_text("100000000\n")
    (top / used).write_text("40000000\n")
    (top / "memory.stat").write_text("anon 30000000\ninactive_file 10000000\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    assert memory.available_bytes(CPU) == 63_000_000  # nine tenths of what is left, minibatch back pages included


@pytest.mark.parametrize(
    ("line", "top", "limit", "used"),
    [
        ("0::/job/step", ".", "memory.max", "memory.current"),
        ("5:cpuacct,memory:/job/step", "memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
    ],
)
def test_what_a_batch_job_may_still_take_is_read_from_both_kinds_of_cgroups(
    line: str, top: str, limit: str, used: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tmp_path / top / "job"
    (job / "step").mkdir(parents=True)
    (job / limit).write_text("100000000\n")
    (job / used).write_text("40000000\n")
    (job / "memory.stat").write_text("anon 30000000\ninactive_file 10000000\n")
    (job / "step" / limit).write_text("max\n")
    (tmp_path / "cgroup").write_text(f"3:cpuset:/job\n{line}\n")
    monkeypatch.setattr(memory, "_CGROUPS", tmp_path)
    monkeypatch.setattr(memory, "Path", lambda path: tmp_path / Path(path).name)
    assert list(memory._free_by_cgroups()) == [70_000_000]


def test_shares_and_distinct_words_follow_zipf() -> None:
    assert share(0, 1000, 1000) == pytest.approx(1)
    assert share(0, 10, 1000) + share(10, 1000, 1000) == pytest.approx(1)
    assert distinct(1, 1000) == pytest.approx(1, rel=0.01)
    assert distinct(10**7, 50) == pytest.approx(50, rel=0.01)
    samples = torch.randint(1, (1,))
    from engine.labs.vocabulary.sampled import log_uniform

    drawn = [len(torch.unique(log_uniform(5000, 500, torch.Generator().manual_seed(s))[0])) for s in range(20)]
    assert distinct(500, 5000) == pytest.approx(sum(drawn) / 20, rel=0.05)
    assert samples.numel() == 1
    assert cutoffs(2) == (1,)
    assert cutoffs(1_000_000) == (1000, 31_623)


def test_a_plan_is_worked_off_in_order_and_says_what_it_begins() -> None:
    question = VocabularyQuestion(
        positions=16, dimension=8, rounds=1, train_words=2000, steps=3, memory=10**6, batch_size=16
    )
    plan = VocabularyPlan(question=question, sizes=(10, 400), methods=("full", "sampled"), train=True)
    events = list(run_plan(TextSource.of(plan), Ranks.alone("cpu")))
    lines = [(e.vocabulary_size, e.method, e.outcome) for e in events if isinstance(e, VocabularyMeasured)]
    assert lines == [(n, m, "measured") for n in (10, 400) for m in ("full", "sampled")]
    for index, event in enumerate(events):
        if isinstance(event, VocabularyMeasured):
            begun = [e.measuring for e in events[:index] if isinstance(e, Begun) and e.measuring]
            assert (begun[-1].vocabulary_size, begun[-1].method) == (event.vocabulary_size, event.method)
    assert [e.vocabulary_size for e in events if isinstance(e, VocabularyTrained)] == [10, 10, 400, 400]


def test_every_method_learns_and_the_fast_ones_do_more_steps_in_the_same_time() -> None:
    torch.set_num_threads(1)
    question = VocabularyQuestion(dimension=32, steps=150, train_words=40_000, samples=256, batch_size=64)
    events = list(race(METHODS, question, write(question, 300), CPU))
    trained = {event.method: event for event in events if isinstance(event, VocabularyTrained)}
    assert list(trained) == list(METHODS)
    for method, one in trained.items():
        curve = [event for event in events if isinstance(event, VocabularyEvaluated) and event.method == method]
        assert curve[0].steps == 0
        assert curve[0].perplexity > 1.2 * one.perplexity_at_equal_steps
        assert [event.steps for event in curve] == sorted({event.steps for event in curve})
        assert one.steps >= question.steps
        assert one.perplexity_at_equal_steps == next(e.perplexity for e in curve if e.steps == question.steps)
        assert one.chain_perplexity is not None
        assert one.perplexity > one.chain_perplexity
        assert one.bands.frequent is not None
        assert one.bands.rare is not None
        assert one.bands.frequent < one.bands.rare
    # The same minibatches, weights and formulas: chunked is full, but for rounding.
    assert trained["chunked"].perplexity_at_equal_steps == pytest.approx(
        trained["full"].perplexity_at_equal_steps, rel=1e-3
    )
    assert trained["full"].perplexity_at_equal_steps < trained["full"].unigram_perplexity


def test_a_phrase_of_the_text_is_continued_as_the_text_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_text("the cat sat on the mat . the dog lay on the rug . " * 40)
    question = VocabularyQuestion(text=str(file), steps=100, dimension=16, features="concatenated", shown=3)
    source = TextSource.of(VocabularyPlan(question=question, phrase="the cat", train=True))
    *_, trained = race(("chunked",), question, source.corpus(10), CPU, "the cat")
    assert isinstance(trained, VocabularyTrained)
    assert trained.continuations[0].word == "sat"
    assert trained.continuations[0].probability > 0.9
    assert len(trained.continuations) == 3
    assert trained.chain_perplexity is None
