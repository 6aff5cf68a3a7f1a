"""Step by step beside torch: the same images, the same order, torch's own loss, autograd and optimiser."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from engine.contract.config import TrainConfig
from engine.contract.pairs import resolve_pair
from engine.data.dataset import Dataset
from engine.training.chunks import Chunks, SeedSource
from engine.training.minibatch import Alone, FastStep, Step, TextbookStep
from engine.training.randomness import epoch_order
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.walk import Member, rate_factor

CPU = torch.device("cpu")
OPTIONS: dict[str, dict[str, object]] = {
    "plain": {},
    "log-sum-exp": {"softmax": "log-sum-exp"},
    "momentum": {"momentum": 0.9},
    "weight decay": {"weight_decay": 0.1},
    "L1": {"l1": 0.01},
    "everything": {"momentum": 0.5, "weight_decay": 0.1, "l1": 0.01, "label_smoothing": 0.2},
    "smoothing": {"label_smoothing": 0.3},
    "cosine": {"schedule": "cosine"},  # which moves at every step, within an epoch too
}


def torch_reference(
    config: TrainConfig, data: ResidentData, weight: torch.Tensor, steps: int, batch: int
) -> tuple[torch.Tensor, list[float]]:
    """The weight after so many steps of torch's SGD, and the losses on the way."""
    w = weight.clone().requires_grad_()
    b = torch.zeros(len(weight), dtype=weight.dtype, requires_grad=True)
    groups = [{"params": [w], "weight_decay": config.weight_decay}, {"params": [b], "weight_decay": 0.0}]
    optimiser = torch.optim.SGD(groups, lr=config.learning_rate, momentum=config.momentum)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=steps)  # of one epoch of so many steps
    order = epoch_order(config.seed, 0, len(data.train_labels))
    losses = []
    for step in range(steps):
        chosen = order[step * batch : (step + 1) * batch]
        x = data.train_images[chosen].to(weight.dtype) / 255
        loss = cross_entropy(x @ w.T + b, data.train_labels[chosen], label_smoothing=config.label_smoothing)
        losses.append(float(loss.detach()))
        optimiser.zero_grad()
        (loss + config.l1 * w.abs().sum()).backward()
        optimiser.step()
        if config.schedule == "cosine":
            cosine.step()
    return w.detach(), losses


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
@pytest.mark.parametrize("gradient", ["closed-form", "autograd"])
def test_every_option_of_the_step_equals_torchs_own(
    small_data: ResidentData, small_dataset: Dataset, options: dict[str, object], gradient: str
) -> None:
    config = TrainConfig(**options, gradient=gradient, dtype="float64", batch_size=64, epochs=1)  # type: ignore[arg-type]
    state = TrainingState.initial(config, 36, 4, 1000, CPU)
    expected, losses = torch_reference(config, small_data, state.weight, 16, 64)
    stretch = Alone(Member(config, small_data, small_dataset.info, state)).stretch(16, 1e9)
    assert stretch.losses[0] == pytest.approx(losses, rel=1e-10)
    torch.testing.assert_close(state.weight, expected, rtol=1e-9, atol=1e-11)


def test_the_comparison_notices_a_gradient_of_the_sum(small_data: ResidentData, small_dataset: Dataset) -> None:
    """The negative control: a step that forgets to divide by the batch is not torch's."""
    config = TrainConfig(dtype="float64", batch_size=64, epochs=1)
    state = TrainingState.initial(config, 36, 4, 1000, CPU)
    expected, _ = torch_reference(config, small_data, state.weight, 1, 64)
    broken = TrainConfig(dtype="float64", batch_size=64, epochs=1, learning_rate=config.learning_rate * 64)
    Alone(Member(broken, small_data, small_dataset.info, state)).stretch(1)
    assert not torch.allclose(state.weight, expected, rtol=1e-3)


def _steps(small_dataset: Dataset, batch: int, smoothing: float) -> list[tuple[Step, TrainingState, Chunks]]:
    pair = resolve_pair("row-max", "auto", "auto", smoothing)
    made: list[tuple[Step, TrainingState, Chunks]] = []
    for kind in (FastStep, TextbookStep):
        config = TrainConfig(batch_size=batch, epochs=1, label_smoothing=smoothing)
        data = ResidentData.of(small_dataset, CPU)
        state = TrainingState.initial(config, 36, 4, 1000, CPU)
        chunks = Chunks([SeedSource(data, 0)], batch, torch.float32)
        if kind is FastStep:
            made.append((FastStep(config, data, state, chunks.most), state, chunks))
        else:
            made.append((TextbookStep(config, pair, data, state, chunks.most), state, chunks))
    return made


@pytest.mark.parametrize("batch", [1, 3, 64, 256])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_fast_step_follows_the_textbook_step_by_step(small_dataset: Dataset, batch: int, smoothing: float) -> None:
    (fast, fast_state, fast_chunks), (book, book_state, book_chunks) = _steps(small_dataset, batch, smoothing)
    for minibatch in range(min(40, -(-1000 // batch))):
        outcomes = []
        for step, chunks in ((fast, fast_chunks), (book, book_chunks)):
            chunk = chunks.at(0, minibatch)
            index = minibatch - chunk.first
            step(chunk, index, 0.1)
            outcomes.append(step.outcome(chunk, index, index + 1))
        # float32: a sum of 36 products of numbers near 1 is good to about 36 · 2⁻²⁴
        torch.testing.assert_close(outcomes[0][0], outcomes[1][0], rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(outcomes[0][1], outcomes[1][1])
        torch.testing.assert_close(fast_state.weight, book_state.weight, rtol=1e-5, atol=1e-6)
        torch.testing.assert_close(fast_state.bias, book_state.bias, rtol=1e-5, atol=1e-6)


def test_the_order_of_an_epoch_is_hashed_from_seed_and_epoch_not_their_sum() -> None:
    assert torch.equal(epoch_order(3, 4, 100), epoch_order(3, 4, 100))
    assert not torch.equal(epoch_order(0, 1, 100), epoch_order(1, 0, 100))
    assert sorted(epoch_order(0, 0, 100).tolist()) == list(range(100))


def test_the_schedules_reach_what_they_promise() -> None:
    steps = TrainConfig(schedule="step", schedule_epochs=2, schedule_factor=0.1, learning_rate=1.0)
    assert [rate_factor(steps, epoch, 0.9) for epoch in range(5)] == pytest.approx([1, 1, 0.1, 0.1, 0.01])
    cosine = TrainConfig(schedule="cosine", learning_rate=1.0, epochs=10)
    assert rate_factor(cosine, 0, 0.0) == 1.0
    assert rate_factor(cosine, 5, 0.0) == pytest.approx(0.5)
    assert rate_factor(cosine, 9, 0.999) < 1e-6
