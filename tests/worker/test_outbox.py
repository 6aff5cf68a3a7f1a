"""Under pressure minibatch events merge, and nothing else is touched."""

import os
import threading

from engine.contract.codec import decode_event
from engine.contract.engine_events import Done
from engine.contract.events import MinibatchesDone
from engine.contract.history import cells_of
from engine.contract.wire import Event
from engine.worker.outbox import Outbox


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
