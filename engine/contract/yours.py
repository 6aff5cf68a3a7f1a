"""What is said of a user's own softmax and cross-entropy."""

from __future__ import annotations

from msgspec import Struct

from engine.contract.quantities import Count, Text

LOSS_OF_YOURS = "loss of yours: "  # before what is told of it when a run begins


class YoursJudged(Struct, frozen=True, kw_only=True, tag="yours_judged", tag_field="type"):
    """The answer to `OfferYours`: which functions the file has, and one sentence about each that is there.

    One that `works` can train: it returns what it should with a gradient, however wrong. One that is `right` agrees
    with float64 everywhere it was tried. `taken` says how a loss of another shape than expected is read, and is part of
    the verdict.
    """

    request: Count = 0
    has_softmax: bool
    softmax_works: bool = False
    softmax_right: bool = False
    softmax_verdict: Text = ""
    has_cross_entropy: bool
    loss_works: bool = False
    loss_right: bool = False
    loss_verdict: Text = ""
    loss_taken: Text = ""

    @property
    def softmax_remark(self) -> str:
        """What whoever uses the softmax has to be told; "" where it is right."""
        return "" if self.softmax_right else self.softmax_verdict

    @property
    def loss_remark(self) -> str:
        """What whoever uses the cross-entropy has to be told; "" where it is right and has the shape expected."""
        return self.loss_taken if self.loss_right else self.loss_verdict
