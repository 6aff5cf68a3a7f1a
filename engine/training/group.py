"""Several models trained in one product: seeds times learning rates, all else equal.

The parameters of all are one tensor (seeds, rates * classes, features + 1 and some zeros), the bias the weight of a
constant input. The models of a seed see the same images, so that they share one gather and one product; the seeds share
a batched one. Conventions are those of `minibatch.FastStep`: logits (…, classes, batch), the pixels' scale in the
factor of a product, losses once a chunk. The learning rate of each model is folded into its gradient with respect to
the logits, `rate · (p − y)`, so that one product takes every step.

A product of 60 rows rounds otherwise than one of 10, and so do the folded rate and bias: a model trained here differs
from the same one trained alone in the last bits, and the same group repeats to the bit. Where training contracts, as on
Fashion-MNIST at rates up to 0.1 and from four images a minibatch on, the last bits stay the last bits. Where it does
not, at a rate of 0.3 or at single images, they grow until they show. A run alone moves as far there when its weights
are disturbed by 1e-7: its figures carry no more digits than the seeds agree on.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.training.chunks import Chunk, Chunks, SeedSource
from engine.training.evaluation import evaluate_group
from engine.training.minibatch import Buffers, hits
from engine.training.walk import Member, Walk


class GroupBuffers(Buffers):
    """Buffers of (minibatches, models, classes, batch), and what only a group has.

    `rated` are the labels as one-hot columns times the learning rates. `products_of` is the memory of `shifted`, and
    `gradient` that of `exponentials`, as (seeds, rates * classes, batch). `plain` says that no gradient need be
    multiplied with its rate: all have the common one, and no place is blank.
    """

    def __init__(self, like: Tensor, shape: tuple[int, int, int, int, int], plain: bool) -> None:
        """`shape` is (minibatches, seeds, rates, classes, batch)."""
        minibatches, seeds, rates, classes, batch = shape
        super().__init__(like, (minibatches, seeds * rates, classes, batch))
        self.rated = torch.zeros_like(self.shifted)
        self.rated_of = self.rated.unbind(0)
        self.products_of = self.shifted.view(minibatches, seeds, rates * classes, batch).unbind(0)
        self.gradient = self.exponentials.view(seeds, rates * classes, batch)
        self.plain = plain

    def mark(self, targets: Tensor, rate: Tensor) -> None:
        """Enters the labels (minibatches, models, 1, batch) of a chunk, with the rates (models, 1, 1)."""
        self.rated.zero_()
        self.rated[: len(targets)].scatter_(2, targets, rate.expand_as(targets[0]).expand_as(targets))

    def _hits(self, shifted_ncb: Tensor, target_n1b: Tensor) -> Tensor:
        largest = shifted_ncb.numel() - int(torch.count_nonzero(shifted_ncb))
        if largest != target_n1b.numel():
            return hits(shifted_ncb, target_n1b)
        # No ties: what `hits` comes to, in half the time.
        return (target_n1b == 0).sum((-2, -1)).to(shifted_ncb.dtype)


_ALIGNED = 16  # numbers; rows that begin anywhere make a product slower


class Group(Walk):
    """The walk of several models.

    `places` are seed by seed, with the same rates for each; a place of `None` is that of a model that has ended, and is
    kept blank: the shapes decide the last bits.
    """

    stretch_seconds = 0.02  # a stretch is an event for each of the models, and those cost time as well

    def __init__(self, places: Sequence[Member | None], seeds: int) -> None:
        members = {place: member for place, member in enumerate(places) if member is not None}
        first = next(iter(members.values()))
        like = first.state.weight
        classes, features = like.shape
        self._rates = len(places) // seeds
        width = -(-(features + 1) // _ALIGNED) * _ALIGNED
        self._parameters = like.new_zeros(seeds, self._rates * classes, width)
        self._weight, self._bias = self._parameters[..., :features], self._parameters[..., features]
        self._sources = self._sources_of(places)
        chunks = Chunks(self._sources, first.config.batch_size, like.dtype, width, self._rates)
        # Where all have one rate it is left to the product, and the gradient need not be multiplied with it.
        super().__init__(members, chunks, first.config.learning_rate if self._rates == 1 else 1.0)
        self._rate = like.new_zeros(len(places), 1, 1)
        self._shape = (len(places), classes, width)
        for place, member in self.members.items():
            self._adopt(place, member)
        self._scale = first.data.pixel_scale
        self._buffers: dict[int, GroupBuffers] = {}
        self._marked: Chunk | None = None  # the chunk whose labels the buffers hold

    def _adopt(self, place: int, member: Member) -> None:
        state = member.state
        parameters = self._parameters.view(self._shape)[place]
        features = state.weight.shape[1]
        weight, bias = parameters[:, :features], parameters[:, features]
        weight.copy_(state.weight)
        bias.copy_(state.bias)
        state.weight, state.bias = weight, bias
        self._rate[place] = member.config.learning_rate / self._common_rate

    def _sources_of(self, places: Sequence[Member | None]) -> list[SeedSource | None]:
        rows = [places[start : start + self._rates] for start in range(0, len(places), self._rates)]
        return [next((SeedSource(m.data, m.config.seed) for m in row if m), None) for row in rows]

    def retire(self, place: int) -> Member:
        """Takes a model out, its parameters as they are; its place is blank from here on."""
        member = super().retire(place)
        state = member.state
        state.weight, state.bias = state.weight.contiguous().clone(), state.bias.clone()
        self._parameters.view(self._shape)[place].zero_()
        self._rate[place].zero_()
        self._buffers.clear()  # they were made for the rates as they were
        self._marked = None
        return member

    def copy_parameters(self) -> tuple[Tensor, int]:
        return self._parameters.clone(), self.minibatch

    def put_back(self, copy: tuple[Tensor, int]) -> None:
        self._parameters.copy_(copy[0])
        self.minibatch = copy[1]

    def evaluate(self) -> dict[int, tuple[float, float]]:
        figures = evaluate_group(self._weight, self._bias, self._sources, self._rates, self._scale)
        return {place: figures[place] for place in self.members}

    def _step(self, chunk: Chunk, index: int, learning_rate: float) -> None:
        buffers = self._buffers_for(chunk)
        logits_mcb, partition_m1b = buffers.shifted_of[index], buffers.partition_of[index]
        # With beta 0 what was in the buffer does not count, not even where it was nan.
        buffers.products_of[index].baddbmm_(self._parameters, chunk.columns[index], beta=0, alpha=self._scale)
        logits_mcb.sub_(logits_mcb.amax(1, keepdim=True))
        gradient_mcb = torch.exp(logits_mcb, out=buffers.exponentials)
        torch.sum(gradient_mcb, 1, keepdim=True, out=partition_m1b)
        gradient_mcb.div_(partition_m1b if buffers.plain else torch.div(partition_m1b, self._rate))
        gradient_mcb.sub_(buffers.rated_of[index])  # rate · (p − y)
        descent = -learning_rate * self._scale / chunk.batch_size
        self._parameters.baddbmm_(buffers.gradient, chunk.images[index], alpha=descent)

    def _outcome(self, chunk: Chunk, start: int, end: int) -> tuple[Tensor, Tensor]:
        return self._buffers_for(chunk).outcome(chunk.targets, start, end)

    def _buffers_for(self, chunk: Chunk) -> GroupBuffers:
        """The buffers for minibatches of the chunk's size, which hold its labels."""
        found = self._buffers.get(chunk.batch_size)
        if found is None:
            models, classes, _ = self._shape
            plain = self._rates == 1 and len(self.members) == models
            shape = (self.chunks.most, len(self._sources), self._rates, classes, chunk.batch_size)
            self._buffers[chunk.batch_size] = found = GroupBuffers(self._parameters, shape, plain)
        if chunk is not self._marked:
            found.mark(chunk.targets, self._rate)
            self._marked = chunk
        return found
