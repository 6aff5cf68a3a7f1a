"""The worker as a real process: what it is told, what it answers, how it ends."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.contract.answers import ExampleShown, MistakesShown, RunReplayed, RunsListed, SoftmaxTraced, WeightsShown
from engine.contract.codec import encode
from engine.contract.commands import (
    Continue,
    Hello,
    ListRuns,
    Pause,
    ReplayRun,
    Reset,
    ResumeRun,
    SetPace,
    ShowExample,
    ShowMistakes,
    ShowWeights,
    StartTraining,
    StepEpoch,
    StepMinibatch,
    Stop,
    TraceSoftmax,
)
from engine.contract.config import TrainConfig
from engine.contract.engine_events import Failed, Ready, WarmingUp
from engine.contract.errors import InputError
from engine.contract.events import EpochDone, Finished, MinibatchesDone, Started
from engine.contract.run_state import RunState, apply
from engine.processes.client import EngineClient, EngineGone, worker_command
from engine.store.runs import RunStore
from tests.app.scripted_worker import READY
from tests.worker.conftest import Start, Watched


def done(worker: Watched) -> int:
    return sum(event.count for event in worker.seen if isinstance(event, MinibatchesDone))


async def finished(worker: Watched) -> Finished:
    event = await worker.event(Finished)
    assert isinstance(event, Finished)
    return event


def final_weights(store: Path, run_id: str) -> bytes:
    return RunStore.open(store).load_checkpoint(run_id).tensors["weight"].data


async def uninterrupted(start: Start, config: TrainConfig, store: Path) -> bytes:
    worker = await start()
    await worker.client.ask(StartTraining(config=config))
    return final_weights(store, (await finished(worker)).run_id)


async def test_it_says_what_it_does_before_it_is_ready(start: Start) -> None:
    worker = await start()
    ready = await worker.event(Ready)
    assert isinstance(ready, Ready)
    assert isinstance(worker.seen[0], WarmingUp)
    assert "cpu" in ready.devices


async def test_a_run_streams_to_its_end_and_is_stored(start: Start, config: TrainConfig, store: Path) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config))
    end = await finished(worker)
    assert end.status == "finished"
    run = RunState()
    for event in worker.seen:
        if isinstance(event, Started | MinibatchesDone | EpochDone | Finished):
            run = apply(run, event)
    assert run.position == run.minibatches == 60
    assert len(run.epochs) == 3
    listed = await worker.client.ask(ListRuns())
    assert isinstance(listed, RunsListed)
    assert [(summary.run_id, summary.status) for summary in listed.runs] == [(end.run_id, "finished")]
    replayed = await worker.client.ask(ReplayRun(run_id=end.run_id))
    assert isinstance(replayed, RunReplayed)
    again = RunState()
    for event in replayed.events:
        again = apply(again, event)
    assert again.epochs == run.epochs


async def test_pausing_stepping_and_pace_change_no_bit(start: Start, config: TrainConfig, store: Path) -> None:
    expected = await uninterrupted(start, config, store)
    worker = await start()
    client = worker.client
    await client.ask(StartTraining(config=config, paused=True))
    await worker.event(Started)
    assert done(worker) == 0
    for steps in (1, 2, 3):
        await client.ask(StepMinibatch())
        await worker.until(lambda steps=steps: done(worker) == steps)  # type: ignore[misc]
    await client.ask(StepEpoch())
    await worker.event(EpochDone)
    assert done(worker) == 20
    await client.ask(SetPace(400.0))
    await client.ask(Continue())
    await worker.until(lambda: done(worker) > 25)
    await client.ask(Pause())
    held = done(worker)
    await client.ask(ShowWeights())
    assert done(worker) == held
    await client.ask(ShowMistakes())
    await client.ask(SetPace(0.0))
    await client.ask(Continue())
    assert final_weights(store, (await finished(worker)).run_id) == expected


async def test_stopped_in_the_middle_and_resumed_gives_the_same_bits(
    start: Start, config: TrainConfig, store: Path
) -> None:
    expected = await uninterrupted(start, config, store)
    worker = await start()
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=200.0))
    await worker.until(lambda: done(worker) > 24)
    await worker.client.ask(Stop())
    end = await finished(worker)
    assert end.status == "stopped"
    again = await start()
    await again.client.ask(ResumeRun(run_id=end.run_id))
    assert (await finished(again)).run_id == end.run_id
    assert final_weights(store, end.run_id) == expected
    await again.client.ask(ResumeRun(run_id=end.run_id, epochs=config.epochs + 1))
    await again.until(lambda: sum(isinstance(event, Finished) for event in again.seen) == 2)
    assert [event.epoch for event in again.seen if isinstance(event, EpochDone)][-1] == config.epochs + 1


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
async def test_killed_in_the_middle_and_resumed_gives_the_same_bits(
    start: Start, config: TrainConfig, store: Path
) -> None:
    expected = await uninterrupted(start, config, store)
    worker = await start()
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=200.0))
    started = await worker.event(Started)
    assert isinstance(started, Started)
    await worker.until(lambda: done(worker) > 30)
    assert worker.client.pid is not None
    os.kill(worker.client.pid, signal.SIGKILL)
    await worker.until(lambda: worker.gone is not None)
    assert "SIGKILL" in str(worker.gone)
    again = await start()
    listed = await again.client.ask(ListRuns())
    assert isinstance(listed, RunsListed)
    assert listed.runs[0].status == "interrupted"
    await again.client.ask(ResumeRun(run_id=started.run_id))
    await finished(again)
    assert final_weights(store, started.run_id) == expected


@pytest.mark.parametrize("how", ["stdin", "SIGTERM", "shutdown"])
async def test_however_it_is_told_to_leave_it_checkpoints_first(
    start: Start, config: TrainConfig, store: Path, how: str
) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=100.0))
    await worker.until(lambda: done(worker) > 5)
    process = worker.client._process
    assert process is not None
    if how == "stdin":
        process.stdin.close()
    elif how == "SIGTERM":
        os.kill(process.pid, signal.SIGTERM)
    else:
        await worker.client.close()
    await worker.until(lambda: worker.gone is not None)
    assert worker.gone is not None
    assert worker.gone.return_code == (143 if how == "SIGTERM" else 0)
    runs = RunStore.open(store)
    (summary,) = runs.summaries()
    assert summary.status == "stopped"
    assert runs.load_checkpoint(summary.run_id).position >= 5


async def test_whoever_reads_slowly_learns_of_the_end_when_the_client_is_closed(tmp_path: Path) -> None:
    """It comes back to read while closing reads what is left: the worker takes a while to leave."""
    says = "import sys, time; print(sys.argv[1], flush=True); sys.stdin.read(); time.sleep(0.8)"
    client = EngineClient([sys.executable, "-S", "-c", says, encode(READY).decode().strip()])
    await client.start()

    async def read() -> EngineGone:
        try:
            async for _ in client.events():
                await asyncio.sleep(0.3)
        except EngineGone as gone:
            return gone
        raise AssertionError

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.1)
    await client.close()
    assert (await asyncio.wait_for(reading, 20)).return_code == 0


async def test_a_command_that_makes_no_sense_now_is_refused_in_a_line(start: Start, config: TrainConfig) -> None:
    worker = await start()
    for command, line in (
        (Pause(), "no run is going on"),
        (StepMinibatch(), "no run is going on"),
        (ShowWeights(), "no run has been started"),
        (ShowExample(index=0), "asked"),
        (ShowMistakes(), "r"),
        (ResumeRun(run_id="r9999"), "r9999"),
        (StartTraining(config=replace(config, learning_rate=-1.0)), "learning_rate"),
        (StartTraining(config=replace(config, device="tpu")), "tpu"),
        (StartTraining(config=replace(config, softmax="naive", loss="from-logits")), "from-logits"),
        (TraceSoftmax(rows=((1.0, 2.0), (1.0,))), "equal length"),
        (TraceSoftmax(rows=((1.0,),), dtype="float8"), "float8"),
    ):
        with pytest.raises(InputError, match=line) as refused:
            await worker.client.ask(command)
        assert len(str(refused.value).splitlines()) == 1
    assert worker.gone is None


async def test_bad_data_is_told_once_and_the_worker_lives(start: Start, config: TrainConfig, tmp_path: Path) -> None:
    broken = tmp_path / "broken.npz"
    broken.write_bytes(b"not an archive")
    worker = await start()
    await worker.client.ask(StartTraining(config=replace(config, dataset=str(broken))))
    failed = await worker.event(Failed)
    assert isinstance(failed, Failed)
    assert "broken.npz" in failed.message
    await worker.client.ask(StartTraining(config=config))
    assert (await finished(worker)).status == "finished"


async def test_a_refused_start_leaves_the_run_before_it_alone(start: Start, config: TrainConfig) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=60.0))
    await worker.until(lambda: done(worker) > 2)
    worker.client.send(StartTraining(config=replace(config, epochs=0)))
    await worker.event(Failed)
    await worker.client.ask(SetPace(0.0))
    assert (await finished(worker)).status == "finished"


async def test_its_questions_are_answered_about_the_live_run(start: Start, config: TrainConfig) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config))
    await finished(worker)
    page = await worker.client.ask(ShowMistakes(limit=3))
    assert isinstance(page, MistakesShown)
    total = sum(map(sum, page.confusion))
    right = sum(row[index] for index, row in enumerate(page.confusion))
    assert total == 300
    assert page.matching == total - right
    assert [mistake.loss for mistake in page.mistakes] == sorted((m.loss for m in page.mistakes), reverse=True)
    assert all(mistake.true != mistake.predicted and len(mistake.pixels) == 36 for mistake in page.mistakes)
    true, predicted = page.mistakes[0].true, page.mistakes[0].predicted
    cell = await worker.client.ask(ShowMistakes(true=true, predicted=predicted, fresh=False, limit=1000))
    assert isinstance(cell, MistakesShown)
    assert cell.matching == page.confusion[true][predicted] == len(cell.mistakes)
    shown = await worker.client.ask(ShowExample(index=page.mistakes[0].index))
    assert isinstance(shown, ExampleShown)
    assert sum(shown.gradient) == pytest.approx(0, abs=1e-5)
    evidence = memoryview(shown.evidence).cast("f")
    assert len(evidence) == 2 * 36
    for row, label in enumerate((shown.example.predicted, shown.example.true)):
        assert sum(evidence[row * 36 : (row + 1) * 36]) + shown.bias[label] == pytest.approx(
            shown.logits[label], rel=1e-4, abs=1e-4
        )
    weights = await worker.client.ask(ShowWeights())
    assert isinstance(weights, WeightsShown)
    assert len(weights.values) == 4 * 36


async def test_pages_hold_still_while_the_run_goes_on(start: Start, config: TrainConfig) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config, paused=True))
    await worker.event(Started)
    first = await worker.client.ask(ShowMistakes(limit=5))
    await worker.client.ask(StepMinibatch())
    await worker.until(lambda: done(worker) == 1)
    held = await worker.client.ask(ShowMistakes(limit=5, fresh=False))
    fresh = await worker.client.ask(ShowMistakes(limit=5))
    assert isinstance(first, MistakesShown)
    assert isinstance(held, MistakesShown)
    assert isinstance(fresh, MistakesShown)
    assert held.mistakes == first.mistakes
    assert fresh.mistakes != first.mistakes


async def test_a_softmax_trace_comes_with_the_errors_at_its_offsets(start: Start) -> None:
    worker = await start()
    traced = await worker.client.ask(TraceSoftmax(rows=((100.0, 0.97, 1.01),), offsets=(-1000.0, 0.0, 1000.0)))
    assert isinstance(traced, SoftmaxTraced)
    assert not traced.trace.implementations["naive"].finite
    assert traced.trace.implementations["row-max"].finite
    assert len(traced.errors["naive"]) == 3


async def test_reset_forgets_the_run_but_not_what_is_stored(start: Start, config: TrainConfig, store: Path) -> None:
    worker = await start()
    await worker.client.ask(StartTraining(config=config, paused=True))
    await worker.event(Started)
    await worker.client.ask(Reset())
    with pytest.raises(InputError, match="no run"):
        await worker.client.ask(ShowWeights())
    assert [summary.status for summary in RunStore.open(store).summaries()] == ["stopped"]


async def test_another_protocol_is_refused_and_the_worker_leaves(start: Start) -> None:
    worker = await start()
    await worker.event(Ready)
    worker.client.send(Hello(protocol=99))
    failed = await worker.event(Failed)
    assert isinstance(failed, Failed)
    assert "99" in failed.message
    await worker.until(lambda: worker.gone is not None)


async def test_lines_that_are_no_commands_are_answered_not_fatal(start: Start) -> None:
    worker = await start()
    await worker.event(Ready)
    process = worker.client._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.write(b"rubbish\n\xff\xfe\n{}\n")
    await worker.until(lambda: sum(isinstance(event, Failed) for event in worker.seen) == 3)
    assert isinstance(await worker.client.ask(ListRuns()), RunsListed)


async def test_a_command_that_cannot_be_run_is_reported() -> None:
    client = EngineClient(["/nowhere/engine"])
    with pytest.raises(EngineGone, match="could not be started") as gone:
        await client.start()
    assert "nowhere" in gone.value.stderr[0]


async def test_the_last_lines_of_stderr_survive_the_worker() -> None:
    client = EngineClient(["sh", "-c", "echo one >&2; echo 'two [/b] \x1b[31m' >&2; exit 3"])
    await client.start()
    with pytest.raises(EngineGone, match="exit code 3") as gone:
        async for _ in client.events():
            pass
    assert gone.value.stderr[0] == "one"
    assert "two [/b]" in gone.value.stderr[1]


@pytest.mark.slow
@pytest.mark.usefixtures("in_earnest")
async def test_asking_a_worker_that_dies_is_answered_by_its_death(start: Start) -> None:
    worker = await start()
    await worker.event(Ready)
    assert worker.client.pid is not None
    os.kill(worker.client.pid, signal.SIGSTOP)
    question = asyncio.create_task(worker.client.ask(ListRuns()))
    await asyncio.sleep(0)
    os.kill(worker.client.pid, signal.SIGKILL)
    with pytest.raises(EngineGone):
        await asyncio.wait_for(question, 10)


async def test_a_terminal_in_the_place_of_the_pipe_carries_the_protocol(tmp_path: Path) -> None:
    """As `ssh -tt` makes one: it would echo every command, and cut those of more than 4096 bytes."""
    spawn = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"
    client = EngineClient([sys.executable, "-c", spawn, *worker_command(["--store", str(tmp_path / "store")])])
    await client.start()
    worker = Watched(client)
    await worker.event(Ready)
    before = len(worker.seen)
    traced = await client.ask(TraceSoftmax(rows=tuple((100.0, -300.5, float(row)) for row in range(1000))))
    assert isinstance(traced, SoftmaxTraced)
    assert isinstance(await client.ask(ListRuns()), RunsListed)
    assert not any(isinstance(event, Failed) for event in worker.seen[before:])
    await client.close(2.0)


async def test_stray_prints_never_reach_the_protocol() -> None:
    """A worker whose libraries print must still speak nothing but events on stdout."""
    script = (
        "import os, sys; from engine.worker import process as worker; sys.stdout.flush(); take = worker._take_stdout\n"
        + (
            "worker._take_stdout = lambda: (lambda fd: "
            "(print('stray', flush=True), os.write(1, b'more\\n'), fd)[2])(take())\n"
            "sys.exit(worker.main([]))"
        )
    )
    client = EngineClient([worker_command()[0], "-P", "-c", script])
    await client.start()
    worker = Watched(client)
    await worker.event(Ready)
    assert not any(isinstance(event, Failed) for event in worker.seen)
    await client.close()
    assert client.gone is not None
    assert "stray" in client.gone.stderr


async def test_what_a_run_had_told_before_is_told_at_once_and_the_pace_is_for_what_comes(
    start: Start, config: TrainConfig
) -> None:
    worker = await start()
    config = replace(config, epochs=200)
    await worker.client.ask(StartTraining(config=config, minibatches_per_second=100.0))
    await worker.until(lambda: done(worker) > 44)
    await worker.client.ask(Stop())
    end = await finished(worker)
    before, told = done(worker), len(worker.seen)
    again = await start()
    await again.event(Ready)
    # At a minibatch in four seconds its history would take minutes, and while it is held it would never be told.
    await again.client.ask(ResumeRun(run_id=end.run_id, paused=True, minibatches_per_second=0.25))
    await again.until(lambda: done(again) == before, 30)
    assert [event.epoch for event in again.seen if isinstance(event, EpochDone)] == [
        event.epoch for event in worker.seen[:told] if isinstance(event, EpochDone)
    ]
    await again.client.ask(SetPace(50.0))
    await again.client.ask(Continue())
    began = asyncio.get_running_loop().time()
    await again.until(lambda: done(again) >= before + 10)
    assert asyncio.get_running_loop().time() - began > 0.15
    assert done(again) < before + 20  # the pace holds: nothing is caught up


async def test_a_command_that_comes_after_the_end_of_its_run_does_nothing(start: Start, config: TrainConfig) -> None:
    worker = await start()
    client = worker.client
    await client.ask(StartTraining(config=config))
    first = (await finished(worker)).run_id
    late = (Pause(of=first), Continue(of=first), StepMinibatch(of=first), StepEpoch(of=first), Stop(of=first))
    for command in late:
        with pytest.raises(InputError, match=f"{first} is no longer going on"):
            await client.ask(command)
    # Nor does it to the one that goes on by then, nor is it taken for that one's failure where nobody waits.
    await client.ask(StartTraining(config=replace(config, epochs=200), minibatches_per_second=100.0))
    second = await worker.event(Started, lambda event: isinstance(event, Started) and event.run_id != first)
    assert isinstance(second, Started)
    for command in (*late, SetPace(0.25, of=first)):
        client.send(command)
    seen = done(worker)
    await worker.until(lambda: done(worker) > seen + 30)
    assert not any(isinstance(event, Failed) for event in worker.seen)
    await client.ask(Stop(of=second.run_id))
    end = await worker.event(Finished, lambda event: isinstance(event, Finished) and event.run_id != first)
    assert isinstance(end, Finished)
    assert end.status == "stopped"
