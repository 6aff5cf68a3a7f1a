"""Every pair's gradient against finite differences, torch and itself, and what the model learns with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
import torch
from msgspec import structs
from torch import Tensor
from torch.nn import functional

from engine.contract.config import LossName, SoftmaxName
from engine.contract.errors import InputError
from engine.contract.pairs import YOURS, Pair, resolve_pair
from engine.numerics.model import Gradients, SoftmaxRegression, losses_of
from engine.numerics.softmax import IMPLEMENTATIONS

# About half the probabilities of the problem lie above it and half below.
EPSILON = 0.15
MINE = """
def softmax(x):
    return x.exp() / x.exp().sum(1, keepdim=True)

def cross_entropy(p, y):
    return -p[range(len(y)), y].log().mean()
"""


def all_pairs(smoothing: float) -> list[Pair]:
    pairs = []
    for softmax in get_args(SoftmaxName):
        for loss in get_args(LossName):
            for gradient in ("closed-form", "autograd"):
                try:
                    pair = resolve_pair(softmax, loss, gradient, smoothing)
                    pairs.append(structs.replace(pair, source=MINE if YOURS in (softmax, loss) else ""))
                except InputError:
                    continue
    return pairs


ALL = [(pair, smoothing) for smoothing in (0.0, 0.2) for pair in all_pairs(smoothing)]


def problem(dtype: torch.dtype = torch.float64) -> tuple[SoftmaxRegression, Tensor, Tensor]:
    """A model of 6 features and 4 classes, with 8 images and labels that include class 0."""
    generator = torch.Generator().manual_seed(4)
    model = SoftmaxRegression.initial(6, 4, sigma=1.0, generator=generator, dtype=torch.float64)
    model.bias = torch.randn(4, dtype=torch.float64, generator=generator)
    images = torch.rand(8, 6, dtype=torch.float64, generator=generator)
    return SoftmaxRegression(model.weight.to(dtype), model.bias.to(dtype)), images.to(dtype), torch.arange(8) % 4


def central_differences(
    model: SoftmaxRegression, images: Tensor, labels: Tensor, pair: Pair, smoothing: float
) -> tuple[Tensor, Tensor]:
    """d mean loss / d weight and d bias, from the loss alone."""
    step = 1e-6

    def slope(parameter: Tensor, position: int, moved: SoftmaxRegression) -> float:
        values = parameter.view(-1)
        kept = values[position].item()
        ends = []
        for end in (kept + step, kept - step):
            values[position] = end
            ends.append(losses_of(moved.logits(images), labels, pair, smoothing, EPSILON).mean().item())
        values[position] = kept
        return (ends[0] - ends[1]) / (2 * step)

    moved = SoftmaxRegression(model.weight.clone(), model.bias.clone())
    gradients = []
    for parameter in (moved.weight, moved.bias):
        slopes = [slope(parameter, position, moved) for position in range(parameter.numel())]
        gradients.append(torch.tensor(slopes, dtype=torch.float64).view_as(parameter))
    return gradients[0], gradients[1]


def is_derivative(found: Gradients, expected: tuple[Tensor, Tensor]) -> bool:
    # Central differences with a step of 1e-6 are off by its square and by 1e-16/1e-6 of rounding.
    return all(
        torch.allclose(gradient, slope, rtol=1e-6, atol=1e-8)
        for gradient, slope in zip((found.weight_gradient, found.bias_gradient), expected, strict=True)
    )


@pytest.mark.parametrize(("pair", "smoothing"), ALL, ids=str)
def test_the_gradient_of_every_pair_is_the_slope_of_its_loss(pair: Pair, smoothing: float) -> None:
    model, images, labels = problem()
    found = model.gradients(images, labels, pair, smoothing, EPSILON)
    assert is_derivative(found, central_differences(model, images, labels, pair, smoothing))
    assert torch.equal(found.losses, losses_of(model.logits(images), labels, pair, smoothing, EPSILON))
    assert torch.equal(found.logits, model.logits(images))


def test_all_pairs_are_there() -> None:
    # Of 4 softmaxes × 5 losses × 2 gradients: from-logits with 2 softmaxes, and closed form with 2 losses, are out;
    # with smoothing, indexing and integer-labels too.
    # Yours goes by autograd: a loss with every softmax, a softmax with every loss but from-logits.
    assert len(all_pairs(0.0)) == 4 * 5 * 2 - 2 * 2 - 4 * 2 + 4 + 5
    assert len(all_pairs(0.2)) == 4 * 3 * 2 - 2 * 2 - 4 + 2


def test_the_clipped_pairs_are_checked_on_both_sides_of_epsilon() -> None:
    model, images, labels = problem()
    of_true_class = IMPLEMENTATIONS["row-max"](model.logits(images))[torch.arange(8), labels]
    assert (of_true_class < EPSILON).any()
    assert (of_true_class > EPSILON).any()
    assert ((of_true_class - EPSILON).abs() > 1e-4).all()  # no finite difference straddles the kink


@pytest.mark.parametrize("loss", ["clipped", "integer-labels"])
def test_the_closed_form_is_not_the_derivative_of_the_losses_that_refuse_it(loss: str) -> None:
    model, images, labels = problem()
    honest = resolve_pair("row-max", loss, "auto", 0.0)
    forced = model.gradients(images, labels, Pair("row-max", "indexing", "closed-form"), 0.0, EPSILON)
    assert not is_derivative(forced, central_differences(model, images, labels, honest, 0.0))


@pytest.mark.parametrize(
    "break_it",
    [
        lambda found: found._replace(weight_gradient=-found.weight_gradient),
        lambda found: found._replace(weight_gradient=found.weight_gradient * 8),  # the sum's, not the mean's
        lambda found: found._replace(bias_gradient=found.bias_gradient.flip(0)),
        lambda found: found._replace(bias_gradient=found.bias_gradient + 1e-6),
    ],
    ids=["sign", "sum for mean", "order", "a millionth"],
)
def test_the_check_of_gradients_fails_on_a_broken_one(break_it: Callable[[Gradients], Gradients]) -> None:
    model, images, labels = problem()
    pair = resolve_pair("row-max", "auto", "auto", 0.0)
    slopes = central_differences(model, images, labels, pair, 0.0)
    found = model.gradients(images, labels, pair)
    assert is_derivative(found, slopes)
    assert not is_derivative(break_it(found), slopes)


CLOSED_FORM = [(pair, smoothing) for pair, smoothing in ALL if pair.gradient == "closed-form"]
# float32: entries are below 1 and sum 8 products that were rounded a few times; 8 epsilon of the largest.
TOLERANCES = [(torch.float64, 1e-10), (torch.float32, 8 * torch.finfo(torch.float32).eps)]


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize(("pair", "smoothing"), CLOSED_FORM, ids=str)
def test_the_closed_form_is_what_autograd_and_torchs_cross_entropy_find(
    pair: Pair, smoothing: float, dtype: torch.dtype, tolerance: float
) -> None:
    model, images, labels = problem(dtype)
    found = model.gradients(images, labels, pair, smoothing)
    ours = model.gradients(images, labels, Pair(pair.softmax, pair.loss, "autograd"), smoothing)
    weight, bias = model.weight.clone().requires_grad_(), model.bias.clone().requires_grad_()
    loss = functional.cross_entropy(functional.linear(images, weight, bias), labels, label_smoothing=smoothing)
    for other in (ours[1:3], torch.autograd.grad(loss, (weight, bias))):
        for mine, theirs in zip(found[1:3], other, strict=True):
            torch.testing.assert_close(mine, theirs, rtol=0, atol=tolerance)
    torch.testing.assert_close(found.losses.mean(), loss.detach(), rtol=0, atol=4 * tolerance)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_training_by_closed_form_and_by_autograd_goes_the_same_way_step_by_step(dtype: torch.dtype) -> None:
    by_hand, images, labels = problem(dtype)
    by_autograd = replace(by_hand)
    tolerance = 1e-12 if dtype == torch.float64 else 1e-5
    for _ in range(50):
        for model, gradient in ((by_hand, "closed-form"), (by_autograd, "autograd")):
            found = model.gradients(images, labels, Pair("row-max", "from-logits", gradient))
            model.weight = model.weight - 0.5 * found.weight_gradient
            model.bias = model.bias - 0.5 * found.bias_gradient
        torch.testing.assert_close(by_hand.weight, by_autograd.weight, rtol=0, atol=tolerance)
        torch.testing.assert_close(by_hand.bias, by_autograd.bias, rtol=0, atol=tolerance)


def accuracy_after_training(pair: Pair) -> float:
    """On 10 classes of images, 30 each, that differ in which 4 of 40 features are bright."""
    generator = torch.Generator().manual_seed(5)
    labels = torch.arange(300) % 10
    images = 0.3 * torch.rand(300, 40, generator=generator)
    images += functional.one_hot(labels, 10).repeat_interleave(4, 1)
    model = SoftmaxRegression.initial(40, 10, 0.01, generator)
    for _ in range(200):
        found = model.gradients(images, labels, pair)
        model.weight -= 0.05 * found.weight_gradient
        model.bias -= 0.05 * found.bias_gradient
    return (model.logits(images).argmax(1) == labels).float().mean().item()


def test_integer_labels_does_not_learn_what_cross_entropy_learns() -> None:
    assert accuracy_after_training(resolve_pair("row-max", "from-logits")) == 1.0
    assert accuracy_after_training(resolve_pair("row-max", "integer-labels")) < 0.2


@pytest.mark.parametrize("gradient", ["closed-form", "autograd"])
@pytest.mark.parametrize("enabled", [True, False])
def test_gradients_need_no_grad_mode_and_leave_it_alone(gradient: str, enabled: bool) -> None:
    model, images, labels = problem()
    with torch.set_grad_enabled(enabled):
        found = model.gradients(images, labels, Pair("row-max", "from-logits", gradient))
        assert torch.is_grad_enabled() is enabled
    assert not any(tensor.requires_grad for tensor in found)
    assert not model.weight.requires_grad


def test_a_model_starts_with_small_weights_that_its_seed_decides_and_no_bias() -> None:
    def start(seed: int) -> SoftmaxRegression:
        return SoftmaxRegression.initial(784, 10, 0.01, torch.Generator().manual_seed(seed))

    model = start(0)
    assert model.weight.shape == (10, 784)
    assert model.weight.std().item() == pytest.approx(0.01, rel=0.05)
    assert model.weight.mean().item() == pytest.approx(0, abs=0.001)
    assert model.bias.tolist() == [0.0] * 10
    assert torch.equal(model.weight, start(0).weight)
    assert not torch.equal(model.weight, start(1).weight)


@pytest.mark.parametrize("softmax", IMPLEMENTATIONS)
def test_losses_of_known_probabilities_are_the_same(softmax: str) -> None:
    model, images, labels = problem()
    pair, logits = Pair(softmax, "indexing", "autograd"), model.logits(images)
    known = losses_of(logits, labels, pair, probabilities_bc=IMPLEMENTATIONS[softmax](model.logits(images)))
    assert torch.equal(known, losses_of(logits, labels, pair))
