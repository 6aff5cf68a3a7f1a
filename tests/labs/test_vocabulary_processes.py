"""The job in a process that can be killed, and in several processes that are one job."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from engine.contract.errors import InputError
from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import (
    VocabularyEvent,
    VocabularyFinished,
    VocabularyMeasured,
    VocabularyProgress,
    VocabularyStarted,
)
from engine.labs.vocabulary.distributed import take_part
from engine.labs.vocabulary.job import VocabularyJob, measure_vocabulary
from engine.ranks.rank_group import RankFailure

ROOT = Path(__file__).parents[2]
SMALL = VocabularyQuestion(positions=16, dimension=8, rounds=1, train_words=2000)
ENDLESS = VocabularyQuestion(positions=16, dimension=8, rounds=200, train_words=2000, chunk=2)

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")


def computing(parent: int) -> list[int]:
    """The processes of the job that this process started."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            line = (folder / "cmdline").read_bytes()
            status = (folder / "stat").read_text()
        except (OSError, ValueError):
            continue
        if b"engine.labs.vocabulary.child" in line and int(status.rpartition(")")[2].split()[1]) == parent:
            found.append(int(folder.name))
    return found


def until_measuring(events: Iterator[VocabularyEvent]) -> None:
    assert any(isinstance(event, VocabularyProgress) and event.stage == "measuring" for event in events)


def test_the_job_tells_everything_in_order_and_ends() -> None:
    events = list(measure_vocabulary(VocabularyPlan(question=SMALL, sizes=(5, 50), methods=("full", "negative"))))
    told = [event for event in events if not isinstance(event, VocabularyProgress)]
    assert isinstance(told[0], VocabularyStarted)
    lines = told[1:-1]
    assert all(isinstance(event, VocabularyMeasured) for event in lines)
    assert [(e.vocabulary_size, e.method) for e in lines if isinstance(e, VocabularyMeasured)] == [
        (5, "full"), (5, "negative"), (50, "full"), (50, "negative"),
    ]  # fmt: skip
    assert isinstance(told[-1], VocabularyFinished)
    assert told[-1].status == "finished"


def test_what_cannot_be_carried_out_is_an_input_error_before_torch_is_imported(tmp_path: Path) -> None:
    plan = VocabularyPlan(question=VocabularyQuestion(text=str(tmp_path / "none")))
    with pytest.raises(InputError, match=r"text: .* cannot be read"):
        list(measure_vocabulary(plan))


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
def test_closing_kills_what_computes_within_a_second() -> None:
    job = VocabularyJob(VocabularyPlan(question=ENDLESS, sizes=(2000,), methods=("chunked",)))
    until_measuring(job.events)
    (child,) = computing(os.getpid())
    assert Path(f"/proc/{child}/oom_score_adj").read_text().strip() == "1000"
    began = time.monotonic()
    finished = job.stop("ctrl+C")
    assert time.monotonic() - began < 1
    assert not Path(f"/proc/{child}").exists()
    assert (finished.status, finished.reason) == ("stopped", "ctrl+C")


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
def test_a_process_that_is_killed_is_one_line_and_the_rest_is_measured() -> None:
    plan = VocabularyPlan(question=ENDLESS, sizes=(5, 2000), methods=("negative", "chunked", "sampled"))
    lines, killed = [], False
    for event in measure_vocabulary(plan):
        if isinstance(event, VocabularyMeasured):
            lines.append((event.vocabulary_size, event.method, event.outcome))
            reason = event.reason if event.outcome == "failed" else ""
            assert "killed (SIGKILL), for want of memory perhaps" in reason or event.outcome == "measured"
        measuring = isinstance(event, VocabularyProgress) and event.stage == "measuring"
        if measuring and event.method == "chunked" and event.vocabulary_size == 2000 and not killed:
            (child,) = computing(os.getpid())
            os.kill(child, signal.SIGKILL)
            killed = True
    assert lines == [
        (5, "negative", "measured"), (5, "chunked", "measured"), (5, "sampled", "measured"),
        (2000, "negative", "measured"), (2000, "chunked", "failed"), (2000, "sampled", "measured"),
    ]  # fmt: skip


def test_what_computes_ends_with_who_started_it() -> None:
    script = (
        "from engine.contract.vocabulary import *\n"
        "from engine.labs.vocabulary.job import measure_vocabulary\n"
        "question = VocabularyQuestion(positions=16, dimension=8, rounds=1000, train_words=2000, chunk=2)\n"
        "for event in measure_vocabulary(VocabularyPlan(question=question, sizes=(2000,), methods=('chunked',))):\n"
        "    print(getattr(event, 'stage', ''), flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    while parent.stdout.readline() != b"measuring\n":
        assert parent.poll() is None
    (child,) = computing(parent.pid)
    parent.kill()
    parent.communicate()
    give_up = time.monotonic() + 30
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().rpartition(")")[2]:
        assert time.monotonic() < give_up
        time.sleep(0.02)


@pytest.mark.slow
def test_a_rank_that_has_left_ends_without_an_abort() -> None:
    script = "from engine.labs.vocabulary.ranks import Ranks; Ranks.joined('cpu', 'a job').leave()"
    meeting = {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, **meeting}, capture_output=True, text=True
        )
        assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


COMMAND = (sys.executable, "-m", "tui.cli.main", "vocabulary")  # softmax-tui, wherever it is installed


def torchrun(ranks: int, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "torch.distributed.run", "--master-addr", "127.0.0.1"]
    command += ["--master-port", str(free_port())]
    command += ["--nproc-per-node", str(ranks), "--no-python", *COMMAND, *arguments, "--json"]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_three_ranks_of_the_command_print_the_lines_of_one() -> None:
    arguments = ("--sizes", "1000", "--positions", "32", "--rounds", "1", "--train-words", "2000")
    job = torchrun(3, *arguments)
    alone = subprocess.run([*COMMAND, *arguments, "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    out, err = job.communicate(timeout=120)
    assert job.returncode == 0, err
    assert "softmax-tui:" not in err
    one, three = ([json.loads(line) for line in text.splitlines()] for text in (alone.stdout, out))
    assert sorted(line["method"] for line in three) == sorted(line["method"] for line in one)
    by_method = {line["method"]: line for line in three}
    for line in one:
        other = by_method[line["method"]]
        assert other.keys() == line.keys()
        assert other["loss"] == pytest.approx(line["loss"], rel=1e-6)
        if line["method"] in ("full", "chunked"):
            assert other["exact_loss"] == pytest.approx(line["exact_loss"], rel=1e-12)
            assert other["gradient_error"] < 1e-5 * other["largest_gradient"]
            assert (other["ranks"], line["ranks"]) == (3, 1)
            assert other["peak_bytes"] < line["peak_bytes"] / 2  # each has a third of the words


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_rank_that_dies_or_hangs_ends_the_job_in_one_line_within_ten_seconds(how: signal.Signals) -> None:
    job = torchrun(
        2, "--sizes", "10", "2000", "--methods", "chunked", "--positions", "32", "--chunk", "10", "--rounds", "1000"
    )
    assert job.stdout is not None
    assert job.stderr is not None
    assert json.loads(job.stdout.readline())["vocabulary_size"] == 10
    ranks = children(job.pid)
    (second,) = [pid for pid in ranks if b"\0RANK=1\0" in Path(f"/proc/{pid}/environ").read_bytes()]
    began = time.monotonic()
    os.kill(second, how)
    said = ""
    while "softmax-tui: " not in said:
        assert select.select([job.stderr], [], [], max(0.0, began + 10 - time.monotonic()))[0], f"only said {said!r}"
        said = job.stderr.readline()
    assert time.monotonic() - began < 10
    assert "a rank has died" in said or "rank 1 of 2 has died or hangs" in said or "rank 1 of 2 died" in said
    if how == signal.SIGSTOP:
        os.kill(second, signal.SIGKILL)  # torchrun would wait for it half a minute
    rest, _ = job.communicate(timeout=60)
    assert rest == ""
    assert job.returncode == 1


@pytest.mark.slow
def test_all_ranks_that_see_the_same_mistake_say_it_once_and_before_torchrun_does() -> None:
    out, err = torchrun(2, "--sizes", "abc").communicate(timeout=60)
    assert out == ""
    assert err.startswith("softmax-tui: --sizes: found 'abc', expected an integer at least 2, at most 10,000,000")
    assert err.count("--sizes: found") == 1


@pytest.mark.slow
def test_a_mistake_that_only_another_rank_sees_is_reported_to_rank_0() -> None:
    plan = VocabularyPlan(question=VocabularyQuestion(text="/no/such/file"))
    report = take_part(1, msgspec.Raw(msgspec.json.encode(plan)), lambda: False)
    assert report == RankFailure(
        "text: /no/such/file cannot be read (No such file or directory), expected a text file", wrong_input=True
    )


def children(parent: int) -> list[int]:
    folders = [folder for folder in Path("/proc").iterdir() if folder.name.isdigit()]
    found = []
    for folder in folders:
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
        except OSError:
            continue
    return found
