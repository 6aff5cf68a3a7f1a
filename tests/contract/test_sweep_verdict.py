"""The verdict claims what the figures carry, and no more."""

import math

import pytest
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.sweep_verdict import compared, effects, reference, summaries, verdict
from engine.contract.sweeps import SweepConfig, SweepResult


def swept(parameter: str = "batch_size", **settings: object) -> SweepConfig:
    values = (1, 16, 64, 256, 512, 1024, 2048) if parameter == "batch_size" else (0.001, 0.01, 0.1, 1.0)
    return SweepConfig(parameter=parameter, **{"values": values} | settings)  # type: ignore[arg-type]


def results(
    config: SweepConfig, losses: dict[float, list[float]], trains: dict[float, float] | None = None
) -> list[SweepResult]:
    """Validation losses by value, one a seed, inf for one that diverged."""
    return [
        SweepResult(
            parameter=config.parameter,
            value=value,
            seed=seed,
            status="finished" if math.isfinite(loss) else "diverged",
            train_loss=(trains or {}).get(value, 0.4),
            validation_loss=loss if math.isfinite(loss) else math.nan,
            validation_accuracy=0.8,
            run_id="r0001",
        )
        for value, of_seeds in losses.items()
        for seed, loss in enumerate(of_seeds)
    ]


FIGURES = {
    1: [0.9, 0.7, 0.8],
    16: [0.60, 0.52, 0.56],
    64: [0.475, 0.485, 0.47],
    256: [0.48, 0.47, 0.46],
    512: [0.475, 0.478, 0.476],
    1024: [0.51, 0.511, 0.512],
    2048: [0.58, 0.581, 0.582],
}


def test_it_names_the_smallest_and_largest_value_without_an_effect_and_what_lies_beyond() -> None:
    config = swept()
    said = verdict(config, results(config, FIGURES, {1024: 0.5, 2048: 0.55}))
    assert said == (
        "At equal images: no effect of the batch size from 64 to 512 (0.4700 at the default 256, whose 3 seeds spread "
        "over 0.0200); noisy at 16 and below, slower from 1024."
    )


def test_the_range_without_an_effect_does_not_reach_over_a_value_that_has_one() -> None:
    config = swept()
    said = verdict(config, results(config, {**FIGURES, 64: [0.5, 0.5, 0.5], 512: [0.51, 0.51, 0.51], 1024: [0.47] * 3}))
    assert said == (
        "At equal images: the neighbouring values of the batch size have an effect on the validation loss (0.4700 at "
        "the default 256, whose 3 seeds spread over 0.0200); noisy at 16 and below, worse at 64, worse at 512, none at "
        "1024, worse at 2048."
    )


def test_at_equal_steps_no_large_batch_is_called_slower() -> None:
    config = swept(question="steps")
    said = verdict(config, results(config, FIGURES, {1024: 0.5, 2048: 0.55}))
    assert said.startswith("At equal steps: no effect of the batch size from 64 to 512")
    assert said.endswith("noisy at 16 and below, worse from 1024.")


def test_a_small_learning_rate_is_slower_and_a_better_one_better() -> None:
    config = swept("learning_rate", seeds=2)
    figures = {0.001: [1.0, 1.01], 0.01: [0.6, 0.61], 0.1: [0.48, 0.47], 1.0: [0.3, 0.31]}
    said = verdict(config, results(config, figures, {0.001: 1.0, 0.01: 0.6}))
    assert "every other value of the learning rate has an effect" in said
    assert said.endswith("slower at 0.01 and below, better at 1.")


def test_a_difference_within_the_spread_is_no_effect_and_one_beyond_is() -> None:
    config = swept(values=(64, 256))
    within = results(config, {64: [0.489, 0.489], 256: [0.48, 0.46]})
    beyond = results(config, {64: [0.491, 0.491], 256: [0.48, 0.46]})
    assert effects(config, summaries(config, within))[(64,)] == "none"
    assert effects(config, summaries(config, beyond))[(64,)] == "worse"
    # The same means with seeds that agree: what was luck is an effect.
    narrow = results(config, {64: [0.489, 0.489], 256: [0.471, 0.469]})
    assert effects(config, summaries(config, narrow))[(64,)] == "worse"


def test_one_seed_is_told_to_carry_no_conclusion() -> None:
    config = swept(seeds=1)
    said = verdict(config, results(config, {value: losses[:1] for value, losses in FIGURES.items()}))
    assert "one seed cannot tell an effect from luck" in said
    assert "0.4750, at batch size 64" in said
    assert "no effect" not in said
    assert effects(config, summaries(config, results(config, {1: [0.3], 256: [0.5]}))) == {}


def test_what_diverged_is_named_and_never_averaged_away() -> None:
    config = swept("learning_rate", seeds=2)
    figures = {0.01: [0.5, 0.51], 0.1: [0.5, 0.49], 1.0: [0.5, math.inf]}
    said = verdict(config, results(config, figures))
    assert said.endswith("diverged at 1.")
    one_seed = verdict(replace(config, seeds=1), results(config, {0.1: [0.5], 0.01: [0.6], 1.0: [math.inf]}))
    assert one_seed.endswith("Diverged: learning rate 1.")


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({}, "no run has ended yet"),
        ({1: [math.inf] * 3, 16: [math.inf] * 3}, "every run diverged"),
        ({256: [0.5, 0.4]}, "no value has all its seeds yet"),
        ({256: [0.5, 0.4, 0.5]}, "one value alone has ended"),
    ],
)
def test_too_little_is_said_to_be_too_little(figures: dict[float, list[float]], words: str) -> None:
    config = swept()
    assert words in verdict(config, results(config, figures))


def test_a_value_with_seeds_that_have_not_ended_is_left_out_and_named() -> None:
    config = swept("learning_rate")
    figures = {0.01: [0.6, 0.61, 0.62], 0.1: [0.5, 0.51, 0.52], 1.0: [0.3, 0.31]}
    said = verdict(config, results(config, figures))
    assert "better" not in said
    assert said.endswith("Left out, with seeds that have not ended: learning rate 1.")
    assert {one.value for one in compared(config, results(config, figures))} == {0.01, 0.1}
    stopped = [replace(one, status="stopped") if one.value == 0.1 else one for one in results(config, figures)]
    assert {one.value for one in compared(config, stopped)} == {0.01}
    whole = verdict(config, results(config, {**figures, 1.0: [0.3, 0.31, math.inf]}))
    assert whole.endswith("diverged at 1.")


def test_without_the_default_the_nearest_value_is_what_is_compared_with() -> None:
    config = swept("learning_rate", values=(0.001, 0.2, 3.0), seeds=2)
    found = results(config, {0.001: [0.9, 0.91], 0.2: [0.5, 0.52], 3.0: [0.9, 0.7]})
    base = reference(config, summaries(config, found))
    assert base is not None
    assert base.values == (0.2,)
    assert "the value nearest the default 0.2" in verdict(config, found)


def test_the_default_is_the_one_that_the_sweep_has_for_its_base() -> None:
    config = swept("learning_rate", base=TrainConfig(learning_rate=0.01), seeds=2)
    found = results(config, {0.01: [0.9, 0.91], 0.1: [0.5, 0.52]})
    assert "at the default 0.01" in verdict(config, found)


def test_a_grid_names_the_best_pair_and_how_many_cannot_be_told_from_it() -> None:
    config = SweepConfig(
        parameter="learning_rate", values=(0.1, 0.3), second_parameter="batch_size", second_values=(64, 256), seeds=2
    )
    figures = {(0.1, 64): (0.44, 0.45), (0.1, 256): (0.48, 0.49), (0.3, 64): (0.445, 0.447), (0.3, 256): (0.6, 0.7)}
    found = [
        SweepResult(
            parameter="learning_rate",
            value=rate,
            second_parameter="batch_size",
            second_value=size,
            seed=seed,
            status="finished",
            train_loss=0.4,
            validation_loss=loss,
            validation_accuracy=0.8,
            run_id="r0001",
        )
        for (rate, size), losses in figures.items()
        for seed, loss in enumerate(losses)
    ]
    said = verdict(config, found)
    assert "0.4450, at learning rate 0.1, batch size 64, and 1 other pair lies" in said
    assert said.endswith("learning rate 0.1, batch size 256 comes to 0.4850.")
