"""The losses against torch's `cross_entropy`, and at the edge of the logarithm's domain."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.contract.errors import InputError
from engine.numerics import cross_entropy
from engine.numerics.softmax import row_max


def batch(dtype: torch.dtype, scale: float = 3.0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(3)
    logits = scale * torch.randn(64, 10, dtype=torch.float64, generator=generator)
    return logits.to(dtype), torch.randint(10, (64,), generator=generator)


# float64: 1e-10 is far above rounding. float32: a loss is a sum of terms as large as the largest shifted logit,
# here below 32; its spacing, 2^-19, may come in once or twice. As a fraction of the loss that is 1e-5 at least.
TOLERANCES = [(torch.float64, 1e-10, 1e-10), (torch.float32, 1e-5, 2 * 2**-19)]


def all_losses(logits: Tensor, labels: Tensor, smoothing: float) -> dict[str, Tensor]:
    probabilities = row_max(logits)
    distribution = cross_entropy.one_hot(labels, logits.shape[1], smoothing, logits.dtype)
    losses = {
        "definition": cross_entropy.definition(probabilities, distribution),
        "clipped": cross_entropy.clipped(probabilities, distribution, 1e-30),
        "from-logits, soft": cross_entropy.from_logits(logits, distribution),
    }
    if not smoothing:
        losses["indexing"] = cross_entropy.indexing(probabilities, labels)
        losses["from-logits"] = cross_entropy.from_logits(logits, labels)
    return losses


def unlike(losses: dict[str, Tensor], expected: Tensor, rtol: float, atol: float) -> list[str]:
    return [name for name, loss in losses.items() if not torch.allclose(loss, expected, rtol=rtol, atol=atol)]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize(("dtype", "rtol", "atol"), TOLERANCES)
def test_every_loss_is_torchs_cross_entropy(dtype: torch.dtype, rtol: float, atol: float, smoothing: float) -> None:
    logits, labels = batch(dtype)
    expected = functional.cross_entropy(logits, labels, reduction="none", label_smoothing=smoothing)
    assert unlike(all_losses(logits, labels, smoothing), expected, rtol, atol) == []


@pytest.mark.parametrize(("dtype", "rtol", "atol"), TOLERANCES)
def test_the_comparison_with_torch_sees_a_wrong_loss(dtype: torch.dtype, rtol: float, atol: float) -> None:
    logits, labels = batch(dtype)
    expected = functional.cross_entropy(logits, labels, reduction="none")
    wrong = {
        "integer-labels": cross_entropy.integer_labels(row_max(logits), labels),
        "smoothed": cross_entropy.from_logits(logits, cross_entropy.one_hot(labels, 10, 1e-4, dtype)),
        "clipped": cross_entropy.clipped(row_max(logits), cross_entropy.one_hot(labels, 10, dtype=dtype), epsilon=1e-3),
    }
    assert unlike(wrong, expected, rtol, atol) == list(wrong)


def test_from_logits_stays_exact_where_probabilities_are_0() -> None:
    logits = torch.tensor([[0.0, 110.0], [9000.0, -9000.0], [1e4, 1e4]])
    labels = torch.tensor([0, 1, 0])
    expected = functional.cross_entropy(logits.double(), labels, reduction="none")
    torch.testing.assert_close(cross_entropy.from_logits(logits, labels).double(), expected, rtol=1e-7, atol=0)
    assert cross_entropy.indexing(row_max(logits), labels).tolist()[:2] == [math.inf, math.inf]


def test_zero_times_log_zero_is_nan_by_the_definition_and_0_by_indexing() -> None:
    logits, labels = torch.tensor([[0.0, 110.0]]), torch.tensor([1])
    probabilities, one_hot = row_max(logits), cross_entropy.one_hot(labels, 2)
    assert probabilities.tolist() == [[0.0, 1.0]]
    assert cross_entropy.indexing(probabilities, labels).item() == 0
    assert cross_entropy.definition(probabilities, one_hot).isnan().all()
    assert cross_entropy.clipped(probabilities, one_hot, 1e-7).item() == 0
    assert cross_entropy.from_logits(logits, labels).item() == 0
    assert cross_entropy.from_logits(logits, one_hot).item() == 0


def test_the_clipped_loss_ends_at_minus_log_epsilon() -> None:
    probabilities = torch.tensor([[1e-9, 1.0]], dtype=torch.float64)
    one_hot = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    assert cross_entropy.clipped(probabilities, one_hot, 1e-4).item() == pytest.approx(-math.log(1e-4))
    assert cross_entropy.clipped(probabilities, one_hot, 1e-12).item() == pytest.approx(-math.log(1e-9))


def test_an_epsilon_that_the_dtype_rounds_to_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"^clip at: found 1e-60, expected at least 1\.2e-38"):
        cross_entropy.clipped(torch.tensor([[0.0, 1.0]]), torch.tensor([[0.0, 1.0]]), 1e-60)


def test_smoothed_labels_are_distributions_with_their_share_on_every_class() -> None:
    smooth = cross_entropy.one_hot(torch.tensor([2, 0]), 4, 0.2, torch.float64)
    expected = torch.tensor([[0.05, 0.05, 0.85, 0.05], [0.85, 0.05, 0.05, 0.05]], dtype=torch.float64)
    torch.testing.assert_close(smooth, expected)
    assert cross_entropy.one_hot(torch.tensor([2]), 4).tolist() == [[0, 0, 1, 0]]


def test_integer_labels_is_least_at_equal_probabilities_whatever_the_label() -> None:
    logits = torch.zeros(3, 4, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 1, 3])
    losses = cross_entropy.integer_labels(row_max(logits), labels)
    assert losses.tolist() == pytest.approx([0, 4 * math.log(4), 12 * math.log(4)])
    (gradient,) = torch.autograd.grad(losses.sum(), logits)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-15)
