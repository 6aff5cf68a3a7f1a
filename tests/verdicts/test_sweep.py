"""The verdict claims what the figures carry, and no more."""

import math

import pytest
from msgspec.structs import replace

from engine.contract.config import TrainConfig
from engine.contract.sweeps import SweepConfig, SweepResult
from engine.verdicts.paired import Difference
from engine.verdicts.sweep import compared, comparisons, reference, summaries
from engine.verdicts.sweep_sentence import verdict
from tests.verdicts.recorded import AFTER_5_EPOCHS, AT_EQUAL_STEPS, BATCH_SIZES, LEARNING_RATES


def swept(parameter: str = "batch_size", **settings: object) -> SweepConfig:
    values = (1, 16, 64, 256, 512, 1024, 2048) if parameter == "batch_size" else (0.001, 0.01, 0.1, 1.0)
    return SweepConfig(parameter=parameter, **{"values": values, "seeds": 3} | settings)  # type: ignore[arg-type]


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


BASE = [0.47, 0.48, 0.46, 0.475, 0.465]


def near(shift: float, wobble: float = 0.0002) -> list[float]:
    """The losses of five seeds that lie `shift` above those of the reference."""
    return [loss + shift + wobble * (seed - 2) for seed, loss in enumerate(BASE)]


FIGURES = {
    1: [0.9, 0.5, 0.8, 0.45, 0.6],
    16: near(-0.02),
    64: near(-0.01),
    256: BASE,
    512: near(0.0, 0.0001),
    1024: near(0.04),
    2048: near(0.11),
}
FIVE = {"seeds": 5}


def test_each_value_is_told_by_its_difference_from_the_reference() -> None:
    config = swept(**FIVE)
    said = verdict(config, results(config, FIGURES, {1024: 0.5, 2048: 0.55}))
    assert said == (
        "At equal images, the default, batch size 256, ends at a validation loss of 0.4700 (mean of 5 seeds). "
        "Lower at 16 and 64, by 0.0100 to 0.0200. "
        "Higher at 1024 and 2048, by 0.0400 to 0.1100. The training loss is also higher there, so training is slower. "
        "Within 1 % at 512: no difference that matters. "
        "Too few seeds to tell at 1. "
        "The loss varies more between seeds at 1."
    )


def test_neighbours_of_one_kind_are_told_together_and_others_apart() -> None:
    config = swept(**FIVE)
    said = verdict(config, results(config, {**FIGURES, 16: near(0.02), 64: near(0.02), 1: near(0.3), 512: near(-0.02)}))
    assert "Lower at 512, by 0.0200." in said
    assert "Higher at 1 to 64, 1024 and 2048, by 0.0200 to 0.3000." in said


def test_a_difference_smaller_than_1_percent_is_told_with_its_sign() -> None:
    config = swept(values=(64, 256, 512), **FIVE)
    found = results(config, {64: near(-0.002), 256: BASE, 512: near(0.003)})
    effects = {point: one.difference.effect for point, one in comparisons(config, found).items()}
    assert effects == {(64,): "within-1-percent", (256,): "identical", (512,): "within-1-percent"}
    assert "Lower by less than 1 % at 64. Higher by less than 1 % at 512." in verdict(config, found)


def recorded(parameter: str, losses: dict[float, list[float]], seeds: int) -> dict[float, Difference]:
    """What a sweep over those values with so many of the recorded seeds says of each."""
    config = swept(parameter, values=tuple(losses), seeds=seeds)
    found = comparisons(config, results(config, {value: of_value[:seeds] for value, of_value in losses.items()}))
    return {point[0]: one.difference for point, one in found.items()}


def test_the_recorded_sweep_tells_128_from_256_and_512() -> None:
    found = recorded("batch_size", {value: BATCH_SIZES[value] for value in (128, 256, 512)}, 10)
    assert (found[128].effect, round(found[128].mean, 4)) == ("lower", -0.0137)
    assert (found[512].effect, round(found[512].mean, 4)) == ("higher", 0.022)


def test_5_epochs_tell_of_the_batch_sizes_what_20_do_but_for_4_and_8() -> None:
    def stand_out(losses: dict[float, list[float]]) -> dict[float, str]:
        found = recorded("batch_size", losses, 5)
        return {value: one.effect for value, one in found.items() if one.effect in ("higher", "lower")}

    brief, whole = stand_out(AFTER_5_EPOCHS), stand_out(BATCH_SIZES)
    assert brief == {value: effect for value, effect in whole.items() if value not in (4, 8)}
    assert whole[4] == whole[8] == "higher"


def test_what_readme_says_of_exercise_5_is_what_the_recorded_losses_carry() -> None:
    sizes = recorded("batch_size", BATCH_SIZES, 10)
    assert [round(sizes[value].mean, 2) for value in (1, 2, 4, 8)] == [3.02, 1.23, 0.43, 0.12]
    assert {sizes[value].effect for value in (1, 2, 4, 8, 512)} == {"higher"}
    assert {sizes[value].effect for value in (16, 32, 64, 1024)} == {"unknown"}
    assert (sizes[128].effect, round(sizes[128].mean, 3), round(sizes[128].half_width, 3)) == ("lower", -0.014, 0.004)
    assert (round(sizes[512].mean, 3), round(sizes[512].half_width, 3)) == (0.022, 0.005)
    five = recorded("batch_size", BATCH_SIZES, 5)
    assert (five[128].effect, round(five[128].mean, 3)) == ("lower", -0.013)
    for value, mean, half in ((512, 0.021, 0.004), (1024, 0.040, 0.019), (2048, 0.079, 0.020)):
        assert five[value].effect == "higher"
        assert (round(five[value].mean, 3), round(five[value].half_width, 3)) == (mean, half)
    steps = recorded("batch_size", AT_EQUAL_STEPS, 10)
    assert {value: one.effect for value, one in steps.items() if value != 256} == {
        16: "higher",
        64: "higher",
        1024: "within-1-percent",
    }
    rates = recorded("learning_rate", LEARNING_RATES, 10)
    assert [rates[rate].effect for rate in (0.001, 0.01, 0.03, 0.3, 1)] == [*["higher"] * 2, *["unknown"] * 2, "higher"]
    assert [round(rates[rate].mean, 3) for rate in (0.001, 0.01)] == [0.384, 0.085]
    assert (round(rates[1].mean, 1), round(rates[1].half_width, 1)) == (1.5, 1.3)


def test_at_equal_steps_no_large_batch_is_called_slower() -> None:
    config = swept(question="steps", **FIVE)
    said = verdict(config, results(config, FIGURES, {1024: 0.5, 2048: 0.55}))
    assert said.startswith("At equal steps, the default")
    assert "Higher at 1024 and 2048, by 0.0400 to 0.1100." in said
    assert "slower" not in said


def test_a_small_learning_rate_is_slower_only_where_the_training_loss_is_behind_as_well() -> None:
    config = swept("learning_rate", values=(0.01, 0.1, 1.0), **FIVE)
    figures = {0.01: near(0.2), 0.1: BASE, 1.0: near(0.2)}
    behind = verdict(config, results(config, figures, {0.01: 0.6, 1.0: 0.6}))
    assert "Higher at 1, by 0.2000. Higher at 0.01, by 0.2000. The training loss is also higher there" in behind
    assert "slower" not in verdict(config, results(config, figures))


def test_what_lies_beyond_the_spread_of_the_reference_is_no_effect_by_that_alone() -> None:
    """The rule of the first version: three seeds spread over 0.02, and 0.03 above them was an effect."""
    config = swept(values=(64, 256))
    found = comparisons(config, results(config, {64: [0.53, 0.47, 0.50], 256: [0.48, 0.46, 0.47]}))
    assert found[(64,)].difference.effect == "unknown"


def test_one_seed_is_told_to_carry_no_conclusion() -> None:
    config = swept(seeds=1)
    said = verdict(config, results(config, {value: losses[:1] for value, losses in FIGURES.items()}))
    assert "One seed cannot separate an effect from chance" in said
    assert "0.4496, at batch size 16" in said
    assert comparisons(config, results(config, {1: [0.3], 256: [0.5]})) == {}


def test_what_diverged_is_named_and_never_averaged_away() -> None:
    config = swept("learning_rate", seeds=2)
    figures = {0.01: [0.5, 0.51], 0.1: [0.5, 0.49], 1.0: [0.1, math.inf]}
    said = verdict(config, results(config, figures))
    assert said.endswith("Diverged at 1.")
    one = comparisons(config, results(config, figures))[(1.0,)]
    assert (one.diverged, one.difference.effect, one.difference.pairs, one.noisier) == (1, "unknown", 1, False)
    one_seed = verdict(replace(config, seeds=1), results(config, {0.1: [0.5], 0.01: [0.6], 1.0: [math.inf]}))
    assert one_seed.endswith("Diverged: learning rate 1.")


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({}, "no run has ended yet"),
        ({1: [math.inf] * 3, 16: [math.inf] * 3}, "every run diverged"),
        ({256: [0.5, 0.4]}, "no value has finished all its seeds"),
        ({256: [0.5, 0.4, 0.5]}, "only one value has ended"),
    ],
)
def test_too_little_is_said_to_be_too_little(figures: dict[float, list[float]], words: str) -> None:
    config = swept()
    assert words in verdict(config, results(config, figures))


def test_a_value_with_seeds_that_have_not_ended_is_left_out_and_named() -> None:
    config = swept("learning_rate")
    figures = {0.01: [0.6, 0.61, 0.62], 0.1: [0.5, 0.51, 0.52], 1.0: [0.3, 0.31]}
    said = verdict(config, results(config, figures))
    assert said.endswith("Left out, because not all seeds have ended: learning rate 1.")
    assert {one.value for one in compared(config, results(config, figures))} == {0.01, 0.1}
    stopped = [replace(one, status="stopped") if one.value == 0.1 else one for one in results(config, figures)]
    assert {one.value for one in compared(config, stopped)} == {0.01}
    whole = verdict(config, results(config, {**figures, 1.0: [0.3, 0.31, math.inf]}))
    assert whole.endswith("Diverged at 1.")


def test_without_the_default_the_nearest_value_is_what_is_compared_with() -> None:
    config = swept("learning_rate", values=(0.001, 0.2, 3.0), seeds=2)
    found = results(config, {0.001: [0.9, 0.91], 0.2: [0.5, 0.52], 3.0: [0.9, 0.7]})
    base = reference(config, summaries(config, found))
    assert base is not None
    assert base.values == (0.2,)
    assert "the value nearest to the default, learning rate 0.2," in verdict(config, found)


def test_the_default_is_the_one_that_the_sweep_has_for_its_base() -> None:
    config = swept("learning_rate", base=TrainConfig(learning_rate=0.01), seeds=2)
    found = results(config, {0.01: [0.9, 0.91], 0.1: [0.5, 0.52]})
    assert "the default, learning rate 0.01," in verdict(config, found)


def test_a_grid_counts_the_pairs_of_each_kind_and_names_the_lowest_mean() -> None:
    config = SweepConfig(
        parameter="learning_rate", values=(0.1, 0.3), second_parameter="batch_size", second_values=(64, 256), seeds=5
    )
    figures = {(0.1, 64): near(-0.03), (0.1, 256): BASE, (0.3, 64): near(-0.02), (0.3, 256): near(0.0, 0.05)}
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
    assert verdict(config, found) == (
        "At equal images, the default, learning rate 0.1, batch size 256, ends at a validation loss of 0.4700 (mean of "
        "5 seeds). Lower at 2 of the 3 other pairs. Too few seeds to tell at 1 of the 3 other pairs. "
        "The lowest mean loss is 0.4400, at learning rate 0.1, batch size 64. The loss varies more between seeds at 1 "
        "pair."
    )
