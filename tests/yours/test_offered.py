"""A user's file in a process that can be killed: what hangs, falls or disturbs ends alone."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Never, Self

import pytest
import torch
from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.loss_lab import LossesMeasured, LossQuestion
from engine.contract.trace import SoftmaxTrace
from engine.contract.yours import YoursJudged
from engine.labs.loss import child
from engine.labs.loss.child import measure_with_yours
from engine.labs.yours.loss_judge import COLUMN
from engine.labs.yours.offered import Yours, with_yours
from engine.labs.yours.sandbox import SandboxEnded
from engine.numerics.trace import offset_errors, trace
from engine.verdicts.loss import verdicts

ROW_MAX = """
def softmax(x):
    print("a line that belongs nowhere")
    e = (x - x.max(1, keepdim=True).values).exp()
    return e / e.sum(1, keepdim=True)
"""
FOREVER = "    while True:\n        pass\n"
Offer = Callable[..., Yours]


@pytest.fixture
def offer() -> Iterator[Offer]:
    offered: list[Yours] = []

    def make(source: str, seconds: float = 20.0) -> Yours:
        offered.append(Yours(source, seconds))
        return offered[-1]

    yield make
    for one in offered:
        one.close()


def traced(*rows: tuple[float, ...], dtype: str = "float32") -> SoftmaxTrace:
    return trace(torch.tensor(rows, dtype=torch.float64), dtype)


def test_an_endless_loop_is_ended_and_the_other_function_judged_all_the_same(offer: Offer) -> None:
    judged = offer(f"def softmax(x):\n{FOREVER}def cross_entropy(p, y):\n    return p.sum()\n", seconds=0.5).judged
    assert judged.softmax_verdict == "it took longer than 0.5 s, perhaps in an endless loop"
    assert not judged.softmax_works
    assert judged.has_cross_entropy
    assert judged.loss_verdict.startswith("gives ")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\ndef softmax(x:\n    pass", "a syntax error in line 2"),
        ("x = 1\ny = 1 / 0", "ZeroDivisionError in line 2: division by zero"),
        ("import nowhere_to_be_found", "ModuleNotFoundError in line 1"),
        ("x = 1", "no softmax(logits) and no cross_entropy(probabilities, labels)"),
        ("softmax = 3", "softmax to be of type int, expected a function"),
        ("while True: pass", "it took longer than 1 s"),
        ("import os; os._exit(7)", "it ended its process (exit code 7)"),
        ("raise SystemExit", "SystemExit in line 1"),
        ("def softmax(x):\n    return \0", "null bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(offer: Offer, source: str, expected: str) -> None:
    yours = offer(source, seconds=1.0)
    with pytest.raises(InputError) as refusal:
        yours.judged  # noqa: B018
    assert expected in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_its_probabilities_stand_beside_the_others_with_an_error_at_each_offset(offer: Offer) -> None:
    offsets = (-1000.0, 0.0, 1000.0)
    given = traced((100.0, 0.97, 1.01), (1.0, 2.0, math.inf))
    found, errors = with_yours(given, offer(ROW_MAX), offsets)
    own, like = found.implementations["yours"], found.implementations["row-max"]
    assert list(found.implementations) == [*given.implementations, "yours"]
    assert str(own.probabilities) == str(like.probabilities)
    assert str(own.errors) == str(like.errors)
    assert own.shift == ()
    expected = offset_errors(torch.tensor(given.typed, dtype=torch.float64), "float32", offsets)["row-max"]
    assert str(list(errors)) == str(expected)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return x / 0 if x[0, 0] < 50 else nothing", "NameError in line 2"),
        (f"    if x[0, 0] < 50: return x\n{FOREVER}", "softmax: it took longer than 1 s"),
        ("    import os; os._exit(4)", "softmax: it ended its process (exit code 4)"),
        ("    return x[0]", "wrong shape: found (2,), expected (1, 2)"),
    ],
)
def test_one_that_fails_for_these_logits_is_explained_and_the_others_stand(
    offer: Offer, body: str, expected: str
) -> None:
    given = traced((100.0, 1.0))
    yours = offer(f"def softmax(x):\n{body}\n", seconds=1.0)
    found, errors = with_yours(given, yours, (0.0, 1.0))
    own = found.implementations["yours"]
    assert own.explanation.startswith(expected)
    assert not own.finite
    assert own.first_bad is not None
    assert all(map(math.isnan, (*errors, *own.probabilities[0])))
    assert str({**found.implementations, "yours": None}) == str({**given.implementations, "yours": None})


def test_after_a_process_was_killed_the_next_question_starts_another(offer: Offer) -> None:
    yours = offer(f"def softmax(x):\n    if x[0, 0] < 50: return x.softmax(1)\n{FOREVER}", seconds=1.0)
    with pytest.raises(InputError, match="took longer"):
        yours.softmax(((100.0, 1.0),), "float32")
    assert yours.softmax(((1.0, 1.0),), "float32").rows == ((0.5, 0.5),)


def test_the_process_stays_for_the_next_question(offer: Offer) -> None:
    yours = offer("import os\ndef softmax(x):\n    return x * 0 + os.getpid()\n")
    first, second = (yours.softmax(((1.0, 1.0),), "float64").rows for _ in range(2))
    assert first == second


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc tells who is alive")
def test_nothing_is_left_when_whoever_asked_is_killed(tmp_path: Path) -> None:
    """Not even a function that loops for ever and has started a process of its own."""
    pids = tmp_path / "pids"
    source = f"import os\ndef softmax(x):\n    open({str(pids)!r}, 'w').write(str(os.getpid()))\n{FOREVER}"
    program = f"from engine.labs.yours.offered import Yours\nYours({source!r}, 60.0).judged"
    asking = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[2])
    try:
        _until(lambda: pids.exists() and pids.read_text() != "")
        assert _alive(int(pids.read_text()))
    finally:
        asking.kill()
        asking.wait()
    _until(lambda: not _alive(int(pids.read_text())))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _until(reached: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.01)


GOOD_LOSS = "def cross_entropy(p, y):\n    return -p[range(len(y)), y].log().mean()\n"


def measured(source: str, seconds: float = 30.0, **question: object) -> LossesMeasured:
    *_, last = measure_with_yours(LossQuestion(**question), source, rounds=1, seconds=seconds)  # type: ignore[arg-type]
    assert isinstance(last, LossesMeasured)
    return last


def test_a_loss_of_yours_is_measured_like_the_others() -> None:
    found = measured(GOOD_LOSS, batch_size=32)
    yours, indexing = found.of("yours"), found.of("indexing")
    assert [one.loss for one in found.losses][-1] == "yours"
    assert (yours.value, yours.gradient_error) == (indexing.value, indexing.gradient_error)
    assert yours.peak_bytes == indexing.peak_bytes
    assert yours.relative_time > 0
    assert verdicts(found)[-1][0] == "And yours?"
    assert ", as in float64, and its gradient is right." in verdicts(found)[-1][1]


def test_the_verdict_of_a_measurement_names_a_wrong_value_and_gradient() -> None:
    found = measured("def cross_entropy(p, y):\n    return p[range(len(y)), y].log().mean()\n", batch_size=32)
    assert found.of("yours").value == -found.of("indexing").value
    said = dict(verdicts(found))["And yours?"]
    assert "but the loss is" in said
    assert "gradient is off by up to" in said
    soft = dict(verdicts(measured(GOOD_LOSS, batch_size=32, smoothing=0.1)))["And yours?"]
    assert "as by indexing: it reads only one class of a soft label" in soft


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"    if len(y) < 300: return p.sum()\n{FOREVER}", "took longer than"),
        ("    assert len(y) < 300, 'too many'\n    return p.sum()", "AssertionError in line 2: too many"),
        ("    import os; os._exit(5)", "it ended its process (exit code 5)"),
    ],
)
def test_a_loss_that_hangs_or_fails_in_the_measurement_ends_it_with_one_line(body: str, expected: str) -> None:
    with pytest.raises(InputError, match="loss of yours: ") as refusal:
        measured(f"def cross_entropy(p, y):\n{body}\n", seconds=3.0, batch_size=301)
    assert expected in str(refusal.value)


def test_a_large_batch_is_given_more_time_before_the_function_is_blamed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        """A process that starts, and says nothing."""

        def __init__(self, module: str) -> None:
            pass

        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def send(self, message: object) -> None:
            pass

        def receive(self, seconds: float) -> Never:
            raise SandboxEnded(f"nothing for {seconds:g} s")

    monkeypatch.setattr(child, "Sandbox", Silent)
    for classes, seconds in ((10, 31), (1000, 130)):
        with pytest.raises(InputError, match=f"nothing for {seconds} s"):
            measured(GOOD_LOSS, seconds=30.0, batch_size=10_000, num_classes=classes)


@pytest.mark.usefixtures("in_earnest")
def test_leaving_a_measurement_ends_its_process(tmp_path: Path) -> None:
    """And what the file has started: nobody else would ever end it."""
    pids = tmp_path / "pids"
    starts = "import os, subprocess\nsleeper = subprocess.Popen(['sleep', '60'])\n"
    source = f"{starts}open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{sleeper.pid}}')\n{GOOD_LOSS}"
    events = measure_with_yours(LossQuestion(batch_size=8), source, rounds=1000)
    next(events)
    own, started = map(int, pids.read_text().split())
    assert _alive(own)
    assert _alive(started)
    events.close()  # type: ignore[attr-defined]
    assert not _alive(own)
    _until(lambda: not _alive(started), 10.0)


def test_a_column_of_losses_is_remarked_on_though_the_loss_is_right() -> None:
    right = YoursJudged(
        has_softmax=False, has_cross_entropy=True, loss_right=True, loss_verdict="right", loss_taken=COLUMN
    )
    assert right.loss_remark == COLUMN
    assert replace(right, loss_taken="").loss_remark == ""
    assert replace(right, loss_right=False).loss_remark == "right"
