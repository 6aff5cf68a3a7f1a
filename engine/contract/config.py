"""Every setting of a training run: its bounds, label and help in one place.

The form of the app, the flags of the command line, the stored run and the wire all read `TrainConfig`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from engine.contract.quantities import LONGEST_TEXT

SoftmaxName = Literal["naive", "global-max", "row-max", "log-sum-exp", "yours"]
LossName = Literal["indexing", "definition", "clipped", "integer-labels", "from-logits", "yours"]

_LARGEST_SEED = 2**63 - 1


class TrainConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one run of softmax regression. The defaults are the book's (section 4.4).

    `auto` stands for a choice made when the run starts; the stored config holds what was chosen.
    """

    dataset: Annotated[
        str,
        Meta(
            max_length=LONGEST_TEXT,
            title="dataset",
            description="auto, a name from `datasets list`, or a path",
            extra={"group": "data"},
        ),
    ] = "auto"
    epochs: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            title="epochs",
            description="passes over the training set",
            extra={"group": "run"},
        ),
    ] = 10
    batch_size: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            title="batch size",
            description="images in a minibatch",
            extra={"group": "run"},
        ),
    ] = 256
    learning_rate: Annotated[
        float,
        Meta(gt=0, le=1e9, title="learning rate", description="step length of SGD", extra={"group": "run"}),
    ] = 0.1
    seed: Annotated[
        int,
        Meta(
            ge=0,
            le=_LARGEST_SEED,
            title="seed",
            description="decides weights and order",
            extra={"group": "run"},
        ),
    ] = 0
    softmax: Annotated[
        SoftmaxName, Meta(title="softmax", description="implementation of softmax", extra={"group": "model"})
    ] = "row-max"
    loss: Annotated[
        Literal["auto", LossName],
        Meta(
            title="loss",
            description="cross-entropy; auto is from-logits where the softmax allows it, else indexing",
            extra={"group": "model"},
        ),
    ] = "auto"
    device: Annotated[
        str,
        Meta(
            max_length=LONGEST_TEXT,
            title="device",
            description="auto, cpu, cuda, cuda:N or mps",
            extra={"group": "model"},
        ),
    ] = "auto"
    gradient: Annotated[
        Literal["auto", "closed-form", "autograd"],
        Meta(
            title="gradient",
            description="probabilities minus one-hot, or autograd; auto is the closed form where it is the derivative",
            extra={"group": "model", "advanced": True},
        ),
    ] = "auto"
    sigma: Annotated[
        float,
        Meta(
            ge=0,
            le=100,
            title="sigma",
            description="standard deviation of the initial weights",
            extra={"group": "model", "advanced": True},
        ),
    ] = 0.01
    dtype: Annotated[
        Literal["float32", "float64"],
        Meta(title="dtype", description="number type of the model", extra={"group": "model", "advanced": True}),
    ] = "float32"
    clip_epsilon: Annotated[
        float,
        Meta(
            gt=0,
            lt=1,
            title="clip at",
            description="smallest probability that the clipped loss takes the logarithm of",
            extra={"group": "model", "advanced": True},
        ),
    ] = 1e-7
    label_smoothing: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            title="label smoothing",
            description="share of the label spread over all classes",
            extra={"group": "model", "advanced": True},
        ),
    ] = 0.0
    momentum: Annotated[
        float,
        Meta(
            ge=0,
            lt=1,
            title="momentum",
            description="share of the last step kept",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = 0.0
    weight_decay: Annotated[
        float,
        Meta(
            ge=0,
            le=1e3,
            title="weight decay",
            description="L2 pull on the weights, the bias excepted",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = 0.0
    l1: Annotated[
        float,
        Meta(
            ge=0,
            le=1e3,
            title="L1",
            description="pull on the weights by their sign, the bias excepted",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = 0.0
    schedule: Annotated[
        Literal["constant", "step", "cosine"],
        Meta(
            title="schedule",
            description="how the learning rate changes over the run",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = "constant"
    schedule_epochs: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            title="step every",
            description="epochs between two steps of the step schedule",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = 3
    schedule_factor: Annotated[
        float,
        Meta(
            gt=0,
            le=1,
            title="step factor",
            description="what the step schedule multiplies the learning rate with",
            extra={"group": "optimiser", "advanced": True},
        ),
    ] = 0.5
    patience: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000,
            title="patience",
            description="epochs without a better validation loss before the run stops; 0 never stops early",
            extra={"group": "stopping", "advanced": True},
        ),
    ] = 0
    stop_on_nan: Annotated[
        bool,
        Meta(
            title="stop at nan",
            description="end the run at the first loss that is not finite",
            extra={"group": "stopping", "advanced": True},
        ),
    ] = True
    label_noise: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="label noise",
            description="share of the training labels replaced by a wrong one",
            extra={"group": "data", "advanced": True},
        ),
    ] = 0.0
    train_size: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            title="train images",
            description="silhouettes only: how many to draw for training",
            extra={"group": "data", "advanced": True},
        ),
    ] = 60_000
    validation_size: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            title="validation images",
            description="silhouettes only: how many to draw for validation",
            extra={"group": "data", "advanced": True},
        ),
    ] = 10_000
    noise: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="noise",
            description="silhouettes only: noise on the pixels",
            extra={"group": "data", "advanced": True},
        ),
    ] = 0.35
    jitter: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="jitter",
            description="silhouettes only: variation of the outlines",
            extra={"group": "data", "advanced": True},
        ),
    ] = 0.7
    occlusion: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            title="occlusion",
            description="silhouettes only: how much is covered",
            extra={"group": "data", "advanced": True},
        ),
    ] = 0.3
    threads: Annotated[
        int,
        Meta(
            ge=1,
            le=1024,
            title="threads",
            description="CPU threads that compute; part of the result's last bits",
            extra={"group": "run", "advanced": True},
        ),
    ] = 1
    mine: Annotated[
        str,
        Meta(
            title="mine",
            description="the text of the file that softmax or loss `yours` comes from, empty for any other",
            extra={"hidden": True},
        ),
    ] = ""
