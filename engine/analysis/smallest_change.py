"""The smallest change of an image's pixels that makes softmax regression call the image otherwise."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.analysis.mistakes import Parameters, greys
from engine.contract.answers import SmallestChange

MARGIN = 1e-4  # by which the other class's logit is the larger one then: more than float32 rounds away
GREY_LEVELS = 255


def pixel_range(images: Tensor, pixel_scale: float) -> tuple[float, float]:
    """The least and the greatest input that a pixel may be: of bytes 0 to 255, of floats what the images have."""
    if images.dtype == torch.uint8:
        return 0.0, GREY_LEVELS * pixel_scale
    low, high = images.aminmax()
    return float(low) * pixel_scale, float(high) * pixel_scale


def smallest_change(
    image: Tensor, predicted: int, parameters: Parameters, bounds: tuple[float, float]
) -> SmallestChange | None:
    """Of an image (features,) of pixels, called `predicted`: the least change in L2 norm, with inputs in `bounds`.

    None where no image in these bounds is called otherwise, or a weight is not finite. A third class is never above
    both at the found image: it would have crossed the predicted class on the way there, so nearer.
    """
    inputs = image.cpu().double() * parameters.pixel_scale
    weight, bias = parameters.weight.cpu().double(), parameters.bias.cpu().double()
    directions = weight - weight[predicted]
    leads = directions @ inputs + bias - bias[predicted]
    if not leads.isfinite().all():
        return None
    # Without bounds the distance is known at once, and bounds only lengthen it: most classes need no more.
    nearest = (MARGIN - leads).clamp(min=0) / directions.norm(dim=1)
    best: tuple[float, int, Tensor] | None = None
    for other in nearest.argsort(stable=True).tolist():
        if best is not None and not nearest[other] < best[0]:
            break
        if other == predicted or (step := _step(inputs, directions[other], float(leads[other]), bounds)) is None:
            continue
        change = (inputs + step * directions[other]).clamp(*bounds) - inputs
        if best is None or change.norm() < best[0]:
            best = float(change.norm()), other, change
    return None if best is None else _described(image, inputs, best, parameters.pixel_scale, bounds)


def _step(inputs: Tensor, direction: Tensor, lead: float, bounds: tuple[float, float]) -> float | None:
    """How far along `direction`, clipped to the bounds, the lead is `MARGIN`; None where it never is.

    The nearest point of {x in bounds, direction·x + c ≥ MARGIN} is clip(x0 + step · direction), and its lead is a
    piecewise linear function of the step that never falls: each pixel that reaches its bound bends it.
    """
    if lead >= MARGIN:
        return 0.0
    moving = direction != 0
    along = direction[moving]
    room = torch.where(along > 0, bounds[1] - inputs[moving], bounds[0] - inputs[moving])
    ends, order = (room / along).clamp(min=0).sort()
    squares = along[order].square()
    stopped = torch.cat([torch.zeros(1, dtype=torch.float64), (squares * ends).cumsum(0)])
    slopes = torch.cat([squares.flip(0).cumsum(0).flip(0), torch.zeros(1, dtype=torch.float64)])
    reached = lead + stopped[1:] + ends * slopes[1:]  # the lead where each pixel stops
    place = int((reached < MARGIN).sum())
    if place == len(ends):
        return None
    return float((MARGIN - lead - stopped[place]) / slopes[place])


def _described(
    image: Tensor, inputs: Tensor, best: tuple[float, int, Tensor], scale: float, bounds: tuple[float, float]
) -> SmallestChange:
    norm, other, change = best
    levels = change * (GREY_LEVELS / (bounds[1] - bounds[0]))
    return SmallestChange(
        predicted=other,
        norm=norm,
        share=norm / float(inputs.norm()) if inputs.any() else float("inf"),
        levels=levels.float().numpy().tobytes(),
        pixels=_as_shown((inputs + change) / scale, image.cpu()),
    )


def _as_shown(changed: Tensor, image: Tensor) -> bytes:
    """The changed pixels as bytes, stretched as the image is."""
    if image.dtype == torch.uint8:
        return greys(changed.round().clamp(0, GREY_LEVELS).to(torch.uint8))
    low, high = image.min(), image.max()
    stretched = (changed - low) / (high - low).clamp(min=1e-12) * GREY_LEVELS
    return greys(stretched.round().clamp(0, GREY_LEVELS).to(torch.uint8))
