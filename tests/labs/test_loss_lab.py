"""The job that measures the losses: its events, its counts, and the memory that it accounts for."""

import math

import pytest
import torch

from engine.contract.loss_lab import LAB_LOSSES, LossesMeasured, LossQuestion, LossRoundDone, Spread
from engine.labs.loss.batch import LossBatch
from engine.labs.loss.measuring import measure_losses
from engine.labs.stopwatch import Load, interleaved, peak_bytes
from engine.numerics.softmax import row_max


def measured(**question: object) -> LossesMeasured:
    *_, last = measure_losses(LossQuestion(**question), rounds=1)  # type: ignore[arg-type]
    assert isinstance(last, LossesMeasured)
    return last


def without_times(found: LossesMeasured) -> list[tuple[object, ...]]:
    return [(one.loss, one.value, one.gradient_error, one.peak_bytes, one.gradient_peak_bytes) for one in found.losses]


def test_a_round_is_an_event_and_the_last_event_has_everything() -> None:
    *rounds, last = measure_losses(LossQuestion(batch_size=8), rounds=3)
    assert rounds == [LossRoundDone(1, 3), LossRoundDone(2, 3), LossRoundDone(3, 3)]
    assert isinstance(last, LossesMeasured)
    assert last.rounds == 3
    assert tuple(one.loss for one in last.losses) == LAB_LOSSES
    for one in last.losses:
        assert 0 < one.spread.low <= one.spread.median == one.seconds <= one.spread.high
        assert one.relative_time == one.relative.median > 0
    assert last.of("indexing").relative_time == 1


def test_everything_but_the_times_is_the_same_each_time() -> None:
    question = {"batch_size": 32, "num_classes": 50, "smoothing": 0.1}
    assert without_times(measured(**question)) == without_times(measured(**question))


def test_256_images_of_10_classes_take_2560_logarithms_and_2304_of_them_are_multiplied_by_zero() -> None:
    found = measured()
    definition = {phase.name: phase for phase in found.of("definition").phases}
    assert list(definition) == ["softmax", "one-hot", "logarithm", "product", "sum"]
    assert (definition["logarithm"].operations, definition["logarithm"].times_zero) == (2560, 2304)
    assert (definition["product"].operations, definition["product"].times_zero) == (2560, 2304)
    assert found.of("indexing").phases[-1].operations == 256
    assert found.of("from-logits").phases == ()


@pytest.mark.parametrize(("soft", "zeros"), [({"smoothing": 0.1}, 0), ({"mixing": 0.3}, 256 * 8)])
def test_soft_labels_multiply_less_by_zero(soft: dict[str, float], zeros: int) -> None:
    assert {p.name: p.times_zero for p in measured(**soft).of("definition").phases}["product"] == zeros


def test_gradient_errors_are_roundings_for_all_but_the_slip() -> None:
    found = measured()
    # an element of the gradient is (p − q) / 256 < 1/256, rounded a few times at 2^-24
    rounding = 8 * 2**-24 / 256
    wrong = {one.loss for one in found.losses if not one.gradient_error <= rounding}
    assert wrong == {"integer-labels"}
    assert measured(dtype="float64").of("indexing").gradient_error < 1e-15


def test_a_clip_that_bites_shows_in_value_gradient_and_count() -> None:
    found = measured(epsilon=0.05)
    batch = LossBatch.of(found.question)
    of_labels = row_max(batch.logits).gather(1, batch.labels[:, None])
    assert 0 < found.clipped_labels == (of_labels < 0.05).sum() < 256
    assert found.of("clipped").value < found.value
    assert found.of("clipped").gradient_error > 1e-3
    assert measured().clipped_labels == 0


def test_the_presets_give_nan_and_inf_where_float64_does_not() -> None:
    zero, log = measured(preset="zero-times-log-zero"), measured(preset="log-0")
    assert (zero.value, zero.of("indexing").value, zero.zero_probabilities) == (0, 0, 1)
    assert math.isnan(zero.of("definition").value)
    assert math.isnan(zero.of("definition").gradient_error)
    assert zero.of("indexing").gradient_error < 1e-40
    assert (log.value, log.of("indexing").value, log.of("from-logits").value) == (110, math.inf, 110)
    assert (log.question.batch_size, log.question.num_classes) == (1, 2)


def test_the_peak_is_what_is_alive_at_once_and_not_what_was_allocated_in_all() -> None:
    def one_after_the_other() -> None:
        for _ in range(5):
            torch.ones(1000)

    def both_at_once() -> None:
        first, second = torch.ones(1000), torch.ones(500)
        del first, second

    kept = torch.ones(1000)
    assert peak_bytes(one_after_the_other) == 4000
    assert peak_bytes(both_at_once) == 6000
    assert peak_bytes(kept.relu_) == 0
    assert peak_bytes(lambda: kept + kept + kept) == 8000


def test_the_definition_holds_more_than_from_logits_by_whole_matrices() -> None:
    found, matrix = measured(batch_size=64, num_classes=1000), 64 * 1000 * 4
    peaks = {one.loss: round(one.peak_bytes / matrix) for one in found.losses}
    # probabilities, one-hot, logarithms, products; clipping holds the raised probabilities as well
    assert peaks["definition"] == 4
    assert peaks["clipped"] == 5
    assert peaks["from-logits"] == 2
    assert peaks["torch"] == 1
    assert all(one.gradient_peak_bytes > one.peak_bytes for one in found.losses)


def test_turns_are_interleaved_and_every_round_begins_with_another() -> None:
    said: list[str] = []
    computations = {name: lambda name=name: (said.append(name), sum(range(200_000))) for name in "abc"}
    timings = interleaved(computations)
    assert all(not seconds for seconds in next(timings).values())
    said.clear()
    next(timings), next(timings)
    # a turn may be several calls, which stand together
    assert [name for name, before in zip(said, [None, *said], strict=False) if name != before] == list("abcbca")


def test_a_spread_is_median_and_quartiles() -> None:
    found = Spread.of([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (found.low, found.median, found.high) == (2, 3, 4)
    assert Spread.of([7.0]).low == Spread.of([7.0]).high == 7


def test_a_processor_that_is_given_to_others_half_of_the_time_is_seen() -> None:
    ticks = iter(range(1000))
    processor_ticks = iter(x / 2 for x in range(1000))
    load = Load(lambda: float(next(ticks)), lambda: next(processor_ticks))
    *_, found = measure_losses(LossQuestion(batch_size=8), rounds=3, load=load)
    assert isinstance(found, LossesMeasured)
    assert {one.processor_share for one in found.losses} == {0.5}
    *_, threaded = measure_losses(LossQuestion(batch_size=8, threads=2), rounds=1)
    assert isinstance(threaded, LossesMeasured)
    assert math.isnan(threaded.of("indexing").processor_share)


def test_every_part_that_a_gradient_goes_through_has_its_backward_pass_measured() -> None:
    found = measured(batch_size=32)
    for name in ("definition", "indexing"):
        without = [phase.name for phase in found.of(name).phases if phase.backward is None]
        assert without == (["one-hot"] if name == "definition" else [])
        assert [phase.name for phase in found.of(name).phases if not phase.of_loss] == ["softmax"]
