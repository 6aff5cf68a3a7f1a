"""How finely the probabilities of a source are known: 0.7 in a float32 file is 0.7."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_FLOAT64 = np.dtype(np.float64)
_DIGITS = 12  # of numbers in float64: beyond, they differ by the rounding of sums alone


@dataclass(frozen=True)
class Precision:
    """Of probabilities as stored in a dtype, or `computed` from such ones.

    A number and a stored probability are compared as if both had been stored: whatever reached the number before
    storing reaches it afterwards.
    """

    dtype: np.dtype[np.floating] = _FLOAT64
    computed: bool = False

    @classmethod
    def of(cls, dtype: np.dtype[np.floating]) -> Precision:
        """Of a dtype; one that is finer than float64 is computed with in float64."""
        native = np.dtype(dtype).newbyteorder("=")
        return cls(min(native, _FLOAT64, key=lambda one: np.finfo(one).bits))

    @classmethod
    def of_mean(cls, members: Sequence[Precision]) -> Precision:
        """Of the mean of several: that of the coarsest."""
        return max(members, key=lambda one: one.half_unit).after_computing

    @property
    def after_computing(self) -> Precision:
        """Of what is computed from probabilities of this precision."""
        return replace(self, computed=True)

    @property
    def stored(self) -> bool:
        """Whether the probabilities are as a coarser dtype than float64 has them, so that equal ones are equal."""
        return not self.computed and self.dtype != _FLOAT64

    @property
    def half_unit(self) -> float:
        """The largest relative error of a stored number: half a unit in its last place."""
        return max(float(np.finfo(self.dtype).eps) / 2, 10.0**-_DIGITS)

    def ties(self, values: Floats) -> Floats:
        """The values, such that those which differ by rounding alone are equal: to 3 decimals of float16, 6 of float32.

        Also for sums of probabilities of a row, and their differences.
        """
        return values.round(min(np.finfo(self.dtype).precision, _DIGITS))

    def least(self, threshold: float) -> float:
        """What a stored probability is at least if the probability was at least `threshold`, which is 0 or more."""
        if not self.stored:
            return threshold * (1 - self.half_unit)
        stored = float(self.dtype.type(threshold))
        # A threshold above 0 stays above the probabilities that are 0.
        return float(np.finfo(self.dtype).smallest_subnormal) if stored == 0 < threshold else stored

    def most(self, bounds: Floats) -> Floats:
        """What stored probabilities are at most if the probabilities were at most `bounds` (m,), in float64."""
        if not self.stored:
            return bounds * (1 + self.half_unit)
        return bounds.astype(self.dtype).astype(np.float64)


EXACT = Precision()
