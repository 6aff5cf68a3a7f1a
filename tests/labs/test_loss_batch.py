"""The losses of the lab on one batch, against torch and against finite differences of float64."""

import math

import pytest
import torch
from torch.nn import functional

from engine.contract.errors import InputError
from engine.contract.loss_lab import LAB_LOSSES, LossQuestion, checked
from engine.labs.loss.batch import LossBatch, exact, value, value_and_gradient

CROSS_ENTROPIES = ("indexing", "definition", "clipped", "from-logits", "torch")
HARD = LossQuestion(batch_size=64, num_classes=10, dtype="float64", epsilon=1e-30)
SOFT = (
    LossQuestion(batch_size=64, num_classes=10, dtype="float64", epsilon=1e-30, smoothing=0.1),
    LossQuestion(batch_size=64, num_classes=10, dtype="float64", epsilon=1e-30, mixing=0.3),
    LossQuestion(batch_size=64, num_classes=10, dtype="float64", epsilon=1e-30, smoothing=0.2, mixing=0.4),
)


def unlike_torch(question: LossQuestion) -> set[str]:
    """The losses whose value or gradient is not torch's."""
    batch = LossBatch.of(checked(question))
    target = batch.label_distribution() if question.soft else batch.labels
    leaf = batch.logits.clone().requires_grad_()
    expected = functional.cross_entropy(leaf, target)
    (gradient,) = torch.autograd.grad(expected, leaf)
    found = {name: value_and_gradient(loss, batch.logits) for name, loss in batch.losses().items()}
    return {
        name
        for name, (mean, by) in found.items()
        if not (torch.allclose(mean, expected, rtol=1e-12) and torch.allclose(by, gradient, rtol=1e-9, atol=1e-14))
    }


def test_with_one_hot_labels_all_but_the_slip_are_torchs_value_and_gradient() -> None:
    assert unlike_torch(HARD) == {"integer-labels"}


@pytest.mark.parametrize("question", SOFT)
def test_with_soft_labels_indexing_is_another_loss(question: LossQuestion) -> None:
    assert unlike_torch(question) == {"indexing", "integer-labels"}


def test_the_comparison_sees_a_clip_that_bites() -> None:
    biting = LossQuestion(batch_size=64, num_classes=10, dtype="float64", epsilon=0.05)
    assert unlike_torch(biting) == {"integer-labels", "clipped"}


@pytest.mark.parametrize("question", [HARD, *SOFT])
def test_the_reference_gradient_is_the_slope_of_the_reference_value(question: LossQuestion) -> None:
    batch = LossBatch.of(checked(question))
    mean, gradient = exact(batch)
    step = 1e-6
    for row, column in ((0, 0), (3, int(batch.labels[3])), (63, 9)):
        moved = batch.logits.clone()
        moved[row, column] += step
        slope = (exact(LossBatch(batch.question, moved, batch.labels, batch.others))[0] - mean) / step
        assert slope == pytest.approx(gradient[row, column].item(), abs=1e-8)


@pytest.mark.parametrize("question", SOFT)
def test_a_soft_label_sums_to_one_and_gives_the_second_class_its_share(question: LossQuestion) -> None:
    batch = LossBatch.of(checked(question))
    distribution = batch.label_distribution()
    torch.testing.assert_close(distribution.sum(1), torch.ones(64, dtype=torch.float64))
    assert not (batch.labels == batch.others).any()
    even = question.smoothing / 10
    second = distribution.gather(1, batch.others[:, None])
    torch.testing.assert_close(second, torch.full_like(second, question.mixing * (1 - question.smoothing) + even))


def test_the_seed_decides_the_batch_and_the_dtype_only_rounds_it() -> None:
    first, again, other = (LossBatch.of(LossQuestion(seed=seed)) for seed in (0, 0, 1))
    assert torch.equal(first.logits, again.logits)
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.logits, other.logits)
    wide = LossBatch.of(LossQuestion(dtype="float64"))
    assert torch.equal(wide.logits.float(), first.logits)


def preset_values(name: str) -> dict[str, float]:
    batch = LossBatch.of(checked(LossQuestion(preset=name)))
    return {loss: value(of, batch.logits).item() for loss, of in batch.losses().items()}


def test_zero_times_log_zero_is_0_by_indexing_and_nan_by_the_definition() -> None:
    found = preset_values("zero-times-log-zero")
    assert found["indexing"] == found["clipped"] == found["from-logits"] == found["torch"] == 0
    assert math.isnan(found["definition"])


def test_log_0_is_inf_until_the_loss_never_forms_a_probability() -> None:
    found = preset_values("log-0")
    assert found["indexing"] == found["definition"] == math.inf
    assert found["clipped"] == pytest.approx(-math.log(1e-7))
    assert found["from-logits"] == found["torch"] == 110


def test_a_clipped_loss_has_no_gradient_where_it_is_most_wrong() -> None:
    batch = LossBatch.of(checked(LossQuestion(preset="clipped-away")))
    losses = batch.losses()
    assert value_and_gradient(losses["clipped"], batch.logits)[1].tolist() == [[0, 0]]
    assert value_and_gradient(losses["from-logits"], batch.logits)[1].tolist() == [
        [pytest.approx(-1), pytest.approx(1)]
    ]


def test_class_0_costs_nothing_where_labels_are_multiplied_as_numbers() -> None:
    found = preset_values("class-0-for-nothing")
    assert found["integer-labels"] == 0
    assert found["torch"] > 5


def test_every_loss_of_the_lab_is_there() -> None:
    assert tuple(LossBatch.of(LossQuestion()).losses()) == LAB_LOSSES
    assert set(CROSS_ENTROPIES) | {"integer-labels"} == set(LAB_LOSSES)


@pytest.mark.parametrize(
    ("question", "line"),
    [
        (LossQuestion(num_classes=1), "classes: found '1', expected an integer at least 2, at most 1,000,000"),
        (LossQuestion(smoothing=1.0), "label smoothing: found '1.0', expected a number at least 0, below 1"),
        (LossQuestion(batch_size=2**20 // 2, num_classes=100), "batch size × classes: found 52,428,800, expected at"),
        (LossQuestion(preset="log-1"), "preset: found 'log-1', expected one of log-0, zero-times-log-zero,"),
        (LossQuestion(dtype="float16"), "clip at: found 1e-07, expected at least 6.1e-05 with float16"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_one_line(question: LossQuestion, line: str) -> None:
    with pytest.raises(InputError) as refused:
        LossBatch.of(checked(question))
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
