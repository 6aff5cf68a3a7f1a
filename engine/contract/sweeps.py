"""One or two settings swept over values and seeds: what was asked, which runs it takes, and what is said on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.errors import InputError
from engine.contract.events import DatasetInfo, RunEvent, Status
from engine.contract.pairs import YOURS
from engine.contract.quantities import Count, OneOrMore, Seconds, Seed, Text, expect
from engine.contract.settings import Setting, check, refusal, settings_of, within

SweepQuestion = Literal["images", "steps", "scaled"]
Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | float

QUESTIONS: dict[SweepQuestion, str] = {
    "images": "at equal images",
    "steps": "at equal steps",
    "scaled": "at equal images, with the learning rate scaled to the batch size",
}
DEFAULT_VALUES: dict[str, tuple[Number, ...]] = {
    "learning_rate": (0.001, 0.01, 0.03, 0.1, 0.3, 1.0),
    "batch_size": tuple(2**power for power in range(12)),
}
DEFAULT_EPOCHS = 20
DEFAULT_SEEDS = 5
MOST_SEEDS = 20
MOST_RUNS = 1000

# Swept by other means, or no part of the result.
_NOT_SWEPT = ("seed", "threads", "stop_on_nan")


class SweepConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sweep: `parameter` takes each of `values`, with `seeds` seeds from the base's on; a second one makes a grid.

    `steps` gives every batch size as many steps as the largest one takes, `scaled` multiplies the learning rate with
    batch size over the base's batch size (Goyal et al. 2017, the linear scaling rule).
    """

    parameter: Text
    values: tuple[Number, ...]
    second_parameter: Text = ""
    second_values: tuple[Number, ...] = ()
    seeds: Annotated[int, Meta(ge=1, le=MOST_SEEDS)] = DEFAULT_SEEDS
    question: SweepQuestion = "images"
    base: TrainConfig = TrainConfig(epochs=DEFAULT_EPOCHS)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the settings swept, one or two."""
        return (self.parameter, self.second_parameter) if self.second_parameter else (self.parameter,)

    @property
    def default(self) -> tuple[Number, ...]:
        """The values that the base has."""
        return tuple(getattr(self.base, name) for name in self.parameters)

    @property
    def points(self) -> tuple[tuple[Number, ...], ...]:
        """Every value, or pair of values, in the order of the sweep."""
        if not self.second_parameter:
            return tuple((value,) for value in self.values)
        return tuple((value, second) for value in self.values for second in self.second_values)


def check_runs(config: SweepConfig, runs: int) -> None:
    """Raises ValueError for a sweep that nobody could have begun, or one of so many runs."""
    try:
        check_sweep(config)
    except InputError as refusal:
        raise ValueError(str(refusal)) from refusal
    expect(runs == len(config.points) * config.seeds, "a run for each value and seed")


class Trial(Struct, frozen=True, kw_only=True):
    """One run of a sweep. It ends after `steps` minibatches where that is not 0."""

    values: tuple[Number, ...]
    seed: int
    config: TrainConfig
    steps: int = 0


class SweepStarted(Struct, frozen=True, kw_only=True, tag="sweep_started", tag_field="type"):
    """A sweep begins or goes on. `config` is resolved; `runs` counts every value and seed; `ranks` share them."""

    sweep_id: Text
    config: SweepConfig
    device: Text
    dataset: DatasetInfo
    runs: OneOrMore
    ranks: OneOrMore = 1

    def __post_init__(self) -> None:
        check_runs(self.config, self.runs)


class MemberSaid(Struct, frozen=True, kw_only=True, tag="sweep_member", tag_field="type"):
    """What one of the runs says, in the words of a run."""

    run_id: Text
    values: tuple[Number, ...]
    seed: Seed
    event: RunEvent


class SweepResult(Struct, frozen=True, kw_only=True, tag="sweep_result", tag_field="type"):
    """What a value and seed came to; the figures are nan where the run did not come to its end.

    `train_loss` is that of the last epoch, but at equal steps, where a run may end within an epoch, the final model's
    on the training images.
    """

    parameter: Text
    value: Number
    second_parameter: Text = ""
    second_value: Number | None = None
    seed: Seed
    status: Status
    train_loss: float
    validation_loss: float
    validation_accuracy: float
    run_id: Text

    @property
    def values(self) -> tuple[Number, ...]:
        """The values of the settings swept, one or two."""
        return (self.value,) if self.second_value is None else (self.value, self.second_value)


class SweepProgress(Struct, frozen=True, kw_only=True, tag="sweep_progress", tag_field="type"):
    """How far a sweep has come, in minibatches over all of its runs."""

    sweep_id: Text
    done: Count
    total: Count


class SweepFinished(Struct, frozen=True, kw_only=True, tag="sweep_finished", tag_field="type"):
    """The last event of every sweep. `seconds` is what its runs took in training and evaluation, all sittings."""

    sweep_id: Text
    status: Status
    seconds: Seconds
    verdict: Text
    reason: Text = ""


SweepEvent = SweepStarted | MemberSaid | SweepResult | SweepFinished


def swept_setting(name: str) -> Setting:
    """The setting that is meant by a name, dashes or underscores.

    Raises:
        InputError: there is none, or none that takes numbers and makes sense to sweep.
    """
    offered = {
        setting.name: setting
        for setting in settings_of(TrainConfig)
        if setting.kind in ("integer", "number") and setting.name not in _NOT_SWEPT
    }
    found = offered.get(name.strip().replace("-", "_"))
    if found is None:
        names = ", ".join(setting.flag.removeprefix("--") for setting in offered.values())
        raise InputError(f"sweep: found {name.strip()[:60]!r}, expected one of {names}")
    return found


def check_sweep(config: SweepConfig) -> None:
    """Raises InputError, one line, for what is wrong with a sweep; what a single run refuses is refused there."""
    if not 1 <= config.seeds <= MOST_SEEDS:
        raise InputError(f"seeds: found {config.seeds}, expected 1 to {MOST_SEEDS}")
    for name, values in ((config.parameter, config.values), (config.second_parameter, config.second_values)):
        if name:
            _check_values(swept_setting(name), values)
    if config.parameter == config.second_parameter:
        raise InputError(f"sweep: found {config.parameter} twice, expected two different settings")
    if config.question != "images" and "batch_size" not in config.parameters:
        raise InputError(f"at {config.question}: found no batch size swept, expected batch-size as one of the settings")
    if config.question == "steps" and "epochs" in config.parameters:
        raise InputError(
            "at steps: found epochs swept, expected another setting: all runs take the same number of steps"
        )
    if config.question == "steps" and (config.base.schedule != "constant" or config.base.patience):
        raise InputError("at steps: found a schedule or patience, expected none: both count epochs")
    for named, name in (("softmax", config.base.softmax), ("loss", config.base.loss)):
        if name == YOURS:
            raise InputError(f"{named}: found yours in a sweep, expected another implementation")
    runs = len(config.values) * (len(config.second_values) if config.second_parameter else 1) * config.seeds
    if runs > MOST_RUNS:
        raise InputError(f"sweep: found {runs:,} runs, expected at most {MOST_RUNS:,}: take fewer values or seeds")
    for trial in trials(config, 1):
        check(trial.config)


def _check_values(setting: Setting, values: Sequence[Number]) -> None:
    if not values:
        raise InputError(f"{setting.label}: found no values, expected values, each {setting.expected}")
    for value in values:
        if not within(setting, value):
            raise refusal(setting, value)


def trials(config: SweepConfig, train_size: int) -> tuple[Trial, ...]:
    """Every run of the sweep, in the order of the values, the seeds of a value side by side.

    `train_size` decides how many steps an epoch has, and is of no matter but at equal steps.
    """
    return tuple(
        _trial(config, point, config.base.seed + number, train_size)
        for point in config.points
        for number in range(config.seeds)
    )


def _trial(config: SweepConfig, point: tuple[Number, ...], seed: int, train_size: int) -> Trial:
    changes = dict(zip(config.parameters, point, strict=True))
    run = replace(config.base, seed=seed, **changes)
    steps = 0
    if config.question == "scaled":
        run = replace(run, learning_rate=run.learning_rate * run.batch_size / config.base.batch_size)
    elif config.question == "steps":
        steps = config.base.epochs * -(-train_size // _largest_batch_size(config))
        run = replace(run, epochs=-(-steps // -(-train_size // run.batch_size)))
    return Trial(values=point, seed=seed, config=run, steps=steps)


def _largest_batch_size(config: SweepConfig) -> int:
    return int(max(config.values if config.parameter == "batch_size" else config.second_values))


def fits_in_group(config: TrainConfig) -> bool:
    """Whether such a run can share a product with others: plain SGD on row-max softmax from logits in closed form.

    `config` is resolved: nothing in it is `auto`.
    """
    return (
        (config.softmax, config.loss, config.gradient) == ("row-max", "from-logits", "closed-form")
        and not (config.momentum or config.weight_decay or config.l1 or config.label_smoothing or config.patience)
        and config.stop_on_nan
    )


def units(planned: Sequence[Trial], parts: int = 1) -> tuple[tuple[Trial, ...], ...]:
    """The runs that are trained together, in a fixed order; a run that fits no group is alone.

    Those of a unit differ in seed and learning rate alone, and stand seed by seed, each with the same rates. There are
    `parts` units at least, where there are as many runs.
    """
    together: dict[TrainConfig, list[Trial]] = {}
    for trial in planned:
        alike = replace(trial.config, seed=0, learning_rate=1.0) if fits_in_group(trial.config) else trial.config
        together.setdefault(alike, []).append(trial)
    found = [tuple(sorted(unit, key=lambda trial: trial.seed)) for unit in together.values()]
    while len(found) < parts and len(largest := max(found, key=len)) > 1:
        place = found.index(largest)
        found[place : place + 1] = _halves(largest)
    return tuple(found)


def _halves(unit: tuple[Trial, ...]) -> tuple[tuple[Trial, ...], tuple[Trial, ...]]:
    """Cut between two seeds, so that each keeps all its rates and their images; one seed alone between two rates."""
    seeds = len({trial.seed for trial in unit})
    middle = (seeds + 1) // 2 * (len(unit) // seeds) if seeds > 1 else (len(unit) + 1) // 2
    return unit[:middle], unit[middle:]
