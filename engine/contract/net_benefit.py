"""The decision curve of one class: what deciding by a model is worth beside treating every image, or none.

Net benefit is in true positives per image: NB = TP/n − FP/n · t/(1 − t) at a threshold t (Vickers and Elkin 2006,
"Decision curve analysis: a novel method for evaluating prediction models").
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from msgspec import Struct

from engine.contract.interval import Interval
from engine.contract.quantities import Count, Seed, expect

Strategy = Literal["model", "all", "none"]  # decide by the model; treat every image; treat none


class BestRange(Struct, frozen=True):
    """Thresholds from `low` to `high` where nothing is clearly better than `options`: of one option, it is the best."""

    low: float
    high: float
    options: tuple[Strategy, ...]


class NetBenefitCurve(Struct, frozen=True, kw_only=True):
    """Over `thresholds` (m,), ascending; the prevalence is that of the images. Treating none has a net benefit of 0.

    `model_low` and `model_high` are 95 % intervals, each of one threshold. `avoided` are interventions avoided for each
    100 images, against treating every image: by so many fewer alarms, without one more miss, the model's net benefit
    is larger. `ranges` tell where each option is best: all of them are right together 19 times of 20.
    """

    thresholds: tuple[float, ...]
    model: tuple[float, ...]
    model_low: tuple[float, ...]
    model_high: tuple[float, ...]
    treat_all: tuple[float, ...]
    avoided: tuple[float, ...]
    avoided_low: tuple[float, ...]
    avoided_high: tuple[float, ...]
    ranges: tuple[BestRange, ...]
    prevalence: float
    resamples: Count
    resampling_seed: Seed

    def __post_init__(self) -> None:
        curves = (self.model, self.model_low, self.model_high, self.treat_all)
        avoided = (self.avoided, self.avoided_low, self.avoided_high)
        expect(all(len(curve) == len(self.thresholds) for curve in (*curves, *avoided)), "a value for each threshold")
        expect(all(left < right for left, right in pairwise(self.thresholds)), "ascending thresholds")


class NetBenefitHere(Struct, frozen=True, kw_only=True):
    """At the threshold that was chosen; nan at 1, where a false alarm outweighs any number of hits.

    `options` are those of the curve's range that the threshold lies in; empty beyond the ends of the curve.
    """

    model: float
    model_interval: Interval
    treat_all: float
    avoided: float
    avoided_interval: Interval
    options: tuple[Strategy, ...]


class NetBenefit(Struct, frozen=True, kw_only=True):
    """The curve, which depends on the class alone, and its place at the threshold."""

    curve: NetBenefitCurve
    here: NetBenefitHere
