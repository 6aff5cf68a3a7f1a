"""A user's own functions in a real worker: offered as text, traced, measured and trained with."""

import pytest
from msgspec.structs import replace

from engine.contract.answers import SoftmaxTraced
from engine.contract.commands import MeasureLosses, OfferYours, StartTraining, TraceSoftmax
from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import Finished, Started
from engine.contract.loss_lab import LossesMeasured, LossQuestion
from engine.contract.progress import Notice
from engine.contract.yours import YoursJudged
from tests.worker.conftest import Start

SOURCE = """
def softmax(x):
    print("not for the wire")
    e = (x - x.max()).exp()
    return e / e.sum(1, keepdim=True)

def cross_entropy(p, y):
    return -p[range(len(y)), y].log().mean()
"""
TRACE = TraceSoftmax(rows=((50.0, 51.0), (-150.0, -151.0)), offsets=(0.0, 10.0))


async def test_what_is_offered_is_judged_and_traced_from_then_on(start: Start) -> None:
    worker = await start()
    before = await worker.client.ask(TRACE)
    assert isinstance(before, SoftmaxTraced)
    assert "yours" not in before.trace.implementations
    judged = await worker.client.ask(OfferYours(SOURCE))
    assert isinstance(judged, YoursJudged)
    assert judged.softmax_verdict.startswith("subtracts the maximum of the whole batch")
    assert judged.loss_right
    after = await worker.client.ask(TRACE)
    assert isinstance(after, SoftmaxTraced)
    own, like = after.trace.implementations["yours"], after.trace.implementations["global-max"]
    assert str(own.probabilities) == str(like.probabilities)
    assert str(after.errors["yours"]) == str(after.errors["global-max"])


async def test_a_bad_offer_is_refused_and_the_good_one_before_it_stays(start: Start) -> None:
    worker = await start()
    await worker.client.ask(OfferYours(SOURCE))
    with pytest.raises(InputError, match="a syntax error in line 1"):
        await worker.client.ask(OfferYours("def"))
    reply = await worker.client.ask(TRACE)
    assert isinstance(reply, SoftmaxTraced)
    assert "yours" in reply.trace.implementations


async def test_a_run_with_yours_takes_the_text_that_was_offered(start: Start, config: TrainConfig) -> None:
    worker = await start()
    own = replace(config, softmax="yours", loss="yours")
    with pytest.raises(InputError, match=r"expected --mine FILE\.py"):
        await worker.client.ask(StartTraining(config=own))
    await worker.client.ask(OfferYours(SOURCE))
    await worker.client.ask(StartTraining(config=own))
    started = await worker.event(Started)
    assert isinstance(started, Started)
    assert started.config.mine == SOURCE
    notice = await worker.event(Notice)
    assert isinstance(notice, Notice)
    assert notice.text.startswith("softmax of yours: subtracts the maximum of the whole batch")
    finished = await worker.event(Finished)
    assert isinstance(finished, Finished)
    assert finished.status == "finished"


async def test_another_run_does_not_carry_the_text_along(start: Start, config: TrainConfig) -> None:
    worker = await start()
    await worker.client.ask(OfferYours(SOURCE))
    await worker.client.ask(StartTraining(config=config))
    started = await worker.event(Started)
    assert isinstance(started, Started)
    assert started.config.mine == ""


async def test_the_losses_are_measured_with_yours_among_them(start: Start) -> None:
    worker = await start()
    await worker.client.ask(OfferYours(SOURCE))
    await worker.client.ask(MeasureLosses(question=LossQuestion(batch_size=16)))
    measured = await worker.event(LossesMeasured)
    assert isinstance(measured, LossesMeasured)
    assert measured.of("yours").value == measured.of("indexing").value
