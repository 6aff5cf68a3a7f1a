"""Under pressure minibatch events merge, and nothing else is touched."""

import os
import threading
import time
import zlib
from random import Random

import pytest

from engine.contract.answers import WeightsShown
from engine.contract.codec import LONGEST_LINE, decode_event
from engine.contract.engine_events import Done, Part
from engine.contract.errors import InputError
from engine.contract.events import MinibatchesDone
from engine.contract.history import cells_of
from engine.contract.progress import Notice
from engine.contract.wire import Event
from engine.processes.parts import Parts
from engine.worker.outbox import Outbox
from tests.app.scripted_worker import READY


def stretch(position: int, count: int = 1) -> MinibatchesDone:
    return MinibatchesDone(position=position, count=count, images=count, cells=cells_of([1.0] * count, position, 10))


def read_all(descriptor: int) -> list[Event]:
    with os.fdopen(descriptor, "rb") as stream:
        return [decode_event(line) for line in stream]


def test_a_slow_reader_gets_merged_stretches_and_every_other_event() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    for position in range(50_000):
        outbox.put(stretch(position))
        if position % 10_000 == 9_999:
            outbox.put(Done(position))
    closer = threading.Thread(target=lambda: (outbox.close(30), os.close(writing)))
    closer.start()
    events = read_all(reading)
    closer.join()
    stretches = [event for event in events if isinstance(event, MinibatchesDone)]
    assert sum(event.count for event in stretches) == 50_000
    assert [event.position for event in stretches] == [
        sum(event.count for event in stretches[:index]) for index in range(len(stretches))
    ]
    assert [event.request for event in events if isinstance(event, Done)] == list(range(9_999, 50_000, 10_000))
    assert len(stretches) < 500


def test_stretches_that_do_not_follow_each_other_stay_apart() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    outbox.put(stretch(0))
    outbox.put(stretch(5))
    outbox.close()
    os.close(writing)
    assert len(read_all(reading)) == 2


def test_a_reader_that_is_gone_ends_the_writing_without_an_exception() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    outbox = Outbox(writing)
    outbox.put(Done(1))
    outbox.close()
    os.close(writing)
    assert outbox.broken


class _ThinReader:
    """Reads so many bytes a second, says what has arrived, and keeps each event with the time it came."""

    def __init__(self, descriptor: int, outbox: Outbox, bytes_per_second: float) -> None:
        self._descriptor, self._outbox, self._rate = descriptor, outbox, bytes_per_second
        self.came: list[tuple[float, Event]] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        rest, parts = b"", Parts()
        while block := os.read(self._descriptor, 200):
            time.sleep(len(block) / self._rate)
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                event = decode_event(line)
                self._outbox.receive(1)
                if isinstance(event, Part):
                    whole = parts.take(event)
                    if whole is None:
                        continue
                    event = decode_event(whole)
                self.came.append((time.monotonic(), event))

    def wait(self) -> None:
        self._thread.join(60)


def _weights(request: int) -> WeightsShown:
    noise = Random(request).randbytes(7840)
    shape = {"num_classes": 10, "image_height": 28, "image_width": 28}
    return WeightsShown(request=request, epoch=1, minibatch=0, **shape, largest=1.0, values=noise)


def test_over_a_thin_line_a_short_answer_comes_before_pictures_that_wait() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    outbox.expect_receipts()
    reader = _ThinReader(reading, outbox, 20_000.0)
    outbox.put(READY)
    for _ in range(8):  # the rate becomes known
        outbox.put(Notice("n" * 900))
        time.sleep(0.05)
    for request in range(1, 4):
        outbox.put(_weights(request))
    time.sleep(0.3)
    asked = time.monotonic()
    outbox.put(Done(99))
    outbox.close(60)
    os.close(writing)
    reader.wait()
    order = [event.request for _, event in reader.came if isinstance(event, WeightsShown | Done)]
    assert order in ([99, 1, 2, 3], [1, 99, 2, 3]), "what is in the line already cannot be overtaken"
    assert [event for _, event in reader.came if isinstance(event, WeightsShown)] == [_weights(n) for n in (1, 2, 3)]
    (done_at,) = (at for at, event in reader.came if isinstance(event, Done))
    assert done_at - asked < 1.0, "three pictures take 1.6 seconds"


def test_without_receipts_nothing_is_held_back_nor_cut() -> None:
    reading, writing = os.pipe()
    outbox = Outbox(writing)
    outbox.put(READY)
    outbox.put(_weights(1))
    outbox.close()
    os.close(writing)
    assert read_all(reading) == [READY, _weights(1)]


def test_parts_that_are_no_line_are_one_line_of_refusal() -> None:
    bomb = zlib.compress(b" " * (LONGEST_LINE + 1))
    for data in (b"nonsense", zlib.compress(b"x" * 100)[:-4], bomb):
        with pytest.raises(InputError) as refused:
            Parts().take(Part(data, last=True))
        assert len(str(refused.value).splitlines()) == 1
