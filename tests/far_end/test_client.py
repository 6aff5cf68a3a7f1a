"""A real client and a scripted peer: what does not fit ends it, in bounded time and memory."""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest

from engine.contract.codec import decode_command, decode_event, encode
from engine.contract.commands import ListRuns, Pause
from engine.contract.engine_events import PROTOCOL, Failed, Part, Ready
from engine.contract.progress import Notice
from engine.contract.wire import ANSWERS, Event, Reply
from engine.processes.client import EngineClient, EngineGone
from engine.processes.parts import parts_of
from tests.far_end.mutations import line_of
from tests.far_end.recorded import recorded
from tests.far_end.stage import Stage, staged
from tests.worker.conftest import Watched

RECORDED = recorded()
READY = next(said for _, said in RECORDED if said["type"] == "ready")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as one:
        yield one


async def begun(stage: Stage) -> Watched:
    """A client whose peer is there and has said nothing."""
    client = EngineClient(stage.command)
    await client.start()
    watched = Watched(client)
    while not stage.starts:
        await asyncio.sleep(0.01)
    return watched


async def started(stage: Stage) -> Watched:
    """A client whose peer has said that it is ready."""
    stage.opening = [READY]
    watched = await begun(stage)
    await watched.event(Ready)
    return watched


async def ended(watched: Watched, seconds: float = 10.0) -> EngineGone:
    await watched.until(lambda: watched.gone is not None, seconds)
    assert watched.gone is not None
    assert str(watched.gone).isprintable()
    return watched.gone


async def test_every_event_reaches_the_client_and_every_reply_whoever_asked(stage: Stage) -> None:
    watched = await started(stage)
    told = {said["type"]: said for asked, said in RECORDED if asked is None}
    stage.say(*told.values())
    await watched.until(lambda: Notice("in parts") in watched.seen)
    heard = {type(event) for event in watched.seen}
    assert heard >= set(get_args(Event)) - set(get_args(Reply)) - {Part}
    assert Notice("in parts") in watched.seen
    for asked, said in RECORDED:
        if asked is not None:
            stage.answer({asked["type"]: said})
            reply = await watched.client.ask(decode_command(line_of(asked)))
            assert type(reply) is type(decode_event(line_of(said)))
    await watched.client.close()


@pytest.mark.parametrize("asked", sorted(ANSWERS, key=str), ids=lambda kind: kind.__name__)
async def test_an_answer_of_another_type_ends_the_engine_and_frees_whoever_asked(
    stage: Stage, asked: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = await started(stage)
    tag = asked.__struct_config__.tag  # type: ignore[attr-defined]
    wrong = next(said for _, said in RECORDED if said["type"] == ("done" if tag == "list_runs" else "runs_listed"))
    stage.answer({tag: {"type": "done"} if wrong["type"] == "done" else wrong})
    question = decode_command(line_of(next(one for one, _ in RECORDED if one is not None and one["type"] == tag)))
    with pytest.raises(EngineGone, match=f"it answered {asked.__name__} with "):
        await watched.client.ask(question)
    assert (await ended(watched)).return_code is not None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"{}\n", "no event"),
        (b"hello\n", "no event"),
        (b"\n", "no event"),
        (b'{"type":"epoch"}\n', "required field `epoch`"),
        (line_of({**READY, "devices": []}) + b"\n", "length >= 1 - at `$.devices`"),
        (line_of({**READY, "protocol": PROTOCOL + 1}) + b"\n", "the two ends differ in version"),
        (b'{"type":"notice","text":"\xff"}\n', "no event"),
        (b"[" * 10**6 + b"\n", "no event"),
        (b'{"type":"notice","text":"' + b"x" * 10**6 + b'"}\n', "length <= 10000"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_does_not_fit_is_one_line_and_the_end(stage: Stage, said: bytes, found: str) -> None:
    stage.answers = {"pause": None}
    watched = await started(stage)
    question = asyncio.create_task(watched.client.ask(Pause()))
    stage.say_bytes(said)
    gone = await ended(watched)
    assert str(gone).startswith("the engine was stopped: it sent a line")
    assert found in str(gone)
    with pytest.raises(EngineGone):
        await question


async def test_the_keys_are_not_held_up_by_a_long_line_and_no_more_than_it_is_held(stage: Stage) -> None:
    watched = await started(stage)
    before, longest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0.0
    stage.say_bytes(b'{"type":"notice","text":"')
    stage.say_bytes(b"x" * 1000, times=60_000)
    while watched.gone is None:
        then = time.perf_counter()
        await asyncio.sleep(0.005)
        longest = max(longest, time.perf_counter() - then)
    assert "a line of more than 32 MiB" in str(watched.gone)
    assert longest < 0.5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KiB


async def test_what_a_far_machine_says_before_it_is_ready_is_kept_for_when_it_never_is(stage: Stage) -> None:
    watched = await begun(stage)
    stage.say_bytes(b"Welcome to gpu-box!\r\n\r\n   * No unread mail\r\nbash: softmax-tui: command not found\r\n")
    stage.leave(127)
    gone = await ended(watched)
    assert str(gone) == "the engine ended: exit code 127"
    assert list(gone.stderr) == ["Welcome to gpu-box!", "   * No unread mail", "bash: softmax-tui: command not found"]


async def test_a_banner_and_the_echo_of_a_terminal_between_do_no_harm(stage: Stage) -> None:
    watched = await begun(stage)
    stage.say_bytes(b'Welcome!\r\n{"type":"hello","protocol":1,"request":0}\r\n')
    stage.say_bytes(line_of(READY) + b'\r\n{"type":"pause","request":1}\r\n')
    await watched.event(Ready)
    stage.say_bytes(b'{"type":"list_runs","request":7}\r\n')
    assert await watched.client.ask(Pause()) is not None
    await watched.client.close()
    assert watched.gone is None or str(watched.gone) == "the engine ended: exit code 0"


async def test_parts_that_hold_a_part_are_refused(stage: Stage) -> None:
    watched = await started(stage)
    (inner,) = parts_of(encode(Notice("in parts")))
    for outer in parts_of(inner):
        stage.say_bytes(outer)
    assert "it sent parts of a part" in str(await ended(watched))


async def test_what_looks_like_an_event_and_is_none_is_no_greeting(stage: Stage) -> None:
    """An engine of another version would be waited for until it is ready, which it never is."""
    watched = await begun(stage)
    stage.say_bytes(b'{"type":"loading"}\n')
    assert "it sent a line that is no event: Invalid value 'loading'" in str(await ended(watched))


async def test_a_program_that_is_no_engine_is_ended_soon(stage: Stage) -> None:
    client = EngineClient(["yes"])
    await client.start()
    gone = await ended(Watched(client))
    assert "1,001 lines, of which none is an event" in str(gone)
    assert gone.stderr[-1] == "y"


_COMPLAINS = "import sys, os\nwhile True: os.write(2, b'{}' * 4096)"


@pytest.mark.parametrize("text", ["warning: something is odd\\n", "x", "\\n"], ids=["lines", "one line", "empty lines"])
async def test_a_flood_on_stderr_takes_little_and_holds_up_neither_answers_nor_the_end(text: str) -> None:
    client = EngineClient([sys.executable, "-S", "-c", _COMPLAINS.format(text)])
    await client.start()
    watched = Watched(client)
    await asyncio.sleep(0.3)
    before, began = time.process_time(), time.perf_counter()
    await asyncio.sleep(1.0)
    assert time.process_time() - before < 0.5, "a second of a flood takes more than half a second of a core"
    assert time.perf_counter() - began < 1.3
    then = time.perf_counter()
    await client.close(0.5)
    assert time.perf_counter() - then < 3.0
    assert len((await ended(watched)).stderr) <= 20
    assert not [task for task in asyncio.all_tasks() if task.get_coro().__qualname__.startswith("LastWords")]


async def test_a_question_that_is_answered_unasked_reaches_nobody(stage: Stage) -> None:
    watched = await started(stage)
    stage.say({"type": "done", "request": 99}, {"type": "runs_listed", "request": 98, "runs": []})
    stage.say({"type": "failed", "request": 97, "message": "out of memory"})
    await watched.event(Failed)
    assert [type(event) for event in watched.seen] == [Ready, Failed]
    assert type(await watched.client.ask(Pause())).__name__ == "Done"
    await watched.client.close()


async def test_a_grandchild_that_holds_the_pipes_open_hides_no_end() -> None:
    client = EngineClient(["sh", "-c", "sleep 30 & echo 'out of memory' >&2; exit 3"])
    await client.start()
    then = time.perf_counter()
    gone = await ended(Watched(client))
    assert (gone.return_code, list(gone.stderr)) == (3, ["out of memory"])
    assert time.perf_counter() - then < 5


async def test_whoever_asks_an_engine_that_was_stopped_is_told_why(stage: Stage) -> None:
    watched = await started(stage)
    stage.say_bytes(b"{}\n")
    await ended(watched)
    with pytest.raises(EngineGone, match="it sent a line that is no event"):
        await watched.client.ask(ListRuns())
