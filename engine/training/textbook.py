"""The step of every other pair of softmax and loss, by the model as the book writes it."""

from __future__ import annotations

from torch import Tensor

from engine.contract.config import TrainConfig
from engine.contract.pairs import Pair
from engine.numerics.model import SoftmaxRegression
from engine.training.chunks import Chunk
from engine.training.minibatch import hits
from engine.training.resident import ResidentData
from engine.training.state import TrainingState
from engine.training.update import sgd


class TextbookStep:
    """Logits, softmax, loss, gradient in closed form or by autograd, step."""

    def __init__(self, config: TrainConfig, pair: Pair, data: ResidentData, state: TrainingState, most: int) -> None:
        self._config = config
        self._pair = pair
        self._scale = data.pixel_scale
        self._state = state
        self._losses = state.weight.new_empty(most)
        self._hits = state.weight.new_empty(most)

    def __call__(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        """Takes the step of minibatch `index` of the chunk."""
        model = SoftmaxRegression(self._state.weight, self._state.bias)
        labels_b = chunk.targets[index, 0]
        losses_b, weight_gradient, bias_gradient, logits_bc = model.gradients(
            chunk.images[index] * self._scale,
            labels_b,
            self._pair,
            self._config.label_smoothing,
            self._config.clip_epsilon,
        )
        self._losses[index] = losses_b.mean()
        shifted_1cb = (logits_bc - logits_bc.amax(1, keepdim=True)).t().unsqueeze(0)
        self._hits[index] = hits(shifted_1cb, shifted_1cb.gather(1, labels_b[None, None]))[0]
        sgd(self._state, weight_gradient, bias_gradient, self._config, learning_rate)

    def outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        """Mean loss and number of hits, (minibatches,) each, of minibatches `start` to `end` of the chunk."""
        return self._losses[start:end].clone(), self._hits[start:end].clone()
