"""What the loss lab is asked and what it measured: one batch through each cross-entropy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Struct
from msgspec.structs import replace

from engine.contract.errors import InputError
from engine.contract.quantities import Count, Seconds, Text, described, expect
from engine.contract.settings import check
from engine.contract.trace import Dtype, Rows

LabLoss = Literal["indexing", "definition", "clipped", "integer-labels", "from-logits", "torch", "yours"]
LAB_LOSSES: tuple[LabLoss, ...] = ("indexing", "definition", "clipped", "integer-labels", "from-logits", "torch")
YARDSTICK = "indexing"  # the book's own: times are given relative to it

CLASS_COUNTS = (10, 100, 1_000, 10_000)
MOST_NUMBERS = 2**24  # batch size × classes: 128 MiB of float64, a few times over for the gradients

_EPSILON = 1e-7
_FLOAT16_EPSILON = 1e-4  # float16 has no normal number below 6.1e-5


class LossQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which batch to put through the losses, on the CPU.

    Without a preset the labels are drawn evenly and the logits from N(0, 1), that of the true class from N(2, 1), as of
    a model that has learned something. A preset brings its own batch size and number of classes.
    """

    batch_size: Annotated[int, described("batch size", "images in the batch", "batch", ge=1, le=1_000_000)] = 256
    num_classes: Annotated[
        int, described("classes", "number of classes, and of logits for each image", "batch", ge=2, le=1_000_000)
    ] = 10
    dtype: Annotated[Dtype, described("dtype", "number type of the computation", "batch")] = "float32"
    epsilon: Annotated[
        float,
        described("clip at", "smallest probability in the logarithm of the clipped loss", "loss", gt=0, lt=1),
    ] = _EPSILON
    smoothing: Annotated[
        float, described("label smoothing", "share of the label spread over all classes", "labels", ge=0, lt=1)
    ] = 0.0
    mixing: Annotated[
        float, described("mixed labels", "share of the label that goes to a second class", "labels", ge=0, le=0.5)
    ] = 0.0
    preset: Annotated[str, described("preset", "an example in which a loss breaks", "batch", max_length=100)] = ""
    seed: Annotated[int, described("seed", "decides the logits and the labels", "batch", ge=0, le=2**63 - 1)] = 0
    threads: Annotated[int, described("threads", "number of CPU threads", "batch", ge=1, le=1024)] = 1

    @property
    def soft(self) -> bool:
        """Whether a label is a distribution that no class number stands for."""
        return bool(self.smoothing or self.mixing)


def default_epsilon(dtype: str) -> float:
    """1e-7, or the smallest that makes sense in float16."""
    return _FLOAT16_EPSILON if dtype == "float16" else _EPSILON


class LossPreset(Struct, frozen=True):
    """Logits with their true classes, and one sentence on what is to be seen."""

    name: str
    title: str
    rows: Rows
    labels: tuple[int, ...]
    look_for: str


LOSS_PRESETS: tuple[LossPreset, ...] = (
    LossPreset(
        "log-0",
        "log 0",
        ((0.0, 110.0),),
        (0,),
        "the true class has probability 0: −log 0 is inf, clipped gives 16.1, and from-logits gives the true 110",
    ),
    LossPreset(
        "zero-times-log-zero",
        "0 · log 0",
        ((0.0, 110.0),),
        (1,),
        "the answer is right, and indexing gives 0; the definition multiplies 0 by log 0 and gives nan",
    ),
    LossPreset(
        "clipped-away",
        "a gradient of 0",
        ((0.0, 20.0),),
        (0,),
        "clipped: the loss is finite and too small; its gradient is 0 where the image is most wrong",
    ),
    LossPreset(
        "class-0-for-nothing",
        "class 0 costs nothing",
        ((0.0, 5.0, 1.0),),
        (0,),
        "integer-labels multiplies by the number of the label: an image of class 0 has a loss of 0",
    ),
)


def preset_named(name: str) -> LossPreset:
    """Raises InputError where there is none of that name."""
    found = next((preset for preset in LOSS_PRESETS if preset.name == name), None)
    if found is None:
        names = ", ".join(preset.name for preset in LOSS_PRESETS)
        raise InputError(f"preset: found {name!r}, expected one of {names}")
    return found


def checked(question: LossQuestion) -> LossQuestion:
    """The question with the shape of its preset.

    Raises:
        InputError: a value is out of bounds, the batch is too large, or there is no such preset.
    """
    check(question)
    if question.preset:
        preset = preset_named(question.preset)
        return replace(question, batch_size=len(preset.rows), num_classes=len(preset.rows[0]))
    numbers = question.batch_size * question.num_classes
    if numbers > MOST_NUMBERS:
        raise InputError(f"batch size × classes: found {numbers:,}, expected at most {MOST_NUMBERS:,}")
    return question


class Spread(Struct, frozen=True):
    """Median and quartiles of the same thing measured again and again."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of these measurements: all three are the value where there is only one, and nan where there is none."""
        if len(values) < 2:
            return cls(*[values[0] if values else math.nan] * 3)
        import statistics  # on first use: the app's first frame should not wait for it

        return cls(*statistics.quantiles(values, n=4, method="inclusive"))


class Phase(Struct, frozen=True, kw_only=True):
    """A part of a loss in seconds: it computes `operations` numbers, and `times_zero` of them are multiplied by 0.

    `backward` is the time of its own backward pass, None where it has none. What is not `of_loss` is computed before
    the loss, and by every loss that takes probabilities.
    """

    name: Text
    seconds: Spread
    operations: Count
    times_zero: Count = 0
    backward: Spread | None = None
    of_loss: bool = True


class LossMeasured(Struct, frozen=True, kw_only=True, tag="loss", tag_field="type"):
    """One loss on one batch, from logits to the mean over the batch in nats; softmax included where it needs one.

    `gradient_error` is the largest difference of an element of d mean / d logits to float64's. `seconds` are for the
    value, `gradient_seconds` for value and gradient; so are the peak bytes that torch's allocator held beyond the
    logits. `relative` is the time over that of indexing in the same round. `processor_share` is the share of the time
    of all rounds in which a processor computed for them; nan with several threads, of which it says nothing.
    """

    loss: LabLoss
    value: float
    gradient_error: float
    seconds: Seconds
    peak_bytes: Count
    relative_time: float
    batch_size: Count
    num_classes: Count
    dtype: Dtype
    spread: Spread
    relative: Spread
    gradient_seconds: Seconds
    gradient_spread: Spread
    gradient_relative: Spread
    gradient_peak_bytes: Count
    phases: tuple[Phase, ...] = ()
    processor_share: float = 1.0


class LossRoundDone(Struct, frozen=True, tag="loss_round", tag_field="type"):
    """Another round in which every loss was timed once."""

    done: Count
    rounds: Count


class LossesMeasured(Struct, frozen=True, kw_only=True, tag="losses_measured", tag_field="type"):
    """All losses on one batch. `value` and `largest_gradient` are float64's; the counts are of the dtype's softmax.

    `clipped_labels` counts the images whose true class lies below epsilon.
    """

    question: LossQuestion
    value: float
    largest_gradient: float
    smallest_probability: float
    zero_probabilities: Count
    clipped_labels: Count
    rounds: Count
    losses: tuple[LossMeasured, ...]

    def __post_init__(self) -> None:
        names = [one.loss for one in self.losses]
        expect(YARDSTICK in names and len(set(names)) == len(names), f"each loss once, {YARDSTICK} among them")

    def of(self, name: str) -> LossMeasured:
        """The measurement of one loss. Raises StopIteration where it was not measured."""
        return next(one for one in self.losses if one.loss == name)


LossLabEvent = LossRoundDone | LossesMeasured
