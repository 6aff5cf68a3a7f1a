"""What is said of made-up measurements: no difference is claimed that the spread does not carry."""

import math

import pytest
from msgspec.structs import replace

from engine.contract.loss_lab import LAB_LOSSES, LossesMeasured, LossMeasured, LossQuestion, Phase, Spread
from engine.contract.loss_training import LossTrained
from engine.verdicts.loss import (
    should_you_use_it,
    verdicts,
    what_to_be_careful_of,
    what_yours_says,
    when_to_use_it,
    why_slower,
)
from engine.verdicts.loss_compared import training_sentence, where_it_begins_to_hurt
from engine.verdicts.loss_figures import gradient_right, longer

ONE = Spread(1, 1, 1)
YARD = Spread(90e-6, 100e-6, 110e-6)
OVERLAPPING, SLOWER, FASTER = Spread(105e-6, 130e-6, 150e-6), Spread(160e-6, 180e-6, 200e-6), Spread(5e-5, 6e-5, 7e-5)
RATIOS = {OVERLAPPING: Spread(0.95, 1.3, 1.6), SLOWER: Spread(1.6, 1.8, 2.1), FASTER: Spread(0.5, 0.6, 0.8)}


def phase(name: str, operations: int, times_zero: int = 0, seconds: Spread = ONE) -> Phase:
    return Phase(name=name, seconds=seconds, operations=operations, times_zero=times_zero, of_loss=name != "softmax")


def loss(name: str, value: float, time: Spread, ratio: Spread, classes: int, zeros: int) -> LossMeasured:
    numbers = 256 * classes
    phases = {
        "definition": (phase("softmax", numbers), phase("logarithm", numbers, zeros), phase("product", numbers, zeros)),
        "indexing": (phase("softmax", numbers), phase("logarithm of the true class", 256)),
    }
    return LossMeasured(
        loss=name,  # type: ignore[arg-type]
        value=value,
        gradient_error=0.0,
        seconds=time.median,
        peak_bytes=1,
        relative_time=ratio.median,
        batch_size=256,
        num_classes=classes,
        dtype="float32",
        spread=time,
        relative=ratio,
        gradient_seconds=time.median,
        gradient_spread=time,
        gradient_relative=ratio,
        gradient_peak_bytes=1,
        phases=phases.get(name, ()),
    )


def measurement(
    definition: Spread = SLOWER,
    values: dict[str, float] | None = None,
    exact: float = 2.5,
    classes: int = 10,
    zeros: int | None = None,
    **question: object,
) -> LossesMeasured:
    zeros = 256 * (classes - 1) if zeros is None else zeros
    said = {"integer-labels": 120.0, **(values or {})}
    return LossesMeasured(
        question=LossQuestion(num_classes=classes, **question),  # type: ignore[arg-type]
        value=exact,
        largest_gradient=0.004,
        smallest_probability=0.001,
        zero_probabilities=0,
        clipped_labels=0,
        rounds=25,
        losses=tuple(
            loss(
                name,
                said.get(name, exact),
                definition if name == "definition" else YARD,
                RATIOS[definition] if name == "definition" else ONE,
                classes,
                zeros,
            )
            for name in LAB_LOSSES
        ),
    )


@pytest.mark.parametrize(
    ("ratio", "sign"),
    [
        (Spread(1.6, 1.8, 2.1), 1),
        (Spread(0.5, 0.6, 0.8), -1),
        (Spread(0.95, 1.3, 1.6), 0),
        (Spread(1.004, 1.02, 1.1), 0),  # shown as 1.00
        (Spread(0.9, 0.98, 0.996), 0),
        (ONE, 0),
    ],
)
def test_a_time_is_longer_only_where_1_lies_outside_of_the_quartiles_shown(ratio: Spread, sign: int) -> None:
    assert longer(ratio) == sign


def test_what_is_slower_in_most_rounds_is_slower_however_much_the_rounds_differ() -> None:
    found = measurement(OVERLAPPING)
    assert found.of("definition").spread.low < found.of("indexing").spread.high
    definition = replace(found.of("definition"), relative=Spread(1.1, 1.2, 1.3))
    said = why_slower(replace(found, losses=(found.losses[0], definition, *found.losses[2:])))
    assert said.startswith("The definition takes 1.20 times as long as indexing (1.10 to 1.30")
    assert "No difference can be measured at" not in said


def test_slower_comes_with_its_ratio_its_spread_and_the_counts() -> None:
    said = why_slower(measurement(SLOWER))
    assert "1.80 times as long as indexing (1.60 to 2.10 in half of the rounds) at 10 classes" in said
    assert "2,560 logarithms and multiplies 2,304 of them by zero; indexing computes 256" in said


def test_a_ratio_that_holds_1_makes_no_claim() -> None:
    said = why_slower(measurement(OVERLAPPING))
    assert said.startswith("No difference can be measured at 10 classes")
    assert "in half of the 25 rounds the definition takes 0.95 to 1.60 times as long as indexing. Still, " in said
    assert "With the gradient no difference can be measured." in said
    assert "longer" not in should_you_use_it(measurement(OVERLAPPING))
    assert "but takes longer" in should_you_use_it(measurement(SLOWER))


def test_a_definition_that_is_faster_is_said_to_be() -> None:
    assert why_slower(measurement(FASTER)).startswith(
        "Not slower at 10 classes: the definition takes 0.60 times as long"
    )


def test_the_largest_part_is_named_only_where_it_stands_clear() -> None:
    def with_parts(logarithm: Spread, product: Spread) -> LossesMeasured:
        found = measurement(SLOWER)
        parts = (phase("softmax", 2560, seconds=Spread(9, 9, 9)), phase("logarithm", 2560, 2304, logarithm))
        definition = replace(found.of("definition"), phases=(*parts, phase("product", 2560, 2304, product)))
        return replace(found, losses=(found.losses[0], definition, *found.losses[2:]))

    clear = why_slower(with_parts(Spread(30e-6, 33e-6, 36e-6), Spread(4e-6, 5e-6, 6e-6)))
    assert "The largest part of this loss is the logarithm: 33 µs" in clear
    assert "The softmax before the loss takes 9 s, also for indexing." in clear
    assert "largest part" not in why_slower(with_parts(Spread(3e-6, 6e-6, 9e-6), Spread(4e-6, 5e-6, 6e-6)))


def test_with_one_hot_labels_there_is_nothing_to_be_won() -> None:
    assert should_you_use_it(measurement()).startswith(
        "No: with one-hot labels the definition gives the same loss as indexing, 2.5,"
    )
    assert "When a label is a distribution" in when_to_use_it(measurement())


def test_with_soft_labels_it_is_the_loss_itself_and_indexing_another() -> None:
    soft = measurement(values={"indexing": 2.1}, zeros=0, smoothing=0.1)
    said = should_you_use_it(soft)
    assert said.startswith("Yes, or from-logits: for soft labels the definition gives the loss, 2.5.")
    assert "gives 2.1, a different loss" in said
    assert "no product multiplies by zero" in when_to_use_it(soft)
    assert "multiplies none by zero" in why_slower(soft)


def test_a_definition_that_says_nan_is_not_to_be_used_also_with_soft_labels() -> None:
    for smoothing in (0.0, 0.1):
        broken = replace(
            measurement(values={"definition": math.nan}, exact=0.0, smoothing=smoothing), zero_probabilities=1
        )
        assert should_you_use_it(broken) == "No: the definition gives nan, but the loss is 0 (from-logits gives 0)."
        assert "1 probability is 0 in float32: definition gives nan; the loss is 0." in what_to_be_careful_of(broken)


def test_indexing_that_says_something_else_is_never_called_the_same() -> None:
    assert "says what indexing says" not in should_you_use_it(measurement(values={"indexing": 2.4}))


def test_clipping_is_warned_of_only_where_it_bites() -> None:
    assert "Clipping" not in what_to_be_careful_of(measurement())
    bites = replace(measurement(values={"clipped": 2.4}), clipped_labels=3)
    assert "3 losses are cut off at 16.1 with a gradient of 0" in what_to_be_careful_of(bites)


def test_the_slip_is_named_for_what_it_is() -> None:
    assert "integer-labels gives 120: integer-labels is not cross-entropy." in what_to_be_careful_of(measurement())


def test_every_question_of_the_exercise_has_an_answer_of_whole_sentences() -> None:
    found = verdicts(measurement())
    assert [asked for asked, _ in found] == ["Why slower?", "Should you use it?", "When?", "Careful"]
    assert all(answer[0].isupper() and answer.endswith((".", "0.1.")) for _, answer in found)


def test_where_it_begins_to_hurt_is_the_first_number_of_classes_from_which_all_are_slower() -> None:
    several = [measurement(OVERLAPPING), measurement(SLOWER, classes=100), measurement(SLOWER, classes=1000)]
    said = where_it_begins_to_hurt(several[::-1])
    assert said.startswith("From 100 classes on the definition takes longer than indexing: 1.80 times (1.60 to 2.10)")
    assert "at 1,000. At 1,000 classes 99.9 % of its logarithms are multiplied by zero." in said


def test_a_gap_in_between_is_no_beginning() -> None:
    several = [measurement(SLOWER), measurement(OVERLAPPING, classes=100)]
    assert where_it_begins_to_hurt(several).startswith("The definition takes longer than indexing at 1 of 2 numbers")
    none = [measurement(OVERLAPPING), measurement(OVERLAPPING, classes=100)]
    assert where_it_begins_to_hurt(none) == ("At 10 and 100 classes no extra time of the definition can be measured.")


def run(name: str, spread: Spread, accuracy: float = 0.83, status: str = "finished", epochs: int = 10) -> LossTrained:
    return LossTrained(
        loss=name,
        run_id="r",
        status=status,
        epochs=epochs,
        train_loss=0.4,
        validation_loss=0.5,
        validation_accuracy=accuracy,
        seconds=1.0,
        spread=spread,
    )


def test_training_claims_a_difference_only_where_the_epochs_stand_apart() -> None:
    indexing = run("indexing", Spread(0.8, 0.9, 1.0))
    near = training_sentence([indexing, run("definition", Spread(0.95, 1.0, 1.1))])
    assert near.startswith("In training no difference can be measured: an epoch takes between 950 ms and 1.1 s")
    far = training_sentence([indexing, run("definition", Spread(1.7, 1.8, 1.9))])
    assert far.endswith("2.00 times as long.")
    few = training_sentence([run("indexing", ONE, epochs=2), run("definition", Spread(9, 9, 9), epochs=2)])
    assert few == "Fewer than three epochs are too few to compare times."


def test_training_names_the_slip_that_does_not_learn_and_what_diverged() -> None:
    indexing = run("indexing", ONE)
    assert training_sentence([indexing, run("integer-labels", ONE, 0.1)]) == (
        "integer-labels ends at 10.0% accuracy, indexing at 83.0%."
    )
    assert training_sentence([indexing, run("integer-labels", ONE, math.nan, "diverged", epochs=0)]) == (
        "integer-labels diverged."
    )
    assert training_sentence([]) == "No epoch has ended, so nothing can be compared."


def test_training_with_soft_labels_which_indexing_cannot_take_says_how_the_losses_end() -> None:
    said = training_sentence([run("definition", ONE), run("from-logits", ONE)])
    assert said == "With soft labels the losses end at these accuracies: definition at 83.0% and from-logits at 83.0%."


def busy_while(found: LossesMeasured, share: float = 0.6) -> LossesMeasured:
    return replace(found, losses=tuple(replace(one, processor_share=share) for one in found.losses))


def test_load_on_the_machine_never_turns_into_no_difference() -> None:
    said = why_slower(busy_while(measurement(OVERLAPPING)))
    assert said.startswith("The machine was too busy to tell at 10 classes: a processor worked only 60% of the time")
    assert "No difference" not in said
    assert "With the gradient the times cannot be compared." in said
    assert "no measurable extra time" not in should_you_use_it(busy_while(measurement(OVERLAPPING)))
    assert "The machine was busy" in why_slower(busy_while(measurement(SLOWER)))
    assert "busy" not in why_slower(busy_while(measurement(SLOWER), 0.99))
    assert "busy" not in why_slower(busy_while(measurement(SLOWER), math.nan))  # several threads: not known
    several = where_it_begins_to_hurt([busy_while(measurement(OVERLAPPING))])
    assert several == "The machine was too busy to tell at 10 classes: measure again."


def test_one_computation_that_takes_twice_as_long_now_and_then_is_load_as_well() -> None:
    found = measurement(OVERLAPPING)
    indexing = replace(found.of("indexing"), spread=Spread(1e-4, 1.5e-4, 2e-4))
    found = replace(found, losses=tuple(indexing if one.loss == "indexing" else one for one in found.losses))
    assert "the same computation took up to 2.0 times as long" in why_slower(found)


def test_the_turn_with_the_gradient_is_explained_by_what_was_measured_or_not_at_all() -> None:
    def with_backward(own: float, lookup: float) -> str:
        found = measurement(SLOWER)
        parts = [
            replace(part, backward=Spread(own, own, own)) for part in found.of("definition").phases if part.of_loss
        ]
        definition = replace(found.of("definition"), phases=tuple(parts), gradient_relative=Spread(0.5, 0.6, 0.7))
        other = (
            replace(phase("lookup", 256), backward=Spread(lookup, lookup, lookup)),
            replace(phase("logarithm of the true class", 256), backward=Spread(1e-6, 1e-6, 1e-6)),
        )
        changed = {"definition": definition, "indexing": replace(found.of("indexing"), phases=other)}
        return why_slower(replace(found, losses=tuple(changed.get(one.loss, one) for one in found.losses)))

    said = with_backward(10e-6, 90e-6)
    assert "With the gradient: 0.60 times as long" in said
    assert (
        "The backward pass of the definition takes 20 µs, the backward pass of indexing 91 µs, of which the lookup "
        "takes 90 µs." in said
    )
    assert "backward pass" not in with_backward(60e-6, 90e-6)


def test_the_time_of_a_loss_of_ones_own_is_not_compared_while_the_machine_is_busy() -> None:
    for ratio in (SLOWER, FASTER, OVERLAPPING):
        found = measurement(ratio)
        yours = replace(found.of("definition"), loss="yours")
        assert "too busy" not in what_yours_says(yours, found)
        assert what_yours_says(yours, busy_while(found)).endswith("The machine was too busy to compare times.")


def test_a_gradient_is_right_by_the_size_of_its_own_elements() -> None:
    """An element is a difference of probabilities over the batch size: in a large batch all of them are small."""
    found = measurement(SLOWER)
    rounding = 16 * 2**-23 / found.question.batch_size
    one = found.of("indexing")
    assert found.question.batch_size > 1
    assert gradient_right(replace(one, gradient_error=0.9 * rounding), found)
    assert not gradient_right(replace(one, gradient_error=1.1 * rounding), found)
