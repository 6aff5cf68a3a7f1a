"""Every setting of a training run: its bounds, label and help in one place.

The form of the app, the flags of the command line, the stored run and the wire all read `TrainConfig`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Struct

from engine.contract.quantities import LONGEST_TEXT, described

SoftmaxName = Literal["naive", "global-max", "row-max", "log-sum-exp", "yours"]
LossName = Literal["indexing", "definition", "clipped", "integer-labels", "from-logits", "yours"]

_LARGEST_SEED = 2**63 - 1


class TrainConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one run of softmax regression. The defaults are the book's (section 4.4).

    `auto` stands for a choice made when the run starts; the stored config holds what was chosen.
    """

    dataset: Annotated[
        str, described("dataset", "auto, a name from `datasets list`, or a path", "data", max_length=LONGEST_TEXT)
    ] = "auto"
    epochs: Annotated[int, described("epochs", "passes over the training set", "run", ge=1, le=10_000)] = 10
    batch_size: Annotated[int, described("batch size", "images in each minibatch", "run", ge=1, le=1_000_000)] = 256
    learning_rate: Annotated[float, described("learning rate", "step length of SGD", "run", gt=0, le=1e9)] = 0.1
    seed: Annotated[
        int, described("seed", "decides the initial weights and the image order", "run", ge=0, le=_LARGEST_SEED)
    ] = 0
    softmax: Annotated[SoftmaxName, described("softmax", "implementation of softmax", "model")] = "row-max"
    loss: Annotated[
        Literal["auto", LossName],
        described(
            "loss", "cross-entropy; auto takes from-logits if the softmax allows from-logits, else indexing", "model"
        ),
    ] = "auto"
    device: Annotated[str, described("device", "auto, cpu, cuda, cuda:N or mps", "model", max_length=LONGEST_TEXT)] = (
        "auto"
    )
    gradient: Annotated[
        Literal["auto", "closed-form", "autograd"],
        described(
            "gradient",
            "closed-form is probabilities minus one-hot; auto takes closed-form where it is exact",
            "model",
            advanced=True,
        ),
    ] = "auto"
    sigma: Annotated[
        float, described("sigma", "standard deviation of the initial weights", "model", advanced=True, ge=0, le=100)
    ] = 0.01
    dtype: Annotated[
        Literal["float32", "float64"], described("dtype", "number type of the model", "model", advanced=True)
    ] = "float32"
    clip_epsilon: Annotated[
        float,
        described(
            "clip at",
            "smallest probability in the logarithm of the clipped loss",
            "model",
            advanced=True,
            gt=0,
            lt=1,
        ),
    ] = 1e-7
    label_smoothing: Annotated[
        float,
        described("label smoothing", "share of the label spread over all classes", "model", advanced=True, ge=0, lt=1),
    ] = 0.0
    momentum: Annotated[
        float, described("momentum", "share of the last step that is kept", "optimiser", advanced=True, ge=0, lt=1)
    ] = 0.0
    weight_decay: Annotated[
        float,
        described(
            "weight decay", "L2 penalty on the weights, without the bias", "optimiser", advanced=True, ge=0, le=1e3
        ),
    ] = 0.0
    l1: Annotated[
        float,
        described("L1", "L1 penalty on the weights, without the bias", "optimiser", advanced=True, ge=0, le=1e3),
    ] = 0.0
    schedule: Annotated[
        Literal["constant", "step", "cosine"],
        described("schedule", "how the learning rate changes over the run", "optimiser", advanced=True),
    ] = "constant"
    schedule_epochs: Annotated[
        int,
        described(
            "step every", "epochs between two steps of the step schedule", "optimiser", advanced=True, ge=1, le=10_000
        ),
    ] = 3
    schedule_factor: Annotated[
        float,
        described(
            "step factor",
            "factor of the learning rate at each step",
            "optimiser",
            advanced=True,
            gt=0,
            le=1,
        ),
    ] = 0.5
    patience: Annotated[
        int,
        described(
            "patience",
            "epochs without a better validation loss before the run stops; 0 never stops early",
            "stopping",
            advanced=True,
            ge=0,
            le=10_000,
        ),
    ] = 0
    stop_on_nan: Annotated[
        bool, described("stop at nan", "end the run at the first loss that is not finite", "stopping", advanced=True)
    ] = True
    label_noise: Annotated[
        float,
        described(
            "label noise",
            "share of the training labels made wrong",
            "data",
            advanced=True,
            ge=0,
            le=1,
        ),
    ] = 0.0
    train_size: Annotated[
        int,
        described(
            "train images", "silhouettes only: number of training images", "data", advanced=True, ge=1, le=1_000_000
        ),
    ] = 60_000
    validation_size: Annotated[
        int,
        described(
            "validation images",
            "silhouettes only: number of validation images",
            "data",
            advanced=True,
            ge=1,
            le=1_000_000,
        ),
    ] = 10_000
    noise: Annotated[
        float, described("noise", "silhouettes only: noise on the pixels", "data", advanced=True, ge=0, le=1)
    ] = 0.35
    jitter: Annotated[
        float, described("jitter", "silhouettes only: variation of the outlines", "data", advanced=True, ge=0, le=1)
    ] = 0.7
    occlusion: Annotated[
        float,
        described(
            "occlusion",
            "silhouettes only: share of images partly covered",
            "data",
            advanced=True,
            ge=0,
            le=1,
        ),
    ] = 0.3
    threads: Annotated[
        int,
        described(
            "threads",
            "CPU threads; the number decides the result's last bits",
            "run",
            advanced=True,
            ge=1,
            le=1024,
        ),
    ] = 1
    mine: Annotated[
        str,
        described(
            "mine", "the text of the file that softmax or loss `yours` comes from, empty for any other", hidden=True
        ),
    ] = ""
