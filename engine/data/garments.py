"""The shapes of the ten garments, in pixels of a 28 × 28 image.

A garment is a few spans, each of which says for every height where its left and right edges are (piecewise
linear between a handful of heights) and how bright it is; what comes later lies on top. x runs from −13.5 to
13.5, y from 0.5 to 27.5, downwards.
"""

from dataclasses import dataclass


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
