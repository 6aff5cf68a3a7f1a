"""A user's own functions as offered: judged, computed with and traced, in a process that can be killed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TypeVar

import torch
from msgspec.structs import replace
from torch import Tensor

from engine.contract.errors import InputError
from engine.contract.pairs import YOURS
from engine.contract.trace import FirstBad, ImplementationTrace, Rows, SoftmaxTrace
from engine.contract.yours import YoursJudged
from engine.labs.yours.messages import (
    Answer,
    Compute,
    Computed,
    JudgeLoss,
    JudgeSoftmax,
    Loaded,
    LoadFile,
    Refused,
    Request,
    Verdict,
)
from engine.labs.yours.sandbox import Sandbox, SandboxEnded
from engine.numerics.trace import trace
from engine.numerics.yours import compiled

_MODULE = "engine.labs.yours.judging"
_SECONDS = 10.0  # for judging a function, which takes a tenth of one

Kind = TypeVar("Kind", bound=Answer)


class Yours:
    """The text of a file with `softmax(logits)`, `cross_entropy(probabilities, labels)` or both.

    The process is started at the first question and kept for the next; one that hung or fell is started anew.
    """

    def __init__(self, source: str, seconds: float = _SECONDS) -> None:
        self.source = source
        self._seconds = seconds
        self._sandbox: Sandbox | None = None

    @cached_property
    def judged(self) -> YoursJudged:
        """What is said of it.

        Raises:
            InputError: the file is no Python, raises, hangs, ends its process, or has neither function.
        """
        has = self._loaded()
        softmax = self._verdict(JudgeSoftmax(), has.softmax)
        loss = self._verdict(JudgeLoss(), has.cross_entropy)
        return YoursJudged(
            has_softmax=has.softmax,
            softmax_works=softmax.works,
            softmax_right=softmax.right,
            softmax_verdict=softmax.sentence,
            has_cross_entropy=has.cross_entropy,
            loss_works=loss.works,
            loss_right=loss.right,
            loss_verdict=loss.sentence,
            loss_taken=loss.taken,
        )

    def softmax(self, rows: Rows, dtype: str, offsets: tuple[float, ...] = ()) -> Computed:
        """Its probabilities for logits as rounded to the dtype, and its error at each offset to the first row.

        Raises:
            InputError: it raised, hung, ended its process, or returned something else.
        """
        self._loaded()
        try:
            return self._asked(Compute(rows, dtype, offsets), Computed)
        except SandboxEnded as ended:
            raise InputError(f"softmax: {ended}") from ended

    def close(self) -> None:
        """Ends the process, if there is one."""
        if self._sandbox is not None:
            self._sandbox.kill()
            self._sandbox = None

    def _verdict(self, request: Request, there: bool) -> Verdict:
        if not there:
            return Verdict(False, False, "")
        try:
            self._loaded()
            return self._asked(request, Verdict)
        except (SandboxEnded, InputError) as error:
            return Verdict(False, False, str(error).removeprefix("yours: "))

    def _loaded(self) -> Loaded:
        """Starts the process and has the file run in it, where that has not happened."""
        if self._sandbox is None:
            compiled(self.source)  # a slip in typing need not wait for a process
            try:
                self._sandbox = Sandbox(_MODULE)
                self._has = self._asked(LoadFile(self.source), Loaded)
            except SandboxEnded as ended:
                raise InputError(f"yours: running the file, {ended}; expected it to define functions") from ended
            except InputError:
                self.close()
                raise
        return self._has

    def _asked(self, request: Request, kind: type[Kind]) -> Kind:
        assert self._sandbox is not None
        try:
            answer = self._sandbox.ask(request, self._seconds)
        except SandboxEnded:
            self._sandbox = None
            raise
        if isinstance(answer, Refused):
            raise InputError(f"yours: {answer.line}")
        assert isinstance(answer, kind)
        return answer


def with_yours(
    given: SoftmaxTrace, yours: Yours, offsets: Sequence[float] = ()
) -> tuple[SoftmaxTrace, tuple[float, ...]]:
    """The trace with one more implementation, and the errors of that one at each offset to the first row.

    A softmax that fails for these logits is nan everywhere, with the reason as its explanation: the others stand.
    """
    try:
        computed = yours.softmax(given.logits, given.dtype, tuple(offsets))
    except InputError as error:
        own = _failed(given, str(error).removeprefix("yours: "))
        return _added(given, own), tuple(math.nan for _ in offsets)
    probabilities = torch.tensor(computed.rows, dtype=getattr(torch, given.dtype))

    def made(logits: Tensor) -> Tensor:
        return probabilities

    logits = torch.tensor(given.typed, dtype=torch.float64)
    own = trace(logits, given.dtype, {YOURS: made}).implementations[YOURS]
    return _added(given, own), computed.errors


def _added(given: SoftmaxTrace, own: ImplementationTrace) -> SoftmaxTrace:
    return replace(given, implementations={**given.implementations, YOURS: own})


def _failed(given: SoftmaxTrace, why: str) -> ImplementationTrace:
    nans = tuple(tuple(math.nan for _ in row) for row in given.logits)
    column = tuple(math.nan for _ in given.logits)
    return ImplementationTrace(
        shift=(),
        shifted=(),
        shifted_marks=(),
        exponentials=(),
        exponential_marks=(),
        partition=(),
        partition_marks=(),
        probabilities=nans,
        probability_marks=tuple(tuple("nan" for _ in row) for row in given.logits),
        sums=column,
        finite=False,
        errors=nans,
        row_errors=column,
        max_relative_error=math.nan,
        first_bad=FirstBad("probabilities", 0, 0),
        explanation=why,
    )
