"""What is said of sets of labels, from figures that say it and figures that do not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engine.analysis.conformal import rank_of, sets_of
from engine.analysis.evidence import Evidence
from engine.contract.conformal import SetMethod
from engine.verdicts.sets import sets_sentence, size_words

NAMES = ("bag", "7", "shirt", "coat")


def evidence(images: int = 2000, hard: float = 0.0, absent: bool = False, seed: int = 0) -> Evidence:
    """`hard` is taken off the logit of the class shirt where it is true; where `absent`, no image is a coat."""
    random = np.random.default_rng(seed)
    labels = random.choice(3 if absent else 4, images)
    logits = random.normal(0, 1, (images, 4))
    logits[np.arange(images), labels] += 2.5
    logits[labels == 2, 2] -= hard
    return Evidence.of_logits(logits, labels, NAMES)


def said(of: Evidence, method: SetMethod = "lac", level: float = 0.9) -> str:
    return sets_sentence(sets_of(of, method, level), of.label_names)


def test_coverage_and_size_come_first_with_their_figures() -> None:
    one = evidence()
    view = sets_of(one, "lac", 0.9)
    singles = next(size for size in view.sizes if size.size == 1)
    assert said(one).startswith(
        f"At a level of 90% the true class is in {view.coverage:.1%} of the sets (between {view.interval.low:.1%} and "
        f"{view.interval.high:.1%}). A set has {view.mean_size:.2f} classes on average. {singles.images / 1000:.1%} of "
        f"the images have one class, which is right for {singles.covered / singles.images:.1%}. No class is below 90% "
        "by more than luck: "
    )


def test_a_class_is_named_only_where_luck_does_not_explain_it() -> None:
    assert "Below 90% by more than luck: shirt (" in said(evidence(hard=1.5))
    own = said(evidence(hard=1.5), "class-conditional")
    assert "No class is below 90% by more than luck: " in own
    # The same share of a few images proves nothing.
    assert "by more than luck: shirt" not in said(evidence(80, hard=1.0))


def test_many_classes_are_named_by_their_worst_three() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(0, 12, 6000)
    logits = random.normal(0, 1, (6000, 12))
    logits[np.arange(6000), labels] += np.where(labels < 5, 0.5, 6.0)
    words = said(Evidence.of_logits(logits, labels, tuple(map(str, range(12)))))
    assert words.count("class ") >= 3
    assert "and 2 other classes." in words


@pytest.mark.parametrize("method", ["lac", "class-conditional", "aps"])
def test_where_no_model_could_do_otherwise_the_reason_is_said(method: SetMethod) -> None:
    assert said(evidence(), method, 0.0) == "A level of 0% asks for nothing, so all sets are empty."
    assert said(evidence(), method, 1.0) == "A level of 100% allows no miss, so each set has all 4 classes."
    few = said(evidence(16), method)
    of_each = " of each class" if method == "class-conditional" else ""
    assert few == (
        f"A level of 90% needs 9 calibrating images{of_each}. There are fewer, so each set has all 4 classes."
    )


@pytest.mark.parametrize("level", [0.01, 0.1, 0.5, 0.55, 0.8, 0.9, 0.95, 0.99, 0.995, 0.9999])
def test_the_number_of_images_that_a_level_needs_is_the_least_that_does(level: float) -> None:
    """From `rank_of`: n images are enough where the rank is n at most."""
    from engine.verdicts.sets import _needed

    needed = _needed(level)
    assert rank_of(level, needed) <= needed
    assert needed == 1 or rank_of(level, needed - 1) > needed - 1


def test_few_images_carry_no_conclusion_and_absent_classes_are_told() -> None:
    assert "Only 20 images judged: too few for a conclusion." in said(evidence(40))
    absent = said(evidence(absent=True))
    assert absent.endswith("No judged image is truly coat: coverage unknown.")
    own = said(evidence(absent=True), "class-conditional")
    assert "coat has too few calibrating images: in every set." in own
    two = Evidence.of_logits(np.eye(4)[np.arange(100) % 2] * 3.0, np.arange(100) % 2, NAMES)
    assert "No judged image is truly shirt or coat: coverage unknown." in said(two)
    many = Evidence.of_logits(np.eye(9)[np.arange(100) % 2] * 3.0, np.arange(100) % 2, tuple(map(str, range(9))))
    assert "No judged image is truly of 7 classes: coverage unknown." in said(many)
    assert "7 classes have too few calibrating images: in every set." in said(many, "class-conditional")


def test_empty_sets_alone_are_told_without_a_share_of_nothing() -> None:
    certain = Evidence.of_logits(np.tile([4.0, 0.0], (100, 1)), np.ones(100, dtype=np.int64), ("a b", "c d"))
    words = said(certain, "lac", 0.9)  # the true class is always the other one, which is as likely for all
    assert "nan" not in words
    assert not math.isnan(sets_of(certain, "lac", 0.9).mean_size)


def test_a_mean_size_has_three_digits_at_most_where_it_is_rounded_up_too() -> None:
    sizes = (0.994, 9.994, 9.996, 99.94, 99.96, 1234.5)
    assert [size_words(one) for one in sizes] == ["0.99", "9.99", "10.0", "99.9", "100", "1,234"]
