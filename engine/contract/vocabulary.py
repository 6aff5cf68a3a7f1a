"""What the vocabulary lab is asked: softmax regression that predicts the next word, with each output layer."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from msgspec import Struct

from engine.contract.errors import InputError
from engine.contract.quantities import LONGEST_TEXT, Count, Text, described
from engine.contract.settings import check

Method = Literal["full", "chunked", "adaptive", "class-based", "sampled", "negative"]
METHODS: tuple[Method, ...] = get_args(Method)
# Softmax over all words by another route: value and gradient are those of `full`.
EXACT_METHODS: tuple[Method, ...] = ("full", "chunked")
# They have parameters of their own, so there is no exact loss "on the same parameters".
OWN_PARAMETERS: tuple[Method, ...] = ("adaptive", "class-based")

DEFAULT_SIZES = (1_000, 10_000, 100_000)
LEAST_SIZE, MOST_SIZE = 2, 10_000_000
MOST_WORDS_SHOWN = 100


class VocabularyQuestion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings that all methods and sizes have in common.

    `dimension` is that of the features: of the embedding where the last words are averaged, of all their embeddings
    together where they are concatenated.
    """

    text: Annotated[
        str,
        described(
            "text",
            "a text file, or time-machine; without a text, words are generated: few are frequent, many are rare",
            "words",
            max_length=LONGEST_TEXT,
        ),
    ] = ""
    context: Annotated[
        int, described("context", "number of words that predict the next word", "words", ge=1, le=64)
    ] = 2
    features: Annotated[
        Literal["mean", "concatenated"], described("features", "how the context's embeddings become features", "words")
    ] = "mean"
    dimension: Annotated[
        int, described("dimension", "number of features of each position", "layer", ge=1, le=65_536)
    ] = 128
    positions: Annotated[
        int, described("positions", "number of next words predicted at once", "layer", ge=1, le=1_000_000)
    ] = 1024
    dtype: Annotated[
        Literal["bfloat16", "float32", "float64"], described("dtype", "number type of features and weights", "layer")
    ] = "float32"
    chunk: Annotated[
        int, described("chunk", "words whose logits the method chunked holds at once", "layer", ge=1, le=10_000_000)
    ] = 8192
    samples: Annotated[
        int, described("samples", "words that the method sampled draws for each minibatch", "layer", ge=1, le=1_000_000)
    ] = 1024
    negatives: Annotated[
        int, described("negatives", "words that the method negative draws for each position", "layer", ge=1, le=1000)
    ] = 10
    gradients: Annotated[
        Literal["sparse", "dense"],
        described("gradients", "sparse stores only the rows that a minibatch changes", "layer"),
    ] = "sparse"
    train_words: Annotated[
        int, described("train words", "number of training words from the chain", "words", ge=100, le=100_000_000)
    ] = 200_000
    batch_size: Annotated[int, described("batch size", "positions in each minibatch", "training", ge=1, le=65_536)] = (
        128
    )
    learning_rate: Annotated[float, described("learning rate", "step length of SGD", "training", gt=0, le=1e9)] = 4.0
    steps: Annotated[
        int, described("steps", "minibatches that every method trains for", "training", ge=1, le=10_000_000)
    ] = 300
    shown: Annotated[
        int, described("shown", "number of continuations to show", "training", ge=1, le=MOST_WORDS_SHOWN)
    ] = 5
    rounds: Annotated[
        int, described("rounds", "number of timed rounds; 0 measures for about a second", "run", ge=0, le=1000)
    ] = 0
    memory: Annotated[
        int,
        described("memory", "most bytes of memory to use; 0 takes the machine's free memory", "run", ge=0, le=2**60),
    ] = 0
    seed: Annotated[
        int, described("seed", "decides the words, the parameters and the samples", "run", ge=0, le=2**63 - 1)
    ] = 0
    threads: Annotated[int, described("threads", "number of CPU threads", "run", ge=1, le=1024)] = 1
    device: Annotated[str, described("device", "cpu, cuda, cuda:1, mps or auto", "run", max_length=LONGEST_TEXT)] = (
        "cpu"
    )

    @property
    def embedding_dimension(self) -> int:
        """Features of the embedding of one word."""
        return self.dimension // self.context if self.features == "concatenated" else self.dimension


class VocabularyPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which methods to measure at which sizes, and whether to train them against each other (at each size).

    Without sizes: `DEFAULT_SIZES`, or all words of the text. A size beyond the text's words is refused, or stands for
    all of them where `up_to_text`. `phrase` is continued by what was trained.
    """

    question: VocabularyQuestion = VocabularyQuestion()
    sizes: tuple[Count, ...] = ()
    up_to_text: bool = False
    methods: tuple[Method, ...] = METHODS
    measure: bool = True
    train: bool = False
    phrase: Text = ""


def checked(plan: VocabularyPlan) -> VocabularyPlan:
    """The plan, if it can be carried out as far as can be said without the text.

    Raises:
        InputError: one line that names what was found and what was expected.
    """
    question = plan.question
    check(question)
    if question.features == "concatenated" and question.dimension % question.context:
        raise InputError(
            f"dimension: found {question.dimension} with a concatenated context of {question.context} words, "
            f"expected a multiple of {question.context}"
        )
    for size in plan.sizes:
        if not LEAST_SIZE <= size <= MOST_SIZE:
            raise InputError(f"sizes: found {size}, expected an integer at least {LEAST_SIZE}, at most {MOST_SIZE:,}")
    if not plan.methods:
        raise InputError(f"methods: found none, expected one of {', '.join(METHODS)}")
    if plan.phrase and not question.text:
        raise InputError("continue: found a phrase without a text, expected a text file with the words of the phrase")
    if question.dtype == "bfloat16" and (plan.train or "adaptive" in plan.methods):
        raise InputError("dtype: found bfloat16 with training or adaptive, expected float32 or float64")
    return plan
