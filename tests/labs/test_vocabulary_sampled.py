"""Layers that look at some words only: what sampling estimates, what it touches, and two-level softmax."""

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from engine.contract.vocabulary import METHODS, Method, VocabularyQuestion
from engine.labs.vocabulary.classes import ClassCrossEntropy, class_log_probabilities, class_losses, class_width
from engine.labs.vocabulary.layers import OutputLayer, Scores, own_layer, softmax_layer
from engine.labs.vocabulary.sampled import (
    NegativeSampling,
    Noise,
    SampledCrossEntropy,
    log_expected_count,
    log_uniform,
    sampled_log_partition,
)
from engine.labs.vocabulary.training import descend

WORDS, DRAWS = 50, 20_000


def estimates(count: int, corrected: bool = True) -> tuple[Tensor, float]:
    """The log of the estimated partition for many draws of so many samples, and the exact one."""
    generator = torch.Generator().manual_seed(1)
    logits_v = torch.randn(WORDS, generator=generator, dtype=torch.float64)
    target = 3
    samples, expected = log_uniform(WORDS, count * DRAWS, generator)
    samples = samples.view(DRAWS, count)
    expected = log_expected_count(samples, WORDS, count)
    if not corrected:  # as if all words were drawn alike
        expected = torch.full_like(expected, math.log(count / WORDS))
    estimated = sampled_log_partition(logits_v[target].expand(DRAWS), logits_v[samples], expected, samples == target)
    return estimated, logits_v.logsumexp(0).item()


def off(estimated: Tensor, exact: float) -> float:
    """How far the mean lies from what is exact, in standard errors of the mean."""
    return ((estimated.mean() - exact) / (estimated.std() / math.sqrt(len(estimated)))).abs().item()


@pytest.mark.parametrize("count", [1, 8])
def test_the_estimated_partition_is_right_on_average(count: int) -> None:
    estimated, exact = estimates(count)
    assert off(estimated.exp(), math.exp(exact)) < 3.5


def test_without_the_correction_it_is_not() -> None:
    estimated, exact = estimates(8, corrected=False)
    assert off(estimated.exp(), math.exp(exact)) > 20


@pytest.mark.parametrize("target", [0, 3, 49])
def test_the_target_is_not_corrected_and_correcting_it_multiplies_its_odds_by_its_expected_count(target: int) -> None:
    """What Jean et al. write is right where the target is expected once among the samples, ours for every target."""
    count, generator = 8, torch.Generator().manual_seed(1)
    logits_v = torch.randn(WORDS, generator=generator, dtype=torch.float64)
    samples, _ = log_uniform(WORDS, count * DRAWS, generator)
    samples = samples.view(DRAWS, count)
    expected, hits = log_expected_count(samples, WORDS, count), samples == target
    of_target = log_expected_count(torch.tensor(target), WORDS, count)
    odds = math.expm1(logits_v.logsumexp(0).item() - logits_v[target].item())
    for corrected, should in ((False, odds), (True, odds * of_target.exp().item())):
        logit = logits_v[target] - (of_target if corrected else 0.0)
        log_partition = sampled_log_partition(logit.expand(DRAWS), logits_v[samples], expected, hits)
        assert off((log_partition - logit).expm1(), should) < 3.5, corrected
    assert abs(of_target.item()) > 0.3  # so the two are far from each other


def test_its_logarithm_is_too_small_and_the_less_so_the_more_samples_there_are() -> None:
    bias = []
    for count in (2, 8, 32):
        estimated, exact = estimates(count)
        assert off(estimated, exact) > 3.5
        bias.append(exact - estimated.mean().item())
    # To first order it is the variance of the estimate, over 2 S: four times the samples, a quarter of the bias.
    assert bias[0] > 2.5 * bias[1] > 2.5 * 2.5 * bias[2] > 0


def test_words_are_drawn_as_often_as_their_expected_count_says() -> None:
    samples, expected = log_uniform(WORDS, 200_000, torch.Generator().manual_seed(0))
    counts = torch.bincount(samples, minlength=WORDS)
    should = log_expected_count(torch.arange(WORDS), WORDS, 200_000).exp()
    assert should.sum().item() == pytest.approx(200_000)
    assert ((counts - should) / should.sqrt()).abs().max() < 4
    assert torch.equal(expected, log_expected_count(samples, WORDS, 200_000))


def test_noise_is_drawn_by_its_own_probabilities_and_never_leaves_a_word_out() -> None:
    counts = torch.tensor([1000, 100, 10, 0])
    noise = Noise.of(counts, torch.Generator().manual_seed(0))
    drawn = torch.bincount(noise.draw(1000, 100).flatten(), minlength=4)
    should = noise.log_expected_v(100_000).exp()
    assert should.tolist() == pytest.approx(((counts + 1) ** 0.75 / ((counts + 1) ** 0.75).sum() * 1e5).tolist())
    assert ((drawn - should) / should.sqrt()).abs().max() < 4


def leaves(words: int = 30) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((6, 4), (words, 4), (words,))]


@pytest.mark.parametrize("sparse", [True, False])
def test_the_gradients_of_sampled_and_negative_are_those_of_autograd(sparse: bool) -> None:
    generator = torch.Generator().manual_seed(3)
    targets = torch.tensor([0, 29, 5, 5, 7, 1])
    samples, expected = log_uniform(30, 40, generator)
    negatives = torch.randint(30, (6, 3), generator=generator)

    def by_hand(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        one: Tensor = SampledCrossEntropy.apply(features, weight, bias, targets, samples, expected, sparse)
        other: Tensor = NegativeSampling.apply(features, weight, bias, targets, negatives, sparse)
        return one + 2 * other

    def plain(features: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        logits = features @ weight.T + bias
        target = logits.gather(1, targets[:, None]).squeeze(1)
        partition = sampled_log_partition(target, logits[:, samples], expected, targets[:, None] == samples)
        noise = functional.logsigmoid(-logits.gather(1, negatives)).sum(1)
        return (partition - target).mean() - 2 * (functional.logsigmoid(target) + noise).mean()

    results = []
    for loss in (by_hand, plain):
        own = [tensor.clone().requires_grad_() for tensor in leaves()]
        value = loss(*own)
        value.backward()
        assert own[1].grad is not None
        assert own[1].grad.is_sparse == (sparse and loss is by_hand)
        results.append([value, *(leaf.grad.to_dense() for leaf in own if leaf.grad is not None)])
    for mine, theirs in zip(*results, strict=True):
        torch.testing.assert_close(mine, theirs, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("words", [2, 3, 10, 31])
def test_two_level_softmax_sums_to_1_and_has_the_gradient_of_autograd(words: int) -> None:
    generator = torch.Generator().manual_seed(4)
    width = class_width(words)
    classes = -(-words // width)
    shapes = ((6, 4), (classes, 4), (classes,), (words, 4), (words,))
    start = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    targets = torch.randint(words, (6,), generator=generator)
    log_probabilities = class_log_probabilities(start[0], width, *start[1:])
    torch.testing.assert_close(log_probabilities.exp().sum(1), torch.ones(6, dtype=torch.float64))
    torch.testing.assert_close(
        class_losses(start[0], targets, width, *start[1:]),
        functional.nll_loss(log_probabilities, targets, reduction="none"),
    )
    own, other = ([tensor.clone().requires_grad_() for tensor in start] for _ in range(2))
    ClassCrossEntropy.apply(*own, targets, width, True).backward()
    functional.nll_loss(class_log_probabilities(other[0], width, *other[1:]), targets).backward()
    for mine, theirs in zip(own, other, strict=True):
        assert mine.grad is not None
        torch.testing.assert_close(mine.grad.to_dense(), theirs.grad, rtol=1e-10, atol=1e-10)


def layer_of(method: Method, words: int = 40, gradients: str = "sparse") -> OutputLayer:
    question = VocabularyQuestion(dimension=16, dtype="float64", samples=5, negatives=2, gradients=gradients)  # type: ignore[arg-type]
    generator = torch.Generator().manual_seed(5)
    if method in ("adaptive", "class-based"):
        return own_layer(method, question, words, 0.3, generator)
    scores = Scores(torch.randn(words, 16, generator=generator, dtype=torch.float64), torch.zeros(words).double())
    return softmax_layer(method, question, scores, Noise.of(torch.arange(words).flip(0), generator))


@pytest.mark.parametrize("words", [2, 40])
@pytest.mark.parametrize("method", METHODS)
def test_every_layer_is_a_distribution_over_all_words(method: Method, words: int) -> None:
    layer = layer_of(method, words)
    features = torch.randn(3, 16, dtype=torch.float64)
    log_probabilities = layer.log_probabilities(features)
    assert log_probabilities.shape == (3, words)
    torch.testing.assert_close(log_probabilities.exp().sum(1), torch.ones(3, dtype=torch.float64))
    targets = torch.tensor([0, 1, words - 1])
    torch.testing.assert_close(
        layer.losses(features, targets), -log_probabilities.gather(1, targets[:, None]).squeeze(1)
    )


@pytest.mark.parametrize("method", ["full", "sampled", "negative"])
def test_layers_on_the_same_scores_mean_the_same_softmax(method: Method) -> None:
    features = torch.randn(3, 16, dtype=torch.float64)
    torch.testing.assert_close(
        layer_of(method).log_probabilities(features), layer_of("chunked").log_probabilities(features)
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_step_changes_the_rows_that_it_says_it_touches(method: Method) -> None:
    layer = layer_of(method)
    features, targets = torch.randn(2, 16, dtype=torch.float64), torch.tensor([0, 39])
    before = {name: tensor.detach().clone() for name, tensor in layer.parameters.items()}
    layer.loss(features, targets).backward()
    touched = layer.rows_touched()
    for parameter in layer.parameters.values():
        descend(parameter, 0.1)
    if method != "adaptive":
        changed = (layer.parameters["weight"].detach() != before["weight"]).any(1)
        assert changed.sum() == touched
        assert changed[[0, 39]].all()
    expected = {"full": 40, "chunked": 40, "adaptive": 40 - 9, "class-based": 7 + 5, "sampled": 7, "negative": 6}[
        method
    ]
    assert touched <= expected if method in ("sampled", "negative") else touched == expected


def test_dense_and_sparse_gradients_take_the_same_step() -> None:
    stepped = []
    for gradients in ("sparse", "dense"):
        layer = layer_of("sampled", gradients=gradients)
        layer.loss(torch.ones(2, 16, dtype=torch.float64), torch.tensor([0, 39])).backward()
        assert layer.rows_touched() == 40 if gradients == "dense" else layer.rows_touched() < 10
        for parameter in layer.parameters.values():
            descend(parameter, 0.1)
        stepped.append(layer.parameters["weight"].detach())
    torch.testing.assert_close(*stepped)
