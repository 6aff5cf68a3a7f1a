"""What the vocabulary lab tells while it measures and trains. Losses are in nats a word."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.loss_lab import Spread
from engine.contract.quantities import Count, OneOrMore, Seconds, Text, Texts, expect
from engine.contract.vocabulary import Method, VocabularyPlan, checked

Outcome = Literal["measured", "refused", "failed"]


class VocabularyText(Struct, frozen=True, kw_only=True, tag="vocabulary_text", tag_field="type"):
    """The words of a text, found at the word boundaries of Unicode (UAX #29).

    `different_words` are those but for `<unk>`, which stands in the text `unknown_marks` times; `most_words` is the
    largest vocabulary: the words of the part that is trained on, and `<unk>`. `dictionary_languages` are written
    without spaces: ICU finds their words with dictionaries.
    """

    words: Count
    different_words: Count
    most_words: Count
    unknown_marks: Count
    dictionary_languages: Texts
    word_boundaries: Text = "UAX #29"


class VocabularyStarted(Struct, frozen=True, kw_only=True, tag="vocabulary_started", tag_field="type"):
    """The plan with the sizes that were decided. `text` is None for the built-in chain. `notices` say in a line each
    what of the phrase is not among the words.
    """

    plan: VocabularyPlan
    ranks: OneOrMore
    device: Text
    text: VocabularyText | None = None
    notices: Texts = ()

    def __post_init__(self) -> None:
        expect(self.plan.sizes != (), "the sizes that were decided")
        try:
            checked(self.plan)
        except InputError as refusal:
            raise ValueError(str(refusal)) from refusal


class VocabularyProgress(Struct, frozen=True, kw_only=True, tag="vocabulary_progress", tag_field="type"):
    """What is going on, at least four times a second; nothing is half done when it is told."""

    stage: Text
    method: Text
    vocabulary_size: Count
    done: Count
    total: Count


class VocabularyMeasured(Struct, frozen=True, kw_only=True, tag="vocabulary", tag_field="type"):
    """One output layer at one size: one minibatch forward and backward. Null is what was not, or cannot be, measured.

    `loss` is what the method trains on; `exact_loss` is that of softmax over all words with the same parameters, in
    float64; null where the layer has parameters of its own. `gradient_error` is the largest difference of an element
    of the gradient to float64's, where the method is meant to be exact; `largest_gradient` is float64's largest.
    `peak_bytes` is the most that was allocated at once beyond parameters and inputs, `resident_peak_bytes` by how much
    the whole process grew. `rows_touched` are the words whose parameters a step of SGD changes.
    """

    method: Method
    vocabulary_size: Count
    outcome: Outcome
    predicted_bytes: Count
    parameter_bytes: Count
    available_bytes: Count
    forward_seconds: Seconds | None = None
    backward_seconds: Seconds | None = None
    forward_spread: Spread | None = None
    backward_spread: Spread | None = None
    rounds: Count = 0
    peak_bytes: Count | None = None
    resident_peak_bytes: Count | None = None
    loss: float | None = None
    exact_loss: float | None = None
    gradient_error: float | None = None
    largest_gradient: float | None = None
    rows_touched: Count | None = None
    positions: Count
    dimension: Count
    dtype: Text
    device: Text
    ranks: OneOrMore = 1
    reason: Text = ""


class Bands(Struct, frozen=True):
    """The mean loss of held-out words by how frequent they are in the words trained on; null where there are none.

    `frequent` are the most frequent words that make up half of the words trained on, `rare` the last tenth.
    """

    frequent: float | None
    middle: float | None
    rare: float | None


class VocabularyEvaluated(Struct, frozen=True, kw_only=True, tag="vocabulary_evaluated", tag_field="type"):
    """Perplexity on held-out words after so many steps and so many seconds of training; evaluating takes none."""

    method: Method
    vocabulary_size: Count
    steps: Count
    seconds: Seconds
    perplexity: float


class Continuation(Struct, frozen=True):
    """One word that may come next."""

    word: Text
    probability: float


class VocabularyTrained(Struct, frozen=True, kw_only=True, tag="vocabulary_trained", tag_field="type"):
    """What came of training one method, at equal steps and at equal time.

    Every method trains for the seconds that the slowest needs for its steps. `bands`, `rows_touched` and
    `continuations` are those at equal steps, which one seed decides. `unigram_perplexity` is that of the word
    frequencies alone, `chain_perplexity` that of the chain which wrote the words (null for a text): none can be better.
    `unknown_share` is the share of the held-out words that are unknown, 0 to 1 (null for the chain).
    """

    method: Method
    vocabulary_size: Count
    equal_steps: Count
    seconds_at_equal_steps: Seconds
    perplexity_at_equal_steps: float
    steps: Count
    seconds: Seconds
    perplexity: float
    bands: Bands
    rows_touched: Count
    unigram_perplexity: float
    chain_perplexity: float | None
    unknown_share: float | None = None
    phrase: Text = ""
    continuations: tuple[Continuation, ...] = ()


class VocabularyRefused(Struct, frozen=True, kw_only=True, tag="vocabulary_refused", tag_field="type"):
    """Training at this size was not begun, because it would not fit, or it ended the process."""

    vocabulary_size: Count
    predicted_bytes: Count
    available_bytes: Count
    reason: Text


class VocabularyFinished(Struct, frozen=True, kw_only=True, tag="vocabulary_finished", tag_field="type"):
    """The last event of every job. `failed` says in `reason` why there is nothing more, such as a rank that died."""

    status: Literal["finished", "stopped", "failed"]
    seconds: Seconds
    reason: Text = ""


VocabularyEvent = (
    VocabularyStarted
    | VocabularyProgress
    | VocabularyMeasured
    | VocabularyEvaluated
    | VocabularyTrained
    | VocabularyRefused
    | VocabularyFinished
)
