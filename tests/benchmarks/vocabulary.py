"""What softmax over a large vocabulary costs, with every output layer.

    uv run python -m tests.benchmarks.vocabulary [--sizes 1000 10000 100000 1000000] [--rounds 3] [--threads 2]

First every method at every size, each in the process that the lab measures in (1,024 positions, 128 features): times,
the peak of what was allocated, and what was predicted. Then full, chunked and torch's own cross_entropy in turns at the
largest size that fits, because a ratio of times that were taken one after the other follows the machine's mood. Goals:
chunked at a million words below an eighth of full's memory, at no more than 1.6 times its time.

Where there is a GPU: full, chunked and torch.compile'd full at the setting of Cut Cross-Entropy's table (Gemma 2:
256,000 words, 2,304 features, 8,192 positions, bfloat16).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor
from torch.nn import functional

from engine.contract.vocabulary import VocabularyPlan, VocabularyQuestion
from engine.contract.vocabulary_events import VocabularyMeasured
from engine.labs.stopwatch import peak_bytes
from engine.labs.vocabulary.chunked import chunked_cross_entropy, full_cross_entropy
from engine.labs.vocabulary.job import measure_vocabulary
from engine.processes.memory import available_bytes
from engine.verdicts.figures import bytes_words
from engine.verdicts.vocabulary_memory import predicted_bytes
from tests.benchmarks.table import interleaved, table
from tui.cli.page import Page
from tui.vocabulary.text import write_conclusion, write_measured

_TORCH_TIMES = 1.6  # cross_entropy holds so many times what full holds: logits, log-softmax, and its gradient

Loss = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def by_torch(features_bd: Tensor, weight_vd: Tensor, bias_v: Tensor, targets_b: Tensor) -> Tensor:
    return functional.cross_entropy(functional.linear(features_bd, weight_vd, bias_v), targets_b)


def tensors(
    words: int, question: VocabularyQuestion, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> tuple[Tensor, ...]:
    generator = torch.Generator(device).manual_seed(0)
    shapes = ((question.positions, question.dimension), (words, question.dimension))
    made = [torch.randn(shape, generator=generator, dtype=dtype, device=device) for shape in shapes]
    made[1] /= question.dimension**0.5
    bias_v = torch.zeros(words, dtype=dtype, device=device)
    targets_b = torch.randint(words, (question.positions,), generator=generator, device=device)
    return (*(tensor.requires_grad_() for tensor in (*made, bias_v)), targets_b)


def step(loss: Loss, given: tuple[Tensor, ...]) -> None:
    """Forward and backward; the gradients are made anew, as in every step of training."""
    for tensor in given:
        tensor.grad = None
    loss(*given).backward()


def every_method(sizes: list[int], question: VocabularyQuestion) -> list[VocabularyMeasured]:
    lines: list[VocabularyMeasured] = []
    for size in sizes:
        plan = VocabularyPlan(question=question, sizes=(size,))
        here = [event for event in measure_vocabulary(plan) if isinstance(event, VocabularyMeasured)]
        write_measured(here, Page())
        lines += here
    return lines


def in_turns(words: int, question: VocabularyQuestion, rounds: int) -> None:
    """Full, chunked and torch's own on the same tensors."""
    given = tensors(words, question)
    losses: dict[str, Loss] = {
        "full": full_cross_entropy,
        "chunked": lambda f, w, b, t: chunked_cross_entropy(f, w, b, t, question.chunk),
    }
    if _TORCH_TIMES * predicted_bytes("full", question, words) < available_bytes(torch.device("cpu")):
        losses["torch"] = by_torch
    peaks = {}
    for name, loss in losses.items():
        for tensor in given:
            tensor.grad = None
        peaks[name] = peak_bytes(lambda loss=loss: step(loss, given))  # type: ignore[misc]
    seconds = interleaved({name: lambda loss=loss: step(loss, given) for name, loss in losses.items()}, rounds)  # type: ignore[misc]
    print(table(seconds, "s a step", "full"))
    for name, peak in peaks.items():
        print(f"{name:8} holds {bytes_words(peak):>8}, full's over it: {peaks['full'] / peak:.1f}")
    memory, ratio = peaks["full"] / peaks["chunked"], median(seconds["chunked"]) / median(seconds["full"])
    met = "met" if memory > 8 and ratio <= 1.6 else "NOT MET"
    print(f"\nchunked at {words:,} words: 1/{memory:.1f} of full's memory (goal: below 1/8), ", end="")
    print(f"{ratio:.2f} times its time (goal: at most 1.6): {met}")


def on_a_gpu(rounds: int) -> None:
    """The setting of table 1 of Wijmans et al. 2024, forward and backward."""
    question = VocabularyQuestion(positions=8192, dimension=2304, chunk=8192)
    given = tensors(256_000, question, torch.bfloat16, "cuda")
    losses: dict[str, Loss] = {
        "full": full_cross_entropy,
        "chunked": lambda f, w, b, t: chunked_cross_entropy(f, w, b, t, question.chunk),
        "torch": by_torch,
        "torch.compile": torch.compile(by_torch),
    }

    def timed(loss: Loss) -> None:
        step(loss, given)
        torch.cuda.synchronize()

    for name, loss in losses.items():
        timed(loss)
        for tensor in given:
            tensor.grad = None
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        timed(loss)
        print(f"{name:14} holds {(torch.cuda.max_memory_allocated() - before) / 1e6:10,.0f} MB")
    contenders = {name: lambda loss=loss: timed(loss) for name, loss in losses.items()}  # type: ignore[misc]
    print(table(interleaved(contenders, rounds), "s a step", "full"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=[1000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    question = VocabularyQuestion(threads=options.threads, rounds=options.rounds)
    lines = every_method(options.sizes, question)
    write_conclusion(lines, Page(), question)
    fits = [one.vocabulary_size for one in lines if one.method == "full" and one.outcome == "measured"]
    if fits:
        in_turns(max(fits), question, options.rounds)
    if torch.cuda.is_available():
        on_a_gpu(options.rounds)
    else:
        print("\nno GPU here: the setting of Cut Cross-Entropy's table is not measured")


if __name__ == "__main__":
    main()
