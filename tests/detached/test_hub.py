"""Many viewers of one worker: each hears all that goes on, one controls, and none can hurt another."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from functools import reduce
from random import Random
from typing import get_args

import pytest

from engine.contract.codec import encode
from engine.contract.commands import Command, Hello, ListRuns, Pause, Question, SetPace, ShowWeights, Stop, TakeControl
from engine.contract.config import TrainConfig
from engine.contract.engine_events import ControlChanged, Done, Failed, Ready
from engine.contract.events import EpochDone, Finished, MinibatchesDone, RunEvent, Started
from engine.contract.history import cells_of
from engine.contract.progress import Notice
from engine.contract.run_state import RunState, apply, told_again
from engine.contract.wire import Event
from engine.processes.conversation import Attached, Hung
from engine.worker.doorkeeper import LONGEST_COMMAND
from engine.worker.hub import MOST_VIEWERS
from tests.detached.conftest import Desk, heard_until
from tests.store.conftest import DATASET

STARTED = Started(
    run_id="r0001", config=TrainConfig(epochs=3), device="cpu", dataset=DATASET, minibatches_per_epoch=10, cell_width=4
)


def stretch(position: int, count: int) -> MinibatchesDone:
    losses = [float(position + step) for step in range(count)]  # whose sums are exact in any order
    return MinibatchesDone(position=position, count=count, images=count, cells=cells_of(losses, position, 4))


def epoch(number: int) -> EpochDone:
    return EpochDone(
        epoch=number,
        train_loss=1.0,
        train_accuracy=0.5,
        validation_loss=1.0 / number,
        validation_accuracy=0.5,
        seconds=0.1,
        learning_rate=0.1,
    )


def a_run() -> list[RunEvent]:
    """Thirty minibatches in stretches that end anywhere."""
    events: list[RunEvent] = [STARTED]
    for number in range(3):
        events += [stretch(number * 10, 3), stretch(number * 10 + 3, 6), stretch(number * 10 + 9, 1), epoch(number + 1)]
    return [*events, Finished(run_id="r0001", status="finished", seconds=1.0, images_per_second=1.0)]


def seen(events: list[Event]) -> RunState:
    return reduce(apply, (event for event in events if isinstance(event, get_args(RunEvent))), RunState())


@pytest.mark.parametrize("told", range(len(a_run()) + 1))
def test_whoever_comes_later_sees_the_run_as_whoever_was_there(desk: Desk, told: int) -> None:
    events = a_run()
    for event in events[:told]:
        desk.hub.put(event)
    viewer = desk.attach()
    heard = heard_until(viewer, ControlChanged)
    assert isinstance(heard[0], Ready)
    assert seen(heard) == reduce(apply, events[:told], RunState())
    for event in events[told:]:
        desk.hub.put(event)
    if told < len(events):
        heard += heard_until(viewer, Finished)
    assert seen(heard) == reduce(apply, events, RunState())


def test_a_run_that_is_told_again_is_the_same_run() -> None:
    run = reduce(apply, a_run()[:-2], RunState())
    assert reduce(apply, told_again(run), RunState()) == run
    assert told_again(RunState()) == ()


def test_a_reply_reaches_whoever_asked_under_the_number_it_asked_with(desk: Desk) -> None:
    first, second = desk.attach(), desk.attach()
    for viewer in (first, second):
        heard_until(viewer, ControlChanged)
    second.send(ShowWeights(request=7))
    first.send(ListRuns(request=7))
    for viewer in (first, second):
        assert heard_until(viewer, Done) == [Done(7)]
        assert viewer.receive(0.05) is None
    assert sorted(type(command).__name__ for command in desk.obeyed) == ["ListRuns", "ShowWeights"]


def test_one_controls_and_taking_over_is_told_to_both(desk: Desk) -> None:
    first, second = desk.attach(), desk.attach()
    for viewer in (first, second):
        heard_until(viewer, ControlChanged)
    first.send(Pause(request=1))  # nobody controls: control is had for the asking
    taken = heard_until(first, Done)
    assert [event.yours for event in taken if isinstance(event, ControlChanged)] == [True]
    second.send(Stop(request=1))
    refused = heard_until(second, Failed)
    assert isinstance(refused[-1], Failed)
    assert refused[-1].message.startswith("Stop: found ")
    assert refused[-1].message.endswith("expected this viewer: take control first")
    second.send(TakeControl(request=2))
    [told, _] = heard_until(second, Done)
    assert isinstance(told, ControlChanged)
    assert told.yours
    [lost] = heard_until(first, ControlChanged)
    assert isinstance(lost, ControlChanged)
    assert (lost.yours, lost.term, lost.holder) == (False, told.term, told.holder)
    second.send(Stop(request=3))
    assert heard_until(second, Done) == [Done(3)]
    assert [type(command) for command in desk.obeyed] == [Pause, Stop]


def test_questions_need_no_control(desk: Desk) -> None:
    first, second = desk.attach(), desk.attach()
    first.send(TakeControl(request=1))
    heard_until(first, Done)
    second.send(ListRuns(request=1))
    assert heard_until(second, Done)[-1] == Done(1)
    assert isinstance(desk.obeyed[0], get_args(Question))


def test_control_ends_with_its_viewer(desk: Desk) -> None:
    first, second = desk.attach(), desk.attach()
    heard_until(second, ControlChanged)
    first.send(TakeControl(request=1))
    heard_until(second, ControlChanged)
    first._connection.shutdown(socket.SHUT_RDWR)  # as kill -9 ends it
    [free] = heard_until(second, ControlChanged)
    assert free == ControlChanged(holder="", yours=False, term=free.term)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"rubbish\n", "found a line that is no command"),
        (b'{"type":"pause"}\n', "found Pause, expected Hello first"),
        (b"\xff\xfe\x00" * 100 + b"\n", "found a line that is no command"),
        (encode(Hello(protocol=99)), "protocol: found 99"),
    ],
    ids=["words", "no-hello", "bytes", "another-protocol"],
)
def test_rubbish_ends_that_connection_alone(desk: Desk, sent: bytes, said: str) -> None:
    other = desk.attach()
    heard_until(other, ControlChanged)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(desk.path))
        stranger.sendall(sent)
        answer = b"".join(iter(lambda: stranger.recv(2**16), b""))
    assert said in answer.decode()
    assert answer.count(b"\n") == 1
    desk.hub.put(STARTED)
    assert heard_until(other, Started)


def test_a_fault_that_one_viewer_finds_ends_that_connection_alone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    other, finder = desk.attach(), desk.attach()
    heard_until(other, ControlChanged)
    heard_until(finder, ControlChanged)
    monkeypatch.setattr(desk.hub, "_hand_on", lambda viewer, command: {}["fault"])
    finder.send(ListRuns(request=1))
    with pytest.raises(Hung):
        finder.receive(5.0)
    monkeypatch.undo()
    other.send(ListRuns(request=1))
    assert heard_until(other, Done)[-1] == Done(1)
    assert "KeyError: 'fault'" in capfd.readouterr().err


def test_a_line_of_100_mb_ends_that_connection_alone_and_is_not_held(desk: Desk) -> None:
    other = desk.attach()
    heard_until(other, ControlChanged)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(str(desk.path))
        block, sent = b"x" * 2**20, 0
        with suppress(BrokenPipeError, ConnectionResetError):
            while sent < 100:
                stranger.sendall(block)
                sent += 1
    assert sent <= 2 * LONGEST_COMMAND / 2**20 + 2
    desk.hub.put(STARTED)
    assert heard_until(other, Started)


def test_a_viewer_that_reads_nothing_is_never_waited_for(desk: Desk) -> None:
    hung, other = desk.attach(), desk.attach()
    heard_until(other, ControlChanged)
    assert hung is not None
    desk.hub.put(STARTED)
    began = time.monotonic()
    for number in range(1, 20_001):
        desk.hub.put(Notice("x" * 200))
        if number % 100 == 0:  # so that the other one keeps up
            desk.hub.put(Done(0) if number < 20_000 else epoch(1))
            other.receive(0.0)
    assert time.monotonic() - began < 5
    desk.hub.look()
    assert len(desk.hub._viewers) <= 1  # the one that reads nothing has been given up


class Slow(Attached):
    """Says its first word only when it has long been turned away."""

    def send(self, command: Command) -> None:
        time.sleep(0.01)
        super().send(command)


def test_there_is_a_bound_to_the_viewers_and_whoever_is_one_too_many_reads_why(desk: Desk) -> None:
    for _ in range(MOST_VIEWERS):
        heard_until(desk.attach(), ControlChanged)
    for _ in range(20):
        refused = heard_until(Slow(desk.path), Failed)
        assert f"found {MOST_VIEWERS} viewers already" in str(refused[-1])


def test_a_hundred_times_attached_left_taken_over_and_cut_there_are_never_two_controllers(desk: Desk) -> None:
    random = Random(20)
    viewers: list[Attached] = []
    everybody: list[Attached] = []  # whoever has gone keeps its id
    events = iter([STARTED, *(stretch(position, 1) for position in range(200))])
    terms: dict[int, int] = {}  # of each term, which viewer was told that control is its own
    heard: dict[int, list[Event]] = {}

    def listen(viewer: Attached, seconds: float = 0.0, answer: bool = False) -> None:
        """To what has come, or until a command is answered."""
        try:
            while (event := viewer.receive(seconds)) is not None:
                heard[id(viewer)].append(event)
                if answer and isinstance(event, Done | Failed):
                    return
                if isinstance(event, ControlChanged) and event.yours:
                    assert terms.setdefault(event.term, id(viewer)) == id(viewer)
        except Hung:
            viewers.remove(viewer)

    for _ in range(100):
        desk.hub.put(next(events))
        what = random.choice(["attach", "attach", "leave", "take", "take", "cut", "command"])
        if what == "attach" or not viewers:
            viewers.append(desk.attach())
            everybody.append(viewers[-1])
            heard[id(viewers[-1])] = []
        else:
            viewer = random.choice(viewers)
            try:
                if what in ("take", "command"):
                    viewer.send(TakeControl(request=1) if what == "take" else SetPace(1.0, request=2))
                    listen(viewer, 10.0, answer=True)
                elif what == "leave":
                    viewer.__exit__()
                    viewers.remove(viewer)
                else:
                    viewer._connection.shutdown(socket.SHUT_RDWR)
                    viewers.remove(viewer)
            except Hung:
                viewers.remove(viewer)
        for viewer in [*viewers]:
            listen(viewer)
    for viewer in [*viewers]:
        listen(viewer, 0.2)
    assert len(everybody) > 20
    assert len(terms) > 8  # a term that ends before it is heard of is not counted
    assert viewers
    position = seen(heard[id(viewers[0])]).position
    assert position == 99  # whoever stayed has missed nothing
    for viewer in viewers:
        assert seen(heard[id(viewer)]) == seen(heard[id(viewers[0])])
