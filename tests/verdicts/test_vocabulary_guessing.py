"""What is said where training has come to no more than a guess."""

import math

import pytest

from engine.contract.vocabulary import Method
from engine.contract.vocabulary_events import Bands, VocabularyEvaluated, VocabularyTrained
from engine.verdicts.vocabulary import guessing_verdict


def trained(perplexity: float, method: Method = "full") -> VocabularyTrained:
    return VocabularyTrained(
        method=method, vocabulary_size=1000, equal_steps=10, seconds_at_equal_steps=1, perplexity_at_equal_steps=900,
        steps=20, seconds=2, perplexity=perplexity, bands=Bands(None, None, None), rows_touched=1000,
        unigram_perplexity=157.5, chain_perplexity=None,
    )  # fmt: skip


def curve(*perplexities: float, method: Method = "full") -> list[VocabularyEvaluated]:
    return [
        VocabularyEvaluated(method=method, vocabulary_size=1000, steps=step, seconds=step, perplexity=perplexity)
        for step, perplexity in enumerate(perplexities)
    ]


@pytest.mark.parametrize(
    ("perplexity", "before", "said"),
    [
        (120.0, (1000, 120), ""),
        (
            200.0,
            (1000, 120, 200),
            "Full is worse than guessing by frequency (perplexity 157.5): "
            "use fewer steps, a smaller learning rate or more text.",
        ),
        (
            200.0,
            (1000, 600, 200),
            "Full is worse than guessing by frequency (perplexity 157.5): "
            "the perplexity still falls, so use more steps.",
        ),
        (
            23_000.0,
            (23_000,),
            "Full is worse than guessing uniformly (perplexity 1,000) and by frequency (157.5): "
            "use fewer steps, a smaller learning rate or more text.",
        ),
        (math.nan, (1000, math.nan), ""),  # that it diverged is said elsewhere
    ],
)
def test_a_method_no_better_than_a_guess_is_told_with_what_its_curve_advises(
    perplexity: float, before: tuple[float, ...], said: str
) -> None:
    assert guessing_verdict([trained(perplexity)], curve(*before)) == said


def test_methods_with_the_same_fault_share_a_clause_and_the_others_are_left_out() -> None:
    lines = [trained(200.0, "full"), trained(100.0, "chunked"), trained(2000.0, "sampled"), trained(300.0, "negative")]
    risen = [*curve(1000, 110, 200), *curve(1000, 90, 300, method="negative")]
    assert guessing_verdict(lines, risen) == (
        "Full and negative are worse than guessing by frequency (perplexity 157.5): use fewer steps, a smaller "
        "learning rate or more text; sampled is worse than guessing uniformly (perplexity 1,000) and by frequency "
        "(157.5): use fewer steps, a smaller learning rate or more text."
    )
