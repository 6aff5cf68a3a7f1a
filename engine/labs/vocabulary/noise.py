"""Which words negative sampling takes for noise."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_POWER = 0.75  # of the word frequencies (Mikolov et al. 2013)


@dataclass(frozen=True)
class Noise:
    """q(word) ∝ (count + 1)^¾ of the words trained on: a word never seen is drawn too. `cumulative_v` is in float64."""

    cumulative_v: Tensor
    generator: torch.Generator

    @classmethod
    def of(cls, counts_v: Tensor, generator: torch.Generator) -> Noise:
        """Counts `(words,)` on the generator's device."""
        cumulative_v = (counts_v.double() + 1).pow_(_POWER).cumsum(0)
        return cls(cumulative_v.div_(cumulative_v[-1].clone()), generator)

    def draw(self, positions: int, count: int) -> Tensor:
        """`(positions, count)` words, with replacement."""
        uniform_bk = torch.rand(
            positions, count, generator=self.generator, dtype=torch.float64, device=self.cumulative_v.device
        )
        return torch.searchsorted(self.cumulative_v, uniform_bk, right=True).clamp_(max=len(self.cumulative_v) - 1)

    def log_expected_v(self, count: int) -> Tensor:
        """log(count · q(word)), `(words,)` in float64."""
        return self.cumulative_v.diff(prepend=self.cumulative_v.new_zeros(1)).mul_(count).log_()
