"""Clothes drawn by this program, for a machine without data or network, and as an experiment of its own.

Every image bends, moves and scales the spans of its garment anew, is shaded and textured, may be covered in
part, and is noisy. Only additions, multiplications, divisions, comparisons and roundings are used: they give
the same bits on every machine.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.contract.progress import Progress
from engine.data.catalog import CATALOG
from engine.data.dataset import Dataset, Images, Labels, assemble
from engine.data.streams import stream


@dataclass(frozen=True)
class Span:
    """Edges `(y, left, right)` from top to bottom, and a brightness relative to the garment's (0: a hole)."""

    edges: tuple[tuple[float, float, float], ...]
    tone: float = 1.0


def _even(*rows: tuple[float, float], tone: float = 1.0) -> Span:
    """A span that is its own mirror image: rows of `(y, half width)`."""
    return Span(tuple((y, -half, half) for y, half in rows), tone)


def _mirrored(span: Span) -> Span:
    return Span(tuple((y, -right, -left) for y, left, right in span.edges), span.tone)


def _with_sleeves(sleeve: Span, *others: Span) -> tuple[Span, ...]:
    return (sleeve, _mirrored(sleeve), *others)


_LONG_SLEEVE = Span(((4.5, -6, -4), (7, -9.5, -5), (14, -12, -8), (24.5, -13, -10)), 0.92)
_SHIRT_SLEEVE = Span(((4, -5.5, -4), (6.5, -8.5, -5), (14, -10.8, -7.6), (23, -12.2, -9.4)), 0.9)
_COAT_SLEEVE = Span(((4, -6, -4), (7, -9.5, -5), (14, -11.5, -7.5), (22.5, -12.8, -9)), 0.88)
_LEG = Span(((5, -5, -0.2), (9, -5.6, -0.6), (26.5, -6, -2)))

GARMENTS: tuple[tuple[Span, ...], ...] = (
    (  # T-shirt
        _even((3, 4.5), (5, 7.5), (9, 12.5), (11.5, 12), (12, 7.6), (25, 7.6)),
        _even((2.5, 3), (5.2, 0.4), tone=0),
    ),
    (_even((1.5, 5), (6, 5.4), (8, 5.5)), _LEG, _mirrored(_LEG)),  # trouser
    _with_sleeves(  # pullover
        _LONG_SLEEVE,
        _even((3, 4), (5, 7.3), (12, 7), (25, 7.4)),
        _even((23.2, 7.4), (25, 7.4), tone=0.75),
        _even((2.2, 2.8), (4.2, 0.5), tone=0),
    ),
    (  # dress
        _even((1.5, 3), (5, 4.4), (11, 3.4), (18, 5.4), (26.8, 7.8)),
        _even((1.2, 1.8), (4.6, 0.3), tone=0),
        _even((10.4, 3.6), (11.8, 3.6), tone=0.6),
    ),
    _with_sleeves(  # coat
        _COAT_SLEEVE,
        _even((2.5, 3.4), (4.5, 7), (12, 6.8), (27, 8)),
        _even((2.2, 2.6), (9, 0.3), tone=0.35),
        _even((8, 0.5), (27, 0.6), tone=0.4),
        _even((16.5, 5.4), (18, 5.4), tone=0.8),
    ),
    (  # sandal
        Span(((13, 8.5, 12.3), (17, 8.3, 12.5), (22.5, 8.6, 12.3))),
        Span(((17.3, 6.5, 12.4), (19.2, -1, 12.4), (21.3, -12, 4), (22.5, -12.6, -2))),
        Span(((10.5, 6.2, 8.4), (14, 3, 6), (19, 0.5, 3.4)), 0.85),
        Span(((10.5, 6.6, 9), (14, 9, 11.6)), 0.85),
        Span(((15, -6.4, -4.2), (18, -9.6, -3.8), (20.5, -11.4, -8.8)), 0.85),
        Span(((15, -5.8, -3.4), (18, -4.4, -0.8), (20.5, -2, 0.8)), 0.85),
    ),
    _with_sleeves(  # shirt
        _SHIRT_SLEEVE,
        _even((2.2, 3.4), (4.5, 6.6), (12, 6.2), (26, 6.8)),
        _even((2, 2.2), (4.8, 0.3), tone=0.2),
        Span(((3, -3.4, -1.6), (5.6, -2.6, -0.4)), 1.2),
        Span(((3, 1.6, 3.4), (5.6, 0.4, 2.6)), 1.2),
        _even((5.5, 0.4), (26, 0.4), tone=0.7),
    ),
    (  # sneaker
        Span(((10.5, 4.5, 11.8), (13.5, 0.5, 12), (16.5, -6.5, 12.3), (19, -11.5, 12.4), (21.5, -12.6, 12.5))),
        Span(((20.3, -12.6, 12.7), (22.6, -12.4, 12.5)), 1.35),
        Span(((13, 0.5, 2), (17.5, -5.6, -4)), 0.45),
        Span(((14.5, 3.4, 5), (19.8, -0.4, 1.4)), 0.6),
        Span(((9.8, 5.6, 10.2), (11.4, 6.4, 9.6)), 0.25),
    ),
    (  # bag
        _even((3.5, 3.5), (5, 5.4), (8, 6.6), (12.5, 7), tone=0.8),
        _even((5.4, 3), (8, 4.9), (11.2, 5.2), tone=0),
        _even((11, 10.4), (13, 11.4), (24, 12), (25.5, 11.4)),
        _even((16.6, 11.6), (17.6, 11.7), tone=0.55),
        _even((16, 1.2), (19, 1.2), tone=1.35),
    ),
    (  # ankle boot
        Span(
            (
                (3, 1.4, 11.2),
                (11.5, 1, 11.4),
                (15.5, -3, 11.8),
                (18.5, -9.5, 12.2),
                (22, -12.2, 12.4),
                (24.4, -12.4, 12.4),
            )
        ),
        Span(((22.6, -12.4, 5), (24.6, -12.4, 5)), 0.6),
        Span(((22.8, 2.4, 5.6), (24.8, 1.4, 6)), 0),
        Span(((6, 5, 6.4), (14, 4.4, 5.8)), 0.6),
    ),
)


SIDE = 28
# Each block of images has a stream of its own, so that a smaller dataset is the start of a larger.
BLOCK = 1000
_CLASSES = len(GARMENTS)

Floats = npt.NDArray[Any]


@dataclass(frozen=True)
class Knobs:
    """How hard the images are, each from 0 (clean copies) to 1."""

    noise: float = 0.35
    jitter: float = 0.7
    occlusion: float = 0.3


def draw(train_size: int, validation_size: int, seed: int, knobs: Knobs) -> Generator[Progress, None, Dataset]:
    """Draws the dataset, with `Progress` in images: 28 × 28 pixels of uint8, ten classes in equal parts.

    The same arguments give the same bytes; training and validation images come from different streams.
    """
    total, done = train_size + validation_size, 0
    parts: dict[str, tuple[Images, Labels]] = {}
    for part, size in (("train", train_size), ("validation", validation_size)):
        images = np.empty((size, SIDE, SIDE), dtype=np.uint8)
        labels = np.empty(size, dtype=np.int64)
        for start in range(0, size, BLOCK):
            yield Progress("drawing", "silhouettes", done + start, total, "images")
            block_images, block_labels = _block(seed, part, start // BLOCK, knobs)
            count = min(BLOCK, size - start)
            images[start : start + count] = block_images[:count]
            labels[start : start + count] = block_labels[:count]
        done += size
        parts[part] = (images, labels)
    yield Progress("drawing", "silhouettes", done, total, "images")
    return assemble("silhouettes", parts["train"], parts["validation"], CATALOG["silhouettes"].label_names)


def _block(seed: int, part: str, number: int, knobs: Knobs) -> tuple[Images, Labels]:
    """`BLOCK` images `(images, 28, 28)` and their labels, shuffled."""
    random = stream("silhouettes", seed, part, number)
    images = np.empty((BLOCK, SIDE, SIDE), dtype=np.uint8)
    labels = random.permutation(np.repeat(np.arange(_CLASSES), BLOCK // _CLASSES))
    for kind, spans in enumerate(GARMENTS):
        images[labels == kind] = _garments(random, spans, BLOCK // _CLASSES, knobs)
    return images, labels


def _garments(random: np.random.Generator, spans: tuple[Span, ...], count: int, knobs: Knobs) -> Images:
    """`count` images of one garment, `(count, 28, 28)`."""
    pose = _Pose.drawn(random, count, knobs.jitter)
    picture = np.zeros((count, SIDE, SIDE), dtype=np.float32)
    for span in spans:
        covered = _coverage(random, span, pose, knobs.jitter)
        picture += covered * (np.float32(span.tone) - picture)
    picture *= _cloth(random, count)
    _occlude(random, picture, knobs.occlusion)
    if knobs.noise > 0:
        # The sum of two uniform variables, centred: a bell of sorts, of variance 1/6.
        grain = random.random(picture.shape, dtype=np.float32)
        grain += random.random(picture.shape, dtype=np.float32)
        picture += (grain - 1) * np.float32(220 * knobs.noise)
    return np.asarray(np.clip(np.rint(picture), 0, 255), dtype=np.uint8)


def _spread(random: np.random.Generator, shape: tuple[int, ...], width: float) -> Floats:
    """Values between −width and width, small ones more often than large."""
    values = random.random(shape, dtype=np.float32) + random.random(shape, dtype=np.float32) - 1
    return np.asarray(values * np.float32(width))


@dataclass(frozen=True)
class _Pose:
    """Where each image's garment stands: arrays of `(count, 1)`, and the rows as the garment sees them."""

    rows: Floats  # (count, 28): the garment's y at each row of pixels
    stretch: Floats  # pixels of the image for one of the garment's, downwards
    width: Floats
    right: Floats
    slant: Floats

    @staticmethod
    def drawn(random: np.random.Generator, count: int, jitter: float) -> "_Pose":
        """Draws `count` poses; a `jitter` of 0 leaves all in the middle."""
        stretch = 1 + _spread(random, (count, 1), 0.3 * jitter)
        down = _spread(random, (count, 1), 5 * jitter)
        middle = SIDE / 2
        rows = (np.arange(SIDE, dtype=np.float32) + 0.5 - middle - down) / stretch + middle
        return _Pose(
            rows=np.asarray(rows, dtype=np.float32),
            stretch=stretch,
            width=1 + _spread(random, (count, 1), 0.5 * jitter),
            right=_spread(random, (count, 1), 5 * jitter),
            slant=_spread(random, (count, 1), 0.3 * jitter),
        )


def _coverage(random: np.random.Generator, span: Span, pose: _Pose, jitter: float) -> Floats:
    """How much of each pixel the span covers, from 0 to 1, `(count, 28, 28)`."""
    heights = np.array([y for y, _, _ in span.edges], dtype=np.float32)
    left, right = (
        _edge(random, heights, np.array([edge[side] for edge in span.edges], np.float32), pose, jitter)
        for side in (1, 2)
    )
    inside = np.minimum(pose.rows - heights[0], heights[-1] - pose.rows) * pose.stretch
    vertical = np.clip(inside + np.float32(0.5), 0, 1)
    columns = np.arange(SIDE, dtype=np.float32) - np.float32(SIDE / 2 - 0.5)
    horizontal: Floats = np.minimum(columns - left[:, :, None], right[:, :, None] - columns)
    horizontal += np.float32(0.5)
    np.clip(horizontal, 0, 1, out=horizontal)
    horizontal *= vertical[:, :, None]
    return horizontal


def _edge(random: np.random.Generator, heights: Floats, positions: Floats, pose: _Pose, jitter: float) -> Floats:
    """Where an edge is in each row of pixels, `(count, 28)`: a bent polyline, then the image's pose."""
    count = len(pose.rows)
    bent = positions + _spread(random, (count, len(positions)), 2.6 * jitter)
    x = np.repeat(bent[:, :1], SIDE, axis=1)
    for number in range(len(heights) - 1):
        length = heights[number + 1] - heights[number]
        slope = (bent[:, number + 1] - bent[:, number]) / length
        x += slope[:, None] * np.clip(pose.rows - heights[number], 0, length)
    lean = (pose.rows - np.float32(SIDE / 2)) * pose.slant
    return np.asarray(x * pose.width + pose.right + lean)


def _cloth(random: np.random.Generator, count: int) -> Floats:
    """Brightness of the cloth, `(count, 28, 28)`: a tone, a shade across it, and stripes on some."""
    tone, period, phase, depth = random.random((4, count, 1), dtype=np.float32)
    across, down = _spread(random, (count, 1), 0.5), _spread(random, (count, 1), 0.5)
    steps = (np.arange(SIDE, dtype=np.float32) - np.float32(SIDE / 2 - 0.5)) / np.float32(SIDE)
    cloth = np.asarray(1 + (across * steps)[:, None, :] + (down * steps)[:, :, None])
    # Stripes along one axis, as a triangle wave; a depth below 0 means none.
    wave = steps * (3 + 6 * period) + phase
    wave = np.abs(wave - np.floor(wave) - np.float32(0.5)) * 2
    stripes = 1 - np.maximum(depth * 2 - np.float32(1.3), 0) * wave
    upright = random.random(count, dtype=np.float32) < np.float32(0.4)
    cloth[upright] *= stripes[upright][:, None, :]
    cloth[~upright] *= stripes[~upright][:, :, None]
    return np.asarray(cloth * (90 + 160 * tone)[:, :, None])


def _occlude(random: np.random.Generator, picture: Floats, occlusion: float) -> None:
    """Covers a rectangle in some of the images, a share of `occlusion`, with one shade of grey."""
    count = len(picture)
    chosen, shade, top, left, height, width = random.random((6, count), dtype=np.float32)
    steps = np.arange(SIDE, dtype=np.float32)
    rows = _within(steps, top * 24 - 4, 4 + height * 12)
    columns = _within(steps, left * 24 - 4, 4 + width * 12)
    cover = rows[:, :, None] & columns[:, None, :] & (chosen < np.float32(occlusion))[:, None, None]
    np.copyto(picture, (shade * 200)[:, None, None], where=cover)


def _within(steps: Floats, start: Floats, length: Floats) -> npt.NDArray[np.bool_]:
    return np.asarray((steps >= start[:, None]) & (steps < (start + length)[:, None]))
